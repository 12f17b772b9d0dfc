/* Corrected: latency from the intended time beside latency from the start of a job, which is what a
 * generator that waits for the system would report. The gap is coordinated omission (Tene, "How NOT
 * to Measure Latency", 2013). */
#include "chart/chart.h"

#include "base/units.h"
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

/* A gap below is none. */
#define GAP_LEAST 1.05

static const struct view {
    const char *name, *curve, *distribution;
    double pale;
    enum chart_curve_dash dash;
} views[] = {
    {"true", "latency_curve", "summary.latency_ns", 0, CHART_SOLID},
    {"uncorrected", "latency_uncorrected_curve", "summary.latency_uncorrected_ns", 0.45,
     CHART_DASHED},
};
#define VIEWS_COUNT (sizeof views / sizeof *views)

static bool has_both(const json_t *cell)
{
    return !chart_load_batch(cell) && json_array_size(json_object_get(cell, views[0].curve)) > 0 &&
           json_array_size(json_object_get(cell, views[1].curve)) > 0;
}

static double at_percentile(const json_t *cell, const struct view *view, const char *percentile)
{
    char path[96];

    snprintf(path, sizeof path, "%s.%s", view->distribution, percentile);
    return result_number(cell, path) * 1e-9;
}

/* The rarest percentile that the samples of both support; NULL when they support none. */
static const char *rarest(const json_t *cell)
{
    static const char *const percentiles[] = {"p99", "p90", "p50"};

    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
        if (at_percentile(cell, &views[0], percentiles[i]) > 0 &&
            at_percentile(cell, &views[1], percentiles[i]) > 0)
            return percentiles[i];
    return NULL;
}

/* By how much the uncorrected percentile understates the true one. */
static double gap(const json_t *cell)
{
    const char *percentile = rarest(cell);

    if (!percentile || !chart_cell_valid(cell))
        return NAN;
    return at_percentile(cell, &views[0], percentile) / at_percentile(cell, &views[1], percentile);
}

/* In overload the true latency is as long as the run: any other gap tells more. */
static bool is_overloaded(const json_t *cell)
{
    return result_number(cell, "summary.theory.utilisation") >= 1 ||
           json_is_false(
               json_object_get(json_object_get(json_object_get(cell, "summary"), "steady"), "ok"));
}

static double rank(const json_t *cell)
{
    const double least = 1e-9;

    return cell && gap(cell) > 0 ? gap(cell) * (is_overloaded(cell) ? least : 1) : 0;
}

static const json_t *widest_gap(const struct chart_group *group)
{
    const json_t *found = NULL;

    for (size_t c = 0; c < group->count; c++)
        if (rank(group->cells[c]) > rank(found))
            found = group->cells[c];
    return found;
}

/* Of the groups with the most models, the one in which most is hidden. */
static const struct chart_group *choose(const struct chart_group *groups, size_t count)
{
    const struct chart_group *found = groups;

    for (size_t g = 1; g < count; g++)
        if (groups[g].count > found->count ||
            (groups[g].count == found->count &&
             rank(widest_gap(&groups[g])) > rank(widest_gap(found))))
            found = &groups[g];
    return found;
}

static int put_panels(struct chart_data *data, const struct chart_group *group)
{
    struct chart_curves *curves = chart_curves_create(data);
    char label[CHART_LABEL_MAX], title[CHART_LABEL_MAX + 64];

    if (!curves)
        return -ENOMEM;
    chart_curves_share_ranges(curves);
    for (size_t c = 0; c < group->count; c++) {
        const json_t *cell = group->cells[c];

        chart_cell_label(cell, label, sizeof label);
        if (gap(cell) >= GAP_LEAST)
            snprintf(title, sizeof title, "%s   %s is %.3g times what is seen uncorrected", label,
                     rarest(cell), gap(cell));
        else
            snprintf(title, sizeof title, "%s", label);
        chart_curves_panel(curves, title, NULL);
        for (size_t v = 0; v < VIEWS_COUNT; v++) {
            chart_curves_line(curves, CHART_MEASURED, cell);
            chart_curves_look(curves, views[v].name, views[v].pale, views[v].dash);
            chart_percentiles_put(curves, cell, views[v].curve, views[v].distribution);
        }
        chart_percentiles_put_theory(curves, cell);
        chart_curves_end_panel(curves);
    }
    chart_curves_destroy(curves);
    return 0;
}

static void put_title(const struct chart_group *group, char *buf, size_t size)
{
    const json_t *cell = widest_gap(group);
    char label[CHART_LABEL_MAX], seen[32], real[32];

    if (!cell || gap(cell) < GAP_LEAST) {
        snprintf(buf, size,
                 "Jobs started when they were wanted: nothing is hidden by measuring "
                 "from their start");
        return;
    }
    snprintf(buf, size,
             "Measured from the start of a job, %s under %s seems to be %s; from when it was "
             "wanted, it is %s",
             rarest(cell), chart_cell_label(cell, label, sizeof label),
             units_format_duration(at_percentile(cell, &views[1], rarest(cell)) * 1e9, seen,
                                   sizeof seen),
             units_format_duration(at_percentile(cell, &views[0], rarest(cell)) * 1e9, real,
                                   sizeof real));
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups;
    const struct chart_group *group;
    size_t count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], work[CHART_LABEL_MAX * 2], loop[128];
    int status;

    if (chart_groups(result, &groups, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_groups_filter(groups, count, has_both);
    if (count == 0) {
        free(groups);
        return err_set(err, -ENODATA, "no cell of an open or closed loop has both latencies");
    }
    group = choose(groups, count);
    status = put_panels(data, group);
    put_title(group, title, sizeof title);
    snprintf(subtitle, sizeof subtitle,
             "%s, the jobs of all runs; %s; lower is better. Solid: latency from the intended "
             "time. Dashed: from the start of the job, as generators that wait for the system "
             "report it. A line ends, and tells its time, where fewer than 10 samples lie beyond. "
             "Crosses: theory.",
             chart_group_title(group, work, sizeof work),
             chart_load_loop(group, 1, loop, sizeof loop));
    chart_headings(data, result, group, 1, title, subtitle);
    free(groups);
    return status < 0 ? err_set(err, status, "out of memory") : 0;
}

const struct chart chart_corrected = {
    .name = "corrected",
    .summary = "latency at every percentile beside what coordinated omission leaves of it",
    .script = "plots/corrected.gp",
    .extract = extract,
};
