/* Keys as google/benchmark's docs/user_guide.md and its JSON reporter have them, one entry a run.
 *
 * Its own entry for a benchmark that failed has times of 0, which its compare.py takes for times.
 * So the context names cells that are invalid or lack a time; they have no entry. */
#include "base/clock.h"
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* CPU time of an iteration: of the batch, in a loop of one job. NAN when it is not known. */
static double cpu_ns(const struct export_cell *c, size_t run)
{
    double a_job_s = metric_run(metric_named("cpu"), c->cell, run);

    return a_job_s * NS_PER_S * (export_cell_is_loop(c) ? 1 : result_number(c->cell, "jobs"));
}

/* compare.py needs both times of a run. */
static const char *lack(const struct export_cell *c)
{
    const char *untimed = export_cell_untimed(c);

    for (size_t run = 0; untimed == NULL && run < c->headline->samples; run++)
        if (!isfinite(cpu_ns(c, run)))
            return "its CPU time is not known in every run";
    return untimed;
}

static json_t *entry_of(const struct export_cell *c, size_t run)
{
    double threads = result_number(c->cell, "threads");
    double iterations = export_cell_is_loop(c) ? result_number(c->cell, "jobs") : 1;

    return json_pack("{s:s, s:I, s:i, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:s}", "name",
                     c->name, "family_index", (json_int_t)c->index, "per_family_instance_index", 0,
                     "run_name", c->name, "run_type", "iteration", "repetitions",
                     (json_int_t)c->headline->samples, "repetition_index", (json_int_t)run,
                     "threads", result_new_number(threads > 0 ? threads : 1), "iterations",
                     result_new_number(iterations), "real_time",
                     result_new_number(export_metric_sample(c->headline, run) * NS_PER_S),
                     "cpu_time", result_new_number(cpu_ns(c, run)), "time_unit", "ns");
}

/* Throughput under the name it has there, counts under their own. */
static int add_counters(json_t *entry, const struct export_cell *c, size_t run)
{
    int rc = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct export_metric *m = &c->metrics[i];

        if (m->kind != METRIC_MEASURED)
            rc |= json_object_set_new(entry, m->metric->key, result_new_number(m->value.median));
        else if (m->metric->more_is_better && isfinite(export_metric_sample(m, run)))
            rc |= json_object_set_new(entry, "items_per_second",
                                      result_new_number(export_metric_sample(m, run)));
    }
    return rc;
}

struct lists {
    json_t *benchmarks, *invalid, *left_out;
};

static int add_cell(const struct export_cell *c, void *arg)
{
    struct lists *lists = arg;

    if (lack(c) != NULL)
        return json_array_append_new(
                   c->valid ? lists->left_out : lists->invalid,
                   json_sprintf("%s: %s", c->name, c->valid ? lack(c) : c->reasons)) != 0
                   ? -ENOMEM
                   : 0;
    for (size_t run = 0; run < c->headline->samples; run++) {
        json_t *entry = entry_of(c, run);

        if (json_array_append_new(lists->benchmarks, entry) != 0 ||
            add_counters(entry, c, run) != 0)
            return -ENOMEM;
    }
    return 0;
}

static json_t *context_of(const json_t *result)
{
    const char *governor = result_string(result, "context.governor");
    bool debug = strstr(result_string(result, "context.build_type"), "Debug") != NULL;

    return export_without_nulls(json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:o}", "date",
        result_string(result, "context.date"), "host_name", result_string(result, "context.host"),
        "executable", "tva", "num_cpus", result_new_number(result_number(result, "context.cores")),
        "library_build_type", debug ? "debug" : "release", "cpu",
        result_string(result, "context.cpu"), "tva_version", result_string(result, "tva_version"),
        "commit", result_string(result, "context.commit"), "partial",
        json_is_true(json_object_get(result, "partial")) ? json_true() : json_null(),
        "cpu_scaling_enabled",
        *governor != '\0' ? json_boolean(strcmp(governor, "performance") != 0) : json_null()));
}

static int write_google(const json_t *result, FILE *out)
{
    struct lists lists = {json_array(), json_array(), json_array()};
    json_t *context = context_of(result);
    json_t *document = json_object();
    int rc = json_object_set_new(document, "context", context) |
             json_object_set_new(context, "invalid", lists.invalid) |
             json_object_set_new(context, "left_out", lists.left_out) |
             json_object_set_new(document, "benchmarks", lists.benchmarks);

    return export_write_json(result, result_built(document, rc), lists.benchmarks, add_cell, &lists,
                             out);
}

const struct exporter export_google = {
    .name = "google-benchmark",
    .suffix = ".google.json",
    .summary = "JSON of google/benchmark, for its compare.py",
    .lack = lack,
    .write = write_google,
};
