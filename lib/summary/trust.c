#include "summary/trust.h"

#include "base/text.h"
#include "base/units.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RANK_TEXT (RUN_HOST_SIZE + 48)

#define STEAL_SHARE_MAX 0.05
#define STEAL_STEPS_MIN 2 /* one step may be mere rounding */
#define BUSY_SHARE_MAX  0.90
#define SPREAD_MAX      1.25

#define RETRY_MIN_NS (200 * NS_PER_MS) /* the shortest after which TCP sends again */

/* Of the asked rate, by a late generator: else it offered a lower one. */
#define REACHED_MIN 0.95

/* A burst of jobs that share a CPU, or that come back for it after a wait, ends late by more than
 * its dispatch did: its first jobs wait for its last. After a stall of L, jobs of one size that
 * share a CPU at load u end after L * exp(u), at most 2.72 L before overload. */
#define LATENESS_TIMES 3

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

/* "3 of 100 jobs failed: server answered with an error 3 (the first: "ERROR: no such table")" */
static int add_failed_jobs(json_t *reasons, const struct cell_runs *in,
                           const struct summary_errors *errors, uint64_t jobs)
{
    const char *said = "";
    char list[512] = "";

    if (errors->jobs == 0)
        return 0;
    for (size_t i = 0; i < errors->count; i++) {
        const char *text = job_error_text(&in->cell->job, -errors->of[i].code);

        text_add(list, sizeof list, "%s%c%s %" PRIu64, i > 0 ? ", " : "",
                 tolower((unsigned char)*text), text + 1, errors->of[i].count);
    }
    for (size_t i = 0; i < in->count && *said == '\0'; i++)
        said = in->runs[i]->said;
    return result_add_sentence(reasons, "%" PRIu64 " of %" PRIu64 " job%s failed: %s%s%s%s",
                               errors->jobs, jobs, TEXT_S(jobs), list,
                               *said != '\0' ? " (the first: \"" : "", said,
                               *said != '\0' ? "\")" : "");
}

/* Runs that lack the share of a rank did less, too. */
static bool all_jobs_done(const struct run_record *run)
{
    if (run_lacks_rank(run))
        return false;
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (run->samples[i].result != 0)
            return false;
    return true;
}

/* "rank 2 (host b): " */
static const char *rank_text(const struct summary *s, size_t rank, char *buf, size_t size)
{
    snprintf(buf, size, "rank %zu (host %s): ", rank, s->ranks.of[rank].host);
    return buf;
}

static int add_lost_ranks(json_t *reasons, const struct summary *s, size_t runs)
{
    char text[RANK_TEXT];
    int rc = 0;

    for (size_t q = 0; q < s->ranks.count; q++)
        if (s->ranks.of[q].lost_runs > 0)
            rc |= result_add_sentence(reasons, "%sits share is missing in %zu of %zu run%s: %s",
                                      rank_text(s, q, text, sizeof text), s->ranks.of[q].lost_runs,
                                      runs, TEXT_S(runs), s->ranks.of[q].failure);
    return rc;
}

/* Runs with failed jobs are reported as such; that they did less work is no news. */
static int add_unequal_runs(json_t *reasons, const struct cell *cell, const struct run_record *runs,
                            size_t n)
{
    const char *why = job_why_unlike(&cell->job);
    struct ledger first = {.jobs = 0};
    size_t first_index = n;
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++) {
        struct ledger ledger;
        char difference[128];

        if (!run_carried_out(&runs[i]) || !all_jobs_done(&runs[i]) ||
            (first_index < n && runs[i].seed != runs[first_index].seed))
            continue;
        ledger = run_ledger(&runs[i]);
        if (first_index == n) {
            first = ledger;
            first_index = i;
        } else if (ledger_differs(&ledger, &first, cell_jobs_vary(cell), difference,
                                  sizeof difference)) {
            rc = result_add_sentence(reasons, "run %zu did other work than run %zu: %s%s%s", i + 1,
                                     first_index + 1, difference, why != NULL ? "; " : "",
                                     why != NULL ? why : "");
        }
    }
    return rc;
}

