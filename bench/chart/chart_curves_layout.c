#include "chart/chart_curves_layout.h"

#include <math.h>

/* Pixels between two labels. */
#define LABEL_HEIGHT 15.0

/* Labels stand where their lines end, moved apart; distances on the page are those of logarithms.
 */
static void place_labels(struct chart_curves *c, size_t panel)
{
    const struct chart_range *y = &c->panel[panel].y;
    double at[64], lo = log(y->lo), hi = log(y->hi);
    struct curves_label *own[64];
    size_t n = 0;

    for (size_t i = 0; i < c->labels_count && n < 64; i++) {
        if (c->labels[i].panel != panel)
            continue;
        own[n] = &c->labels[i];
        at[n++] = log(c->labels[i].y);
    }
    chart_spread(at, n, (hi - lo) * LABEL_HEIGHT / CHART_PLOT_HEIGHT, lo, hi);
    for (size_t i = 0; i < n; i++)
        own[i]->at = exp(at[i]);
}

static void share_ranges(struct chart_curves *c)
{
    struct curves_panel *all = &c->panel[0];

    *all = c->panel[1];
    for (size_t p = 2; p <= c->panels; p++) {
        all->x.lo = fmin(all->x.lo, c->panel[p].x.lo);
        all->x.hi = fmax(all->x.hi, c->panel[p].x.hi);
        all->y.lo = fmin(all->y.lo, c->panel[p].y.lo);
        all->y.hi = fmax(all->y.hi, c->panel[p].y.hi);
        all->least_x = fmin(all->least_x, c->panel[p].least_x);
    }
    for (size_t p = 1; p <= c->panels; p++) {
        c->panel[p].x = all->x;
        c->panel[p].y = all->y;
        c->panel[p].least_x = all->least_x;
    }
}

static void finish_x(const struct chart_curves *c, struct curves_panel *panel)
{
    double lo = isfinite(panel->least_x) ? panel->least_x : 0;
    double span = fmax(panel->x.hi, lo) - lo;

    if (!c->linear_x) {
        chart_range_finish(&panel->x);
        return;
    }
    span = span > 0 ? span : fmax(lo, 0.01);
    panel->x = (struct chart_range){lo - 0.04 * span, lo + 1.04 * span};
}

/* Texts of vertical marks stand in rows, beside their lines: right of those near the left edge,
 * the leftmost on top, then left of the others, the rightmost first. A line ends below the rows
 * before its own, so that texts meet as few lines as can be. */
static void place_marks(const struct chart_curves *c, const struct curves_panel *panel)
{
    const double near_left = 0.4;
    double lo = panel->x.lo, span = panel->x.hi - lo;
    double ranks[MARKS_MAX];

    for (size_t i = 0; i < panel->marks; i++) {
        double x = panel->marks_at[i];
        double share = c->linear_x ? (x - lo) / span : log(x / lo) / log(panel->x.hi / lo);

        ranks[i] = share < near_left ? share : 2 - share;
        chart_data_set_number_at(c->data, "mark_leftwards", panel->mark_ids[i], share >= near_left);
    }
    for (size_t i = 0; i < panel->marks; i++) {
        size_t row = 0;

        for (size_t k = 0; k < panel->marks; k++)
            row += ranks[k] < ranks[i] || (ranks[k] == ranks[i] && k < i);
        chart_data_set_number_at(c->data, "mark_row", panel->mark_ids[i], (double)row);
    }
}

void chart_curves_lay_out(struct chart_curves *c)
{
    if (c->shared && c->panels > 0)
        share_ranges(c);
    for (size_t p = 1; p <= c->panels; p++) {
        struct curves_panel *panel = &c->panel[p];

        finish_x(c, panel);
        chart_range_finish(&panel->y);
        place_labels(c, p);
        place_marks(c, panel);
        chart_data_set_number_at(c->data, "panel_x_lo", p, panel->x.lo);
        chart_data_set_number_at(c->data, "panel_x_hi", p, panel->x.hi);
        chart_data_set_number_at(c->data, "panel_y_lo", p, panel->y.lo);
        chart_data_set_number_at(c->data, "panel_y_hi", p, panel->y.hi);
    }
}

void chart_curves_write_labels(const struct chart_curves *c)
{
    chart_data_table(c->data, "labels", "panel x y at model valid alarm text");
    for (size_t i = 0; i < c->labels_count; i++) {
        const struct curves_label *label = &c->labels[i];

        chart_data_number(c->data, (double)label->panel);
        chart_data_number(c->data, label->x);
        chart_data_number(c->data, label->y);
        chart_data_number(c->data, label->at);
        chart_data_text(c->data, label->model);
        chart_data_number(c->data, label->valid);
        chart_data_number(c->data, label->alarm);
        chart_data_text(c->data, label->text);
        chart_data_end_row(c->data);
    }
}
