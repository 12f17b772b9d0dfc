#include "export/note.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "job/job.h"
#include "math/stats.h"
#include "model/model.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define REACHED      0.9 /* of a limit: it holds back */
#define MEAN_OFF     0.05
#define SPREAD_OFF   0.1
#define SLACK_MIN_NS 1000
#define NUMBER_MAX   1e7 /* of jobs, clients, threads: a document may hold any number */

/* A note while it is written, on the valid cells of a group. */
struct note {
    const json_t *result, *cells;
    char text[1024];
};

#define ADD(n, ...) text_add((n)->text, sizeof(n)->text, __VA_ARGS__)

static const char *figure(const char *metric, double value, char *buf)
{
    return metric_text(metric_named(metric), value, buf, METRIC_TEXT);
}

static double median_of(const char *metric, const json_t *cell)
{
    return metric_of(metric_named(metric), cell).median;
}

/* The jobs of the shortest run. */
static double fewest_jobs(const json_t *cells)
{
    double fewest = INFINITY;
    const json_t *cell, *jobs;
    size_t i, k;

    json_array_foreach(cells, i, cell)
    {
        fewest = fmin(fewest, result_number(cell, "jobs"));
        json_array_foreach(result_get(cell, "summary.jobs.values"), k, jobs) fewest =
            fmin(fewest, json_number_value(jobs));
    }
    return fmin(fmax(fewest, 0), NUMBER_MAX);
}

static void say_p99(struct note *n)
{
    double jobs = fewest_jobs(n->cells), needed = (double)metric_named("p99")->ranked_from;
    char have[32], need[32], more[32];
    size_t low, high;

    units_format_count((uint64_t)jobs, have, sizeof have);
    if (jobs < needed) {
        ADD(n, "p99 needs %s jobs a run; this has %s: %s more",
            units_format_count((uint64_t)needed, need, sizeof need), have,
            units_format_count((uint64_t)(needed - jobs), more, sizeof more));
        return;
    }
    stats_rank_interval((size_t)jobs, 0.99, &low, &high);
    ADD(n,
        "p99 is the median of the runs'; with %s jobs a run, each of them lies with 95 %% between "
        "the run's p%.4g and p%.4g",
        have, 100 * (double)low / jobs, 100 * (double)high / jobs);
}

/* How long the job's service is by its parameters, and how it spreads; a mean of 0 where they do
 * not say. */
static struct job_spread nominal(const json_t *cell)
{
    double ideal_s = result_number(cell, "summary.ideal_job_s");
    struct job_spread spread = {0};
    struct err err;
    struct job job;

    if (job_parse(result_string(cell, "spec"), &job, &err) < 0 || job.type->cpu_bound)
        return spread;
    spread = job_spread(&job);
    if (ideal_s > 0)
        spread.mean_wait_ns = ideal_s * NS_PER_S;
    return spread;
}

/* What is used up of what there is, by the first of these that is. */
static void add_brake(struct note *n, const json_t *cell, double share)
{
    struct err err;
    const struct model *model = model_find(result_string(cell, "model"), &err);
    double clients = fmin(result_number(cell, "load.clients"), NUMBER_MAX);
    double run_s = median_of("makespan", cell);
    double threads = fmin(fmax(result_number(cell, "threads"), 0), NUMBER_MAX); /* NAN: no pool */
    unsigned cores = (unsigned)fmin(fmax(result_number(n->result, "context.cores"), 1), NUMBER_MAX);
    double client = 0, lanes = clients;
    double target = result_number(cell, "summary.target_cpu_s.median") / run_s;
    double service_s = result_number(cell, "summary.service_ns.mean") / NS_PER_S;
    char text[METRIC_TEXT];

    if (model != NULL) {
        client = median_of("cpu_total", cell) / run_s /
                 (double)model_cpu_lanes(model, (unsigned)threads, cores);
        lanes = (double)model_lanes(model, (uint64_t)clients, (unsigned)threads);
    }
    if (share >= REACHED)
        ADD(n, "by the number of clients");
    else if (client >= REACHED)
        ADD(n, "by the client's CPU (%s busy)", figure("efficiency", client, text));
    else if (target >= REACHED)
        ADD(n, "by the target's CPU (%s busy)", figure("efficiency", target, text));
    else if (lanes < clients && median_of("throughput", cell) * service_s >= REACHED * lanes)
        ADD(n, lanes > 1 ? "by its %.0f threads" : "since it takes one job at a time", lanes);
    else {
        ADD(n, "by no single limit (the client's CPU %s busy", figure("efficiency", client, text));
        if (isfinite(target))
            ADD(n, ", the target's %s", figure("efficiency", target, text));
        ADD(n, ")");
    }
}

