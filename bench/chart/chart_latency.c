/* Latency: the whole distribution by model, one panel for each type of job. */
#include "chart/chart_curves.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Steps of an ideal that are drawn; more would not be seen as such. */
#define STEPS_MAX 400

/* How long one job takes in theory, in s; NAN when the document does not tell. A document of before
 * has the ideal of the whole batch alone, which under sequential is that of all jobs in turn. */
static double ideal_job_s(const struct chart_group *group, const json_t *cell)
{
    double job_s = result_number(cell, "summary.ideal_job_s");

    for (size_t c = 0; c < group->count && !result_get(cell, "summary.ideal_job_s"); c++)
        if (strcmp(result_string(chart_group_cell(group, c), "model"), "sequential") == 0)
            job_s = chart_theory(metric_named("makespan"), chart_group_cell(group, c)) /
                    result_number(chart_group_cell(group, c), "jobs");
    return job_s;
}

/* Jobs that are all there at the start end in waves, one job time apart. */
static void put_ideal(struct chart_curves *curves, const json_t *cell, double job_s)
{
    double waves = round(chart_theory(metric_named("makespan"), cell) / job_s);
    double jobs = result_number(cell, "jobs"), threads = result_number(cell, "threads");
    /* Where lines end: a run that carries no percentile is not drawn by itself. */
    double samples =
        jobs > CHART_SAMPLES_BEYOND ? jobs : result_number(cell, "summary.latency_ns.count");
    double end = 1 - CHART_SAMPLES_BEYOND / samples;
    double lanes = ceil(jobs / threads) == waves ? threads : jobs / waves;
    double stride = fmax(1, ceil(waves / STEPS_MAX));

    if (!(waves >= 1))
        return;
    chart_curves_line(curves, &(struct chart_curve){.kind = CHART_IDEAL, .cell = cell});
    for (double wave = 0; wave < waves && wave * lanes / jobs < end; wave += stride)
        chart_curves_point(curves, 1 / (1 - wave * lanes / jobs), (wave + 1) * job_s);
    chart_curves_point(curves, 1 / (1 - end), fmin(waves, ceil(end * jobs / lanes - 1e-9)) * job_s);
    chart_curves_end_line(curves, "ideal");
}

/* Has a cell of the group before this one the same ideal? */
static bool is_drawn(const struct chart_group *group, size_t c)
{
    const struct metric *makespan = metric_named("makespan");
    size_t k = 0;

    while (chart_theory(makespan, chart_group_cell(group, k)) !=
           chart_theory(makespan, chart_group_cell(group, c)))
        k++;
    return k < c;
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    const struct metric *makespan = metric_named("makespan");
    char title[CHART_WORK_MAX];

    for (size_t g = 0; g < v->count; g++) {
        const struct chart_group *group = &v->groups[g];

        chart_curves_panel(curves,
                           chart_work(chart_group_cell(group, 0), NULL, title, sizeof title), NULL);
        for (size_t c = 0; c < group->count; c++) {
            chart_curves_percentiles(curves,
                                     (struct chart_curve){.cell = chart_group_cell(group, c)});
            chart_curves_percentiles_theory(curves, chart_group_cell(group, c));
        }
        for (size_t c = 0; c < group->count && chart_cell_batch(chart_group_cell(group, c)); c++)
            if (chart_theory(makespan, chart_group_cell(group, c)) > 0 && !is_drawn(group, c))
                put_ideal(curves, chart_group_cell(group, c),
                          ideal_job_s(group, chart_group_cell(group, c)));
        if (!chart_cell_batch(chart_group_cell(group, 0)))
            snprintf(v->note, sizeof v->note, " Crosses: theory, " CHART_THEORY_LEFT_OUT ".");
    }
}

const struct chart chart_latency = {
    .name = "latency",
    .summary = "latency at every percentile, by type of job and model",
    .metric = "p90",
    .choice = {.shows = chart_curves_has_percentiles, .keep = CHART_ONE_A_JOB},
    .most = 4,
    .put_panels = put_panels,
    .finding = "90% of {of} are done after {ranked}",
    .subtitle = "From when a job was wanted, in a batch the start, to its end, the median of the "
                "runs; {loop}; lower is better. A line ends, and tells its time, where fewer than "
                "10 samples of a run lie beyond. Dotted: the ideal of a batch.{note}",
    .missing = "no cell has latencies enough for a percentile",
};
