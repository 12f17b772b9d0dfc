#include "base/clock.h"
#include "base/table.h"
#include "base/units.h"
#include "base/wrap.h"
#include "cli/args.h"
#include "plan/plan_options.h"
#include "report/report.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* The options of a cell as hyperfine kept them: its parameters, by name. False when they are no
 * cell's. */
static bool cell_of(const json_t *timing, struct cell *out)
{
    struct err err = {""};
    struct plan_line line;
    const struct options_part parts[] = {{plan_options_cells, &line}, {0}};
    char words[ARGS_MAX][128];
    struct args args;
    struct plan plan = {0};
    const char *key;
    json_t *value;
    int n = 0;
    bool found;

    args_init(&args, "hyperfine");
    json_object_foreach(json_object_get((json_t *)timing, "parameters"), key, value)
    {
        if (n + 1 >= ARGS_MAX || !json_is_string(value))
            return false;
        snprintf(words[n], sizeof words[n], "--%.64s=%.60s", key, json_string_value(value));
        args_push(&args, words[n++]);
    }
    plan_line_init(&line);
    found = n > 0 && options_parse_line(parts, args.argc, args.argv, &err) == 0 &&
            plan_add(&plan, &line, false, &err) == 0 && plan.count == 1;
    if (found)
        *out = plan.cells[0].cell;
    plan_deinit(&plan);
    return found;
}

static const json_t *cell_named(const json_t *result, const char *name)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i,
                       cell) if (strcmp(result_string(cell, "name"), name) == 0) return cell;
    return NULL;
}

static const char *seconds(double s, char *buf, size_t size)
{
    return isfinite(s) ? units_format_duration(NS_PER_S * s, buf, size) : "-";
}

/* False when the document has no such cell. */
static bool add_row(struct table *t, const json_t *result, const json_t *timing)
{
    struct cell cell;
    char name[CELL_NAME_SIZE], text[32];
    const json_t *measured;
    double makespan_s, whole_s = result_number(timing, "median");

    if (!cell_of(timing, &cell))
        return false;
    measured = cell_named(result, cell_name(&cell, name, sizeof name));
    if (measured == NULL)
        return false;
    makespan_s = metric_of(metric_named("makespan"), measured).median;
    table_cell(t, "%s", seconds(result_number(timing, "mean"), text, sizeof text));
    table_cell(t, "%s", seconds(whole_s, text, sizeof text));
    table_cell(t, "%s", seconds(makespan_s, text, sizeof text));
    table_cell(t, "%s", seconds(whole_s - makespan_s, text, sizeof text));
    table_cell(t, "%s", name);
    return true;
}

static int write_table(const struct table *t, FILE *out)
{
    int r;

    fputs("whole processes, timed by hyperfine\n", out);
    r = table_write(t, wrap_columns(out), 2, out);
    wrap_print(
        out, "  rest: ", "start of the process, set-up and warm-up, which our makespan leaves out");
    fputc('\n', out);
    return r;
}

int report_write_hyperfine(const json_t *result, const char *path, FILE *out, struct err *err)
{
    static const char *const titles[] = {"mean", "median", "makespan", "rest"};
    json_error_t syntax;
    json_t *document = json_load_file(path, 0, &syntax), *timing, *timings;
    struct table *table = table_create();
    int rows = 0, r = 0;
    size_t i;

    for (i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(table, titles[i], TABLE_RIGHT);
    table_column(table, "cell", TABLE_WORDS);
    timings = json_object_get(document, "results");
    if (document == NULL)
        r = err_set(err, -EINVAL, "cannot read %s: %s", path, syntax.text);
    else if (!json_is_array(timings))
        r = err_set(err, -EINVAL, "%s is no export of hyperfine: it has no list of results", path);
    json_array_foreach(timings, i, timing) rows += add_row(table, result, timing);
    if (rows > 0 && write_table(table, out) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    table_destroy(table);
    json_decref(document);
    return r < 0 ? r : rows;
}
