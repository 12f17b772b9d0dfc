/* Before and after: latency at every percentile in A and in the other result. */
#include "chart/chart_compare.h"

#include "base/text.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define PANELS_MAX 4

/* The highest percentile of which both have a value; NULL when there is none. */
static const struct metric *shared(const json_t *a, const json_t *b)
{
    static const char *const names[] = {"p99", "p90", "p50"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct metric *m = metric_named(names[i]);

        if (metric_of(m, a).median > 0 && metric_of(m, b).median > 0)
            return m;
    }
    return NULL;
}

/* How much the row's cell changed: a figure that did comes first, as a percentile's change may be
 * the luck of one run. -1 of a row that does not begin a cell with percentiles. */
static double weight_of(const void *of, size_t i)
{
    const struct compare *c = of;
    const struct compare_row *row = &c->rows[i];
    const struct metric *m = shared(row->a, row->b);
    double weight = m ? fabs(log(metric_of(m, row->b).median / metric_of(m, row->a).median)) : 0;

    if ((row > c->rows && row[-1].a == row->a) || !chart_curves_has_percentiles(row->a) ||
        !chart_curves_has_percentiles(row->b))
        return -1;
    for (const struct compare_row *r = row; r < c->rows + c->rows_count && r->a == row->a; r++)
        if (compare_changed(r))
            return weight + 1e3;
    return weight;
}

static void put_panel(struct chart_curves *curves, const struct compare *c,
                      const struct compare_row *row)
{
    const char after[] = {c->label, '\0'};

    chart_curves_panel(curves, result_string(row->a, "name"), NULL);
    chart_curves_percentiles(
        curves,
        (struct chart_curve){.cell = row->a, .name = "A", .pale = 0.55, .dash = CHART_DASHED});
    chart_curves_percentiles(
        curves, (struct chart_curve){.cell = row->b, .name = after, .dash = CHART_SOLID});
}

static void put_headings(struct chart_data *data, const struct compare *c,
                         const struct compare_row *row, size_t count, size_t all)
{
    const struct metric *m = shared(row->a, row->b);
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX];
    char from[METRIC_TEXT], to[METRIC_TEXT];

    m = m ? m : metric_named("p50");
    snprintf(title, sizeof title, "Latency %s of %s is %s in %c, and was %s in A", m->column,
             result_string(row->a, "name"), metric_cell_text(m, row->b, to, sizeof to), c->label,
             metric_cell_text(m, row->a, from, sizeof from));
    snprintf(
        subtitle, sizeof subtitle,
        "Latency, the median of the runs; dashed: A, solid: %c; lower is better. The %zu of "
        "%zu cell%s with the largest change. A line ends, and tells its time, where fewer than "
        "10 samples of a run lie beyond. %s",
        c->label, count, all, TEXT_S(all),
        c->same_machine ? "Sessions measured apart." : "Two machines: the change may be theirs.");
    chart_headings(data, c->b, title, subtitle);
}

int chart_before_after(const struct compare *c, struct chart_data *data, struct err *err)
{
    size_t places[PANELS_MAX], all;
    size_t count = chart_compare_largest(weight_of, c, c->rows_count, places, PANELS_MAX, &all);
    struct chart_curves curves;

    chart_data_set_form(data, "curves");
    chart_curves_begin(&curves, data, &(struct chart_curves_axes){.one_model = true});
    for (size_t i = 0; i < count; i++)
        put_panel(&curves, c, &c->rows[places[i]]);
    if (count > 0)
        put_headings(data, c, &c->rows[places[0]], count, all);
    if (!chart_curves_end(&curves))
        return err_set(err, -ENODATA, "no cell has latencies enough for a percentile");
    return 0;
}
