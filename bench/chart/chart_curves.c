#include "chart/chart_curves.h"

#include "chart/chart_curves_layout.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What theory predicts beyond what was measured is shown up to here. */
#define THEORY_BEYOND 3.0

struct chart_curves *chart_curves_create(struct chart_data *data)
{
    struct chart_curves *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->data = data;
    chart_data_table(data, "curves", "x y low high valid");
    return c;
}

void chart_curves_share_ranges(struct chart_curves *c)
{
    c->shared = true;
}

void chart_curves_linear_x(struct chart_curves *c)
{
    c->linear_x = true;
}

static struct curves_panel *current(struct chart_curves *c)
{
    return &c->panel[c->panels];
}

void chart_curves_panel(struct chart_curves *c, const char *title, const char *y_title)
{
    const struct chart_range nothing = {INFINITY, 0};

    c->panels += c->panels < CHART_PANELS_MAX;
    *current(c) =
        (struct curves_panel){.x = nothing, .y = nothing, .theory = nothing, .least_x = INFINITY};
    chart_data_set_text_at(c->data, "panel_title", c->panels, title);
    if (y_title)
        chart_data_set_text_at(c->data, "panel_y_title", c->panels, y_title);
}

void chart_curves_line(struct chart_curves *c, enum chart_curve_kind kind, const json_t *cell)
{
    c->line = (struct curves_line){.cell = cell, .kind = kind};
}

void chart_curves_look(struct chart_curves *c, const char *name, double pale,
                       enum chart_curve_dash dash)
{
    c->line.name = name;
    c->line.pale = pale;
    c->line.dash = dash;
}

static bool can_show(const struct chart_curves *c, double x, double y)
{
    return (c->linear_x ? x >= 0 : x > 0) && y > 0 && isfinite(x) && isfinite(y);
}

static void put_point(struct chart_curves *c, double x, const double y[3], bool valid)
{
    struct curves_panel *panel = current(c);
    struct curves_line *line = &c->line;
    struct chart_range *range = line->kind == CHART_THEORY ? &panel->theory : &panel->y;

    if (line->gap_due && line->points > 0)
        chart_data_end_row(c->data); /* an empty row interrupts a line */
    line->gap_due = false;
    chart_data_number(c->data, x);
    chart_data_number(c->data, y[0]);
    chart_data_number(c->data, y[1] > 0 ? y[1] : y[0]);
    chart_data_number(c->data, y[2] > 0 ? y[2] : y[0]);
    chart_data_number(c->data, valid);
    chart_data_end_row(c->data);
    chart_range_include(&panel->x, x);
    panel->least_x = fmin(panel->least_x, x);
    for (size_t i = 0; i < 3; i++)
        chart_range_include(range, y[i]);
    if (valid || !line->any_valid) {
        line->last_x = x;
        line->last_y = y[0];
    }
    line->any_valid = line->any_valid || valid;
    line->points++;
}

void chart_curves_point(struct chart_curves *c, double x, double y, double low, double high)
{
    const double values[3] = {y, low, high};

    if (can_show(c, x, y))
        put_point(c, x, values, chart_cell_valid(c->line.cell));
}

void chart_curves_cell_point(struct chart_curves *c, double x, const json_t *cell,
                             const struct metric_value *v)
{
    const double values[3] = {v->median, v->low, v->high};
    bool valid = chart_cell_valid(cell), shown = can_show(c, x, v->median);

    c->line.gap_due = c->line.gap_due || !valid || !shown;
    if (shown)
        put_point(c, x, values, valid);
    c->line.gap_due = c->line.gap_due || !valid;
}

/* A label of the panel to fill in; NULL when there are too many. */
static struct curves_label *add_label(struct chart_curves *c, double x, double y)
{
    struct curves_label *label = &c->labels[c->labels_count];

    if (c->labels_count == LABELS_MAX)
        return NULL;
    c->labels_count++;
    *label = (struct curves_label){.panel = c->panels, .x = x, .y = y, .model = "", .valid = true};
    return label;
}

static void name_line(struct chart_curves *c, const char *text)
{
    const struct curves_line *line = &c->line;
    struct curves_label *label = add_label(c, line->last_x, line->last_y);
    char name[CHART_LABEL_MAX];

    if (!label)
        return;
    label->model = result_string(line->cell, "model");
    label->valid = line->any_valid;
    snprintf(label->text, sizeof label->text, "%s %s",
             line->name ? line->name : chart_cell_label(line->cell, name, sizeof name),
             label->valid ? text : "invalid");
}