static int add_broken_samples(json_t *reasons, const struct cell *cell,
                              const struct run_record *runs, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n; i++) {
        size_t broken = 0;

        if (!run_carried_out(&runs[i]))
            continue;
        for (size_t k = runs[i].warmup_samples; k < runs[i].samples_count; k++)
            broken += !sample_is_ordered(&runs[i].samples[k]);
        if (broken > 0)
            rc |= result_add_sentence(
                reasons,
                "in run %zu, %zu of %zu job%s finished before they started, or never "
                "ran: the model has a fault",
                i + 1, broken, run_counted(&runs[i]), TEXT_S(run_counted(&runs[i])));
        if (cell->jobs > 0 && run_counted(&runs[i]) != cell->jobs && !run_lacks_rank(&runs[i]))
            rc |= result_add_sentence(reasons, "run %zu recorded %zu of %" PRIu64 " job%s", i + 1,
                                      run_counted(&runs[i]), cell->jobs, TEXT_S(cell->jobs));
    }
    return rc;
}

/* By the measure of this machine's own timers. */
static bool is_late(const struct run_values *v, const struct stats_distribution *timer_error)
{
    return v->late_ns > timer_error->at[v->late_percentile] + TRUST_LATENESS_MAX_NS;
}

const char *const trust_outcome_words[] = {
    [TRUST_KEPT] = "kept", [TRUST_BROKEN] = "broken", [TRUST_VOID] = "void"};

enum trust_outcome trust_judge(const struct run_values *v, const struct metric *metric,
                               double bound_s, const struct stats_distribution *timer_error)
{
    double value_s = run_values_metric(v, metric) * metric_unit_scale(metric);
    bool lacks = v->failed > 0 || v->lost > TRUST_LOST_MAX, kept = value_s <= bound_s;

    if (v->halted || (!lacks && isnan(value_s)))
        return TRUST_VOID;
    if (!is_late(v, timer_error))
        return kept && !lacks ? TRUST_KEPT : TRUST_BROKEN;
    if (v->failed > 0 || metric->unit != METRIC_S)
        return TRUST_VOID;
    if (kept)
        return v->lost == 0 && !v->throttled && v->reached >= REACHED_MIN ? TRUST_KEPT : TRUST_VOID;
    return value_s - LATENESS_TIMES * v->late_max_ns / NS_PER_S > bound_s ? TRUST_BROKEN
                                                                          : TRUST_VOID;
}

/* The schedule is the load: late dispatches are other arrivals than those that were asked for.
 * `who`: "", or the rank whose dispatches these are. */
static int add_lateness(json_t *reasons, const char *who, const struct stats_distribution *late,
                        const struct stats_distribution *own)
{
    static const char *const words[STATS_PERCENTILES] = {"half", "90 %", "99 %", "99.9 %"};
    int k = stats_greatest(late);
    char late_text[32], own_text[32];
    double late_ns, own_ns;

    if (k < 0)
        return 0;
    late_ns = late->at[k];
    own_ns = fmax(0, own->at[k]);
    if (late_ns <= own_ns + TRUST_LATENESS_MAX_NS)
        return 0;
    return result_add_sentence(
        reasons,
        "%sthe generator did not keep its schedule: %s of the dispatches were up to %s "
        "late, and this machine's timers alone up to %s; stop other work on "
        "this machine, lower the rate, or leave a CPU to the generator",
        who, words[k], units_format_duration(late_ns, late_text, sizeof late_text),
        units_format_duration(own_ns, own_text, sizeof own_text));
}

/* Of all dispatches, or rank by rank: one that is late would drown in the others. */
static int add_all_lateness(json_t *reasons, const struct summary *s,
                            const struct stats_distribution *own)
{
    char text[RANK_TEXT];
    int rc = 0;

    for (size_t q = 0; q < s->ranks.count; q++)
        rc |= add_lateness(reasons, rank_text(s, q, text, sizeof text), &s->ranks.of[q].lateness,
                           own);
    return s->ranks.count > 0 ? rc
                              : add_lateness(reasons, "", &s->distributions[SUMMARY_LATENESS], own);
}

static int add_little(json_t *reasons, const struct cell_runs *in)
{
    int rc = 0;

    for (size_t i = 0; i < in->count; i++) {
        struct theory_little_check c = little_check(in->runs[i]);

        if (!(c.error <= LITTLE_ERROR_MAX))
            rc |= result_add_sentence(
                reasons,
                "run %zu breaks Little's law: the driver counted %.8g job%s in the "
                "system on average, and their rate times their latency is %.8g; jobs "
                "were lost, counted twice or stamped wrongly",
                i + 1, c.in_system, TEXT_S(c.in_system), c.arrivals_per_s * c.latency_s);
    }
    return rc;
}

