/* Throughput: jobs a second against the number of jobs at once, one panel for each job. */
#include "chart/chart_curves.h"

#include <stdio.h>

/* What the line's batch at this place could reach. */
static double ideal_at(const struct chart_point *point)
{
    return point->x / chart_theory(metric_named("makespan"), point->cell);
}

/* Is the ideal that of another line, as far as this one goes? */
static bool is_ideal_of(const struct chart_series *other, const struct chart_series *s)
{
    size_t same = 0;

    for (size_t p = 0; p < s->count; p++)
        for (size_t k = 0; k < other->count; k++)
            same += other->points[k].x == s->points[p].x &&
                    ideal_at(&other->points[k]) == ideal_at(&s->points[p]);
    return same == s->count;
}

static void put_ideal(struct chart_curves *curves, const struct chart_series *s)
{
    char name[CHART_LABEL_MAX + 16];

    chart_curves_line(curves,
                      &(struct chart_curve){.kind = CHART_IDEAL, .cell = s->points[0].cell});
    for (size_t p = 0; p < s->count; p++)
        chart_curves_point(curves, s->points[p].x, ideal_at(&s->points[p]));
    snprintf(name, sizeof name, "ideal of %s", s->label);
    chart_curves_end_line(curves, name);
}

/* The ideals of a group's lines, each of them once. */
static void put_ideals(struct chart_curves *curves, const struct chart_group *group)
{
    const struct chart_series *lines = group->lines;

    for (size_t i = 0; i < group->count; i++) {
        bool drawn = false;

        for (size_t k = 0; k < group->count; k++)
            drawn = drawn || (k != i && is_ideal_of(&lines[k], &lines[i]) &&
                              (k < i || !is_ideal_of(&lines[i], &lines[k])));
        if (!drawn)
            put_ideal(curves, &lines[i]);
    }
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    for (size_t g = 0; g < v->count; g++) {
        const struct chart_group *group = &v->groups[g];

        chart_curves_panel(curves, group->lines[0].work, NULL);
        for (size_t i = 0; i < group->count; i++)
            chart_curves_series(curves, &group->lines[i], v->metric, (struct chart_curve){0});
        put_ideals(curves, group);
    }
}

const struct chart chart_throughput = {
    .name = "throughput",
    .summary = "jobs a second against the number of jobs at once, beside the ideal",
    .metric = "throughput",
    .choice = {.load = METRIC_BATCH, .has = "throughput", .axis = "jobs", .points = 3},
    .most = 4,
    .axes = {.x_title = "jobs at once, log scale",
             .x_kind = "count",
             .y_title = "jobs a second",
             .y_kind = "count"},
    .put_panels = put_panels,
    .finding = "{at} at once, {of}: {ranked}",
    .subtitle = "Jobs finished a second against the jobs given at once; {runs}; "
                "batch; higher is better. Dotted: the ideal.",
    .missing = "no job was measured in batches of 3 sizes or more",
};
