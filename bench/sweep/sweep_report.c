#include "base/clock.h"
#include "base/table.h"
#include "base/wrap.h"
#include "result/metric.h"
#include "result/result.h"
#include "sweep/sweep_document.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LABELS_MAX 64

/* Rows are points, columns series. */
struct report {
    const json_t *document, *axes;
    const char *labels[LABELS_MAX];
    size_t labels_count;
    const struct metric *metric;
};

static void find_labels(struct report *t)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(t->document, "cells"), i, cell)
    {
        const char *label = result_string(cell, "series");
        size_t k = 0;

        while (k < t->labels_count && strcmp(t->labels[k], label) != 0)
            k++;
        if (k == t->labels_count && k < LABELS_MAX)
            t->labels[t->labels_count++] = label;
    }
}

/* Does a cell stand at this point? What it leaves out makes no difference to it. */
static bool stands_at(const json_t *cell, const json_t *point)
{
    const char *name;
    const json_t *value;

    json_object_foreach(json_object_get(cell, "point"), name, value)
    {
        if (json_number_value(value) != json_number_value(json_object_get(point, name)))
            return false;
    }
    return true;
}

/* What the series has at the point; NAN when it has nothing there. */
static double figure_at(const struct report *t, const char *label, const json_t *point)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(t->document, "cells"), i, cell)
    {
        if (strcmp(result_string(cell, "series"), label) == 0 && stands_at(cell, point))
            return result_number(cell, "figure");
    }
    return NAN;
}

static void add_figure(const struct report *t, struct table *table, double value, bool best)
{
    char text[METRIC_TEXT];

    metric_text(t->metric, t->metric->unit == METRIC_S ? value / (double)NS_PER_S : value, text,
                sizeof text);
    table_cell(table, "%s%s", text, best ? " *" : "  ");
}

static void add_row(const struct report *t, struct table *table, const json_t *point)
{
    bool more = t->metric->more_is_better;
    double best = NAN;
    const json_t *axis;
    size_t a;

    for (size_t i = 0; i < t->labels_count; i++) {
        double value = figure_at(t, t->labels[i], point);

        if (isnan(best) || (more ? value > best : value < best))
            best = value;
    }
    json_array_foreach(t->axes, a, axis)
    {
        double value = json_number_value(json_object_get(point, result_string(axis, "name")));
        char text[48];

        table_cell(table, "%s",
                   sweep_axis_format(sweep_axis_unit_find(result_string(axis, "unit")), value, text,
                                     sizeof text));
    }
    for (size_t i = 0; i < t->labels_count; i++) {
        double value = figure_at(t, t->labels[i], point);

        add_figure(t, table, value, value == best && t->labels_count > 1);
    }
}

static int compare_points(const struct report *t, const json_t *a, const json_t *b)
{
    const json_t *axis;
    size_t i;

    json_array_foreach(t->axes, i, axis)
    {
        const char *name = result_string(axis, "name");
        double x = json_number_value(json_object_get(a, name));
        double y = json_number_value(json_object_get(b, name));

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

/* The points of the table in their order: those of the cells that stand at a value of every axis.
 * NULL when out of memory. */
static const json_t **find_points(const struct report *t, size_t *count)
{
    const json_t *cells = json_object_get(t->document, "cells"), *cell;
    const json_t **points = calloc(json_array_size(cells) + 1, sizeof(json_t *));
    size_t i;

    *count = 0;
    json_array_foreach(cells, i, cell)
    {
        const json_t *point = json_object_get(cell, "point");
        size_t at = *count, k = 0;

        if (points == NULL || json_object_size(point) != json_array_size(t->axes))
            continue;
        while (k < *count && compare_points(t, points[k], point) != 0)
            k++;
        if (k < *count)
            continue;
        for (; at > 0 && compare_points(t, points[at - 1], point) > 0; at--)
            points[at] = points[at - 1];
        points[at] = point;
        (*count)++;
    }
    return points;
}

static int write_table(const struct report *t, const json_t **points, size_t count, FILE *out)
{
    struct table *table = table_create();
    const json_t *axis;
    size_t a;

    json_array_foreach(t->axes, a, axis)
        table_column(table, result_string(axis, "name"), TABLE_RIGHT | TABLE_HEAD);
    for (size_t i = 0; i < t->labels_count; i++)
        table_column(table, t->labels[i], TABLE_RIGHT);
    for (size_t i = 0; i < count; i++)
        add_row(t, table, points[i]);
    return table_print(table, 0, out);
}

static void write_sentences(const json_t *list, FILE *out)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) wrap_print(out, "=> ", "%s", result_string(item, "sentence"));
}

int sweep_report_write(const json_t *document, FILE *out)
{
    const json_t *sweep = json_object_get(document, "sweep");
    struct report t = {.document = document, .axes = json_object_get(sweep, "axes")};
    const json_t **points;
    double rounds;
    size_t count;
    int r;

    t.metric = metric_find(result_string(sweep, "metric"), NULL, NULL);
    if (t.metric == NULL)
        t.metric = metric_named("throughput");
    find_labels(&t);
    points = find_points(&t, &count);
    if (points == NULL)
        return -ENOMEM;
    rounds = result_number(document, "rounds");
    fprintf(out, "Median %s of %.0f run%s; * is best\n\n", t.metric->title, rounds,
            rounds == 1 ? "" : "s");
    r = write_table(&t, points, count, out);
    fputc('\n', out);
    write_sentences(json_object_get(sweep, "crossovers"), out);
    write_sentences(json_object_get(sweep, "knees"), out);
    write_sentences(json_object_get(sweep, "scalability"), out);
    free(points);
    return r;
}
