/* pyperf's JSON of version 1.0: a benchmark a cell, each of whose runs has one value; then one a
 * count, in units of bytes or integers. pyperf takes no value that is not above 0, and no metadata
 * that is empty or has a line break. */
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Left out where a run has none: without its zeros a mean would be wrong. */
static bool all_positive(const struct export_metric *m)
{
    for (size_t i = 0; i < m->samples; i++)
        if (!(export_metric_sample(m, i) > 0))
            return false;
    return true;
}

static int add_benchmark(json_t *benchmarks, const char *name, const char *unit,
                         const struct export_metric *m)
{
    json_t *runs = json_array();
    int rc = 0;

    for (size_t i = 0; i < m->samples; i++)
        rc |= json_array_append_new(
            runs, json_pack("{s:[o]}", "values", result_new_number(export_metric_sample(m, i))));
    rc |= json_array_append_new(
        benchmarks, json_pack("{s:o, s:o}", "metadata",
                              export_without_nulls(
                                  json_pack("{s:o, s:s}", "name", export_line(name), "unit", unit)),
                              "runs", runs));
    return rc == 0 ? 0 : -ENOMEM;
}

/* Of what is measured, only the time: pyperf's units are seconds, bytes and integers. */
static bool has_place(const struct export_cell *c, const struct export_metric *m)
{
    return m == c->headline || m->kind != METRIC_MEASURED;
}

static const char *lack(const struct export_cell *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (has_place(c, &c->metrics[i]) && all_positive(&c->metrics[i]))
            return NULL;
    return c->valid ? "neither time nor counts of it are above 0" : "it is invalid";
}

static size_t drops(const struct export_cell *c)
{
    size_t zeros = 0;

    for (size_t i = 0; i < c->count; i++)
        zeros += has_place(c, &c->metrics[i]) && !all_positive(&c->metrics[i]);
    return lack(c) == NULL ? zeros : 0;
}

static int add_cell(const struct export_cell *c, void *benchmarks)
{
    bool timed = c->headline != NULL && all_positive(c->headline);
    int rc = timed ? add_benchmark(benchmarks, c->name, "second", c->headline) : 0;

    for (size_t i = 0; i < c->count && rc == 0; i++) {
        const struct export_metric *m = &c->metrics[i];
        char *name;

        if (m == c->headline || !has_place(c, m) || !all_positive(m))
            continue;
        if (asprintf(&name, "%s - %s", c->name, m->metric->key) < 0)
            return -ENOMEM;
        rc = add_benchmark(benchmarks, name,
                           strcmp(metric_unit_name(m->metric), "bytes") == 0 ? "byte" : "integer",
                           m);
        free(name);
    }
    return rc;
}

/* What holds for all of them, under pyperf's names. */
static json_t *metadata_of(const json_t *result)
{
    double cores = result_number(result, "context.cores");

    return export_without_nulls(
        json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "loops", 1, "cpu_count",
                  result_new_number(cores >= 1 ? cores : (double)NAN), "hostname",
                  export_line(result_string(result, "context.host")), "platform",
                  export_line(result_string(result, "context.kernel")), "cpu_model_name",
                  export_line(result_string(result, "context.cpu")), "tva_version",
                  export_line(result_string(result, "tva_version")), "commit_id",
                  export_line(result_string(result, "context.commit"))));
}

static int write_pyperf(const json_t *result, FILE *out)
{
    json_t *benchmarks = json_array();
    json_t *document = json_pack("{s:s, s:o, s:o}", "version", "1.0", "metadata",
                                 metadata_of(result), "benchmarks", benchmarks);

    return export_write_json(result, document, benchmarks, add_cell, benchmarks, out);
}

const struct exporter export_pyperf = {
    .name = "pyperf",
    .suffix = ".pyperf.json",
    .summary = "pyperf's JSON, for pyperf compare_to and pyperf stats",
    .lack = lack,
    .drops = drops,
    .drops_why = "it takes no 0; a count that rises from 0 is not compared there, but named among "
                 "the ignored benchmarks",
    .write = write_pyperf,
};
