/* Corrected: latency from the intended time beside latency from the start of a job, which is what a
 * generator that waits for the system would report. The gap is coordinated omission (Tene, "How NOT
 * to Measure Latency", 2013). */
#include "base/text.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <math.h>

/* A gap below is none. */
#define GAP_LEAST 1.05

static bool has_both(const json_t *cell)
{
    return !chart_cell_batch(cell) && json_array_size(json_object_get(cell, "latency_curve")) > 0 &&
           json_array_size(json_object_get(cell, "latency_uncorrected_curve")) > 0;
}

/* The rarest percentile that the cell has counted from the intended time and from the start. */
struct pair {
    const struct metric *real, *seen;
    double gap; /* by how much the one from the start understates it; 0 without both */
};

static struct pair pair_of(const json_t *cell)
{
    static const char *const names[][2] = {
        {"p99", "uncorrected_p99"}, {"p90", "uncorrected_p90"}, {"p50", "uncorrected_p50"}};

    for (size_t i = 0; chart_cell_valid(cell) && i < sizeof names / sizeof *names; i++) {
        struct pair by = {metric_named(names[i][0]), metric_named(names[i][1]), 0};

        by.gap = metric_of(by.real, cell).median / metric_of(by.seen, cell).median;
        if (by.gap > 0)
            return by;
    }
    return (struct pair){0};
}

/* The cell in which most is hidden. In overload the true latency is as long as the run: any other
 * gap tells more. */
static const json_t *widest_gap(const struct chart_group *group, double *widest)
{
    const json_t *found = chart_group_cell(group, 0);

    *widest = 0;
    for (size_t c = 0; c < group->count; c++) {
        const json_t *cell = chart_group_cell(group, c);
        bool overload = metric_of(metric_named("utilisation"), cell).median >= 1 ||
                        json_is_false(result_get(cell, "summary.steady.ok"));
        double own = pair_of(cell).gap * (overload ? 1e-9 : 1);

        found = own > *widest ? cell : found;
        *widest = fmax(own, *widest);
    }
    return found;
}

/* The group with the most models; of those the one in which most is hidden. */
static bool hides_more(const struct chart_group *a, const struct chart_group *b)
{
    double of_a, of_b;

    widest_gap(a, &of_a);
    widest_gap(b, &of_b);
    return a->count != b->count ? a->count > b->count : of_a > of_b;
}

static void put_panels(struct chart_view *v, struct chart_curves *curves)
{
    char title[CHART_LABEL_MAX + 64];

    for (size_t c = 0; c < v->cells_count; c++) {
        const json_t *cell = v->cells[c];
        struct pair by = pair_of(cell);

        result_label(cell, title, CHART_LABEL_MAX);
        if (by.gap >= GAP_LEAST)
            text_add(title, sizeof title, "   %s is %.3g times what is seen uncorrected",
                     by.real->column, by.gap);
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
    double widest;
    const json_t *cell = widest_gap(&v->groups[0], &widest);
    struct pair by = pair_of(cell);
    char label[CHART_LABEL_MAX], seen[METRIC_TEXT], real[METRIC_TEXT];

    if (by.gap < GAP_LEAST)
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
    .choice = {.shows = has_both},
    .better = hides_more,
    .axes = {.share_ranges = true, .one_model = true},
    .put_panels = put_panels,
    .title = put_title,
    .subtitle =
        "{work}, the median of the runs; {loop}; lower is better. Solid: latency from the "
        "intended time. Dashed: from the start of the job, as generators that wait for the "
        "system report it. A line ends, and tells its time, where fewer than 10 samples of a "
        "run lie beyond. Crosses: theory, " CHART_THEORY_LEFT_OUT ".",
    .missing = "no cell of an open or closed loop has both latencies",
};
