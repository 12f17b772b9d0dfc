/* Lines as Go's design document 14313 ("Go Benchmark Data Format") and benchstat's documentation
 * have them: one a sample, and Unit lines that say which way is better, and what is exact.
 *
 * Names are made so that `benchstat -col /model` puts the models of one work side by side. The
 * configuration has only what makes machines different, as benchstat compares nothing across
 * configurations. Invalid cells are written as `go test` writes failed benchmarks, which
 * benchstat skips. */
#include "base/text.h"
#include "export/export.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define METRIC_MAX 96 /* characters of a name that a unit has */
#define UNIT_SIZE  (METRIC_MAX + 32)

/* A metric's unit there. Those of measured quantities are its own, in base units. */
static const struct unit {
    const char *metric, *unit;
    double factor;
} units[] = {
    {"makespan_s", "sec/op", 1},
    {"latency_mean_s", "sec/op", 1},
    {"latency_p99_s", "p99-sec/op", 1},
    {"throughput_per_s", "jobs/sec", 1},
    {"heartbeat_lag_max_ns", "lag-sec", 1e-9},
    {"cpu_user_s", "user-sec", 1},
    {"cpu_sys_s", "sys-sec", 1},
    {"memory_per_job_bytes", "B/job", 1},
    {"allocations_per_job", "allocs/job", 1},
    {"allocated_bytes_per_job", "allocated-B/job", 1},
};

/* One word, for fields end at blanks, and "/" separates parts of a name. */
static void put_word(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        fputc(isgraph(c) && c != '/' ? c : '_', out);
    }
}

/* Write the unit's name to buf; what values are to be multiplied by. Counts that depend on
 * scheduling have units of their own, since what is said of a unit holds for all cells of a file.
 */
static double unit_of(const struct export_metric *m, char buf[UNIT_SIZE])
{
    const char *end = strstr(m->metric->key, "_per_job");
    int len = end != NULL ? (int)(end - m->metric->key) : (int)strlen(m->metric->key);
    const char *scheduled = metric_is_loose(m->kind) ? "scheduled-" : "";

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].metric, m->metric->key) == 0) {
            snprintf(buf, UNIT_SIZE, "%s%s", scheduled, units[i].unit);
            return units[i].factor;
        }
    }
    len = len < METRIC_MAX ? len : METRIC_MAX;
    snprintf(buf, UNIT_SIZE, "%s%.*s", scheduled, len, m->metric->key);
    for (char *c = buf; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c))
            *c = '-';
    text_add(buf, UNIT_SIZE, "%s", end != NULL ? "/job" : "");
    return 1;
}

static void put_name(const struct export_cell *c, FILE *out)
{
    double threads = result_number(c->cell, "threads");

    fputs("BenchmarkTva/work=", out);
    put_word(result_string(c->cell, "group"), out);
    fputs("/model=", out);
    put_word(result_string(c->cell, "model"), out);
    if (threads > 0)
        fprintf(out, "(%.0f)", threads);
    if (c->same > 0)
        fprintf(out, "#%zu#", c->same + 1); /* a number at the end would be GOMAXPROCS */
}

/* All quantities, or all counts, that have a sample of that number, on one line. */
static void put_sample(const struct export_cell *c, bool measured, size_t sample, FILE *out)
{
    bool any = false;

    for (size_t i = 0; i < c->count; i++) {
        const struct export_metric *m = &c->metrics[i];
        double value = export_metric_sample(m, sample), factor;
        char unit[UNIT_SIZE];

        if ((m->kind == METRIC_MEASURED) != measured || !isfinite(value))
            continue;
        if (!any) {
            put_name(c, out);
            fputs(" 1", out);
        }
        any = true;
        factor = unit_of(m, unit);
        fprintf(out, " %.12g %s", value * factor, unit);
    }
    if (any)
        fputc('\n', out);
}

static void put_line(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        fputc(iscntrl((unsigned char)*text) ? ' ' : *text, out);
    fputc('\n', out);
}

static void put_failure(const struct export_cell *c, FILE *out)
{
    fputs("--- FAIL: ", out);
    put_name(c, out);
    fputs("\n    ", out);
    put_line(c->reasons, out);
}

static int put_cell(const struct export_cell *c, void *arg)
{
    FILE *out = arg;
    size_t most = 0;

    if (!c->valid)
        put_failure(c, out);
    for (size_t i = 0; i < c->count; i++)
        most = c->metrics[i].samples > most ? c->metrics[i].samples : most;
    for (size_t sample = 0; sample < most; sample++)
        put_sample(c, true, sample, out);
    for (size_t sample = 0; sample < most; sample++)
        put_sample(c, false, sample, out);
    return 0;
}

struct unit_lines {
    json_t *seen;
    FILE *out;
};

static int put_unit_lines(const struct export_cell *c, void *arg)
{
    struct unit_lines *lines = arg;

    for (size_t i = 0; i < c->count; i++) {
        const struct export_metric *m = &c->metrics[i];
        const char *exact = m->kind == METRIC_EXACT ? " assume=exact" : "";
        char unit[UNIT_SIZE];

        unit_of(m, unit);
        if (json_object_get(lines->seen, unit) != NULL)
            continue;
        if (json_object_set_new(lines->seen, unit, json_true()) != 0)
            return -ENOMEM;
        fprintf(lines->out, "Unit %s better=%s%s\n", unit,
                m->metric->more_is_better ? "higher" : "lower", exact);
    }
    return 0;
}

static int write_benchstat(const json_t *result, FILE *out)
{
    struct unit_lines lines = {json_object(), out};
    int rc;

    fputs("pkg: tva\ncpu: ", out);
    put_line(result_string(result, "context.cpu"), out);
    rc = lines.seen != NULL ? export_cells(result, put_unit_lines, &lines) : -ENOMEM;
    json_decref(lines.seen);
    if (rc == 0)
        rc = export_cells(result, put_cell, out);
    return rc;
}

/* Invalid cells have a line; those of which nothing is known have none. */
static const char *lack(const struct export_cell *c)
{
    return c->valid ? export_cell_unknown(c) : NULL;
}

const struct exporter export_benchstat = {
    .name = "benchstat",
    .suffix = ".bench.txt",
    .summary = "lines of Go's benchmark format, for benchstat; try -col /model",
    .lack = lack,
    .write = write_benchstat,
};
