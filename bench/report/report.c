#include "report/report.h"

#include "base/clock.h"
#include "base/input.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "export/finding.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
               result_string(result, "context.cpu"), cores, TEXT_S(cores),
               result_string(result, "context.kernel"), result_string(result, "context.date"),
               result_number(result, "seed"), end_text(result));
    report_write_ranks(result, out);
    fputc('\n', out);
}

int report_write(const json_t *result, FILE *out)
{
    struct rankings all;
    int rc = rankings_init(&all, result);

    report_write_head(result, out);
    for (size_t i = 0; i < all.count && rc == 0; i++)
        rc = section_write(&all.of[i], FORM_TEXT, out);
    rankings_deinit(&all);
    return rc;
}

int report_write_answer(const json_t *result, FILE *out)
{
    struct rankings all;
    struct table *t = rankings_init(&all, result) == 0 ? answer_table(&all) : NULL;

    rankings_deinit(&all);
    if (!table_is_empty(t))
        fputs("Threads or an event loop, on this machine:\n\n", out);
    return table_show(t, FORM_TEXT, 2, out);
}

int report_flush(FILE *out, struct err *err)
{
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    return err_set(err, -EIO, "cannot write to standard output: %s", strerror(errno));
}

/* Is it the cell that was timed with these parameters, options of tva cell that hyperfine kept? */
static bool is_timed(const json_t *cell, const json_t *parameters)
{
    static const char *const known[] = {"model", "job", "jobs", "threads"};
    const char *threads = result_string(parameters, "threads");
    size_t found = 0;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found += json_is_string(json_object_get(parameters, known[i]));
    return found == json_object_size(parameters) &&
           strcmp(result_string(cell, "model"), result_string(parameters, "model")) == 0 &&
           strcmp(result_string(cell, "spec"), result_string(parameters, "job")) == 0 &&
           result_number(cell, "jobs") == strtod(result_string(parameters, "jobs"), NULL) &&
           !(result_number(cell, "threads") != strtod(threads, NULL) && *threads != '\0' &&
             json_is_number(json_object_get(cell, "threads")));
}

static const json_t *cell_of(const json_t *result, const json_t *timing)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (is_timed(cell, json_object_get(timing, "parameters")))
            return cell;
    }
    return NULL;
}

static const char *seconds(double s, char *buf, size_t size)
{
    return isfinite(s) ? units_format_duration(NS_PER_S * s, buf, size) : "-";
}

/* False when the document has no such cell. */
static bool add_row(struct table *t, const json_t *result, const json_t *timing)
{
    const json_t *cell = cell_of(result, timing);
    double makespan_s, whole_s = result_number(timing, "median");
    char text[32];

    if (cell == NULL)
        return false;
    makespan_s = metric_of(metric_named("makespan"), cell).median;
    table_cell(t, "%s", seconds(result_number(timing, "mean"), text, sizeof text));
    table_cell(t, "%s", seconds(whole_s, text, sizeof text));
    table_cell(t, "%s", seconds(makespan_s, text, sizeof text));
    table_cell(t, "%s", seconds(whole_s - makespan_s, text, sizeof text));
    table_cell(t, "%s", result_string(cell, "name"));
    return true;
}

int report_write_hyperfine(const json_t *result, const char *path, enum form form, FILE *out,
                           struct err *err)
{
    static const char *const titles[] = {"mean", "median", "makespan", "rest"};
    struct err why;
    FILE *in = input_open(path, &why);
    json_error_t syntax;
    json_t *document = in != NULL ? json_loadf(in, 0, &syntax) : NULL, *timing, *timings;
    struct table *table = table_create();
    int rows = 0, r = 0;
    size_t i;

    if (in != NULL)
        fclose(in);

    for (i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(table, titles[i], TABLE_RIGHT);
    table_column(table, "cell", TABLE_WORDS);
    timings = json_object_get(document, "results");
    if (document == NULL)
        r = err_set(err, -EINVAL, "cannot read %s: %s", path, in != NULL ? syntax.text : why.text);
    else if (!json_is_array(timings))
        r = err_set(err, -EINVAL, "%s is no export of hyperfine: it has no list of results", path);
    json_array_foreach(timings, i, timing) rows += add_row(table, result, timing);
    if (rows == 0) {
        table_destroy(table);
    } else {
        if (form == FORM_TEXT)
            fputs("whole processes, timed by hyperfine\n", out);
        if (table_show(table, form, 2, out) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
        form_item(form, "  rest: ",
                  "start of the process, set-up and warm-up, which our makespan leaves out", out);
        if (form == FORM_TEXT)
            fputc('\n', out);
    }
    json_decref(document);
    return r < 0 ? r : rows;
}
