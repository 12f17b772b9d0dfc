#include "summary/trust.h"

#include "base/units.h"
#include "result/result.h"
#include "summary/ledger.h"
#include "summary/trust_load.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define STEAL_SHARE_MAX 0.05
#define STEAL_STEPS_MIN 2 /* one step may be mere rounding */
#define BUSY_SHARE_MAX  0.90
#define SPREAD_MAX      1.25
#define BEATS_IDEAL_MAX 1.02 /* how much a median may beat the ideal by errors of measurement */
#define BEATS_SOLO_MAX  1.15 /* the same where the ideal itself rests on a measured speed */

/* Each distinct failure once, with the number of runs that it ended. */
static int add_failed_runs(json_t *reasons, const struct run_record *runs, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        const char *text = runs[i].failure.text;
        size_t first = 0, same = 0;

        if (text[0] == '\0')
            continue;
        while (strcmp(runs[first].failure.text, text) != 0)
            first++;
        if (first != i)
            continue;
        for (size_t k = i; k < n; k++)
            same += strcmp(runs[k].failure.text, text) == 0;
        rc |= n == 1 ? result_add_sentence(reasons, "its only run failed: %s", text)
                     : result_add_sentence(reasons, "%zu of %zu runs failed: %s", same, n, text);
    }
    return rc;
}

/* "3 of 100 jobs failed: connection reset by peer 2, status not 2xx 1" */
static int add_failed_jobs(json_t *reasons, const struct job *job, uint64_t jobs,
                           const json_t *errors)
{
    uint64_t failed = ledger_errors_count(errors);
    char list[512] = "";
    size_t len = 0;
    const char *name;
    json_t *count;

    if (failed == 0)
        return 0;
    json_object_foreach((json_t *)errors, name, count)
    {
        const char *text = job_error_text(job, -ledger_error_code(name));

        if (len < sizeof list)
            len += (size_t)snprintf(list + len, sizeof list - len, "%s%c%s %" JSON_INTEGER_FORMAT,
                                    len > 0 ? ", " : "", tolower((unsigned char)*text), text + 1,
                                    json_integer_value(count));
    }
    return result_add_sentence(reasons, "%" PRIu64 " of %" PRIu64 " jobs failed: %s", failed, jobs,
                               list);
}

static bool carried_out(const struct run_record *run)
{
    return run->failure.text[0] == '\0';
}

static bool all_jobs_done(const struct run_record *run)
{
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (run->samples[i].result != 0)
            return false;
    return true;
}

/* Runs with failed jobs are reported as such; that they did less work is no news. */
static int add_unequal_runs(json_t *reasons, const struct cell *cell, const struct run_record *runs,
                            size_t n)
{
    json_t *first = NULL;
    size_t first_index = 0;
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++) {
        char difference[128];
        json_t *ledger;

        if (!carried_out(&runs[i]) || !all_jobs_done(&runs[i]) ||
            (first != NULL && runs[i].seed != runs[first_index].seed))
            continue;
        ledger = ledger_of_run(&runs[i]);
        if (ledger == NULL)
            rc = -ENOMEM;
        else if (first == NULL) {
            first = json_incref(ledger);
            first_index = i;
        } else if (ledger_differs(ledger, first, cell_jobs_vary(cell), difference,
                                  sizeof difference))
            rc = result_add_sentence(reasons, "run %zu did other work than run %zu: %s", i + 1,
                                     first_index + 1, difference);
        json_decref(ledger);
    }
    json_decref(first);
    return rc;
}

static int add_broken_samples(json_t *reasons, const struct cell *cell,
                              const struct run_record *runs, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        size_t broken = 0;

        if (!carried_out(&runs[i]))
            continue;
        for (size_t k = runs[i].warmup_samples; k < runs[i].samples_count; k++)
            broken += !summary_stamps_ordered(&runs[i].samples[k]);
        if (broken > 0)
            rc |= result_add_sentence(
                reasons,
                "in run %zu, %zu of %zu jobs finished before they started, or never "
                "ran: the model has a fault",
                i + 1, broken, summary_counted(&runs[i]));
        if (cell->jobs > 0 && summary_counted(&runs[i]) != cell->jobs)
            rc |= result_add_sentence(reasons, "run %zu recorded %zu of %" PRIu64 " jobs", i + 1,
                                      summary_counted(&runs[i]), cell->jobs);
    }
    return rc;
}

int trust_add_reasons(json_t *reasons, const struct cell *cell, const struct run_record *runs,
                      size_t runs_count, const json_t *errors)
{
    uint64_t jobs = 0;
    int rc = 0;

    if (runs_count == 0)
        return result_add_sentence(reasons, "it was never run");
    for (size_t i = 0; i < runs_count; i++)
        jobs += carried_out(&runs[i]) ? summary_counted(&runs[i]) : 0;
    rc |= add_failed_runs(reasons, runs, runs_count);
    rc |= add_failed_jobs(reasons, &cell->job, jobs, errors);
    rc |= add_unequal_runs(reasons, cell, runs, runs_count);
    rc |= add_broken_samples(reasons, cell, runs, runs_count);
    return rc == 0 ? 0 : -ENOMEM;
}

