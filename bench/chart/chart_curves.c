#include "chart/chart_curves.h"

#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>

/* What theory predicts beyond what was measured is shown up to here. */
#define THEORY_BEYOND 3.0

/* Pixels: the height of a panel's plot, which plots/curves.gp reads, and that of a label. */
#define PLOT_HEIGHT  230.0
#define LABEL_HEIGHT 15.0

void chart_curves_begin(struct chart_curves *c, struct chart_data *data,
                        const struct chart_curves_axes *axes)
{
    *c = (struct chart_curves){.data = data, .axes = *axes};
    chart_data_text(data, "x_title", "%s", axes->x_kind ? axes->x_title : "percentile of jobs");
    chart_data_text(data, "x_kind", "%s", axes->x_kind ? axes->x_kind : "percentile");
    chart_data_number(data, "x_linear", axes->x_linear);
    chart_data_text(data, "y_title", "%s", axes->y_title ? axes->y_title : "latency, log scale");
    chart_data_text(data, "y_kind", "%s", axes->y_kind ? axes->y_kind : "time");
    chart_data_number(data, "theory_black", axes->one_model);
    chart_data_number(data, "plot_height", PLOT_HEIGHT);
    chart_data_table(data, "curves", "x y low high valid");
}

static struct chart_curves_panel *current(struct chart_curves *c)
{
    return &c->panel[c->panels];
}

/* What theory predicts may widen the panel's range, but not without end. */
static void end_panel(struct chart_curves *c)
{
    struct chart_curves_panel *panel = current(c);
    double most = THEORY_BEYOND * panel->y.hi;

    if (panel->theory.hi > 0 && panel->y.hi > 0) {
        panel->y.hi = fmax(panel->y.hi, fmin(panel->theory.hi, most));
        panel->y.lo = fmin(panel->y.lo, fmax(panel->theory.lo, panel->y.lo / THEORY_BEYOND));
    }
}

void chart_curves_panel(struct chart_curves *c, const char *title, const char *y_title)
{
    end_panel(c);
    c->panels += c->panels < CHART_PANELS_MAX;
    *current(c) = (struct chart_curves_panel){
        .x = CHART_NO_RANGE, .y = CHART_NO_RANGE, .theory = CHART_NO_RANGE, .least_x = INFINITY};
    chart_data_text_at(c->data, "panel_title", c->panels, "%s", title);
    if (y_title)
        chart_data_text_at(c->data, "panel_y_title", c->panels, "%s", y_title);
}

/* ---- Lines ---- */

void chart_curves_line(struct chart_curves *c, const struct chart_curve *line)
{
    c->line = *line;
    c->any_valid = c->gap_due = false;
    c->points = 0;
}

/* False for a point that has no place on the axes. */
static bool put_point(struct chart_curves *c, double x, const struct metric_value *v, bool valid)
{
    struct chart_curves_panel *panel = current(c);
    struct chart_range *range = c->line.kind == CHART_THEORY ? &panel->theory : &panel->y;
    const double y[] = {v->median, v->low > 0 ? v->low : v->median,
                        v->high > 0 ? v->high : v->median};

    if (!(c->axes.x_linear ? x >= 0 : x > 0) || !(y[0] > 0) || !isfinite(x) || !isfinite(y[0]))
        return false;
    if (c->gap_due && c->points > 0)
        chart_data_gap(c->data);
    c->gap_due = false;
    CHART_ROW(c->data, CHART_N(x), CHART_N(y[0]), CHART_N(y[1]), CHART_N(y[2]), CHART_N(valid));
    chart_range_include(&panel->x, x);
    panel->least_x = fmin(panel->least_x, x);
    for (size_t i = 0; i < 3; i++)
        chart_range_include(range, y[i]);
    if (valid || !c->any_valid) {
        c->last_x = x;
        c->last_y = y[0];
    }
    c->any_valid = c->any_valid || valid;
    c->points++;
    return true;
}

void chart_curves_point(struct chart_curves *c, double x, double y)
{
    put_point(c, x, &(struct metric_value){y, y, y, NAN}, chart_cell_valid(c->line.cell));
}