/* ---- What disturbed the runs from outside: a reason where it decides, else a warning ---- */

static int add_stops(json_t *reasons, const char *who, const struct disturbance *d)
{
    char text[32], length[48] = "";
    int rc = 0;

    if (d->stopped_ns > 0)
        snprintf(length, sizeof length, ", for %s in all",
                 units_format_duration((double)d->stopped_ns, text, sizeof text));
    if (d->stops > 0)
        rc = result_add_sentence(reasons,
                                 "%sits process was stopped %s%s: a signal (SIGSTOP) or a paused "
                                 "container did that, not the model; measure again",
                                 who, d->stops == 1 ? "once" : "several times", length);
    if (d->suspended_ns >= DISTURBANCE_SUSPENDED_MIN_NS)
        rc |= result_add_sentence(
            reasons, "%sthe machine was suspended for %s while it ran; measure again", who,
            units_format_duration((double)d->suspended_ns, text, sizeof text));
    return rc;
}

static int add_throttling(json_t *list, const char *who, const struct disturbance *d, bool decides)
{
    double throttled_ns = (double)d->throttled_ns, all_ns = (double)d->at_ns;

    if (d->throttled == 0 || disturbance_throttles(d) != decides)
        return 0;
    return result_add_sentence(
        list,
        "%sa CPU quota stopped its control group %" PRIu64
        " time%s, for %.2g %% of the time: this shows the quota, not the model; raise the quota "
        "(cpu.max, docker run --cpus), or measure where there is none",
        who, d->throttled, TEXT_S(d->throttled), 100 * fmin(1, throttled_ns / all_ns));
}

/* Stops and throttling of the process, or rank by rank. */
static int add_halts(json_t *list, const struct trust_input *t, bool decides)
{
    const struct summary *s = t->summary;
    size_t ranks = t->in->count > 0 ? s->ranks.count : 0;
    struct disturbance sum = {0};
    char text[RANK_TEXT];
    int rc = 0;

    for (size_t q = 0; q < ranks; q++) {
        const struct disturbance *d = &s->ranks.of[q].disturbance;

        rank_text(s, q, text, sizeof text);
        rc |= add_throttling(list, text, d, decides);
        rc |= decides ? add_stops(list, text, d) : 0;
    }
    if (ranks > 0)
        return rc;
    for (size_t i = 0; i < t->in->count; i++) {
        const struct disturbance *d = &t->in->runs[i]->disturbance;

        disturbance_add_own(&sum, d);
        sum.suspended_ns += d->suspended_ns;
    }
    rc |= decides ? add_stops(list, "", &sum) : 0;
    return rc | add_throttling(list, "", &sum, decides);
}

/* Was any job at work for as long as TCP waits before it sends again? */
static bool may_have_retried(const struct run_record *run)
{
    for (size_t i = run->warmup_samples; i < run->samples_count; i++)
        if (sample_service_ns(&run->samples[i]) >= RETRY_MIN_NS)
            return true;
    return false;
}

/* The counts are of all connections in the network namespace, so that only a run with jobs that
 * took long can have been hit. */
static int add_dropped(json_t *list, const struct cell_runs *in, bool decides)
{
    uint64_t drops = 0, timeouts = 0;
    bool hit = false;

    if (job_traits(&in->cell->job).connections == 0)
        return 0;
    for (size_t i = 0; i < in->count; i++) {
        const struct disturbance *d = &in->runs[i]->disturbance;
        bool slow = d->listen_drops + d->tcp_timeouts > 0 && may_have_retried(in->runs[i]);

        drops += d->listen_drops;
        timeouts += slow ? d->tcp_timeouts : 0;
        hit = hit || (slow && d->listen_drops > 0);
    }
    if (hit != decides || drops + timeouts == 0)
        return 0;
    if (drops == 0)
        return result_add_sentence(
            list,
            "TCP sent %" PRIu64
            " packets again because no answer had come within 0.2 s or more: jobs may have waited "
            "for that; look for what loses packets, or measure again",
            timeouts);
    return result_add_sentence(
        list,
        "the server's listen queue overflowed, and %" PRIu64
        " connections were dropped: a client tries again after 1 s and more, which %s; give the "
        "server a longer queue (backlog), or ask for fewer jobs at once",
        drops, decides ? "decides these times, not the model" : "no job here waited for");
}

