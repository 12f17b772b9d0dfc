#include "base/clock.h"
#include "result/metric.h"
#include "result/result.h"
#include "sweep/sweep_document.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LABELS_MAX   64
#define COLUMN_WIDTH 14
#define TABLE_WIDTH  100

/* A table of the document: rows are points, columns series. */
struct table {
    const json_t *document, *axes;
    const char *labels[LABELS_MAX];
    size_t labels_count, row_width;
    const struct metric *metric;
};

static void find_labels(struct table *t)
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
static double figure_at(const struct table *t, const char *label, const json_t *point)
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

static void write_figure(const struct table *t, double value, bool best, FILE *out)
{
    char text[METRIC_TEXT], cell[64];

    metric_text(t->metric, t->metric->unit == METRIC_S ? value / (double)NS_PER_S : value, text,
                sizeof text);
    snprintf(cell, sizeof cell, "%s%s", text, best ? " *" : "  ");
    fprintf(out, "%*s", COLUMN_WIDTH, cell);
}

static void write_row(const struct table *t, const json_t *point, size_t first, size_t end,
                      FILE *out)
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
        char text[48];

        fprintf(out, "%*s", COLUMN_WIDTH - 2,
                sweep_axis_format(
                    sweep_axis_unit_find(result_string(axis, "unit")),
                    json_number_value(json_object_get(point, result_string(axis, "name"))), text,
                    sizeof text));
    }
    for (size_t i = first; i < end; i++) {
        double value = figure_at(t, t->labels[i], point);

        write_figure(t, value, value == best && t->labels_count > 1, out);
    }
    fputc('\n', out);
}

static int compare_points(const struct table *t, const json_t *a, const json_t *b)
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
static const json_t **find_points(const struct table *t, size_t *count)
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

/* As many series side by side as fit. */
static void write_table(const struct table *t, const json_t **points, size_t count, FILE *out)
{
    size_t fit = (TABLE_WIDTH - t->row_width) / COLUMN_WIDTH;
    const json_t *axis;
    size_t a;

    for (size_t first = 0; first < t->labels_count; first += fit) {
        size_t end = first + fit < t->labels_count ? first + fit : t->labels_count;

        json_array_foreach(t->axes, a, axis)
        {
            fprintf(out, "%*.*s", COLUMN_WIDTH - 2, COLUMN_WIDTH - 3, result_string(axis, "name"));
        }
        for (size_t i = first; i < end; i++)
            fprintf(out, "%*.*s  ", COLUMN_WIDTH - 2, COLUMN_WIDTH - 3, t->labels[i]);
        fputc('\n', out);
        for (size_t i = 0; i < count; i++)
            write_row(t, points[i], first, end, out);
        fputc('\n', out);
    }
}

static void write_sentences(const json_t *list, FILE *out)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        fprintf(out, "=> %s\n", result_string(item, "sentence"));
    }
}

int sweep_report_write(const json_t *document, FILE *out)
{
    const json_t *sweep = json_object_get(document, "sweep");
    struct table t = {.document = document, .axes = json_object_get(sweep, "axes")};
    const json_t **points;
    double rounds;
    size_t count;

    t.row_width = json_array_size(t.axes) * (COLUMN_WIDTH - 2);
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
    write_table(&t, points, count, out);
    write_sentences(json_object_get(sweep, "crossovers"), out);
    write_sentences(json_object_get(sweep, "knees"), out);
    write_sentences(json_object_get(sweep, "scalability"), out);
    free(points);
    return 0;
}