void chart_curves_end_line(struct chart_curves *c, const char *text)
{
    const struct curves_line *line = &c->line;

    if (line->points == 0)
        return; /* an empty block would not count as an index */
    c->lines++;
    chart_data_set_number_at(c->data, "curve_panel", c->lines, (double)c->panels);
    chart_data_set_number_at(c->data, "curve_points", c->lines, (double)line->points);
    chart_data_set_number_at(c->data, "curve_kind", c->lines, line->kind);
    chart_data_set_number_at(c->data, "curve_valid", c->lines, line->any_valid);
    chart_data_set_number_at(c->data, "curve_pale", c->lines, line->pale);
    chart_data_set_number_at(c->data, "curve_dash", c->lines, line->dash);
    chart_data_set_text_at(c->data, "curve_model", c->lines, result_string(line->cell, "model"));
    chart_data_end_block(c->data);
    if (line->kind == CHART_MEASURED)
        name_line(c, text);
}

void chart_curves_bound(struct chart_curves *c, double at, const char *text)
{
    struct curves_label *label;

    if (!(at > 0) || !isfinite(at))
        return;
    c->bounds++;
    chart_data_set_number_at(c->data, "bound_panel", c->bounds, (double)c->panels);
    chart_data_set_number_at(c->data, "bound_at", c->bounds, at);
    chart_range_include(&current(c)->y, at);
    label = add_label(c, NAN, at);
    if (!label)
        return;
    label->alarm = true;
    snprintf(label->text, sizeof label->text, "%s", text);
}

void chart_curves_mark(struct chart_curves *c, double at, double low, double high, bool alarm,
                       const char *text)
{
    struct curves_panel *panel = current(c);

    if (!(at > 0) || !isfinite(at) || panel->marks == MARKS_MAX)
        return;
    c->marks++;
    panel->mark_ids[panel->marks] = c->marks;
    panel->marks_at[panel->marks++] = at;
    chart_data_set_number_at(c->data, "mark_panel", c->marks, (double)c->panels);
    chart_data_set_number_at(c->data, "mark_at", c->marks, at);
    chart_data_set_number_at(c->data, "mark_low", c->marks, low);
    chart_data_set_number_at(c->data, "mark_high", c->marks, high);
    chart_data_set_number_at(c->data, "mark_alarm", c->marks, alarm);
    chart_data_set_text_at(c->data, "mark_text", c->marks, text);
    chart_range_include(&panel->x, at);
}

void chart_curves_note(struct chart_curves *c, const char *model, const char *text)
{
    c->notes++;
    chart_data_set_number_at(c->data, "note_panel", c->notes, (double)c->panels);
    chart_data_set_number_at(c->data, "note_row", c->notes, (double)current(c)->notes++);
    chart_data_set_text_at(c->data, "note_model", c->notes, model);
    chart_data_set_text_at(c->data, "note_text", c->notes, text);
}

void chart_curves_end_panel(struct chart_curves *c)
{
    struct curves_panel *panel = current(c);
    double most = THEORY_BEYOND * panel->y.hi;

    if (panel->theory.hi > 0 && panel->y.hi > 0) {
        panel->y.hi = fmax(panel->y.hi, fmin(panel->theory.hi, most));
        panel->y.lo = fmin(panel->y.lo, fmax(panel->theory.lo, panel->y.lo / THEORY_BEYOND));
    }
}

size_t chart_curves_lines(const struct chart_curves *c)
{
    return c->lines;
}

void chart_curves_destroy(struct chart_curves *c)
{
    if (!c)
        return;
    chart_curves_lay_out(c);
    chart_data_set_number(c->data, "panels", (double)c->panels);
    chart_data_set_number(c->data, "curves", (double)c->lines);
    chart_data_set_number(c->data, "marks", (double)c->marks);
    chart_data_set_number(c->data, "bounds", (double)c->bounds);
    chart_data_set_number(c->data, "notes", (double)c->notes);
    chart_data_set_number(c->data, "x_linear", c->linear_x);
    chart_data_set_number(c->data, "plot_height", CHART_PLOT_HEIGHT);
    chart_curves_write_labels(c);
    free(c);
}
