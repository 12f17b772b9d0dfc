#include "chart_curves.h"

#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LABELS_MAX (8 * CHART_GROUP_CELLS)

/* Pixels: of a panel's plot, which plots/curves.gp is told, and between two labels. */
#define PLOT_HEIGHT  230.0
#define LABEL_HEIGHT 15.0

struct label {
    size_t panel;
    double x, y, at; /* where the line ends, and where the label stands */
    const char *model;
    bool valid;
    char text[CHART_LABEL_MAX + 64];
};

struct chart_curves {
    struct chart_data *data;
    size_t panels, lines, labels_count, panel_labels; /* the last: index of the panel's first */
    struct chart_range x, y;
    struct label labels[LABELS_MAX];

    /* The current line. */
    const json_t *cell;
    enum chart_curve_kind kind;
    size_t points;
    double last_x, last_y;
};

struct chart_curves *chart_curves_create(struct chart_data *data)
{
    struct chart_curves *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->data = data;
    chart_data_table(data, "curves", "x y low high");
    return c;
}

void chart_curves_panel(struct chart_curves *c, const char *title)
{
    c->panels++;
    c->panel_labels = c->labels_count;
    c->x = c->y = (struct chart_range){INFINITY, 0};
    chart_data_set_text_at(c->data, "panel_title", c->panels, title);
}

void chart_curves_line(struct chart_curves *c, enum chart_curve_kind kind, const json_t *cell)
{
    c->kind = kind;
    c->cell = cell;
    c->points = 0;
}

void chart_curves_point(struct chart_curves *c, double x, double y, double low, double high)
{
    if (!(x > 0) || !(y > 0))
        return;
    chart_data_number(c->data, x);
    chart_data_number(c->data, y);
    chart_data_number(c->data, low > 0 ? low : y);
    chart_data_number(c->data, high > 0 ? high : y);
    chart_data_end_row(c->data);
    chart_range_include(&c->x, x);
    chart_range_include(&c->y, y);
    chart_range_include(&c->y, low);
    chart_range_include(&c->y, high);
    c->last_x = x;
    c->last_y = y;
    c->points++;
}

static void add_label(struct chart_curves *c, const char *text)
{
    struct label *label = &c->labels[c->labels_count];
    char name[CHART_LABEL_MAX];

    if (c->labels_count == LABELS_MAX)
        return;
    c->labels_count++;
    label->panel = c->panels;
    label->x = c->last_x;
    label->y = c->last_y;
    label->model = result_string(c->cell, "model");
    label->valid = chart_cell_valid(c->cell);
    snprintf(label->text, sizeof label->text, "%s %s", chart_cell_label(c->cell, name, sizeof name),
             label->valid ? text : "invalid");
}

void chart_curves_end_line(struct chart_curves *c, const char *text)
{
    if (c->points == 0)
        return; /* an empty block would not count as an index */
    c->lines++;
    chart_data_set_number_at(c->data, "curve_panel", c->lines, (double)c->panels);
    chart_data_set_number_at(c->data, "curve_ideal", c->lines, c->kind == CHART_IDEAL);
    chart_data_set_number_at(c->data, "curve_valid", c->lines, chart_cell_valid(c->cell));
    chart_data_set_text_at(c->data, "curve_model", c->lines, result_string(c->cell, "model"));
    chart_data_end_block(c->data);
    if (c->kind == CHART_MEASURED)
        add_label(c, text);
}

/* Labels stand where their lines end, moved apart; distances on the page are those of logarithms.
 */
static void place_labels(struct chart_curves *c)
{
    double at[LABELS_MAX], lo = log(c->y.lo), hi = log(c->y.hi);
    size_t n = c->labels_count - c->panel_labels;

    for (size_t i = 0; i < n; i++)
        at[i] = log(c->labels[c->panel_labels + i].y);
    chart_spread(at, n, (hi - lo) * LABEL_HEIGHT / PLOT_HEIGHT, lo, hi);
    for (size_t i = 0; i < n; i++)
        c->labels[c->panel_labels + i].at = exp(at[i]);
}

void chart_curves_end_panel(struct chart_curves *c)
{
    chart_range_finish(&c->x);
    chart_range_finish(&c->y);
    place_labels(c);
    chart_data_set_number_at(c->data, "panel_x_lo", c->panels, c->x.lo);
    chart_data_set_number_at(c->data, "panel_x_hi", c->panels, c->x.hi);
    chart_data_set_number_at(c->data, "panel_y_lo", c->panels, c->y.lo);
    chart_data_set_number_at(c->data, "panel_y_hi", c->panels, c->y.hi);
}

size_t chart_curves_panels(const struct chart_curves *c)
{
    return c->panels;
}

void chart_curves_destroy(struct chart_curves *c)
{
    if (!c)
        return;
    chart_data_set_number(c->data, "panels", (double)c->panels);
    chart_data_set_number(c->data, "curves", (double)c->lines);
    chart_data_set_number(c->data, "plot_height", PLOT_HEIGHT);
    chart_data_table(c->data, "labels", "panel x y at model valid text");
    for (size_t i = 0; i < c->labels_count; i++) {
        const struct label *label = &c->labels[i];

        chart_data_number(c->data, (double)label->panel);
        chart_data_number(c->data, label->x);
        chart_data_number(c->data, label->y);
        chart_data_number(c->data, label->at);
        chart_data_text(c->data, label->model);
        chart_data_number(c->data, label->valid);
        chart_data_text(c->data, label->text);
        chart_data_end_row(c->data);
    }
    free(c);
}
