/* History: a metric from result to result, a panel for each cell, with its levels and changes. */
#include "chart/chart_compare.h"

#include "base/text.h"
#include "chart/chart.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define PANELS_MAX 8

static double size_of(const struct stats_change_point *change)
{
    return fabs(log(change->after / change->before));
}

/* The line's largest change; NULL when it has none. */
static const struct stats_change_point *largest_of(const struct compare_line *line)
{
    const struct stats_change_point *largest = NULL;

    for (size_t k = 0; k < line->changes_count; k++)
        if (!largest || size_of(&line->changes[k]) > size_of(largest))
            largest = &line->changes[k];
    return largest;
}

/* The values, and their range with a margin, wide enough that noise of a few percent looks like
 * that. */
static void put_values(struct chart_data *data, const struct compare_history *h,
                       const struct compare_line *line, size_t panel)
{
    double lo = INFINITY, hi = -INFINITY, margin, scale = metric_unit_scale(h->metric);

    for (size_t i = 0; i < h->count; i++) {
        if (!isfinite(line->values[i]))
            continue;
        lo = fmin(lo, line->values[i]);
        hi = fmax(hi, line->values[i]);
        CHART_ROW(data, CHART_N(panel), CHART_N(i + 1), CHART_N(scale * line->values[i]));
    }
    margin = fmax(0.15 * (hi - lo), 0.5 * fmax(0, 0.2 * hi - (hi - lo)));
    margin = margin > 0 ? margin : 1;
    chart_data_number_at(data, "panel_lo", panel, scale * fmax(0, lo - margin));
    chart_data_number_at(data, "panel_hi", panel, scale * (hi + 2 * margin));
}

static void put_levels(struct chart_data *data, const struct compare_history *h,
                       const struct compare_line *line, size_t panel)
{
    double from = 0.5, scale = metric_unit_scale(h->metric);

    for (size_t k = 0; k < line->changes_count; k++) {
        double at = (double)line->changes[k].at + 0.5;

        CHART_ROW(data, CHART_N(panel), CHART_N(from), CHART_N(at),
                  CHART_N(scale * line->changes[k].before));
        from = at;
    }
    if (line->changes_count > 0)
        CHART_ROW(data, CHART_N(panel), CHART_N(from), CHART_N((double)h->count + 0.5),
                  CHART_N(scale * line->changes[line->changes_count - 1].after));
}

static size_t put_marks(struct chart_data *data, const struct compare_history *h,
                        const struct compare_line *line, size_t panel, size_t marks)
{
    for (size_t k = 0; k < line->changes_count; k++) {
        double ratio = line->changes[k].after / line->changes[k].before;
        bool late = 2 * line->changes[k].at > h->count;

        marks++;
        chart_data_number_at(data, "mark_panel", marks, (double)panel);
        chart_data_number_at(data, "mark_at", marks, (double)line->changes[k].at + 0.5);
        chart_data_number_at(data, "mark_late", marks, late);
        chart_data_number_at(data, "mark_alarm", marks, (ratio > 1) != h->metric->more_is_better);
        chart_data_text_at(data, "mark_text", marks, "%+.3g%%", 100 * (ratio - 1));
    }
    return marks;
}

static void put_panels(struct chart_data *data, const struct compare_history *h,
                       const struct compare_line *const *lines, size_t panels)
{
    size_t marks = 0;

    chart_data_table(data, "values", "panel result value");
    for (size_t p = 1; p <= panels; p++) {
        const struct compare_line *line = lines[p - 1];

        chart_data_panel_title(data, p, line->name);
        chart_data_text_at(data, "panel_model", p, "%s", result_string(line->cell, "model"));
        put_values(data, h, line, p);
        marks = put_marks(data, h, line, p, marks);
    }
    chart_data_table(data, "levels", "panel from to level");
    CHART_ROW(data, CHART_N(0), CHART_N(0), CHART_N(0), CHART_N(0)); /* a table may not be empty */
    for (size_t p = 1; p <= panels; p++)
        put_levels(data, h, lines[p - 1], p);
    chart_data_number(data, "panels", (double)panels);
    chart_data_number(data, "marks", (double)marks);
    chart_data_number(data, "results", (double)h->count);
    chart_data_text(data, "y_kind", "%s", chart_kind(h->metric));
    chart_data_text(data, "y_title", "%s", h->metric->title);
}

static void put_headings(struct chart_data *data, const struct compare_history *h,
                         const struct compare_line *first, size_t panels)
{
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX];

    if (first->changes_count > 0)
        compare_history_sentence(h, first, largest_of(first), title, sizeof title);
    else
        snprintf(title, sizeof title, "No change of %s over %zu results that they can show",
                 h->metric->title, h->count);
    snprintf(subtitle, sizeof subtitle,
             "Median over the runs of each result; axes do not begin at 0; %s is better. Lines "
             "down: changes that at most %.2g of shuffled orders show as clearly (permutation "
             "test), red for the worse; lines across: medians between them. %zu of %zu cell%s, "
             "largest change first. Results were measured apart.",
             h->metric->more_is_better ? "higher" : "lower", COMPARE_HISTORY_ALPHA, panels,
             h->lines_count, TEXT_S(h->lines_count));
    chart_headings(data, h->results[h->count - 1], title, subtitle);
}

static double weight_of(const void *of, size_t i)
{
    const struct compare_history *h = of;

    return h->lines[i].changes_count > 0 ? size_of(largest_of(&h->lines[i])) : 0;
}

int chart_history(const struct compare_history *h, struct chart_data *data, struct err *err)
{
    const struct compare_line *lines[PANELS_MAX];
    size_t places[PANELS_MAX], all;
    size_t panels = chart_compare_largest(weight_of, h, h->lines_count, places, PANELS_MAX, &all);

    if (panels == 0)
        return err_set(err, -ENODATA, "no cell has values");
    for (size_t i = 0; i < panels; i++)
        lines[i] = &h->lines[places[i]];
    chart_data_set_form(data, "history");
    put_panels(data, h, lines, panels);
    put_headings(data, h, lines[0], panels);
    return 0;
}
