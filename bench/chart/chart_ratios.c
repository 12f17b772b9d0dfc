/* Ratios: dots with intervals on logarithmic axes, a row for each cell, a panel for each metric. */
#include "chart/chart_compare.h"

#include "base/text.h"
#include "base/wrap.h"
#include "chart/chart.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PANELS_MAX  6
#define LABEL_WIDTH 44 /* characters */

/* On one machine cells are compared as they are; on two, times of models against each other. */
static bool is_shown(const struct compare *c, const struct compare_row *row)
{
    bool against = row->a_base != NULL;

    return isfinite(row->ratio.ratio) && row->ratio.ratio > 0 &&
           (c->same_machine || !row->metric->timed ? !against : against);
}

/* How far from 1 the clearest change of the cell is that this row begins; what changed counts
 * before what did not. -1 of a row that begins no cell to show. */
static double weight_of(const void *of, size_t i)
{
    const struct compare *c = of;
    double weight = is_shown(c, &c->rows[i]) ? 0 : -1;

    for (size_t k = 0; k < c->rows_count && weight >= 0; k++) {
        const struct compare_row *row = &c->rows[k];

        if (row->a != c->rows[i].a || !is_shown(c, row))
            continue;
        if (k < i)
            return -1;
        if (compare_changed(row))
            weight = fmax(weight, fabs(log(row->ratio.ratio)));
    }
    return weight;
}

/* The cells that changed most, in the document's order. Returns how many; *all: of how many. */
static size_t choose_cells(const struct compare *c, const json_t **cells, size_t *all)
{
    size_t places[CHART_COMPARE_MOST], n = 0;
    size_t count =
        chart_compare_largest(weight_of, c, c->rows_count, places, CHART_COMPARE_MOST, all);

    for (size_t i = 0; i < c->rows_count; i++)
        for (size_t k = 0; k < count; k++)
            if (places[k] == i)
                cells[n++] = c->rows[i].a;
    return n;
}

static const struct compare_row *find_row(const struct compare *c, const json_t *cell,
                                          const struct metric *metric)
{
    for (size_t i = 0; i < c->rows_count; i++)
        if (c->rows[i].a == cell && c->rows[i].metric == metric && is_shown(c, &c->rows[i]))
            return &c->rows[i];
    return NULL;
}

static void put_row(struct chart_data *data, size_t panel, size_t row, const struct compare_row *r)
{
    bool unclear = r->elsewhere || (!compare_changed(r) && r->ratio.verdict != COMPARE_SAME);

    CHART_ROW(data, CHART_N(panel), CHART_N(row), CHART_N(r->ratio.ratio), CHART_N(r->ratio.low),
              CHART_N(r->ratio.high),
              CHART_N(unclear               ? 0
                      : !compare_changed(r) ? 1
                      : compare_worse(r)    ? 3
                                            : 2),
              CHART_N(r->ratio.ratio > 1));
}

/* A panel, if any of the cells has the metric. An axis is the same to both sides of 1, and made for
 * ratios and for what changed: one interval that says nothing would hide all others. */
static bool put_panel(struct chart_data *data, const struct compare *c, const json_t *const *cells,
                      size_t count, const struct metric *metric, size_t panel)
{
    double reach = log(1.12);
    size_t rows = 0;

    for (size_t i = 0; i < count; i++) {
        const struct compare_row *row = find_row(c, cells[i], metric);

        if (!row)
            continue;
        put_row(data, panel, i + 1, row);
        reach = fmax(reach, 1.1 * fabs(log(row->ratio.ratio)));
        if (compare_changed(row) && isfinite(row->ratio.low) && row->ratio.low > 0)
            reach = fmax(reach, fmax(fabs(log(row->ratio.low)), fabs(log(row->ratio.high))));
        rows++;
    }
    if (rows == 0)
        return false;
    chart_data_text_at(data, "panel_title", panel, "%s", metric->title);
    chart_data_text_at(data, "panel_axis", panel, "%s",
                       metric->more_is_better ? "higher is better" : "lower is better");
    chart_data_number_at(data, "panel_hi", panel, exp(1.1 * reach));
    return true;
}

static void put_labels(struct chart_data *data, const json_t *const *cells, size_t count)
{
    chart_data_table(data, "labels", "row label model");
    for (size_t i = 0; i < count; i++) {
        char label[256];

        snprintf(label, sizeof label, "%s", result_string(cells[i], "name"));
        wrap_text(label, sizeof label, LABEL_WIDTH, 1);
        CHART_ROW(data, CHART_N(i + 1), CHART_T(label), CHART_T(result_string(cells[i], "model")));
    }
}

static void put_title(const struct compare *c, char *buf, size_t size)
{
    const struct compare_row **rows = calloc(c->rows_count + 1, sizeof *rows);
    size_t count = rows ? compare_report_changes(c, rows) : 0, worse = 0;
    char cell[256], words[160];

    while (worse < count && compare_worse(rows[worse]))
        worse++;
    if (count == 0 && !c->same_machine)
        snprintf(buf, size, "How models stand to each other on two machines, A and %c", c->label);
    else if (count == 0)
        snprintf(buf, size, "No change from A to %c that these runs can show", c->label);
    else
        snprintf(buf, size,
                 "From A to %c %zu figure%s got worse and %zu better, most of all %s: %s %s",
                 c->label, worse, TEXT_S(worse), count - worse,
                 compare_report_cell(rows[0], cell, sizeof cell), rows[0]->metric->title,
                 compare_report_words(c, rows[0], words, sizeof words));
    free(rows);
}

static void put_headings(struct chart_data *data, const struct compare *c, size_t count, size_t all)
{
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], left[96] = "";

    put_title(c, title, sizeof title);
    if (count < all)
        snprintf(left, sizeof left, " The %zu of %zu cells that changed most.", count, all);
    snprintf(subtitle, sizeof subtitle,
             "%c over A, log scale: Hodges-Lehmann ratio over runs with its 95%% interval; shaded: "
             "%.3g%% either way. Red: worse. Blue: better. Grey: no difference larger than that. "
             "Hollow: %s. Lines that reach the edge go on. %s%s",
             c->label, 100 * c->effect, c->same_machine ? "cannot tell" : "not judged",
             c->same_machine ? "Sessions measured apart."
                             : "Two machines: times are those of each model against the first of "
                               "its group, which says nothing of the code.",
             left);
    chart_headings(data, c->b, title, subtitle);
}

int chart_ratios(const struct compare *c, struct chart_data *data, struct err *err)
{
    const json_t *cells[CHART_COMPARE_MOST];
    size_t all, panels = 0, count = choose_cells(c, cells, &all);

    if (count == 0)
        return err_set(err, -ENODATA, "no figure has a ratio");
    chart_data_set_form(data, "ratios");
    chart_data_table(data, "ratios", "panel row ratio low high verdict up");
    for (size_t i = 0; i < metrics_count && panels < PANELS_MAX; i++)
        panels += put_panel(data, c, cells, count, &metrics[i], panels + 1);
    put_labels(data, cells, count);
    chart_data_number(data, "panels", (double)panels);
    chart_data_number(data, "rows", (double)count);
    chart_data_number(data, "effect", 1 + c->effect);
    put_headings(data, c, count, all);
    return 0;
}
