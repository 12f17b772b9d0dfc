/* History: a metric from result to result, a panel for each group of cells, with its changes. */
#include "chart/chart_compare.h"

#include "chart/chart_curves.h"
#include "chart/chart_text.h"
#include "chart/chart_wrap.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PANELS_MAX 6

static const char *kind_of(enum compare_unit unit)
{
    static const char *const kinds[] = {[COMPARE_SECONDS] = "time",
                                        [COMPARE_RATE] = "count",
                                        [COMPARE_BYTES] = "size",
                                        [COMPARE_COUNT] = "count"};

    return kinds[unit];
}

static const char *group_of(const struct compare_line *line)
{
    return result_string(line->cell, "group");
}

/* Lines of the same group that come before it? */
static bool is_first(const struct compare_history *h, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(group_of(&h->lines[i]), group_of(&h->lines[index])) == 0)
            return false;
    return true;
}

static size_t changes_of(const struct compare_history *h, const char *group)
{
    size_t count = 0;

    for (size_t i = 0; i < h->lines_count; i++)
        if (strcmp(group_of(&h->lines[i]), group) == 0)
            count += h->lines[i].changes_count;
    return count;
}

static void put_marks(struct chart_curves *curves, const struct compare_history *h,
                      const struct compare_line *line)
{
    char text[160], label[CHART_LABEL_MAX];

    for (size_t k = 0; k < line->changes_count; k++) {
        const struct stats_change_point *change = &line->changes[k];
        double ratio = change->after / change->before;
        bool worse = (ratio > 1) != h->metric->more_is_better;

        snprintf(text, sizeof text, "%s %+.0f%%", chart_cell_label(line->cell, label, sizeof label),
                 100 * (ratio - 1));
        chart_curves_mark(curves, (double)change->at + 0.5, NAN, NAN, worse, text);
    }
}

static void put_line(struct chart_curves *curves, const struct compare_history *h,
                     const struct compare_line *line)
{
    char text[32] = "";

    chart_curves_line(curves, CHART_MEASURED, line->cell);
    for (size_t i = 0; i < h->count; i++) {
        if (!(line->values[i] > 0))
            continue;
        chart_curves_point(curves, (double)i + 1, line->values[i], 0, 0);
        compare_metric_text(h->metric, line->values[i], text, sizeof text);
    }
    chart_curves_end_line(curves, text);
    put_marks(curves, h, line);
}

static void put_panel(struct chart_curves *curves, const struct compare_history *h,
                      const char *group)
{
    char title[256];
    size_t lines = 0;

    snprintf(title, sizeof title, "%s", group);
    chart_wrap(title, sizeof title, 52, 1);
    chart_curves_panel(curves, title, NULL);
    for (size_t i = 0; i < h->lines_count; i++)
        if (strcmp(group_of(&h->lines[i]), group) == 0 && lines++ < CHART_GROUP_CELLS)
            put_line(curves, h, &h->lines[i]);
    chart_curves_end_panel(curves);
}

/* Groups with a change first, then others while there is room; returns how many panels. */
static size_t put_panels(struct chart_curves *curves, const struct compare_history *h)
{
    size_t panels = 0;

    for (int changed = 1; changed >= 0; changed--)
        for (size_t i = 0; i < h->lines_count && panels < PANELS_MAX; i++)
            if (is_first(h, i) && (changes_of(h, group_of(&h->lines[i])) > 0) == (changed == 1)) {
                put_panel(curves, h, group_of(&h->lines[i]));
                panels++;
            }
    return panels;
}

/* The largest change. */
static void put_title(const struct compare_history *h, char *buf, size_t size)
{
    double largest = 0;

    snprintf(buf, size, "No change of %s over %zu results", h->metric->title, h->count);
    for (size_t i = 0; i < h->lines_count; i++)
        for (size_t k = 0; k < h->lines[i].changes_count; k++) {
            const struct stats_change_point *change = &h->lines[i].changes[k];

            if (fabs(log(change->after / change->before)) <= largest)
                continue;
            largest = fabs(log(change->after / change->before));
            compare_history_sentence(h, &h->lines[i], change, buf, size);
        }
}

int chart_history(const struct compare_history *h, struct chart_data *data, struct err *err)
{
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], footer[CHART_TEXT_MAX];
    struct chart_curves *curves = chart_curves_create(data);
    size_t panels;

    if (!curves)
        return err_set(err, -ENOMEM, "out of memory");
    chart_curves_linear_x(curves);
    panels = put_panels(curves, h);
    chart_curves_destroy(curves);
    put_title(h, title, sizeof title);
    snprintf(subtitle, sizeof subtitle,
             "Median over the runs of each result, log scale; %s is better. Lines down: changes "
             "that at most %.2g of shuffled orders show as clearly (permutation test), red for the "
             "worse. %zu panel%s, those with changes first. Results were measured apart.",
             h->metric->more_is_better ? "higher" : "lower", COMPARE_HISTORY_ALPHA, panels,
             panels == 1 ? "" : "s");
    chart_data_set_text(data, "y_kind", "%s", kind_of(h->metric->unit));
    chart_data_set_text(data, "y_title", "%s, log scale", h->metric->title);
    chart_data_set_headings(data, title, subtitle,
                            chart_footer(h->results[h->count - 1], footer, sizeof footer));
    return 0;
}