/* A label of the panel to fill in; the last one again when there are too many. */
static struct chart_curves_label *add_label(struct chart_curves *c, double x, double y)
{
    struct chart_curves_label *label;

    c->labels_count += c->labels_count < CHART_CURVE_LABELS_MAX;
    label = &c->labels[c->labels_count - 1];
    *label =
        (struct chart_curves_label){.panel = c->panels, .x = x, .y = y, .model = "", .valid = true};
    return label;
}

static void name_line(struct chart_curves *c, const char *text)
{
    struct chart_curves_label *label = add_label(c, c->last_x, c->last_y);
    char name[CHART_LABEL_MAX];

    label->model = result_string(c->line.cell, "model");
    label->valid = c->any_valid;
    snprintf(label->text, sizeof label->text, "%s %s",
             c->line.name ? c->line.name : result_label(c->line.cell, name, sizeof name),
             label->valid ? text : "invalid");
}

void chart_curves_end_line(struct chart_curves *c, const char *text)
{
    const struct chart_curve *line = &c->line;

    if (c->points == 0)
        return; /* an empty block would not count as an index */
    c->lines++;
    chart_data_number_at(c->data, "curve_panel", c->lines, (double)c->panels);
    chart_data_number_at(c->data, "curve_points", c->lines, (double)c->points);
    chart_data_number_at(c->data, "curve_kind", c->lines, line->kind);
    chart_data_number_at(c->data, "curve_valid", c->lines, c->any_valid);
    chart_data_number_at(c->data, "curve_pale", c->lines, line->pale);
    chart_data_number_at(c->data, "curve_dash", c->lines, line->dash);
    chart_data_text_at(c->data, "curve_model", c->lines, "%s", result_string(line->cell, "model"));
    chart_data_end_block(c->data);
    if (line->kind == CHART_MEASURED)
        name_line(c, text);
}

void chart_curves_series(struct chart_curves *c, const struct chart_series *series,
                         const struct metric *metric, struct chart_curve line)
{
    char text[METRIC_TEXT] = "";

    line.cell = series->points[0].cell;
    line.name = line.name ? line.name : series->label;
    chart_curves_line(c, &line);
    for (size_t p = 0; p < series->count; p++) {
        const struct chart_point *point = &series->points[p];
        struct metric_value v = chart_value(metric, point->cell);
        bool valid = chart_cell_valid(point->cell);

        c->gap_due = c->gap_due || !valid;
        if (!put_point(c, point->x, &v, valid) || !valid)
            c->gap_due = true;
        else
            metric_cell_text(metric, point->cell, text, sizeof text);
    }
    chart_curves_end_line(c, text);
}

void chart_curves_theory(struct chart_curves *c, const struct chart_series *series,
                         const struct metric *metric)
{
    chart_curves_line(c,
                      &(struct chart_curve){.kind = CHART_THEORY, .cell = series->points[0].cell});
    for (size_t p = 0; p < series->count; p++)
        chart_curves_point(c, series->points[p].x, chart_theory(metric, series->points[p].cell));
    chart_curves_end_line(c, "");
}

static double samples_of(const json_t *cell, bool uncorrected)
{
    return result_number(cell, uncorrected ? "summary.latency_uncorrected_ns.count"
                                           : "summary.latency_ns.count");
}

bool chart_curves_has_percentiles(const json_t *cell)
{
    return json_array_size(json_object_get(cell, "latency_curve")) > 0 &&
           samples_of(cell, false) >= 2 * CHART_SAMPLES_BEYOND;
}

void chart_curves_percentiles(struct chart_curves *c, struct chart_curve line)
{
    const char *curve = line.uncorrected ? "latency_uncorrected_curve" : "latency_curve";
    double latency_ns = NAN, samples = samples_of(line.cell, line.uncorrected);
    bool by_run = false;
    const json_t *point;
    char time[32];
    size_t i;

    chart_curves_line(c, &line);
    json_array_foreach(json_object_get(line.cell, curve), i, point)
    {
        double p = json_number_value(json_array_get(point, 0));
        const json_t *of_runs = json_array_get(point, 3);

        by_run = by_run || of_runs != NULL;
        if (p >= 1 || (by_run ? of_runs == NULL : (1 - p) * samples < CHART_SAMPLES_BEYOND))
            break;
        latency_ns = json_number_value(by_run ? of_runs : json_array_get(point, 1));
        chart_curves_point(c, 1 / (1 - p), latency_ns * 1e-9);
    }
    chart_curves_end_line(c, units_format_duration(latency_ns, time, sizeof time));
}