static int warn_few_runs(json_t *warnings, size_t runs)
{
    if (runs >= TRUST_RUNS_MIN)
        return 0;
    return result_add_sentence(
        warnings,
        "only %zu run%s: the median has no useful interval; measure with --rounds %d "
        "or more",
        runs, runs == 1 ? "" : "s", TRUST_RUNS_GOOD);
}

/* Of a loop the arrivals decide how long it takes: there, the mean latency is looked at. */
static int warn_noisy(json_t *warnings, const struct cell *cell, const json_t *summary)
{
    bool loop = cell->load.kind != LOAD_BATCH;
    double low = result_number(summary, loop ? "latency_mean_s.ci_low" : "makespan_s.ci_low");
    double high = result_number(summary, loop ? "latency_mean_s.ci_high" : "makespan_s.ci_high");

    if (!(high > low * SPREAD_MAX))
        return 0;
    /* No figures of this cell in it: cells that all have it are then named in one note. */
    return result_add_sentence(
        warnings,
        "noisy: the %s's interval is wider than a quarter of it; stop other work on "
        "this machine, or measure with more rounds",
        loop ? "mean latency" : "makespan");
}

static int warn_steal(json_t *warnings, const struct summary_input *in)
{
    double steal_ns = 0, available_ns = 0;

    for (size_t i = 0; i < in->count; i++) {
        steal_ns += (double)in->runs[i]->usage.steal_ns;
        available_ns += (double)in->runs[i]->makespan_ns * in->cores;
    }
    if (steal_ns <= STEAL_SHARE_MAX * available_ns ||
        steal_ns < (double)(STEAL_STEPS_MIN * USAGE_STEAL_STEP_NS))
        return 0;
    return result_add_sentence(
        warnings,
        "the host took %.0f %% of the CPU time away (steal); measure again when it is "
        "quieter, or on a machine of one's own",
        100 * fmin(1, steal_ns / available_ns));
}

static int warn_target(json_t *warnings, const json_t *summary)
{
    double busy =
        result_number(summary, "target_cpu_s.median") / result_number(summary, "makespan_s.median");

    if (!(busy > BUSY_SHARE_MAX))
        return 0;
    return result_add_sentence(
        warnings,
        "the target was the bottleneck: it computed for %.0f %% of the makespan; this "
        "shows its speed, not the model's; add delay or ask for less",
        100 * busy);
}

/* Only for jobs that talk to the target: a job that computes is meant to keep its thread busy. */
static int warn_client(json_t *warnings, const struct summary_input *in, const json_t *summary)
{
    const struct cell *cell = in->cell;
    unsigned lanes = (unsigned)model_cpu_lanes(cell->model, cell->threads, in->cores);
    double cpu_s =
        result_number(summary, "cpu_user_s.median") + result_number(summary, "cpu_sys_s.median");
    double busy = cpu_s / (result_number(summary, "makespan_s.median") * lanes);

    if (!job_needs_target(&cell->job) || !(busy > BUSY_SHARE_MAX))
        return 0;
    return result_add_sentence(
        warnings,
        "the client was the bottleneck: it used %.0f %% of the CPU time open to this "
        "model; this shows what the model costs, not how well it waits",
        100 * busy);
}

static int warn_beats_ideal(json_t *warnings, const struct summary_input *in, const json_t *summary)
{
    double efficiency = result_number(summary, "efficiency");
    const struct job_type *type = in->cell->job.type;
    double most = type->cpu_bound || type->cpu_ns != NULL ? BEATS_SOLO_MAX : BEATS_IDEAL_MAX;

    if (!(efficiency > most))
        return 0;
    return result_add_sentence(
        warnings,
        "%.2f times as fast as theory allows: a wait ended early, or the ideal is "
        "wrong; do not use it before that is explained",
        efficiency);
}

/* First of all, for whatever is said of the cell after that is about the fault. */
static int warn_injected(json_t *warnings, const struct inject_fault *fault)
{
    char text[INJECT_TEXT_SIZE];

    if (!inject_fault_any(fault))
        return 0;
    return result_add_sentence(
        warnings,
        "a fault was planted in its jobs (--inject %s): it is no true measurement, and "
        "only good for trying out what looks for faults",
        inject_fault_format(fault, text, sizeof text));
}

int trust_add_warnings(json_t *warnings, const struct summary_input *in, const json_t *summary)
{
    int rc = 0;

    if (in->count == 0)
        return 0;
    rc |= warn_injected(warnings, &in->cell->inject);
    rc |= warn_few_runs(warnings, in->count);
    rc |= warn_noisy(warnings, in->cell, summary);
    rc |= warn_steal(warnings, in);
    rc |= warn_target(warnings, summary);
    rc |= warn_client(warnings, in, summary);
    rc |= warn_beats_ideal(warnings, in, summary);
    rc |= trust_load_add_warnings(warnings, in, summary);
    return rc == 0 ? 0 : -ENOMEM;
}
