/* Throughput: jobs a second against the number of jobs at once, one panel for each job. */
#include "base/text.h"
#include "chart/chart_curves.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <string.h>

static bool is_batch(const json_t *cell)
{
    return chart_cell_batch(cell) && chart_cell_valid(cell) &&
           metric_of(metric_named("throughput"), cell).median > 0;
}

static void put_ideal(struct chart_curves *curves, const struct chart_series *s)
{
    chart_curves_line(curves,
                      &(struct chart_curve){.kind = CHART_IDEAL, .cell = s->points[0].cell});
    for (size_t p = 0; p < s->count; p++)
        chart_curves_point(curves, s->points[p].x,
                           s->points[p].x /
                               chart_theory(metric_named("makespan"), s->points[p].cell));
    chart_curves_end_line(curves, "");
}

/* The invalid batches of the jobs that are shown. */
static size_t count_invalid(const struct chart_view *v)
{
    static const char *const axes[] = {"jobs", NULL};
    const json_t *cell;
    char work[CHART_WORK_MAX];
    size_t i, invalid = 0;

    json_array_foreach(json_object_get(v->result, "cells"), i, cell)
    {
        size_t k = 0;

        chart_work(cell, axes, work, sizeof work);
        while (k < v->count && strcmp(v->series[k].work, work) != 0)
            k++;
        invalid += k < v->count && chart_cell_batch(cell) && !chart_cell_valid(cell);
    }
    return invalid;
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    char spec[CHART_WORK_MAX];

    for (size_t from = 0, n; from < v->count; from += n) {
        n = chart_series_same_work(v->series + from, v->count - from);
        chart_curves_panel(
            curves, chart_spec_text(v->series[from].points[0].cell, spec, sizeof spec), NULL);
        for (size_t i = from; i < from + n; i++)
            chart_curves_series(curves, &v->series[i], v->metric, (struct chart_curve){0});
        for (size_t i = from; i < from + n; i++)
            put_ideal(curves, &v->series[i]);
    }
    v->left_out = count_invalid(v);
}

/* The valid cell with the highest throughput: of those that do the same work as `same` under
 * another model, if it is given. */
static const json_t *highest(const struct chart_view *v, const struct chart_series *of,
                             const struct chart_series **where)
{
    const json_t *found = NULL;

    for (size_t i = 0; i < v->count; i++) {
        const struct chart_series *s = &v->series[i];

        if (of && (strcmp(s->work, of->work) != 0 || strcmp(s->model, of->model) == 0))
            continue;
        for (size_t p = 0; p < s->count; p++) {
            if (found && metric_of(v->metric, s->points[p].cell).median <=
                             metric_of(v->metric, found).median)
                continue;
            found = s->points[p].cell;
            *where = s;
        }
    }
    return found;
}

/* The highest throughput of all batches, beside the best of other models with the same job. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const struct chart_series *where = NULL, *there;
    const json_t *best = highest(v, NULL, &where), *second = highest(v, where, &there);
    char work[CHART_TITLE_MAX], rate[METRIC_TEXT];

    text_add(buf, size, "%s reaches %s in %s", result_string(best, "model"),
             metric_cell_text(v->metric, best, rate, sizeof rate),
             chart_work_text(best, work, sizeof work));
    if (second)
        text_add(buf, size, "; next is %s with at most %s", result_string(second, "model"),
                 metric_cell_text(v->metric, second, rate, sizeof rate));
}

const struct chart chart_throughput = {
    .name = "throughput",
    .summary = "jobs a second against the number of jobs at once, beside the ideal",
    .metric = "throughput",
    .shows = is_batch,
    .axis = "jobs",
    .points = 3, /* to show a trend */
    .most = 4,
    .axes =
        &(const struct chart_curves_axes){
            .x_title = "jobs at once, log scale",
            .x_kind = "count",
            .y_title = "jobs a second, log scale",
            .y_kind = "count",
        },
    .put_panels = put_panels,
    .title = put_title,
    .subtitle = "Jobs finished a second against the jobs given at once, both log scale; {runs}; "
                "batch; higher is better. Dotted: the ideal.",
    .left_out = "Invalid cells",
    .missing = "no job was measured in batches of 3 sizes or more",
};
