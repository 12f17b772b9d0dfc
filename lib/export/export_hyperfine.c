/* What hyperfine --export-json writes: times of each run with mean, stddev, median, min and max in
 * s. "parameters" are the options that tva cell takes, so that `tva report --hyperfine` finds the
 * cell again. There is no place for counts. */
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>

static double mean_of(const struct export_metric *m)
{
    double sum = 0;

    for (size_t i = 0; m != NULL && i < m->samples; i++)
        sum += export_metric_sample(m, i);
    return m != NULL ? sum / (double)m->samples : NAN;
}

/* Of the sample; NAN for a single run, which becomes null as in hyperfine. */
static double stddev_of(const struct export_metric *m)
{
    double mean = mean_of(m), sum = 0;

    for (size_t i = 0; i < m->samples; i++)
        sum += pow(export_metric_sample(m, i) - mean, 2);
    return m->samples > 1 ? sqrt(sum / (double)(m->samples - 1)) : NAN;
}

/* The command's options. */
static json_t *parameters_of(const struct export_cell *c)
{
    bool loop = export_cell_is_loop(c);
    double threads = result_number(c->cell, "threads");

    return export_without_nulls(
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "model", result_string(c->cell, "model"), "job",
                  result_string(c->cell, "spec"), "group",
                  loop ? json_string(result_string(c->cell, "group")) : json_null(), "jobs",
                  loop ? json_null() : json_sprintf("%.0f", result_number(c->cell, "jobs")),
                  "threads", threads > 0 ? json_sprintf("%.0f", threads) : json_null()));
}

static int add_cell(const struct export_cell *c, void *results)
{
    const struct export_metric *m = c->headline;
    double min = INFINITY, max = -INFINITY;
    json_t *times, *codes;
    int rc = 0;

    if (export_cell_untimed(c) != NULL)
        return 0;
    times = json_array();
    codes = json_array();
    for (size_t i = 0; i < m->samples; i++) {
        double s = export_metric_sample(m, i);

        min = fmin(min, s);
        max = fmax(max, s);
        rc |= json_array_append_new(times, result_new_number(s));
        rc |= json_array_append_new(codes, json_integer(0));
    }
    rc |= json_array_append_new(
        results,
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "command", c->name,
                  "mean", result_new_number(mean_of(m)), "stddev", result_new_number(stddev_of(m)),
                  "median", result_new_number(m->value.median), "user",
                  result_new_number(mean_of(export_cell_metric(c, "cpu_user_s"))), "system",
                  result_new_number(mean_of(export_cell_metric(c, "cpu_sys_s"))), "min",
                  result_new_number(min), "max", result_new_number(max), "times", times,
                  "exit_codes", codes, "parameters", parameters_of(c)));
    return rc == 0 ? 0 : -ENOMEM;
}

static int write_hyperfine(const json_t *result, FILE *out)
{
    json_t *results = json_array();
    json_t *document = json_pack("{s:o}", "results", results);

    return export_write_json(result, document, results, add_cell, results, out);
}

const struct exporter export_hyperfine = {
    .name = "hyperfine",
    .suffix = ".hyperfine.json",
    .summary = "what hyperfine --export-json writes, for its scripts",
    .lack = export_cell_untimed,
    .write = write_hyperfine,
};
