#include "report/report.h"

#include "base/clock.h"
#include "base/table.h"
#include "base/units.h"
#include "base/wrap.h"
#include "result/result.h"
#include "summary/queue_check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 64

static const json_t *check_of(const json_t *cell)
{
    const json_t *check = json_object_get(json_object_get(cell, "summary"), "queue_check");

    return json_is_object(check) ? check : NULL;
}

static bool is_wait(const json_t *check)
{
    return isfinite(result_number(check, "servers"));
}

/* A mean of the check: a wait, or a number of jobs. */
static const char *figure(const json_t *check, const char *path, char *buf)
{
    double value = result_number(check, path);

    if (!isfinite(value))
        snprintf(buf, TEXT, "-");
    else if (is_wait(check))
        units_format_duration(fmax(0, value) * NS_PER_S, buf, TEXT);
    else
        snprintf(buf, TEXT, "%.*f", value < 99.95 ? 2 : 1, value);
    return buf;
}

static bool good(const json_t *cell, const json_t *check)
{
    return json_is_true(json_object_get(check, "ok")) &&
           json_is_true(json_object_get(cell, "valid"));
}

/* "ok", "interval, KS luck"; where something is off, all that is. */
static void add_verdict(struct table *t, const json_t *cell, const json_t *check)
{
    const char *ks = result_string(check, "ks.verdict");
    bool broken = result_number(check, "littles_law_error") > QUEUE_CHECK_LITTLE_MAX;
    bool valid = json_is_true(json_object_get(cell, "valid"));

    table_cell(t, "%s%s%s%s%s", result_string(check, "mean.verdict"),
               strcmp(ks, "ok") == 0 ? "" : ", KS ", strcmp(ks, "ok") == 0 ? "" : ks,
               broken ? ", Little off" : "", valid ? "" : ", invalid");
}

static void add_row(struct table *t, const json_t *cell)
{
    const json_t *check = check_of(cell);
    double utilisation = result_number(check, "utilisation");
    double hand_off_s = result_number(check, "hand_off_s");
    double share =
        result_number(check, "mean.adjusted.mean") / result_number(check, "mean.theory") - 1;
    char text[TEXT], high[TEXT];

    table_cell(t, "%s", result_label(cell, text, sizeof text));
    table_cell(t, "%s", result_string(check, "model"));
    if (isfinite(utilisation))
        table_cell(t, "%.1f%%", 100 * utilisation);
    else
        table_cell(t, "%.0f/s", result_number(cell, "load.rate_per_s"));
    table_cell(t, "%s", figure(check, "mean.theory", text));
    table_cell(t, "%s", figure(check, "mean.measured.mean", text));
    table_cell(t, "%s..%s", figure(check, "mean.measured.ci_low", text),
               figure(check, "mean.measured.ci_high", high));
    table_cell(t, "%+.*f%%", fabs(share) < 0.0995 ? 2 : 1, 100 * share);
    table_cell(t, "%s",
               isfinite(hand_off_s)
                   ? units_format_duration(hand_off_s * NS_PER_S, text, sizeof text)
                   : "-");
    table_cell(t, "%.3f", result_number(check, "ks.distance"));
    table_cell(t, "%.3f", result_number(check, "ks.critical"));
    table_cell(t, "%.3f%%", 100 * result_number(check, "littles_law_error"));
    add_verdict(t, cell, check);
}

static const struct {
    const char *title;
    unsigned look;
} columns[] = {
    {"model", TABLE_HEAD},   {"queue", TABLE_HEAD},     {"load", TABLE_RIGHT | TABLE_HEAD},
    {"theory", TABLE_RIGHT}, {"measured", TABLE_RIGHT}, {"95% interval", TABLE_LEFT},
    {"added", TABLE_RIGHT},  {"hand-off", TABLE_RIGHT}, {"KS", TABLE_RIGHT},
    {"limit", TABLE_RIGHT},  {"Little", TABLE_RIGHT},   {"verdict", TABLE_WORDS},
};

/* What the columns mean. */
static const char *const foot[][2] = {
    {"theory, measured: ", "mean wait of the jobs that found all servers busy, 0 of the others; of "
                           "M/M/inf, where nobody waits, the mean number of jobs in the system"},
    {"interval: ", "of measured, by batch means"},
    {"added: ", "what measured has over an ideal queue of the same arrivals and service times, as "
                "a share of theory: the model's doing, free of the luck of the draw"},
    {"hand-off: ", "what jobs waited on average that found a server free, where theory has 0; not "
                   "in the means before, but for what it delays those behind: that is in added"},
    {"KS: ",
     "distance of the distribution from theory's; above the limit in 1 % of runs by chance"},
    {"verdict: ", "ok, within 5 % of theory (above 80 % utilisation, 10 %); interval, theory is in "
                  "it; luck, neither, but the ideal queue does the same; off, it is the model"},
};

size_t report_theory_count(const json_t *result, size_t *off)
{
    const json_t *cell;
    size_t i, n = 0;

    *off = 0;
    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        const json_t *check = check_of(cell);

        n += check != NULL;
        *off += check != NULL && !good(cell, check);
    }
    return n;
}

/* Servers first, the unlimited last; then the rate, then the model. */
static int compare(const void *a, const void *b)
{
    static const char *const paths[] = {"summary.queue_check.servers", "load.rate_per_s",
                                        "params.duration"};
    const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        double u = result_number(x, paths[i]), v = result_number(y, paths[i]);

        u = isnan(u) ? INFINITY : u;
        v = isnan(v) ? INFINITY : v;
        if (u != v)
            return u < v ? -1 : 1;
    }
    return strcmp(result_string(x, "name"), result_string(y, "name"));
}

int report_write_theory(const json_t *result, enum form form, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    const json_t **rows = calloc(json_array_size(cells) + 1, sizeof *rows);
    struct table *table = table_create();
    size_t i, n = 0;
    int r;

    if (rows == NULL) {
        table_destroy(table);
        return -ENOMEM;
    }
    json_array_foreach(cells, i, cell) if (check_of(cell) != NULL) rows[n++] = cell;
    qsort(rows, n, sizeof *rows, compare);
    for (i = 0; i < sizeof columns / sizeof *columns; i++)
        table_column(table, columns[i].title, columns[i].look);
    for (i = 0; i < n; i++)
        add_row(table, rows[i]);
    free(rows);
    r = table_show(table, form, 0, out);
    if (form == FORM_TEXT)
        fputc('\n', out);
    for (i = 0; form != FORM_MARKDOWN && i < sizeof foot / sizeof *foot; i++)
        form_item(form, foot[i][0], foot[i][1], out);
    return r;
}
