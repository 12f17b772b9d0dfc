#include "export/section.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "base/wrap.h"
#include "export/finding.h"
#include "export/note.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
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

/* Does the table have the cell? */
static bool is_row(const json_t *cell, unsigned cells)
{
    return cells != METRIC_COUNTED || (metric_cells_of(cell) & METRIC_COUNTED) != 0;
}

enum column { NO_COLUMN, PLAIN, WITH_INTERVAL };

/* A column that any of the cells asks for. Intervals stand beside a batch's headline, and beside a
 * p99 that is known. */
static enum column column_of(const struct metric *m, const struct ranking *r, unsigned cells)
{
    bool shown = !m->aside, known = false;

    if ((m->table & cells) == 0)
        return NO_COLUMN;
    for (size_t i = 0; i < r->count; i++) {
        const json_t *cell = r->rows[i]->cell;

        if (!is_row(cell, cells))
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

static void add_row(struct table *t, const struct ranked *row, const enum column *columns,
                    bool winner)
{
    bool valid = json_is_true(json_object_get(row->cell, "valid"));
    char label[RESULT_LABEL + 16];

    snprintf(label, sizeof label, "%s%s", row->label, valid ? "" : " (invalid)");
    table_strong(t, winner ? label : "", winner ? " *" : label);
    for (size_t k = 0; k < metrics_count; k++) {
        const struct metric *m = &metrics[k];
        char text[METRIC_TEXT];

        if (columns[k] == NO_COLUMN)
            continue;
        if (m->aside && !metric_in_table(m, row->cell))
            table_cell(t, "-");
        else
            table_cell(t, "%s", metric_cell_text(m, row->cell, text, sizeof text));
        if (columns[k] == WITH_INTERVAL)
            add_interval(t, m, row->cell);
    }
}

/* The table of the group's cells of that kind, a kind of load or METRIC_COUNTED for the counts: a
 * column for each metric of the catalogue that belongs to it, on request one that has the cells'
 * headlines relative to the fastest's. NULL when out of memory. */
static struct table *metric_table(const struct ranking *r, unsigned cells, bool relative)
{
    bool counted = cells == METRIC_COUNTED, some_win = !counted && r->tied < r->valid;
    enum column *columns = calloc(metrics_count, sizeof *columns);
    struct table *t = columns != NULL ? table_create() : NULL;

    relative = relative && !counted && r->valid > 1;
    table_column(t, counted ? "per job" : "model", TABLE_CODE | TABLE_HEAD);
    for (size_t k = 0; k < metrics_count && t != NULL; k++) {
        columns[k] = column_of(&metrics[k], r, cells);
        if (columns[k] == NO_COLUMN)
            continue;
        table_column(t, metrics[k].column, TABLE_RIGHT);
        if (columns[k] == WITH_INTERVAL)
            table_column(t, (metrics[k].headline & cells) != 0 ? "interval" : "p99 interval",
                         TABLE_LEFT);
    }
    if (relative)
        table_column(t, "relative", TABLE_RIGHT);
    for (size_t i = 0; i < r->count && t != NULL; i++) {
        const struct ranked *row = r->rows[i];

        if (!is_row(row->cell, cells))
            continue;
        add_row(t, row, columns, some_win && row < r->cells + r->tied);
        if (relative)
            table_cell(t, row->valid ? "%.2f" : "-", row->median_s / r->cells[0].median_s);
    }
    free(columns);
    return t;
}

static bool says(const json_t *cell, const char *key, const char *sentence)
{
    const json_t *text;
    size_t i;

    json_array_foreach(json_object_get(cell, key), i,
                       text) if (strcmp(json_string_value(text), sentence) == 0) return true;
    return false;
}

/* A sentence once for all cells that have it, unless one before row `first` has written it. */
static void write_sentence(const struct ranking *r, size_t first, const char *key,
                           const char *sentence, bool markdown, FILE *out)
{
    char text[2 * FINDING_MAX] = "";

    for (size_t i = 0; i < r->count; i++) {
        if (!says(r->rows[i]->cell, key, sentence))
            continue;
        if (i < first)
            return;
        text_add(text, FINDING_MAX, "%s%s", i > first ? ", " : "", r->rows[i]->label);
    }
    text_add(text, sizeof text, ": %s", sentence);
    markdown_item(markdown, strcmp(key, "reasons") == 0 ? "  invalid: " : "  note: ", text, out);
}

static void write_sentences(const struct ranking *r, const char *key, bool markdown, FILE *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const json_t *text;
        size_t k;

        json_array_foreach(json_object_get(r->rows[i]->cell, key), k, text)
            write_sentence(r, i, key, json_string_value(text), markdown, out);
    }
}

static int write_notes(const struct ranking *r, bool markdown, FILE *out)
{
    json_t *notes = note_of(r), *text;
    int rc = notes != NULL ? 0 : -ENOMEM;
    size_t i;

    json_array_foreach(notes, i, text)
        markdown_item(markdown, "  note: ", json_string_value(text), out);
    json_decref(notes);
    return rc;
}

int section_write(const struct ranking *r, bool markdown, FILE *out)
{
    unsigned load = metric_cells_of(r->rows[0]->cell) & METRIC_ALL;
    char finding[FINDING_MAX];
    int rc = 0;

    finding_of(r, finding, sizeof finding);
    if (markdown) {
        fputs("\n## ", out);
        markdown_text(r->group, out);
        fputs("\n\n", out);
    } else {
        wrap_print(out, "", "%s", r->group);
    }
    if (r->measured && markdown) {
        markdown_text(finding, out);
        fputs(".\n\n", out);
    }
    if (r->measured)
        rc = table_show(metric_table(r, load, markdown), markdown, 2, out);
    if (r->measured && r->counted && markdown)
        fputc('\n', out);
    if (rc == 0 && r->counted)
        rc = table_show(metric_table(r, METRIC_COUNTED, markdown), markdown, 2, out);
    if (markdown)
        fputc('\n', out);
    write_sentences(r, "reasons", markdown, out);
    write_sentences(r, "warnings", markdown, out);
    if (rc == 0)
        rc = write_notes(r, markdown, out);
    if (r->measured && !markdown)
        wrap_print(out, "  => ", "%s", finding);
    if (!markdown)
        fputc('\n', out);
    return rc;
}