void chart_curves_percentiles_theory(struct chart_curves *c, const json_t *cell)
{
    static const struct {
        double p;
        const char *metric;
    } known[] = {{0.5, "p50"}, {0.9, "p90"}, {0.99, "p99"}, {0.999, "p999"}};

    chart_curves_line(c, &(struct chart_curve){.kind = CHART_THEORY, .cell = cell});
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (metric_of(metric_named(known[i].metric), cell).median > 0)
            chart_curves_point(c, 1 / (1 - known[i].p),
                               chart_theory(metric_named(known[i].metric), cell));
    chart_curves_end_line(c, "");
}

/* ---- Marks, bounds and notes ---- */

void chart_curves_bound(struct chart_curves *c, double at, const char *text)
{
    struct chart_curves_label *label;

    if (!(at > 0) || !isfinite(at))
        return;
    c->bounds++;
    chart_data_number_at(c->data, "bound_panel", c->bounds, (double)c->panels);
    chart_data_number_at(c->data, "bound_at", c->bounds, at);
    chart_range_include(&current(c)->y, at);
    label = add_label(c, NAN, at);
    label->alarm = true;
    snprintf(label->text, sizeof label->text, "%s", text);
}

void chart_curves_mark(struct chart_curves *c, double at, double low, double high, bool alarm,
                       const char *text)
{
    struct chart_curves_panel *panel = current(c);

    if (!(at > 0) || !isfinite(at) || panel->marks == CHART_MARKS_MAX)
        return;
    c->marks++;
    panel->mark_ids[panel->marks] = c->marks;
    panel->marks_at[panel->marks++] = at;
    chart_data_number_at(c->data, "mark_panel", c->marks, (double)c->panels);
    chart_data_number_at(c->data, "mark_at", c->marks, at);
    chart_data_number_at(c->data, "mark_low", c->marks, low);
    chart_data_number_at(c->data, "mark_high", c->marks, high);
    chart_data_number_at(c->data, "mark_alarm", c->marks, alarm);
    chart_data_text_at(c->data, "mark_text", c->marks, "%s", text);
    chart_range_include(&panel->x, at);
}

void chart_curves_note(struct chart_curves *c, const char *model, const char *text)
{
    c->notes++;
    chart_data_number_at(c->data, "note_panel", c->notes, (double)c->panels);
    chart_data_number_at(c->data, "note_row", c->notes, (double)current(c)->notes++);
    chart_data_text_at(c->data, "note_model", c->notes, "%s", model);
    chart_data_text_at(c->data, "note_text", c->notes, "%s", text);
}

/* ---- Layout ---- */

static void share_ranges(struct chart_curves *c)
{
    struct chart_curves_panel all = c->panel[1];

    for (size_t p = 2; p <= c->panels; p++) {
        all.x.lo = fmin(all.x.lo, c->panel[p].x.lo);
        all.x.hi = fmax(all.x.hi, c->panel[p].x.hi);
        all.y.lo = fmin(all.y.lo, c->panel[p].y.lo);
        all.y.hi = fmax(all.y.hi, c->panel[p].y.hi);
        all.least_x = fmin(all.least_x, c->panel[p].least_x);
    }
    for (size_t p = 1; p <= c->panels; p++) {
        c->panel[p].x = all.x;
        c->panel[p].y = all.y;
        c->panel[p].least_x = all.least_x;
    }
}

static void finish_x(const struct chart_curves *c, struct chart_curves_panel *panel)
{
    double lo = isfinite(panel->least_x) ? panel->least_x : 0;
    double span = fmax(panel->x.hi, lo) - lo;

    if (!c->axes.x_linear) {
        chart_range_finish(&panel->x);
        return;
    }
    span = span > 0 ? span : fmax(lo, 0.01);
    panel->x = (struct chart_range){lo - 0.04 * span, lo + 1.04 * span};
}

