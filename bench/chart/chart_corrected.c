/* Corrected: latency from the intended time beside latency from the start of a job, which is what a
 * generator that waits for the system would report. The gap is coordinated omission (Tene, "How NOT
 * to Measure Latency", 2013). */
#include "base/text.h"
#include "chart/chart_curves.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <math.h>

/* A gap below is none. */
#define GAP_LEAST 1.05

/* A percentile counted from the intended time, and counted from the start. */
struct pair {
    const struct metric *real, *seen;
};

static bool has_both(const json_t *cell)
{
    return !chart_cell_batch(cell) && json_array_size(json_object_get(cell, "latency_curve")) > 0 &&
           json_array_size(json_object_get(cell, "latency_uncorrected_curve")) > 0;
}

/* The rarest percentile that the cell has of both. */
static bool rarest(const json_t *cell, struct pair *out)
{
    static const char *const names[][2] = {
        {"p99", "uncorrected_p99"}, {"p90", "uncorrected_p90"}, {"p50", "uncorrected_p50"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *out = (struct pair){metric_named(names[i][0]), metric_named(names[i][1])};
        if (metric_of(out->real, cell).median > 0 && metric_of(out->seen, cell).median > 0)
            return true;
    }
    return false;
}

/* By how much the uncorrected percentile understates the true one. */
static double gap(const json_t *cell)
{
    struct pair by;

    if (!chart_cell_valid(cell) || !rarest(cell, &by))
        return NAN;
    return metric_of(by.real, cell).median / metric_of(by.seen, cell).median;
}

/* In overload the true latency is as long as the run: any other gap tells more. */
static bool is_overloaded(const json_t *cell)
{
    return metric_of(metric_named("utilisation"), cell).median >= 1 ||
           json_is_false(result_get(cell, "summary.steady.ok"));
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

/* The group with the most models; of those the one in which most is hidden. */
static bool hides_more(const struct chart_group *a, const struct chart_group *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    return rank(widest_gap(a)) > rank(widest_gap(b));
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    struct pair by;
    char title[CHART_LABEL_MAX + 64];

    for (size_t c = 0; c < v->cells_count; c++) {
        const json_t *cell = v->cells[c];

        result_label(cell, title, CHART_LABEL_MAX);
        if (gap(cell) >= GAP_LEAST && rarest(cell, &by))
            text_add(title, sizeof title, "   %s is %.3g times what is seen uncorrected",
                     by.real->column, gap(cell));
        chart_curves_panel(curves, title, NULL);
        chart_curves_percentiles(
            curves, (struct chart_curve){.cell = cell, .name = "true", .dash = CHART_SOLID});
        chart_curves_percentiles(curves, (struct chart_curve){.cell = cell,
                                                              .name = "uncorrected",
                                                              .pale = 0.45,
                                                              .dash = CHART_DASHED,
                                                              .uncorrected = true});
        chart_curves_percentiles_theory(curves, cell);
    }
}

static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const json_t *cell = widest_gap(&v->groups[0]);
    char label[CHART_LABEL_MAX], seen[METRIC_TEXT], real[METRIC_TEXT];
    struct pair by;

    if (!cell || gap(cell) < GAP_LEAST || !rarest(cell, &by))
        text_add(buf, size,
                 "Jobs started when they were wanted: nothing is hidden by measuring from their "
                 "start");
    else
        text_add(buf, size,
                 "Measured from the start of a job, %s under %s seems to be %s; from when it was "
                 "wanted, it is %s",
                 by.real->column, result_label(cell, label, sizeof label),
                 metric_cell_text(by.seen, cell, seen, sizeof seen),
                 metric_cell_text(by.real, cell, real, sizeof real));
}

const struct chart chart_corrected = {
    .name = "corrected",
    .summary = "latency at every percentile beside what coordinated omission leaves of it",
    .metric = "p99",
    .shows = has_both,
    .better = hides_more,
    .axes = &(const struct chart_curves_axes){.share_ranges = true, .one_model = true},
    .put_panels = put_panels,
    .title = put_title,
    .subtitle =
        "{work}, the median of the runs; {loop}; lower is better. Solid: latency from the "
        "intended time. Dashed: from the start of the job, as generators that wait for the "
        "system report it. A line ends, and tells its time, where fewer than 10 samples of a "
        "run lie beyond. Crosses: theory, " CHART_THEORY_LEFT_OUT ".",
    .missing = "no cell of an open or closed loop has both latencies",
};