static void say_ceiling(struct note *n)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(n->cells, i, cell)
    {
        double clients = result_number(cell, "load.clients");
        double wait_s = nominal(cell).mean_wait_ns / NS_PER_S;
        double share = median_of("throughput", cell) * wait_s / clients;
        char text[METRIC_TEXT], wait[METRIC_TEXT], label[RESULT_LABEL];

        if (!(share > 0))
            continue;
        if (n->text[0] == '\0')
            ADD(n,
                "ceiling %s (%.0f client%s / %s): ", figure("throughput", clients / wait_s, text),
                clients, clients == 1 ? "" : "s", figure("mean", wait_s, wait));
        else
            ADD(n, "; ");
        ADD(n, "%s reached %s of it, held back ", result_label(cell, label, sizeof label),
            figure("efficiency", share, text));
        add_brake(n, cell, share);
    }
}

static void say_service(struct note *n)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(n->cells, i, cell)
    {
        struct job_spread asked = nominal(cell);
        double mean_ns = result_number(cell, "summary.service_ns.mean");
        double cv = result_number(cell, "summary.service_ns.stddev") / mean_ns;
        double asked_cv = sqrt(asked.scv);
        char text[METRIC_TEXT], label[RESULT_LABEL];

        if (!json_is_object(result_get(cell, "summary.theory")) || asked.mean_wait_ns <= 0 ||
            (fabs(mean_ns / asked.mean_wait_ns - 1) <= MEAN_OFF &&
             fabs(cv - asked_cv) <= SPREAD_OFF * (1 + asked_cv)))
            continue;
        if (n->text[0] == '\0')
            ADD(n,
                "service was not the %s (CV %.2f) that was asked for, so what waits exceed theory "
                "by is not the model's doing alone",
                units_format_duration(asked.mean_wait_ns, text, sizeof text), asked_cv);
        ADD(n, "%s%s %s (CV %.2f)", strchr(n->text, ':') == NULL ? ": " : ", ",
            result_label(cell, label, sizeof label),
            units_format_duration(mean_ns, text, sizeof text), cv);
    }
}

static double slack_ns(const struct note *n, const json_t *cell)
{
    double own = result_number(cell, "timer_slack_ns");

    return isnan(own) ? result_number(n->result, "context.timer_slack_ns") : own;
}

/* Append the cells whose sleeps wait that way, and whose slack is felt. */
static void add_sleepers(const struct note *n, enum model_io io, char *buf, size_t size)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(n->cells, i, cell)
    {
        struct err err;
        const struct model *model = model_find(result_string(cell, "model"), &err);
        char label[RESULT_LABEL];

        if (model != NULL && model->io == io && slack_ns(n, cell) > SLACK_MIN_NS &&
            strcmp(result_string(cell, "job"), "sleep") == 0)
            text_add(buf, size, "%s%s", *buf != '\0' ? ", " : "",
                     result_label(cell, label, sizeof label));
    }
}

static void say_slack(struct note *n)
{
    char of_loop[256] = "", of_threads[256] = "", slack[32];

    add_sleepers(n, MODEL_IO_ASYNC, of_loop, sizeof of_loop);
    add_sleepers(n, MODEL_IO_BLOCKING, of_threads, sizeof of_threads);
    if (of_loop[0] == '\0' || of_threads[0] == '\0')
        return;
    ADD(n,
        "the kernel's timer slack lets sleeps of %s end up to %s late, and those of %s not: "
        "--timer-slack 1ns makes them alike",
        of_threads,
        units_format_duration(slack_ns(n, json_array_get(n->cells, 0)), slack, sizeof slack),
        of_loop);
}

/* Where the table has a column for it. */
static void say_first(struct note *n)
{
    const struct metric *first = metric_named("first"), *faults = metric_named("first_faults");
    const json_t *cell;
    size_t i;

    json_array_foreach(n->cells, i, cell)
    {
        char text[METRIC_TEXT], label[RESULT_LABEL];

        if (!metric_in_table(first, cell) || isnan(metric_of(faults, cell).median))
            continue;
        ADD(n, "%s%s with %s page faults",
            n->text[0] == '\0' ? "first is the process's first batch, from when the model was "
                                 "opened: "
                               : ", ",
            result_label(cell, label, sizeof label),
            metric_cell_text(faults, cell, text, sizeof text));
    }
}

/* The valid cells of the group that were measured. NULL when out of memory. */
static json_t *cells_of(const json_t *result, const char *group)
{
    json_t *cells = json_array(), *cell;
    size_t i;
    int rc = 0;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) == 0 &&
            json_is_true(json_object_get(cell, "valid")) &&
            json_is_object(json_object_get(cell, "summary")))
            rc |= json_array_append(cells, cell);
    }
    return result_built(cells, rc);
}

json_t *note_group(const json_t *result, const char *group)
{
    static void (*const say[])(struct note *) = {say_first, say_p99, say_ceiling, say_service,
                                                 say_slack};
    json_t *cells = cells_of(result, group), *notes = json_array();
    int rc = cells != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < sizeof say / sizeof *say && json_array_size(cells) > 0; i++) {
        struct note n = {.result = result, .cells = cells};

        say[i](&n);
        if (n.text[0] != '\0')
            rc |= result_add_sentence(notes, "%s", n.text);
    }
    json_decref(cells);
    return result_built(notes, rc);
}
