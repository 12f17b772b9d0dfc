/* Latency: the whole distribution by model, one panel for each type of job. */
#include "chart/chart.h"

#include "chart/chart_cells.h"
#include "chart/chart_curves.h"
#include "chart/chart_load.h"
#include "chart/chart_percentiles.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 4

/* Steps of an ideal that are drawn; more would not be seen as such. */
#define STEPS_MAX 400

static double samples_of(const json_t *cell)
{
    return result_number(cell, "summary.latency_ns.count");
}

static bool has_curve(const json_t *cell)
{
    return json_array_size(json_object_get(cell, "latency_curve")) > 0 &&
           samples_of(cell) >= 2 * CHART_SAMPLES_BEYOND;
}

/* Jobs that are all there at the start end in waves, one job time apart. */
static void put_ideal(struct chart_curves *curves, const json_t *cell)
{
    double makespan_s = result_number(cell, "summary.ideal_makespan_s");
    double job_s = result_number(cell, "summary.ideal_job_s");
    double waves = round(makespan_s / job_s), threads = result_number(cell, "threads");
    double jobs = result_number(cell, "jobs"), end = 1 - CHART_SAMPLES_BEYOND / samples_of(cell);
    double lanes = ceil(jobs / threads) == waves ? threads : jobs / waves;
    double stride = fmax(1, ceil(waves / STEPS_MAX));

    if (!(waves >= 1))
        return;
    chart_curves_line(curves, CHART_IDEAL, cell);
    for (double wave = 0; wave < waves && wave * lanes / jobs <= end; wave += stride)
        chart_curves_point(curves, 1 / (1 - wave * lanes / jobs), (wave + 1) * job_s, 0, 0);
    chart_curves_point(curves, 1 / (1 - end), fmin(waves, floor(end * jobs / lanes) + 1) * job_s, 0,
                       0);
    chart_curves_end_line(curves, "");
}

static void put_panel(struct chart_curves *curves, const struct chart_group *group)
{
    char title[CHART_LABEL_MAX * 2];

    chart_curves_panel(curves, chart_group_title(group, title, sizeof title), NULL);
    for (size_t c = 0; c < group->count; c++) {
        chart_curves_line(curves, CHART_MEASURED, group->cells[c]);
        chart_percentiles_put(curves, group->cells[c], "latency_curve", "summary.latency_ns");
        chart_percentiles_put_theory(curves, group->cells[c]);
    }
    for (size_t c = 0; c < group->count; c++)
        put_ideal(curves, group->cells[c]);
    chart_curves_end_panel(curves);
}

/* The widest gap between two models at the 90th percentile. */
static void put_title(const struct chart_group *groups, size_t count, char *buf, size_t size)
{
    const struct metric *p90 = metric_named("p90");
    double widest = 0;

    snprintf(buf, size, "Latency by model");
    for (size_t g = 0; g < count; g++) {
        const json_t *best = chart_best(&groups[g], p90), *worst = chart_worst(&groups[g], p90);
        char work[CHART_LABEL_MAX * 2], low[METRIC_TEXT], high[METRIC_TEXT];
        double gap = best ? metric_of(p90, worst).median / metric_of(p90, best).median : 0;

        if (best == worst || gap <= widest)
            continue;
        widest = gap;
        snprintf(buf, size, "90%% of %s are done after %s under %s, after %s under %s",
                 chart_group_title(&groups[g], work, sizeof work),
                 metric_cell_text(p90, best, low, sizeof low), result_string(best, "model"),
                 metric_cell_text(p90, worst, high, sizeof high), result_string(worst, "model"));
    }
}

static int put_panels(struct chart_data *data, const struct chart_group *groups, size_t count)
{
    struct chart_curves *curves = chart_curves_create(data);

    if (!curves)
        return -ENOMEM;
    for (size_t g = 0; g < count; g++)
        put_panel(curves, &groups[g]);
    chart_curves_destroy(curves);
    return 0;
}

static bool all_batches(const struct chart_group *groups, size_t count)
{
    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < groups[g].count; c++)
            if (!chart_load_batch(groups[g].cells[c]))
                return false;
    return true;
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups;
    size_t count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], loop[128];
    int status = -ENOMEM;

    if (chart_groups(result, &groups, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_groups_filter(groups, count, has_curve);
    count = chart_groups_one_a_job(groups, count);
    count = count < PANELS_MAX ? count : PANELS_MAX;
    if (count == 0)
        status = err_set(err, -ENODATA, "no cell has latencies enough for a percentile");
    else if (put_panels(data, groups, count) < 0)
        status = err_set(err, -ENOMEM, "out of memory");
    else
        status = 0;
    if (status == 0) {
        put_title(groups, count, title, sizeof title);
        snprintf(subtitle, sizeof subtitle,
                 "From when a job was wanted%s to its end, over the jobs of all runs; %s; lower is "
                 "better. A line ends, and tells its time, where fewer than 10 samples lie beyond. "
                 "%s",
                 all_batches(groups, count) ? " (all at the start)" : "",
                 chart_load_loop(groups, count, loop, sizeof loop),
                 all_batches(groups, count) ? "Dotted: the ideal."
                                            : "Dotted: the ideal of a batch. Crosses: theory.");
        chart_headings(data, result, groups, count, title, subtitle);
    }
    free(groups);
    return status;
}

const struct chart chart_latency = {
    .name = "latency",
    .summary = "latency at every percentile, by type of job and model",
    .script = "plots/latency.gp",
    .extract = extract,
};
