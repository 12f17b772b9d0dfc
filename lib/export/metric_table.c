#include "export/metric_table.h"

#include "export/ranking.h"
#include "result/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "10.3-10.6", in the unit that the median is shown in. */
static void add_interval(struct table *t, const struct metric *m, const json_t *cell)
{
    struct metric_value value = metric_of(m, cell);
    double unit = 1e-9;
    int decimals;

    if (!isfinite(value.median) || !isfinite(value.low) || !isfinite(value.high)) {
        table_cell(t, "-");
        return;
    }
    while (unit < 1 && value.median / unit >= 999.5)
        unit *= 1000;
    decimals = value.median / unit >= 99.95 ? 0 : value.median / unit >= 9.995 ? 1 : 2;
    table_cell(t, "%.*f-%.*f", decimals, value.low / unit, decimals, value.high / unit);
}

/* The cells of the group that the table has. */
static bool is_row(const json_t *cell, const char *group, unsigned cells)
{
    return strcmp(result_string(cell, "group"), group) == 0 &&
           (cells != METRIC_COUNTED || (metric_cells_of(cell) & METRIC_COUNTED) != 0);
}

enum column { NO_COLUMN, PLAIN, WITH_INTERVAL };

/* A column that any of the cells asks for. Intervals stand beside a batch's headline, and beside a
 * p99 that is known. */
static enum column column_of(const struct metric *m, const json_t *result, const char *group,
                             unsigned cells)
{
    bool shown = !m->aside, known = false;
    const json_t *cell;
    size_t i;

    if ((m->table & cells) == 0)
        return NO_COLUMN;
    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (!is_row(cell, group, cells))
            continue;
        shown = shown || metric_in_table(m, cell);
        known = known || isfinite(metric_of(m, cell).low);
    }
    if (!shown)
        return NO_COLUMN;
    return (m->headline & cells & METRIC_BATCH) != 0 || (known && strcmp(m->name, "p99") == 0)
               ? WITH_INTERVAL
               : PLAIN;
}

/* Does the cell share the first place, and another does not? */
static bool wins(const struct ranking *r, const json_t *cell)
{
    for (size_t i = 0; i < r->tied && r->tied < r->valid; i++)
        if (r->cells[i].cell == cell)
            return true;
    return false;
}

static void add_row(struct table *t, const json_t *cell, const enum column *columns, bool winner)
{
    char text[RESULT_LABEL];

    result_label(cell, text, sizeof text);
    table_strong(t, winner ? text : "", winner ? " *" : text);
    for (size_t k = 0; k < metrics_count; k++) {
        const struct metric *m = &metrics[k];

        if (columns[k] == NO_COLUMN)
            continue;
        if (m->aside && !metric_in_table(m, cell))
            table_cell(t, "-");
        else
            table_cell(t, "%s", metric_cell_text(m, cell, text, sizeof text));
        if (columns[k] == WITH_INTERVAL)
            add_interval(t, m, cell);
    }
}

struct table *metric_table(const json_t *result, const char *group, unsigned cells)
{
    enum column *columns = calloc(metrics_count, sizeof *columns);
    struct table *t = table_create();
    struct ranking r = {.cells = NULL};
    const json_t *cell;
    size_t i;

    if (cells != METRIC_COUNTED)
        ranking_init(&r, result, group);
    table_column(t, cells == METRIC_COUNTED ? "per job" : "model", TABLE_CODE | TABLE_HEAD);
    for (size_t k = 0; k < metrics_count && columns != NULL; k++) {
        columns[k] = column_of(&metrics[k], result, group, cells);
        if (columns[k] == NO_COLUMN)
            continue;
        table_column(t, metrics[k].column, TABLE_RIGHT);
        if (columns[k] == WITH_INTERVAL)
            table_column(t, (metrics[k].headline & cells) != 0 ? "interval" : "p99 interval",
                         TABLE_LEFT);
    }
    json_array_foreach(json_object_get(result, "cells"), i,
                       cell) if (columns != NULL && is_row(cell, group, cells))
        add_row(t, cell, columns, wins(&r, cell));
    ranking_deinit(&r);
    free(columns);
    return t;
}
