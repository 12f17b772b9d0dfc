/* Concurrency: throughput against the number of clients of a closed loop, beside the ideal and the
 * universal scalability law that was fitted to it. */
#include "chart/chart_curves.h"
#include "math/theory_scalability.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>

/* Points of a fitted law between two measured ones: it is drawn as a curve. */
#define LAW_STEPS 8

static double throughput(const json_t *cell)
{
    return metric_of(metric_named("throughput"), cell).median;
}

/* Decimals that show two digits of a share. */
static int two_digits(double share)
{
    return share > 1e-9 && share < 1 ? 1 - (int)floor(log10(share)) : 1;
}

static void put_law(struct chart_curves *curves, const struct chart_series *s, const json_t *law)
{
    const struct theory_scalability fitted = {.lambda = result_number(law, "lambda"),
                                              .sigma = result_number(law, "sigma"),
                                              .kappa = result_number(law, "kappa")};
    double peak = result_number(law, "peak");
    double from = s->points[0].x, factor = s->points[s->count - 1].x / from;
    size_t steps = s->count > 1 ? LAW_STEPS * s->count : 0;
    char text[160], at[48] = "no peak";

    chart_curves_line(curves,
                      &(struct chart_curve){.kind = CHART_THEORY, .cell = s->points[0].cell});
    for (size_t i = 0; i <= steps; i++) {
        double n = steps ? from * pow(factor, (double)i / (double)steps) : from;

        chart_curves_point(curves, n, theory_scalability_at(&fitted, n));
    }
    chart_curves_end_line(curves, "");
    if (peak > 0 && isfinite(peak))
        snprintf(at, sizeof at, "peak at %.0f", peak);
    snprintf(text, sizeof text, "%s σ %.*f, κ %.*f, %s", s->label, two_digits(fitted.sigma),
             fitted.sigma, two_digits(fitted.kappa), fitted.kappa, at);
    chart_curves_note(curves, s->model, text);
}

/* What one client by itself reaches: measured, else as fitted. */
static double one_client(const json_t *result, const struct chart_series *s)
{
    const struct chart_point *first = &s->points[0];

    if ((first->x == 1 || s->constant) && chart_cell_valid(first->cell))
        return throughput(first->cell);
    return result_number(chart_sweep_entry(result, "scalability", s), "lambda");
}

/* Linear scaling of the model that is fastest by itself: one line for all. */
static void put_ideal(struct chart_curves *curves, const json_t *result,
                      const struct chart_group *group)
{
    double most = 0, last = 0, first = INFINITY;

    for (size_t i = 0; i < group->count; i++) {
        const struct chart_series *s = &group->lines[i];

        most = fmax(most, one_client(result, s));
        first = fmin(first, s->points[0].x);
        last = fmax(last, s->points[s->count - 1].x);
    }
    chart_curves_line(
        curves, &(struct chart_curve){.kind = CHART_IDEAL, .cell = chart_group_cell(group, 0)});
    chart_curves_point(curves, first, first * most);
    chart_curves_point(curves, last, last * most);
    chart_curves_end_line(curves, "ideal");
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    for (size_t g = 0; g < v->count; g++) {
        chart_curves_panel(curves, v->groups[g].lines[0].work, NULL);
        put_ideal(curves, v->result, &v->groups[g]);
        for (size_t i = 0; i < v->groups[g].count; i++) {
            const struct chart_series *s = &v->groups[g].lines[i];
            const json_t *law = chart_sweep_entry(v->result, "scalability", s);

            chart_curves_series(curves, s, v->metric, (struct chart_curve){0});
            if (!(result_number(law, "lambda") > 0))
                continue;
            put_law(curves, s, law);
            snprintf(v->note, sizeof v->note,
                     " Thin: the universal scalability law fitted to the points (σ contention, κ "
                     "coherency).");
        }
    }
}

const struct chart chart_concurrency = {
    .name = "concurrency",
    .summary = "throughput against the number of clients, beside the ideal and the fitted law",
    .metric = "throughput",
    .choice = {.load = METRIC_CLOSED, .has = "throughput", .axis = "clients"},
    .most = 4,
    .axes = {.x_title = "clients, log scale",
             .x_kind = "count",
             .y_title = "jobs a second",
             .y_kind = "count"},
    .put_panels = put_panels,
    .finding = "{at}, {of}: {ranked}",
    .subtitle = "Jobs finished a second against the clients, each of which wants its next job when "
                "its last has ended; {runs}; {loop}; higher is better. Dotted: N "
                "times what one client reaches (ideal).{note}",
    .left_out = "Other jobs and loads",
    .missing = "no job was measured with two numbers of clients or more",
};