/* Labels stand where their lines end, moved apart; distances on the page are those of logarithms.
 */
static void place_labels(struct chart_curves *c, size_t panel)
{
    double at[CHART_SPREAD_MAX], lo = log(c->panel[panel].y.lo), hi = log(c->panel[panel].y.hi);
    struct chart_curves_label *own[CHART_SPREAD_MAX];
    size_t n = 0;

    for (size_t i = 0; i < c->labels_count && n < CHART_SPREAD_MAX; i++) {
        if (c->labels[i].panel != panel)
            continue;
        own[n] = &c->labels[i];
        at[n++] = log(c->labels[i].y);
    }
    chart_spread(at, n, (hi - lo) * LABEL_HEIGHT / PLOT_HEIGHT, lo, hi);
    for (size_t i = 0; i < n; i++)
        own[i]->at = exp(at[i]);
}

/* Texts of vertical marks stand in rows, beside their lines: right of those near the left edge,
 * the leftmost on top, then left of the others, the rightmost first. A line ends below the rows
 * before its own, so that texts meet as few lines as can be. */
static void place_marks(const struct chart_curves *c, const struct chart_curves_panel *panel)
{
    const double near_left = 0.4;
    double lo = panel->x.lo, span = panel->x.hi - lo;
    double ranks[CHART_MARKS_MAX];

    for (size_t i = 0; i < panel->marks; i++) {
        double x = panel->marks_at[i];
        double share = c->axes.x_linear ? (x - lo) / span : log(x / lo) / log(panel->x.hi / lo);

        ranks[i] = share < near_left ? share : 2 - share;
        chart_data_number_at(c->data, "mark_leftwards", panel->mark_ids[i], share >= near_left);
    }
    for (size_t i = 0; i < panel->marks; i++) {
        size_t row = 0;

        for (size_t k = 0; k < panel->marks; k++)
            row += ranks[k] < ranks[i] || (ranks[k] == ranks[i] && k < i);
        chart_data_number_at(c->data, "mark_row", panel->mark_ids[i], (double)row);
    }
}

static void lay_out(struct chart_curves *c)
{
    if (c->axes.share_ranges && c->panels > 0)
        share_ranges(c);
    for (size_t p = 1; p <= c->panels; p++) {
        struct chart_curves_panel *panel = &c->panel[p];

        finish_x(c, panel);
        chart_range_finish(&panel->y);
        place_labels(c, p);
        place_marks(c, panel);
        chart_data_number_at(c->data, "panel_x_lo", p, panel->x.lo);
        chart_data_number_at(c->data, "panel_x_hi", p, panel->x.hi);
        chart_data_number_at(c->data, "panel_y_lo", p, panel->y.lo);
        chart_data_number_at(c->data, "panel_y_hi", p, panel->y.hi);
    }
}

bool chart_curves_end(struct chart_curves *c)
{
    end_panel(c);
    lay_out(c);
    chart_data_number(c->data, "panels", (double)c->panels);
    chart_data_number(c->data, "curves", (double)c->lines);
    chart_data_number(c->data, "marks", (double)c->marks);
    chart_data_number(c->data, "bounds", (double)c->bounds);
    chart_data_number(c->data, "notes", (double)c->notes);
    chart_data_table(c->data, "labels", "panel x y at model valid alarm text");
    for (size_t i = 0; i < c->labels_count; i++) {
        const struct chart_curves_label *label = &c->labels[i];

        CHART_ROW(c->data, CHART_N(label->panel), CHART_N(label->x), CHART_N(label->y),
                  CHART_N(label->at), CHART_T(label->model), CHART_N(label->valid),
                  CHART_N(label->alarm), CHART_T(label->text));
    }
    return c->lines > 0;
}

bool chart_curves_put(struct chart_view *v, struct chart_data *data)
{
    struct chart_curves c;

    chart_curves_begin(&c, data, v->chart->axes);
    v->chart->put_panels(v, &c);
    return chart_curves_end(&c);
}
