#include "base/table.h"
#include "base/text.h"
#include "base/wrap.h"
#include "sweep/sweep.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Orders points by their values on the axes, from the first axis to the last. */
static int compare_points(const void *one, const void *other)
{
    const double *a = *(const double *const *)one, *b = *(const double *const *)other;
    int order = 0;

    for (size_t i = 0; i < SWEEP_AXES_MAX && order == 0; i++)
        order = (a[i] > b[i]) - (a[i] < b[i]);
    return order;
}

static double median_at(const struct sweep *s, size_t series, const double *point)
{
    size_t cell = sweep_find(s, series, point);

    return cell != SIZE_MAX ? sweep_median(s, &s->cells[cell]) : (double)NAN;
}

static void add_row(const struct sweep *s, struct table *table, const double *point)
{
    double best = NAN;
    char text[64];

    for (size_t i = 0; i < s->series_count; i++) {
        double value = median_at(s, i, point);

        if (isnan(best) || (s->metric->more_is_better ? value > best : value < best))
            best = value;
    }
    for (size_t a = 0; a < s->settings->axes_count; a++)
        table_cell(table, "%s",
                   sweep_axis_format(s->settings->axes[a].unit, point[a], text, sizeof text));
    for (size_t i = 0; i < s->series_count; i++) {
        double value = median_at(s, i, point);

        table_cell(table, "%s%s", metric_text(s->metric, value, text, sizeof text),
                   value == best && s->series_count > 1 ? " *" : "  ");
    }
}

/* The points of the table in their order, each perhaps several times: those of measured cells to
 * which every axis makes a difference. NULL when out of memory. */
static const double **find_points(const struct sweep *s, size_t *count)
{
    const double **points = calloc(s->cells_count + 1, sizeof *points);

    *count = 0;
    for (size_t i = 0; i < s->cells_count && points != NULL; i++) {
        const struct sweep_cell *cell = &s->cells[i];
        size_t a = 0;

        while (a < s->settings->axes_count && !isnan(cell->point[a]))
            a++;
        if (a == s->settings->axes_count && cell->runs_count > 0)
            points[(*count)++] = cell->point;
    }
    if (points != NULL)
        qsort(points, *count, sizeof *points, compare_points);
    return points;
}

int sweep_report_write(const struct sweep *s, const struct sweep_answers *answers, FILE *out)
{
    size_t count, most = s->settings->rounds;
    const double **points = find_points(s, &count);
    struct table *table;
    int r;

    if (points == NULL)
        return -ENOMEM;
    table = table_create();
    for (size_t a = 0; a < s->settings->axes_count; a++)
        table_column(table, s->settings->axes[a].name, TABLE_RIGHT | TABLE_HEAD);
    for (size_t i = 0; i < s->series_count; i++)
        table_column(table, s->series[i].label, TABLE_RIGHT);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || compare_points(&points[i - 1], &points[i]) != 0)
            add_row(s, table, points[i]);
    for (size_t i = 0; i < s->cells_count; i++)
        most = s->cells[i].runs_count > most ? s->cells[i].runs_count : most;
    fprintf(out, "Median %s of %u", s->metric->title, s->settings->rounds);
    if (most > s->settings->rounds)
        fprintf(out, " to %zu", most);
    fprintf(out, " run%s; * is best\n\n", TEXT_S(most));
    r = table_show(table, FORM_TEXT, 0, out);
    fputc('\n', out);
    if (s->settings->rounds < SWEEP_ROUNDS_MIN)
        wrap_print(out, "note: ", "no crossing and no interval is claimed from less than %d rounds",
                   SWEEP_ROUNDS_MIN);
    for (size_t i = 0; i < answers->count; i++)
        wrap_print(out, "=> ", "%s", answers->items[i].sentence);
    free(points);
    return r;
}
