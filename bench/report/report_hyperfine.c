#include "base/clock.h"
#include "base/units.h"
#include "cli/args.h"
#include "plan/plan_options.h"
#include "report/report.h"
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
    struct plan plan;
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
    plan_init(&plan);
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
static bool write_row(const json_t *result, const json_t *timing, bool first, FILE *out)
{
    struct cell cell;
    char name[CELL_NAME_SIZE], mean[32], median[32], ours[32], rest[32];
    const json_t *measured;
    double makespan, whole = result_number(timing, "median");

    if (!cell_of(timing, &cell))
        return false;
    measured = cell_named(result, cell_name(&cell, name, sizeof name));
    if (measured == NULL)
        return false;
    if (first)
        fprintf(out, "whole processes, timed by hyperfine\n  %9s %9s %9s %9s  %s\n", "mean",
                "median", "makespan", "rest", "cell");
    makespan = result_number(measured, "summary.makespan_s.median");
    fprintf(out, "  %9s %9s %9s %9s  %s\n",
            seconds(result_number(timing, "mean"), mean, sizeof mean),
            seconds(whole, median, sizeof median), seconds(makespan, ours, sizeof ours),
            seconds(whole - makespan, rest, sizeof rest), name);
    return true;
}

int report_write_hyperfine(const json_t *result, const char *path, FILE *out, struct err *err)
{
    json_error_t syntax;
    json_t *document = json_load_file(path, 0, &syntax), *timing, *timings;
    size_t i;
    int rows = 0;

    if (document == NULL)
        return err_set(err, -EINVAL, "cannot read %s: %s", path, syntax.text);
    timings = json_object_get(document, "results");
    if (!json_is_array(timings))
        rows =
            err_set(err, -EINVAL, "%s is no export of hyperfine: it has no list of results", path);
    json_array_foreach(timings, i, timing) rows += write_row(result, timing, rows == 0, out);
    if (rows > 0)
        fputs("  rest: start of the process, set-up and warm-up, which our makespan leaves out\n\n",
              out);
    json_decref(document);
    return rows;
}
