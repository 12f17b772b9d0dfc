#include "chart/chart_curves.h"

#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>

/* Pixels: the height of a panel's plot and of a row of marks, which plots/curves.gp reads, and that
 * of a label. */
#define PLOT_HEIGHT  230.0
#define LABEL_HEIGHT 15.0
#define MARK_HEIGHT  15.0

/* Of a line over percentiles one point says its value, then the next that is rarer by this factor.
 */
#define HOVER_STEP 1.4

/* ---- Where things go ---- */

void chart_range_include(struct chart_range *range, double value)
{
    if (!(value > 0) || !isfinite(value))
        return;
    range->lo = fmin(range->lo, value);
    range->hi = fmax(range->hi, value);
}

void chart_range_finish(struct chart_range *range)
{
    const double margin = 1.25, least = 4;
    double missing;

    if (!(range->hi > 0))
        range->lo = range->hi = 1;
    range->lo /= margin;
    range->hi *= margin;
    missing = sqrt(least / (range->hi / range->lo));
    if (missing > 1) {
        range->lo /= missing;
        range->hi *= missing;
    }
}

/* The classic one-pass relaxation: push down from the top, then back up from the bottom. */
void chart_spread(double *positions, size_t n, double gap, double lo, double hi)
{
    size_t order[CHART_SPREAD_MAX];
    double limit;

    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        for (; at > 0 && positions[order[at - 1]] > positions[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    limit = lo;
    for (size_t i = 0; i < n; i++, limit += gap)
        limit = positions[order[i]] = fmax(positions[order[i]], limit);
    limit = hi;
    for (size_t i = n; i-- > 0; limit -= gap)
        limit = positions[order[i]] = fmin(positions[order[i]], limit);
}

/* ---- Panels ---- */

void chart_curves_begin(struct chart_curves *c, struct chart_data *data,
                        const struct chart_curves_axes *axes)
{
    *c = (struct chart_curves){.data = data, .axes = *axes};
    chart_data_text(data, "x_title", "%s", axes->x_kind ? axes->x_title : "percentile of jobs");
    chart_data_text(data, "x_kind", "%s", axes->x_kind ? axes->x_kind : "percentile");
    chart_data_number(data, "x_linear", axes->x_linear);
    chart_data_text(data, "y_title", "%s", axes->y_title ? axes->y_title : "latency");
    chart_data_text(data, "y_kind", "%s", axes->y_kind ? axes->y_kind : "time");
    chart_data_number(data, "theory_black", axes->one_model);
    chart_data_number(data, "plot_height", PLOT_HEIGHT);
    chart_data_number(data, "mark_height", MARK_HEIGHT);
    chart_data_table(data, "curves", "x y low high valid hover");
}

static struct chart_curves_panel *current(struct chart_curves *c)
{
    return &c->panel[c->panels];
}

/* Where the panel's ranges are kept: all may share those of the first. */
static struct chart_curves_ranges *ranges_of(struct chart_curves *c, size_t panel)
{
    return &c->panel[c->axes.share_ranges ? 1 : panel].ranges;
}

void chart_curves_panel(struct chart_curves *c, const char *title, const char *y_title)
{
    c->panels += c->panels < CHART_PANELS_MAX;
    *current(c) = (struct chart_curves_panel){
        .ranges = {.x = CHART_NO_RANGE, .y = CHART_NO_RANGE, .least_x = INFINITY}};
    chart_data_panel_title(c->data, c->panels, title);
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

/* False for a point that has no place on the axes. hover: what it says when it is pointed at; "-":
 * nothing. */
static bool put_point(struct chart_curves *c, double x, const struct metric_value *v, bool valid,
                      const char *hover)
{
    struct chart_curves_ranges *ranges = ranges_of(c, c->panels);
    const double y[] = {v->median, v->low > 0 ? v->low : v->median,
                        v->high > 0 ? v->high : v->median};

    if (!(c->axes.x_linear ? x >= 0 : x > 0) || !(y[0] > 0) || !isfinite(x) || !isfinite(y[0]))
        return false;
    if (c->gap_due && c->points > 0)
        chart_data_gap(c->data);
    c->gap_due = false;
    CHART_ROW(c->data, CHART_N(x), CHART_N(y[0]), CHART_N(y[1]), CHART_N(y[2]), CHART_N(valid),
              CHART_T(hover));
    chart_range_include(&ranges->x, x);
    ranges->least_x = fmin(ranges->least_x, x);
    for (size_t i = 0; i < 3; i++)
        chart_range_include(&ranges->y, y[i]);
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
    put_point(c, x, &(struct metric_value){y, y, y, NAN}, chart_cell_valid(c->line.cell), "-");
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

/* In the colour of the line; "-" is black. */
static void name_line(struct chart_curves *c, const char *text)
{
    enum chart_curve_kind kind = c->line.kind;
    bool black = kind == CHART_IDEAL || (kind == CHART_THEORY && c->axes.one_model);
    struct chart_curves_label *label = add_label(c, c->last_x, c->last_y);
    char name[CHART_LABEL_MAX];

    label->model = black ? "-" : result_string(c->line.cell, "model");
    label->valid = c->any_valid;
    if (kind == CHART_MEASURED)
        snprintf(label->text, sizeof label->text, "%s %s",
                 c->line.name ? c->line.name : result_label(c->line.cell, name, sizeof name),
                 label->valid ? text : "invalid");
    else
        snprintf(label->text, sizeof label->text, "%s", text);
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
    if (line->kind == CHART_MEASURED || *text)
        name_line(c, text);
}

void chart_curves_series(struct chart_curves *c, const struct chart_series *series,
                         const struct metric *metric, struct chart_curve line)
{
    const struct chart_axis axis = {c->axes.x_name, c->axes.x_kind};
    const char *of = line.name ? line.name : "";
    char text[METRIC_TEXT] = "", hover[CHART_HOVER_MAX], at[64];

    line.cell = series->points[0].cell;
    line.name = line.name ? line.name : series->label;
    chart_curves_line(c, &line);
    for (size_t p = 0; p < series->count; p++) {
        const struct chart_point *point = &series->points[p];
        struct metric_value v = chart_value(metric, point->cell);
        bool valid = chart_cell_valid(point->cell);

        snprintf(hover, sizeof hover, "%s%s%s, %s: ", series->label, *of ? ", " : "", of,
                 chart_axis_text(&axis, point->x, at, sizeof at));
        chart_add_value(metric, point->cell, hover, sizeof hover);
        c->gap_due = c->gap_due || !valid;
        if (!put_point(c, point->x, &v, valid, hover) || !valid)
            c->gap_due = true;
        else
            metric_cell_text(metric, point->cell, text, sizeof text);
    }
    chart_curves_end_line(c, text);
}

void chart_curves_theory(struct chart_curves *c, const struct chart_series *series,
                         const struct metric *metric, const char *text)
{
    chart_curves_line(c,
                      &(struct chart_curve){.kind = CHART_THEORY, .cell = series->points[0].cell});
    for (size_t p = 0; p < series->count; p++)
        chart_curves_point(c, series->points[p].x, chart_theory(metric, series->points[p].cell));
    chart_curves_end_line(c, text);
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
    double latency_ns = NAN, samples = samples_of(line.cell, line.uncorrected), next = 0;
    bool by_run = false, valid = chart_cell_valid(line.cell);
    const json_t *point;
    char time[32], label[CHART_LABEL_MAX], hover[CHART_HOVER_MAX];
    size_t i;

    chart_curves_line(c, &line);
    json_array_foreach(json_object_get(line.cell, curve), i, point)
    {
        double p = json_number_value(json_array_get(point, 0)), y, x = 1 / (1 - p);
        const json_t *of_runs = json_array_get(point, 3);

        by_run = by_run || of_runs != NULL;
        if (p >= 1 || (by_run ? of_runs == NULL : (1 - p) * samples < CHART_SAMPLES_BEYOND))
            break;
        latency_ns = json_number_value(by_run ? of_runs : json_array_get(point, 1));
        units_format_duration(latency_ns, time, sizeof time);
        snprintf(hover, sizeof hover, "%s%s%s: %.6g%% of jobs within %s%s",
                 result_label(line.cell, label, sizeof label), line.name ? ", " : "",
                 line.name ? line.name : "", 100 * p, time, valid ? "" : "; invalid");
        y = latency_ns * 1e-9;
        put_point(c, x, &(struct metric_value){y, y, y, NAN}, valid, x < next ? "-" : hover);
        next = x < next ? next : x * HOVER_STEP;
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

/* Texts of marks and notes stand in so many rows above the data. */
static void need_rows(struct chart_curves *c, size_t rows)
{
    struct chart_curves_ranges *ranges = ranges_of(c, c->panels);

    ranges->rows = rows > ranges->rows ? rows : ranges->rows;
}

void chart_curves_bound(struct chart_curves *c, double at, const char *text)
{
    struct chart_curves_label *label;

    if (!(at > 0) || !isfinite(at))
        return;
    c->bounds++;
    chart_data_number_at(c->data, "bound_panel", c->bounds, (double)c->panels);
    chart_data_number_at(c->data, "bound_at", c->bounds, at);
    chart_range_include(&ranges_of(c, c->panels)->y, at);
    label = add_label(c, NAN, at);
    label->alarm = true;
    snprintf(label->text, sizeof label->text, "%s", text);
}

void chart_curves_mark(struct chart_curves *c, double at, double low, double high, bool alarm,
                       const char *text)
{
    if (!(at > 0) || !isfinite(at))
        return;
    c->marks++;
    need_rows(c, ++current(c)->marks);
    chart_data_number_at(c->data, "mark_panel", c->marks, (double)c->panels);
    chart_data_number_at(c->data, "mark_at", c->marks, at);
    chart_data_number_at(c->data, "mark_low", c->marks, low);
    chart_data_number_at(c->data, "mark_high", c->marks, high);
    chart_data_number_at(c->data, "mark_alarm", c->marks, alarm);
    chart_data_text_at(c->data, "mark_text", c->marks, "%s", text);
    chart_range_include(&ranges_of(c, c->panels)->x, at);
}

void chart_curves_note(struct chart_curves *c, const char *model, const char *text)
{
    c->notes++;
    chart_data_number_at(c->data, "note_panel", c->notes, (double)c->panels);
    chart_data_number_at(c->data, "note_row", c->notes, (double)current(c)->notes++);
    need_rows(c, current(c)->notes);
    chart_data_text_at(c->data, "note_model", c->notes, "%s", model);
    chart_data_text_at(c->data, "note_text", c->notes, "%s", text);
}

/* ---- Layout ---- */

static void finish_x(const struct chart_curves *c, struct chart_curves_ranges *r)
{
    double lo = isfinite(r->least_x) ? r->least_x : 0;
    double span = fmax(r->x.hi, lo) - lo;

    if (!c->axes.x_linear) {
        chart_range_finish(&r->x);
        return;
    }
    span = span > 0 ? span : fmax(lo, 0.01);
    r->x = (struct chart_range){lo - 0.04 * span, lo + 1.04 * span};
}

/* Leave room for the rows, on a logarithmic axis, and on a linear one. */
static void finish_y(struct chart_curves_ranges *r)
{
    double share = fmin((double)r->rows * MARK_HEIGHT / PLOT_HEIGHT, 0.5);

    chart_range_finish(&r->y);
    r->top = r->y.hi;
    r->y.hi *= pow(r->y.hi / r->y.lo, share / (1 - share));
    r->linear_hi = r->top / (1 - share);
}

/* Labels stand where their lines end, moved apart; distances on the page are those of logarithms,
 * or on a linear axis those of values. */
static void place_labels(struct chart_curves *c, size_t panel)
{
    const struct chart_curves_ranges *r = ranges_of(c, panel);
    double at[CHART_SPREAD_MAX], linear[CHART_SPREAD_MAX], share = LABEL_HEIGHT / PLOT_HEIGHT;
    struct chart_curves_label *own[CHART_SPREAD_MAX];
    size_t n = 0;

    for (size_t i = 0; i < c->labels_count && n < CHART_SPREAD_MAX; i++) {
        if (c->labels[i].panel != panel)
            continue;
        own[n] = &c->labels[i];
        linear[n] = c->labels[i].y;
        at[n++] = log(c->labels[i].y);
    }
    chart_spread(at, n, log(r->y.hi / r->y.lo) * share, log(r->y.lo), log(r->top));
    chart_spread(linear, n, r->linear_hi * share, 0, r->top);
    for (size_t i = 0; i < n; i++) {
        own[i]->at = exp(at[i]);
        own[i]->at_linear = linear[i];
    }
}

static void lay_out(struct chart_curves *c)
{
    for (size_t p = 1; p <= c->panels; p++) {
        struct chart_curves_ranges *r = ranges_of(c, p);

        if (p == 1 || !c->axes.share_ranges) {
            finish_x(c, r);
            finish_y(r);
        }
        place_labels(c, p);
        chart_data_number_at(c->data, "panel_x_lo", p, r->x.lo);
        chart_data_number_at(c->data, "panel_x_hi", p, r->x.hi);
        chart_data_number_at(c->data, "panel_rows", p, (double)r->rows);
        chart_data_number_at(c->data, "panel_y_lo", p, r->y.lo);
        chart_data_number_at(c->data, "panel_y_hi", p, r->y.hi);
        chart_data_number_at(c->data, "panel_linear_hi", p, r->linear_hi);
    }
}

bool chart_curves_end(struct chart_curves *c)
{
    lay_out(c);
    chart_data_number(c->data, "panels", (double)c->panels);
    chart_data_number(c->data, "curves", (double)c->lines);
    chart_data_number(c->data, "marks", (double)c->marks);
    chart_data_number(c->data, "bounds", (double)c->bounds);
    chart_data_number(c->data, "notes", (double)c->notes);
    chart_data_table(c->data, "labels", "panel x y at model valid alarm text at_linear");
    for (size_t i = 0; i < c->labels_count; i++) {
        const struct chart_curves_label *label = &c->labels[i];

        CHART_ROW(c->data, CHART_N(label->panel), CHART_N(label->x), CHART_N(label->y),
                  CHART_N(label->at), CHART_T(label->model), CHART_N(label->valid),
                  CHART_N(label->alarm), CHART_T(label->text), CHART_N(label->at_linear));
    }
    return c->lines > 0;
}
