#include "report/report.h"

#include "base/wrap.h"
#include "export/answer.h"
#include "export/finding.h"
#include "export/metric_table.h"
#include "export/note.h"
#include "result/result.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define SENTENCE 1024

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
    char labels[2 * SENTENCE], label[RESULT_LABEL];
    size_t len = 0, i;

    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) != 0 || !says(cell, key, sentence))
            continue;
        if (i < first)
            return;
        if (len < SENTENCE)
            len += (size_t)snprintf(labels + len, sizeof labels - len, "%s%s", len ? ", " : "",
                                    result_label(cell, label, sizeof label));
    }
    wrap_print(out, strcmp(key, "reasons") == 0 ? "  invalid: " : "  note: ", "%s: %s", labels,
               sentence);
}

static void write_sentences(const json_t *result, const char *group, const char *key, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell, *text;
    size_t i, k;

    json_array_foreach(cells, i, cell) if (strcmp(result_string(cell, "group"), group) == 0)
        json_array_foreach(json_object_get(cell, key), k, text)
            write_sentence(result, i, key, json_string_value(text), out);
}

static int write_notes(const json_t *result, const char *group, FILE *out)
{
    json_t *notes = note_group(result, group), *text;
    int r = notes != NULL ? 0 : -ENOMEM;
    size_t i;

    json_array_foreach(notes, i, text) wrap_print(out, "  note: ", "%s", json_string_value(text));
    json_decref(notes);
    return r;
}

static int write_group(const json_t *result, const char *group, FILE *out)
{
    unsigned load = metric_cells_of(finding_first(result, group)) & METRIC_ALL;
    bool measured = finding_group_measured(result, group);
    char finding[SENTENCE];
    int r = 0;

    wrap_print(out, "", "%s", group);
    if (measured)
        r = table_print(metric_table(result, group, load), 2, out);
    if (r == 0 && finding_group_counted(result, group))
        r = table_print(metric_table(result, group, METRIC_COUNTED), 2, out);
    write_sentences(result, group, "reasons", out);
    write_sentences(result, group, "warnings", out);
    if (r == 0)
        r = write_notes(result, group, out);
    if (measured && *finding_group(result, group, finding, sizeof finding) != '\0')
        wrap_print(out, "  => ", "%s", finding);
    fputc('\n', out);
    return r;
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

    wrap_print(out, "", "%s, %.0f core%s, %s, %s; seed %.0f%s",
               result_string(result, "context.cpu"), cores, cores == 1 ? "" : "s",
               result_string(result, "context.kernel"), result_string(result, "context.date"),
               result_number(result, "seed"), end_text(result));
    fputc('\n', out);
}

int report_write(const json_t *result, FILE *out)
{
    report_write_head(result, out);
    return finding_for_groups(result, write_group, out);
}

int report_write_answer(const json_t *result, FILE *out)
{
    struct table *t = answer_table(result);

    if (table_rows(t) > 0)
        fputs("Threads or an event loop, on this machine:\n\n", out);
    return table_print(t, 2, out);
}

int report_flush(FILE *out, struct err *err)
{
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    return err_set(err, -EIO, "cannot write to standard output: %s", strerror(errno));
}
