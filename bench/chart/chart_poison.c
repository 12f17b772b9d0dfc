/* Poison: what a share of jobs that block the loop does to latency and to the loop's lag. */
#include "chart/chart_curves.h"

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    const struct metric *const shown[] = {metric_named("p50"), v->metric, metric_named("lag_p99"),
                                          metric_named("lag")};

    for (size_t k = 0; k < sizeof shown / sizeof *shown; k++) {
        if (!chart_group_has(v->groups, shown[k]) || (k == 1 && shown[1] == shown[0]))
            continue;
        chart_curves_panel(curves, shown[k]->title, shown[k]->title);
        for (size_t i = 0; i < v->groups->count; i++)
            chart_curves_series(curves, &v->groups->lines[i], shown[k], (struct chart_curve){0});
        for (size_t i = 0; i < v->groups->count; i++)
            chart_curves_theory(curves, &v->groups->lines[i], shown[k], "");
    }
}

const struct chart chart_poison = {
    .name = "poison",
    .summary = "latency and loop lag against the share of jobs that block the loop",
    .prepare = chart_by_percentile,
    .choice = {.has = "p50", .axis = "poison"},
    .better = chart_more_points,
    .axes = {.x_title = "share of jobs that block", .x_kind = "share", .x_linear = true},
    .put_panels = put_panels,
    .finding = "With {at} of poison {metric} is {ranked}",
    .subtitle = "{work}: latency, and how late a 1 ms heartbeat on the loop woke, against the "
                "share of jobs that block the thread of the loop; {runs}; {loop}; lower is better. "
                "Jobs of pool and threads never run on the loop. Thin: theory, where there is "
                "one, " CHART_THEORY_LEFT_OUT ".",
    .left_out = "Other jobs and loads",
    .missing = "no job was measured with two shares of poison or more",
};
