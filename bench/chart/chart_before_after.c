/* Before and after: latency at every percentile in A and in the other result. */
#include "chart/chart_compare.h"

#include "chart/chart_curves.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PANELS_MAX 4

struct pair {
    const json_t *a, *b;
    double weight;
};

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

/* How far apart they are in it. */
static double apart(const json_t *a, const json_t *b)
{
    const struct metric *m = shared(a, b);

    return m ? fabs(log(metric_of(m, b).median / metric_of(m, a).median)) : 0;
}

/* Cells with a figure that changed come first, as a percentile's change may be the luck of one
 * run. */
static double weight_of(const struct compare *c, const struct compare_row *row)
{
    double weight = apart(row->a, row->b);

    for (const struct compare_row *r = row; r < c->rows + c->rows_count && r->a == row->a; r++)
        if (compare_changed(r))
            return weight + 1e3;
    return weight;
}

static int by_weight(const void *one, const void *other)
{
    const struct pair *a = one, *b = other;

    return a->weight > b->weight ? -1 : a->weight < b->weight;
}

/* The caller frees; NULL when out of memory. */
static struct pair *choose(const struct compare *c, size_t *count)
{
    struct pair *pairs = calloc(c->rows_count + 1, sizeof *pairs);
    const json_t *last = NULL;

    *count = 0;
    for (size_t i = 0; pairs && i < c->rows_count; i++) {
        const struct compare_row *row = &c->rows[i];

        if (row->a != last && chart_curves_has_percentiles(row->a) &&
            chart_curves_has_percentiles(row->b))
            pairs[(*count)++] = (struct pair){row->a, row->b, weight_of(c, row)};
        last = row->a;
    }
    if (pairs)
        qsort(pairs, *count, sizeof *pairs, by_weight);
    return pairs;
}

static void put_panel(struct chart_curves *curves, const struct compare *c, const struct pair *pair)
{
    const char after[] = {c->label, '\0'};

    chart_curves_panel(curves, result_string(pair->a, "name"), NULL);
    chart_curves_percentiles(
        curves,
        (struct chart_curve){.cell = pair->a, .name = "A", .pale = 0.55, .dash = CHART_DASHED});
    chart_curves_percentiles(
        curves, (struct chart_curve){.cell = pair->b, .name = after, .dash = CHART_SOLID});
}

static void put_headings(struct chart_data *data, const struct compare *c, const struct pair *pair,
                         size_t count, size_t all)
{
    const struct metric *m = shared(pair->a, pair->b);
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX];
    char from[METRIC_TEXT], to[METRIC_TEXT];

    m = m ? m : metric_named("p50");
    snprintf(title, sizeof title, "Latency %s of %s is %s in %c, and was %s in A", m->column,
             result_string(pair->a, "name"), metric_cell_text(m, pair->b, to, sizeof to), c->label,
             metric_cell_text(m, pair->a, from, sizeof from));
    snprintf(subtitle, sizeof subtitle,
             "Latency, the median of the runs; dashed: A, solid: %c; lower is better. The %zu of "
             "%zu cells with the largest change. A line ends, and tells its time, where fewer than "
             "10 samples of a run lie beyond. %s",
             c->label, count, all,
             c->same_machine ? "Sessions measured apart."
                             : "Two machines: the change may be theirs.");
    chart_headings(data, c->b, title, subtitle);
}

int chart_before_after(const struct compare *c, struct chart_data *data, struct err *err)
{
    size_t all, count;
    struct pair *pairs = choose(c, &all);
    struct chart_curves curves;

    if (!pairs)
        return err_set(err, -ENOMEM, "out of memory");
    count = all < PANELS_MAX ? all : PANELS_MAX;
    chart_data_set_form(data, "curves");
    chart_curves_begin(&curves, data, &(struct chart_curves_axes){.one_model = true});
    for (size_t i = 0; i < count; i++)
        put_panel(&curves, c, &pairs[i]);
    if (count > 0)
        put_headings(data, c, &pairs[0], count, all);
    free(pairs);
    if (!chart_curves_end(&curves))
        return err_set(err, -ENODATA, "no cell has latencies enough for a percentile");
    return 0;
}