int trust_add_reasons(json_t *reasons, const struct trust_input *t)
{
    static const struct stats_distribution not_measured;
    const struct cell_runs *in = t->in;
    int rc = 0;

    if (t->runs_count == 0)
        return result_add_sentence(reasons, "it was never run");
    rc |= add_failed_runs(reasons, t->runs, t->runs_count);
    if (in->count > 0)
        rc |= add_failed_jobs(reasons, in, &t->summary->errors, t->summary->offered);
    rc |= add_unequal_runs(reasons, in->cell, t->runs, t->runs_count);
    rc |= add_broken_samples(reasons, in->cell, t->runs, t->runs_count);
    if (in->count > 0)
        rc |= add_lost_ranks(reasons, t->summary, in->count);
    if (in->cell->load.kind == LOAD_OPEN && in->count > 0)
        rc |= add_all_lateness(reasons, t->summary,
                               t->timer_error != NULL ? t->timer_error : &not_measured);
    rc |= add_little(reasons, in);
    rc |= add_halts(reasons, t, true);
    rc |= add_dropped(reasons, in, true);
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
        runs, TEXT_S(runs), TRUST_RUNS_GOOD);
}

/* Of a loop the arrivals decide how long it takes: there, the mean latency is looked at. */
static int warn_noisy(json_t *warnings, const struct cell *cell, const struct summary *s)
{
    bool loop = cell->load.kind != LOAD_BATCH;
    const struct summary_quantity *q = &s->quantities[loop ? RUN_LATENCY_MEAN_S : RUN_MAKESPAN_S];

    if (q->count == 0 || !(q->median.ci_high > q->median.ci_low * SPREAD_MAX))
        return 0;
    /* No figures of this cell in it: cells that all have it are then named in one note. */
    return result_add_sentence(
        warnings,
        "noisy: the %s's interval is wider than a quarter of it; stop other work on "
        "this machine, or measure with more rounds",
        loop ? "mean latency" : "makespan");
}

static int warn_steal(json_t *warnings, const struct cell_runs *in)
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

static double median_of(const struct summary *s, enum run_value value)
{
    return s->quantities[value].count > 0 ? s->quantities[value].median.median : NAN;
}

static double client_cpu_s(const struct summary *s)
{
    return median_of(s, RUN_CPU_USER_S) + median_of(s, RUN_CPU_SYS_S);
}

static int warn_target(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    uint64_t loops = in->count > 0 ? in->runs[0]->target_loops : 0;
    unsigned lanes = loops < in->target_cores ? (unsigned)loops : in->target_cores;
    double busy = median_of(s, RUN_TARGET_CPU_S) / median_of(s, RUN_MAKESPAN_S);
    double busiest = median_of(s, RUN_TARGET_BUSIEST_CPU_S) / median_of(s, RUN_MAKESPAN_S);

    if (lanes > 1 && busy / lanes > BUSY_SHARE_MAX)
        return result_add_sentence(
            warnings,
            "the target was the bottleneck: it used %.0f %% of the CPU time open to its %" PRIu64
            " loops; this shows its speed, not the model's; add delay or ask for less",
            100 * busy / lanes, loops);
    if (lanes > 1)
        busy = busiest; /* NAN: not known */
    if (!(busy > BUSY_SHARE_MAX))
        return 0;
    return result_add_sentence(
        warnings,
        "the target was the bottleneck: %s computed for %.0f %% of the makespan; this "
        "shows its speed, not the model's; add delay or ask for less",
        lanes > 1 ? "its busiest loop" : "it", 100 * busy);
}

/* Does the job nothing but talk to the target and wait? One that computes is meant to keep its
 * thread busy. */
static bool only_talks(const struct job *job)
{
    return job_needs_target(job) && !job_traits(job).computes;
}

/* Where neither has used up what is open to it, but the two have used up the machine. */
static int warn_both(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    double cores_s = median_of(s, RUN_MAKESPAN_S) * in->cores;
    double client = client_cpu_s(s) / cores_s, target = median_of(s, RUN_TARGET_CPU_S) / cores_s;

    if (!only_talks(&in->cell->job) || in->cores < 2 || !(client + target > BUSY_SHARE_MAX))
        return 0;
    return result_add_sentence(
        warnings,
        "the machine was the bottleneck: the client used %.0f %% of its CPU time and the target "
        "%.0f %%; this shows what a request costs both, not how well the model waits",
        100 * client, 100 * target);
}

