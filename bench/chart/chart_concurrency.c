/* Concurrency: throughput against the number of clients of a closed loop, beside the ideal and the
 * universal scalability law that was fitted to it. */
#include "chart/chart.h"

#include "chart/chart_curves.h"
#include "chart/chart_load.h"
#include "chart/chart_series.h"
#include "chart/chart_sweep.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 4

/* Points of a fitted law between two measured ones: it is drawn as a curve. */
#define LAW_STEPS 8

static struct metric_value throughput(const json_t *cell)
{
    return chart_value(metric_named("throughput"), cell);
}

static bool is_closed(const json_t *cell)
{
    return strcmp(result_string(cell, "load.kind"), "closed") == 0 && throughput(cell).median > 0;
}

static void put_measured(struct chart_curves *curves, const struct chart_series *s)
{
    char rate[48] = "";

    chart_curves_line(curves, CHART_MEASURED, s->points[0].cell);
    chart_curves_look(curves, s->label, 0, CHART_OWN_DASH);
    for (size_t p = 0; p < s->count; p++) {
        struct metric_value v = throughput(s->points[p].cell);

        chart_curves_cell_point(curves, s->points[p].x, s->points[p].cell, &v);
        if (chart_cell_valid(s->points[p].cell))
            metric_cell_text(metric_named("throughput"), s->points[p].cell, rate, sizeof rate);
    }
    chart_curves_end_line(curves, rate);
}

/* Gunther's law: X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)). */
static void put_law(struct chart_curves *curves, const struct chart_series *s, const json_t *law)
{
    double lambda = result_number(law, "lambda"), sigma = result_number(law, "sigma");
    double kappa = result_number(law, "kappa"), from = s->points[0].x;
    double factor = s->points[s->count - 1].x / from;
    size_t steps = s->count > 1 ? LAW_STEPS * s->count : 0;

    chart_curves_line(curves, CHART_THEORY, s->points[0].cell);
    for (size_t i = 0; i <= steps; i++) {
        double n = steps ? from * pow(factor, (double)i / (double)steps) : from;

        chart_curves_point(curves, n, lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)), 0,
                           0);
    }
    chart_curves_end_line(curves, "");
}

/* What one client by itself reaches: measured, else as fitted. */
static double one_client(const json_t *result, const struct chart_series *s)
{
    const json_t *cell = chart_series_at(s, 1);

    return cell && chart_cell_valid(cell) ? throughput(cell).median
                                          : result_number(chart_sweep_law(result, s), "lambda");
}

/* Linear scaling of the model that is fastest by itself: one line for all. */
static void put_ideal(struct chart_curves *curves, const json_t *result,
                      const struct chart_series *series, size_t count)
{
    const struct chart_series *fastest = NULL;
    double most = 0, last = 0, first = INFINITY;

    for (size_t i = 0; i < count; i++) {
        double alone = one_client(result, &series[i]);

        if (alone > most) {
            most = alone;
            fastest = &series[i];
        }
        first = fmin(first, series[i].points[0].x);
        last = fmax(last, series[i].points[series[i].count - 1].x);
    }
    if (!fastest)
        return;
    chart_curves_line(curves, CHART_IDEAL, fastest->points[0].cell);
    chart_curves_point(curves, first, first * most, 0, 0);
    chart_curves_point(curves, last, last * most, 0, 0);
    chart_curves_end_line(curves, "");
}

static void put_note(struct chart_curves *curves, const struct chart_series *s, const json_t *law)
{
    double peak = result_number(law, "peak");
    char text[160], at[48] = "no peak";

    if (peak > 0 && isfinite(peak))
        snprintf(at, sizeof at, "peak at %.0f", peak);
    snprintf(text, sizeof text, "%s σ %.2g, κ %.2g, %s", s->label, result_number(law, "sigma"),
             result_number(law, "kappa"), at);
    chart_curves_note(curves, s->model, text);
}

