#include "report/report.h"

#include "export/finding.h"
#include "report/report_columns.h"
#include "result/result.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE   1024
#define TEXT_WIDTH 100

/* A paragraph with a label, broken between words. */
static void write_paragraph(const char *label, const char *text, FILE *out)
{
    int column = fprintf(out, "  %s", label);

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");

        if (column + 1 + len > TEXT_WIDTH)
            column = fprintf(out, "\n   ");
        column += fprintf(out, "%s%.*s", column > 3 || *label ? " " : "", len, text);
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static bool says(const json_t *cell, const char *key, const char *sentence)
{
    const json_t *text;
    size_t i;

    json_array_foreach(json_object_get(cell, key), i,
                       text) if (strcmp(json_string_value(text), sentence) == 0) return true;
    return false;
}

/* A sentence once for all cells of the group that have it, unless one before `first` has written
 * it. */
static void write_sentence(const json_t *result, size_t first, const char *key,
                           const char *sentence, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    const char *group = result_string(json_array_get(cells, first), "group");
    char line[2 * SENTENCE], model[REPORT_TEXT];
    size_t len = 0, i;

    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) != 0 || !says(cell, key, sentence))
            continue;
        if (i < first)
            return;
        if (len < SENTENCE)
            len += (size_t)snprintf(line + len, sizeof line - len, "%s%s", len ? ", " : "",
                                    report_model(cell, model, sizeof model));
    }
    snprintf(line + len, sizeof line - len, ": %s", sentence);
    write_paragraph(strcmp(key, "reasons") == 0 ? "invalid:" : "note:", line, out);
}

static void write_sentences(const json_t *result, const char *group, const char *key, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell, *text;
    size_t i, k;

    json_array_foreach(cells, i, cell) if (strcmp(result_string(cell, "group"), group) == 0)
        json_array_foreach(json_object_get(cell, key), k, text)
            write_sentence(result, i, key, json_string_value(text), out);
}

static const json_t *first_of(const json_t *cells, const char *group)
{
    size_t i = 0;

    while (strcmp(result_string(json_array_get(cells, i), "group"), group) != 0)
        i++;
    return json_array_get(cells, i);
}

static void write_group(const json_t *result, const char *group, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    bool measured = finding_group_measured(result, group);
    char finding[SENTENCE];
    size_t i;

    fprintf(out, "%s\n", group);
    if (measured) {
        const json_t *first = first_of(cells, group);

        report_write_titles(metric_cells_of(first) & METRIC_ALL, out);
        json_array_foreach(cells, i, cell) if (strcmp(result_string(cell, "group"), group) == 0)
            report_write_row(metric_cells_of(first) & METRIC_ALL, cell, out);
    }
    if (finding_group_counted(result, group)) {
        report_write_titles(METRIC_COUNTED, out);
        json_array_foreach(cells, i, cell) if (strcmp(result_string(cell, "group"), group) == 0 &&
                                               metric_cells_of(cell) & METRIC_COUNTED)
            report_write_row(METRIC_COUNTED, cell, out);
    }
    write_sentences(result, group, "reasons", out);
    write_sentences(result, group, "warnings", out);
    if (measured) {
        finding_group(result, group, finding, sizeof finding);
        if (finding[0] != '\0')
            write_paragraph("=>", finding, out);
    }
    fputc('\n', out);
}

/* What was not as planned: "; partial: cut short", "; ended by the time limit". */
static const char *end_text(const json_t *result)
{
    const char *end = result_string(result, "ended_by");

    if (json_is_true(json_object_get(result, "partial")))
        return "; partial: cut short";
    return strcmp(end, "time limit") == 0  ? "; ended by the time limit"
           : strcmp(end, "precision") == 0 ? "; ended by the precision reached"
                                           : "";
}

void report_write_head(const json_t *result, FILE *out)
{
    double cores = result_number(result, "context.cores");

    fprintf(out, "%s, %.0f core%s, %s, %s; seed %.0f%s\n\n", result_string(result, "context.cpu"),
            cores, cores == 1 ? "" : "s", result_string(result, "context.kernel"),
            result_string(result, "context.date"), result_number(result, "seed"), end_text(result));
}

int report_write(const json_t *result, FILE *out)
{
    size_t cap = json_array_size(json_object_get(result, "cells")), count;
    const char **groups = calloc(cap + 1, sizeof *groups);

    if (groups == NULL)
        return -ENOMEM;
    count = finding_groups(result, groups, cap);
    report_write_head(result, out);
    for (size_t i = 0; i < count; i++)
        write_group(result, groups[i], out);
    free(groups);
    return 0;
}

int report_flush(FILE *out, struct err *err)
{
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    return err_set(err, -EIO, "cannot write to standard output: %s", strerror(errno));
}
