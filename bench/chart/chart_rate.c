/* Rate: latency against the rate of arrivals, a panel for each model: the hockey stick. */
#include "base/text.h"
#include "base/units.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The percentiles shown, the rarest in the model's full colour. */
static const struct {
    const char *metric;
    double pale;
} percentiles[] = {{"p50", 0.6}, {"p90", 0.45}, {"p99", 0.3}, {"p999", 0}};

#define PERCENTILES_COUNT (sizeof percentiles / sizeof *percentiles)

/* Those that any cell has; p90 only when it is what the bound is on, or where it has to stand in
 * for p99. */
static bool is_shown(const struct chart_view *v, const struct metric *metric)
{
    if (strcmp(metric->name, "p90") == 0 && chart_group_has(v->groups, metric_named("p99")) &&
        strcmp(result_string(v->result, "sweep.slo.metric"), "p90") != 0)
        return false;
    return chart_group_has(v->groups, metric);
}

/* The rate from which on every queue grows without end: servers / mean service time. The latest
 * point knows best. NAN when the model has no limit, or the document no theory. */
static double capacity(const struct chart_series *s)
{
    double found = NAN;

    for (size_t p = 0; p < s->count; p++) {
        double servers = result_number(s->points[p].cell, "summary.theory.servers");
        double service_s = result_number(s->points[p].cell, "summary.theory.service_mean_s");

        if (servers > 0 && service_s > 0)
            found = servers / service_s;
    }
    return found;
}

static double knee_of(const struct chart_view *v, const struct chart_series *s)
{
    return result_number(chart_sweep_entry(v->result, "knees", s), "rate_per_s");
}

/* A knee without an interval was not met: the bound held at the highest rate tried. */
static bool is_open_ended(const json_t *knee)
{
    return isnan(result_number(knee, "ci_low")) && isnan(result_number(knee, "ci_high"));
}

static char *bound_text(const struct chart_view *v, char *buf, size_t size)
{
    return units_format_duration(result_number(v->result, "sweep.slo.bound_s") * 1e9, buf, size);
}

static void put_marks(struct chart_curves *curves, const struct chart_view *v,
                      const struct chart_series *s)
{
    const json_t *knee = chart_sweep_entry(v->result, "knees", s);
    double limit = capacity(s), at = knee_of(v, s);
    char text[96], time[32];

    if (limit < 1.5 * s->points[s->count - 1].x) {
        snprintf(text, sizeof text, "capacity %.0f/s", limit);
        chart_curves_mark(curves, limit, NAN, NAN, false, text);
    }
    snprintf(text, sizeof text, "knee %s%.0f/s", is_open_ended(knee) ? "≥ " : "", at);
    chart_curves_mark(curves, at, result_number(knee, "ci_low"), result_number(knee, "ci_high"),
                      true, text);
    snprintf(text, sizeof text, "SLO %s", bound_text(v, time, sizeof time));
    chart_curves_bound(curves, result_number(v->result, "sweep.slo.bound_s"), text);
}

/* Theory is named once, at the end of that of the metric. */
static void put_panel(struct chart_curves *curves, struct chart_view *v,
                      const struct chart_series *s)
{
    const char *queue = result_string(s->points[s->count - 1].cell, "summary.theory.model");
    char name[CHART_LABEL_MAX];

    snprintf(name, sizeof name, "theory, %.32s", queue);
    chart_curves_panel(curves, s->label, NULL);
    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        const struct metric *metric = metric_named(percentiles[i].metric);

        if (!is_shown(v, metric))
            continue;
        chart_curves_series(curves, s, metric,
                            (struct chart_curve){.name = metric->column,
                                                 .pale = percentiles[i].pale,
                                                 .dash = CHART_SOLID});
        chart_curves_theory(curves, s, metric, metric == v->metric ? name : "");
    }
    put_marks(curves, v, s);
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    for (size_t i = 0; i < v->groups->count; i++)
        put_panel(curves, v, &v->groups->lines[i]);
    for (size_t i = 0; i < v->cells_count; i++)
        if (*result_string(v->cells[i], "summary.theory.model"))
            snprintf(v->note, sizeof v->note,
                     " Thin black: theory, up to capacity, " CHART_THEORY_LEFT_OUT ".");
}

/* The knees, from the highest down; nothing without any. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    double below = INFINITY;
    char time[32];

    for (size_t told = 0; told < 3; told++) {
        const struct chart_series *next = NULL;

        for (size_t i = 0; i < v->groups->count; i++)
            if (knee_of(v, &v->groups->lines[i]) < below &&
                knee_of(v, &v->groups->lines[i]) > (next ? knee_of(v, next) : 0))
                next = &v->groups->lines[i];
        if (!next)
            return;
        below = knee_of(v, next);
        if (told == 0)
            text_add(buf, size, "%s stays under %s ", result_string(v->result, "sweep.slo.metric"),
                     bound_text(v, time, sizeof time));
        text_add(buf, size, "%sup to %s%.0f/s under %s", told ? ", " : "",
                 is_open_ended(chart_sweep_entry(v->result, "knees", next)) ? "at least " : "",
                 below, next->label);
    }
}

const struct chart chart_rate = {
    .name = "rate",
    .summary = "latency against the rate of arrivals, beside what theory predicts",
    .prepare = chart_by_percentile,
    .choice = {.load = METRIC_OPEN, .has = "p50", .axis = "rate"},
    .better = chart_more_points,
    .most = CHART_PANELS_MAX,
    .axes = {.x_title = "arrivals a second, log scale",
             .x_kind = "count",
             .share_ranges = true,
             .one_model = true},
    .put_panels = put_panels,
    .title = put_title,
    .finding = "At {at} {metric} is {ranked}",
    .subtitle = "{work}: latency from the intended time against the rate of arrivals; "
                "{runs}; {loop}; lower and further right is better.{note}",
    .left_out = "Other jobs and loads",
    .missing = "no job was measured at two rates of arrivals or more",
};