static int put_panels(struct chart_data *data, const json_t *result,
                      const struct chart_series *series, size_t count)
{
    struct chart_curves *curves = chart_curves_create(data);

    if (!curves)
        return -ENOMEM;
    for (size_t from = 0, n; from < count; from += n) {
        n = chart_series_same_work(series + from, count - from);
        chart_curves_panel(curves, series[from].work, NULL);
        put_ideal(curves, result, series + from, n);
        for (size_t i = from; i < from + n; i++) {
            const json_t *law = chart_sweep_law(result, &series[i]);

            put_measured(curves, &series[i]);
            if (law) {
                put_law(curves, &series[i], law);
                put_note(curves, &series[i], law);
            }
        }
        chart_curves_end_panel(curves);
    }
    chart_curves_destroy(curves);
    return 0;
}

/* Where the line is highest. */
static const struct chart_point *peak_of(const struct chart_series *s)
{
    const struct chart_point *peak = NULL;

    for (size_t p = 0; p < s->count; p++)
        if (chart_cell_valid(s->points[p].cell) &&
            (!peak || throughput(s->points[p].cell).median > throughput(peak->cell).median))
            peak = &s->points[p];
    return peak;
}

static void put_title(const struct chart_series *series, size_t count, char *buf, size_t size)
{
    const struct chart_series *best = NULL, *least = NULL;
    const struct chart_point *high = NULL, *low = NULL;
    char first[48], second[48], rest[160] = "";

    for (size_t i = 0; i < chart_series_same_work(series, count); i++) {
        const struct chart_point *peak = peak_of(&series[i]);

        if (!peak)
            continue;
        if (!high || throughput(peak->cell).median > throughput(high->cell).median) {
            high = peak;
            best = &series[i];
        }
        if (!low || throughput(peak->cell).median < throughput(low->cell).median) {
            low = peak;
            least = &series[i];
        }
    }
    if (!high) {
        snprintf(buf, size, "Throughput by number of clients");
        return;
    }
    if (least != best)
        snprintf(rest, sizeof rest, "; %s gets no further than %s", least->label,
                 metric_cell_text(metric_named("throughput"), low->cell, second, sizeof second));
    snprintf(buf, size, "%s reaches %s at %.0f client%s%s", best->label,
             metric_cell_text(metric_named("throughput"), high->cell, first, sizeof first), high->x,
             high->x > 1 ? "s" : "", rest);
}

/* Drop works beyond the last panel; returns how many lines are left. */
static size_t keep_panels(const struct chart_series *series, size_t count, size_t *left_out)
{
    size_t panels = 0, kept = 0;

    *left_out = 0;
    for (size_t from = 0, n; from < count; from += n, panels++) {
        n = chart_series_same_work(series + from, count - from);
        if (panels < PANELS_MAX)
            kept = from + n;
        else
            (*left_out)++;
    }
    return kept;
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_series *series;
    struct chart_subtitle subtitle = {
        .what = "Jobs finished a second against the clients, each of which wants its next job when "
                "its last has ended, both log scale",
        .rest = "higher is better. Dotted: N times what one client reaches (ideal).",
        .metric = metric_named("throughput")};
    size_t count;
    char title[CHART_TEXT_MAX];
    int status;

    if (chart_series(result, "clients", is_closed, &series, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = keep_panels(series, count, &subtitle.left_out);
    if (chart_sweep_needs(result, "clients", series, count)) {
        free(series);
        return err_set(err, -ENODATA, "no job was measured with two numbers of clients or more");
    }
    if (json_array_size(json_object_get(json_object_get(result, "sweep"), "scalability")) > 0)
        subtitle.rest = "higher is better. Dotted: N times what one client reaches (ideal). Thin: "
                        "the universal scalability law fitted to the points (σ contention, κ "
                        "coherency).";
    put_title(series, count, title, sizeof title);
    status = put_panels(data, result, series, count);
    if (status == 0)
        status = chart_series_headings(data, result, series, count, title, &subtitle);
    free(series);
    return status < 0 ? err_set(err, status, "out of memory") : 0;
}

const struct chart chart_concurrency = {
    .name = "concurrency",
    .summary = "throughput against the number of clients, beside the ideal and the fitted law",
    .script = "plots/concurrency.gp",
    .extract = extract,
};
