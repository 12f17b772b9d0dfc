/* The kinds of work. A section of the page is a group: its finding, a chart of its headline, its
 * tables and its notes. The chart has two axes, a logarithmic and a linear one; the page shows the
 * one that the reader chooses. A place is a share of the axis. The style gives the axis its length,
 * so that text keeps its size on a narrow screen. */
#include "page/page.h"

#include "base/clock.h"
#include "base/html.h"
#include "base/text.h"
#include "base/units.h"
#include "chart/chart.h"
#include "export/finding.h"
#include "result/metric.h"

#include <math.h>
#include <string.h>

#define ROW_HEIGHT  26 /* px */
#define AXIS_HEIGHT 24
#define TICKS_MAX   16
#define TICKS_EASY  5 /* so many names of ticks stand beside each other on a telephone */

struct axis {
    bool log;
    double lo, hi; /* s */
    double ticks[TICKS_MAX];
    size_t count;
};

static double share_of(const struct axis *a, double s)
{
    double share = a->log ? log(fmax(s, a->lo) / a->lo) / log(a->hi / a->lo) : s / a->hi;

    return fmin(fmax(share, 0), 1);
}

/* The first of 1, 2, 5, 10, 20, ... that is at least this. */
static double round_up(double step)
{
    double unit = pow(10, floor(log10(step)));

    return step <= unit       ? unit
           : step <= 2 * unit ? 2 * unit
           : step <= 5 * unit ? 5 * unit
                              : 10 * unit;
}

static void add_tick(struct axis *a, double at)
{
    if (at >= a->lo && at <= a->hi && a->count < TICKS_MAX)
        a->ticks[a->count++] = at;
}

/* Even steps on a linear axis, and on a logarithmic one that is short; else 1, 2 and 5, and where
 * these are too many the powers of ten alone, or each second or third of them. */
static void set_ticks(struct axis *a)
{
    double decades = log10(a->hi / a->lo), every = fmax(1, ceil(decades / TICKS_EASY));

    a->count = 0;
    if (!a->log || decades < 0.6) {
        double step = round_up((a->hi - a->lo) / TICKS_EASY), first = ceil(a->lo / step);

        for (unsigned i = 0; i < TICKS_MAX; i++)
            add_tick(a, (first + i) * step);
        return;
    }
    for (double e = floor(log10(a->lo)); e <= log10(a->hi) && a->count < TICKS_MAX; e += every) {
        add_tick(a, pow(10, e));
        add_tick(a, decades < 1.5 ? 2 * pow(10, e) : -1);
        add_tick(a, decades < 1.5 ? 5 * pow(10, e) : -1);
    }
}

/* An axis on which everything of the group has its place. False when there is nothing. */
static bool set_axis(struct axis *a, const struct ranking *r, bool log)
{
    *a = (struct axis){.log = log, .lo = INFINITY};
    for (size_t i = 0; i < r->count; i++) {
        const struct ranked *c = &r->cells[i];
        const double values[] = {c->median_s, c->low_s, c->high_s, c->ideal_s};

        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            if (values[k] > 0 && isfinite(values[k])) {
                a->lo = fmin(a->lo, values[k]);
                a->hi = fmax(a->hi, values[k]);
            }
    }
    if (a->hi <= 0)
        return false;
    a->lo = log ? a->lo / 1.3 : 0;
    a->hi *= log ? 1.3 : 1.05;
    set_ticks(a);
    return true;
}

static const char *time_text(double s, char *buf, size_t size)
{
    return isfinite(s) ? units_format_duration(s * NS_PER_S, buf, size) : "not measured";
}

/* What a row says when it is pointed at. */
static void write_title(const struct ranking *r, const struct ranked *c, FILE *out)
{
    char text[CHART_HOVER_MAX];

    snprintf(text, sizeof text, "%s: ", c->label);
    chart_add_value(metric_headline(c->cell), c->cell, text, sizeof text);
    if (c->valid && c < r->cells + r->tied && r->tied < r->valid)
        text_add(text, sizeof text, "; first place");
    fputs("<title>", out);
    html_text(text, out);
    fputs("</title>", out);
}

/* Begin what stands at a place of the axis, a share of its length. */
static void begin_at(const struct axis *a, double s, FILE *out)
{
    fprintf(out, "<g class=\"at\" style=\"--at:%.4f\">", share_of(a, s));
}

