#include "report/theory_table.h"

#include "base/clock.h"
#include "base/units.h"
#include "report/report_columns.h"
#include "result/result.h"
#include "summary/queue_check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 64

/* One column: what is in it for a cell and its queue_check, as text in buf. */
struct column {
    const char *title;
    int width; /* negative: left-aligned */
    void (*text)(const json_t *cell, const json_t *check, char *buf, size_t size);
};

static const json_t *check_of(const json_t *cell)
{
    const json_t *check = json_object_get(json_object_get(cell, "summary"), "queue_check");

    return json_is_object(check) ? check : NULL;
}

static bool is_wait(const json_t *check)
{
    return strcmp(result_string(check, "figure"), "wait_s") == 0;
}

/* A mean of the check: a wait, or a number of jobs. */
static void figure(const json_t *check, const char *path, char *buf, size_t size)
{
    double value = result_number(check, path);

    if (!isfinite(value))
        snprintf(buf, size, "-");
    else if (is_wait(check))
        units_format_duration(fmax(0, value) * NS_PER_S, buf, size);
    else
        snprintf(buf, size, "%.*f", value < 99.95 ? 2 : 1, value);
}

static void model(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    char name[REPORT_TEXT];

    (void)check;
    snprintf(buf, size, "%s", report_model(cell, name, sizeof name));
}

static void theory(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    (void)cell;
    snprintf(buf, size, "%s", result_string(check, "model"));
}

static void load(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    double utilisation = result_number(check, "utilisation");

    if (isfinite(utilisation))
        snprintf(buf, size, "%.1f%%", 100 * utilisation);
    else
        snprintf(buf, size, "%.0f/s", result_number(cell, "load.rate_per_s"));
}

static void expected(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    (void)cell;
    figure(check, "mean.theory", buf, size);
}

static void measured(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    (void)cell;
    figure(check, "mean.measured.mean", buf, size);
}

static void interval(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    char low[TEXT], high[TEXT];

    (void)cell;
    figure(check, "mean.measured.ci_low", low, sizeof low);
    figure(check, "mean.measured.ci_high", high, sizeof high);
    snprintf(buf, size, "%.24s..%.24s", low, high);
}

static void added(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    double theory_mean = result_number(check, "mean.theory");
    double share = result_number(check, "mean.adjusted.mean") / theory_mean - 1;

    (void)cell;
    snprintf(buf, size, "%+.*f%%", fabs(share) < 0.0995 ? 2 : 1, 100 * share);
}

static void hand_off(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    double s = result_number(check, "hand_off_s");

    (void)cell;
    if (isfinite(s))
        units_format_duration(s * NS_PER_S, buf, size);
    else
        snprintf(buf, size, "-");
}

static void distance(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    (void)cell;
    snprintf(buf, size, "%.3f", result_number(check, "ks.distance"));
}

static void critical(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    (void)cell;
    snprintf(buf, size, "%.3f", result_number(check, "ks.critical"));
}

static void little(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    (void)cell;
    snprintf(buf, size, "%.3f%%", 100 * result_number(check, "littles_law_error"));
}

static bool good(const json_t *cell, const json_t *check)
{
    return json_is_true(json_object_get(check, "ok")) &&
           json_is_true(json_object_get(cell, "valid"));
}

/* "ok", "interval, KS luck"; where something is off, all that is. */
static void verdict(const json_t *cell, const json_t *check, char *buf, size_t size)
{
    const char *ks = result_string(check, "ks.verdict");
    bool broken = result_number(check, "littles_law_error") > QUEUE_CHECK_LITTLE_MAX;
    bool valid = json_is_true(json_object_get(cell, "valid"));

    snprintf(buf, size, "%s%s%s%s%s", result_string(check, "mean.verdict"),
             strcmp(ks, "ok") == 0 ? "" : ", KS ", strcmp(ks, "ok") == 0 ? "" : ks,
             broken ? ", Little off" : "", valid ? "" : ", invalid");
}

static const struct column columns[] = {
    {"model", -10, model},   {"queue", -7, theory},     {"load", 7, load},
    {"theory", 8, expected}, {"measured", 8, measured}, {"95% interval", -16, interval},
    {"added", 6, added},     {"hand-off", 8, hand_off}, {"KS", 5, distance},
    {"limit", 5, critical},  {"Little", 6, little},     {"verdict", -1, verdict},
};

#define COLUMNS (sizeof columns / sizeof *columns)

/* A line each, broken where words are. */
static const char *const foot[] = {
    "theory, measured: mean wait of the jobs that found all servers busy, 0 of the others; of",
    "  M/M/inf, where nobody waits, the mean number of jobs in the system",
    "interval: of measured, by batch means",
    "added: what measured has over an ideal queue of the same arrivals and service times, as a",
    "  share of theory: the model's doing, free of the luck of the draw",
    "hand-off: what jobs waited on average that found a server free, where theory has 0; not in",
    "  the means before, but for what it delays those behind: that is in added",
    "KS: distance of the distribution from theory's; above the limit in 1 % of runs by chance",
    "verdict: ok, within 5 % of theory (above 80 % utilisation, 10 %); interval, theory is in it;",
    "  luck, neither, but the ideal queue does the same; off, it is the model",
};

static void write_titles(bool markdown, FILE *out)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (markdown)
            fprintf(out, "| %s ", columns[i].title);
        else
            fprintf(out, "%s%*s", i == 0 ? "" : " ", columns[i].width, columns[i].title);
    fputs(markdown ? "|\n" : "\n", out);
    for (size_t i = 0; markdown && i < COLUMNS; i++)
        fputs(columns[i].width < 0 ? "|:---" : "|---:", out);
    fputs(markdown ? "|\n" : "", out);
}

static void write_row(const json_t *cell, bool markdown, FILE *out)
{
    char buf[TEXT];

    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i].text(cell, check_of(cell), buf, sizeof buf);
        if (markdown)
            fprintf(out, "| %s ", buf);
        else
            fprintf(out, "%s%*s", i == 0 ? "" : " ", columns[i].width, buf);
    }
    fputs(markdown ? "|\n" : "\n", out);
}

size_t theory_table_count(const json_t *result, size_t *off)
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

int theory_table_write(const json_t *result, bool markdown, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    const json_t **rows = calloc(json_array_size(cells) + 1, sizeof *rows);
    size_t i, n = 0;

    if (rows == NULL)
        return -ENOMEM;
    json_array_foreach(cells, i, cell) if (check_of(cell) != NULL) rows[n++] = cell;
    qsort(rows, n, sizeof *rows, compare);
    write_titles(markdown, out);
    for (i = 0; i < n; i++)
        write_row(rows[i], markdown, out);
    for (i = 0; !markdown && i < sizeof foot / sizeof *foot; i++)
        fprintf(out, "%s%s\n", i == 0 ? "\n" : "", foot[i]);
    free(rows);
    return 0;
}