static int warn_client(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    const struct cell *cell = in->cell;
    unsigned lanes = (unsigned)cell_cpu_lanes(cell, in->cores);
    double busy = client_cpu_s(s) / (median_of(s, RUN_MAKESPAN_S) * lanes);

    if (!only_talks(&cell->job) || !(busy > BUSY_SHARE_MAX))
        return 0;
    return result_add_sentence(
        warnings,
        "the client was the bottleneck: it used %.0f %% of the CPU time open to this "
        "model; this shows what the model costs, not how well it waits",
        100 * busy);
}

static int warn_busy(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    size_t before = json_array_size(warnings);
    int rc = warn_target(warnings, in, s);

    rc |= warn_client(warnings, in, s);
    return json_array_size(warnings) > before ? rc : rc | warn_both(warnings, in, s);
}

static int warn_beats_ideal(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    double most = job_traits(&in->cell->job).computes ? BEATS_SOLO_MAX : BEATS_IDEAL_MAX;

    if (!(s->efficiency > most))
        return 0;
    return result_add_sentence(
        warnings,
        "%.2f times as fast as theory allows: a wait ended early, or the ideal is "
        "wrong; do not use it before that is explained",
        s->efficiency);
}

/* First of all, for whatever is said of the cell after that is about the fault. */
static int warn_injected(json_t *warnings, const struct inject_fault *fault)
{
    char text[INJECT_TEXT_SIZE];

    if (!inject_fault_present(fault))
        return 0;
    return result_add_sentence(
        warnings,
        "a fault was planted in its jobs (--inject %s): it is no true measurement, and "
        "only good for trying out what looks for faults",
        inject_fault_format(fault, text, sizeof text));
}

static int warn_unserved(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    char drain[32];

    if (s->unserved == 0)
        return 0;
    return result_add_sentence(
        warnings,
        "%" PRIu64 " of %" PRIu64 " job%s had not begun %s after the last arrival: the "
        "rate is above what it can serve, or --drain too short; their latency is counted "
        "as the time they had waited by then",
        s->unserved, s->offered, TEXT_S(s->offered),
        units_format_duration((double)in->cell->load.drain_ns, drain, sizeof drain));
}

static int warn_refused(json_t *warnings, const struct cell_runs *in, const struct summary *s)
{
    if (s->refused == 0)
        return 0;
    return result_add_sentence(warnings,
                               "the limit of %" PRIu64 " in the system refused %" PRIu64
                               " of %" PRIu64 " job%s; the latencies are those of the others",
                               in->cell->load.limit, s->refused, s->offered, TEXT_S(s->offered));
}

static int warn_unsteady(json_t *warnings, const struct summary_steady *steady)
{
    if (!steady->known || steady->ok)
        return 0;
    return result_add_sentence(
        warnings, "no steady state: waits still change in the second half of a run, so that "
                  "they depend on how long it is; measure for longer, warm up for longer, or "
                  "lower the rate");
}

/* What lies between a job's last stamp and the driver's look at the clock is in no latency. */
static int warn_late(json_t *warnings, const struct cell_runs *in)
{
    double late_ns = 0;
    char text[32];

    for (size_t i = 0; i < in->count; i++)
        if (little_is_late(in->runs[i]))
            late_ns = fmax(late_ns, little_late_ns(in->runs[i]));
    if (late_ns == 0)
        return 0;
    return result_add_sentence(
        warnings,
        "the driver learned of the jobs' ends %s late on average, later than any beat "
        "of the heartbeat: latencies leave that out; stop other work on this machine, "
        "or look for what the model does after a job's last stamp",
        units_format_duration(late_ns, text, sizeof text));
}

int trust_add_warnings(json_t *warnings, const struct trust_input *t)
{
    const struct cell_runs *in = t->in;
    const struct summary *s = t->summary;
    int rc = 0;

    if (in->count == 0)
        return 0;
    rc |= warn_injected(warnings, &in->cell->inject);
    rc |= warn_few_runs(warnings, in->count);
    rc |= warn_noisy(warnings, in->cell, s);
    rc |= warn_steal(warnings, in);
    rc |= add_halts(warnings, t, false);
    rc |= add_dropped(warnings, in, false);
    rc |= warn_busy(warnings, in, s);
    rc |= warn_beats_ideal(warnings, in, s);
    rc |= warn_unserved(warnings, in, s);
    rc |= warn_refused(warnings, in, s);
    rc |= warn_unsteady(warnings, &s->steady);
    rc |= warn_late(warnings, in);
    return rc == 0 ? 0 : -ENOMEM;
}