static void write_marks(const struct axis *a, const struct ranked *c, size_t row, FILE *out)
{
    unsigned y = (unsigned)row * ROW_HEIGHT + ROW_HEIGHT / 2;

    if (c->ideal_s > 0) {
        begin_at(a, c->ideal_s, out);
        fprintf(out, "<rect class=\"ideal\" x=\"-1\" y=\"%u\" width=\"2\" height=\"20\"/></g>",
                y - 10);
    }
    if (isfinite(c->low_s) && isfinite(c->high_s)) {
        begin_at(a, c->low_s, out);
        fprintf(
            out,
            "<rect class=\"interval\" x=\"0\" y=\"%u\" height=\"3\" style=\"--span:%.4f\"/></g>",
            y - 1, share_of(a, c->high_s) - share_of(a, c->low_s));
    }
    if (c->median_s > 0) {
        begin_at(a, c->median_s, out);
        fprintf(out, "<circle class=\"%s\" cy=\"%u\" r=\"5\"/></g>",
                c->valid ? "median" : "invalid", y);
    }
}

/* One axis with its ticks and all marks. */
static void write_plot(const struct page_view *v, const struct ranking *r, const struct axis *a,
                       FILE *out)
{
    unsigned bottom = (unsigned)r->count * ROW_HEIGHT;
    char text[32];

    fprintf(out, "<g class=\"plot %s\">\n", a->log ? "log" : "linear");
    for (size_t i = 0; i < a->count; i++) {
        begin_at(a, a->ticks[i], out);
        fprintf(out,
                "<rect class=\"tick\" x=\"-0.5\" y=\"0\" width=\"1\" height=\"%u\"/>"
                "<text class=\"tick\" y=\"%u\">%s</text></g>\n",
                bottom + 4, bottom + 18,
                units_exact_duration((uint64_t)llround(a->ticks[i] * NS_PER_S), text, sizeof text));
    }
    for (size_t i = 0; i < r->count; i++) {
        fprintf(out, "<g class=\"m m%zu\">",
                page_models_find(&v->models, result_string(r->rows[i]->cell, "model")));
        write_marks(a, r->rows[i], i, out);
        fputs("</g>\n", out);
    }
    fputs("</g>\n", out);
}

/* Names on the left, values on the right; and the place that is pointed at, as wide as the row. */
static void write_names(const struct page_view *v, const struct ranking *r, FILE *out)
{
    char text[32];

    for (size_t i = 0; i < r->count; i++) {
        const struct ranked *c = r->rows[i];
        unsigned top = (unsigned)i * ROW_HEIGHT, y = top + ROW_HEIGHT / 2 + 5;

        fprintf(out, "<g class=\"m m%zu\">",
                page_models_find(&v->models, result_string(c->cell, "model")));
        write_title(r, c, out);
        fprintf(out,
                "<rect class=\"row\" x=\"0\" y=\"%u\" width=\"100%%\" height=\"%d\"/>"
                "<text class=\"name\" x=\"0\" y=\"%u\">",
                top, ROW_HEIGHT, y);
        html_text(c->label, out);
        fprintf(out, "</text><text class=\"value\" x=\"100%%\" y=\"%u\">%s%s</text></g>\n", y,
                c->valid ? "" : "invalid: ", time_text(c->median_s, text, sizeof text));
    }
}

static void write_chart(const struct page_view *v, const struct ranking *r, FILE *out)
{
    const struct metric *m = metric_headline(r->rows[0]->cell);
    bool has_ideal = r->cells[0].ideal_s > 0;
    struct axis a;

    if (!set_axis(&a, r, true))
        return;
    fprintf(out,
            "<figure class=\"dots\"><svg height=\"%zu\" role=\"img\" aria-label=\"%s of each "
            "model; the "
            "table below has the figures\">\n",
            r->count * ROW_HEIGHT + AXIS_HEIGHT, m->title);
    write_plot(v, r, &a, out);
    set_axis(&a, r, false);
    write_plot(v, r, &a, out);
    write_names(v, r, out);
    fprintf(
        out,
        "</svg>\n<figcaption>%c%s: median and its interval; further left is better%s.</figcaption>"
        "</figure>\n",
        m->title[0] & ~0x20, m->title + 1, has_ideal ? "; upright line: the ideal" : "");
}

int page_work(const struct page_view *v, FILE *out)
{
    char finding[FINDING_MAX];
    int rc = 0;

    for (size_t i = 0; i < v->all.count && rc == 0; i++) {
        const struct ranking *r = &v->all.of[i];

        fprintf(out, "<section id=\"work-%zu\"><h3>", i + 1);
        html_text(r->group, out);
        fputs("</h3>\n", out);
        if (r->measured) {
            fputs("<p class=\"finding\">", out);
            html_text(finding_of(r, finding, sizeof finding), out);
            fputs(".</p>\n", out);
            write_chart(v, r, out);
        }
        rc = section_write_figures(r, FORM_HTML, out);
        fputs("</section>\n", out);
    }
    return rc;
}
