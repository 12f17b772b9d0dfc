/* The order of the runs: timers; the job alone; then rounds in which every candidate that may still
 * change the answer makes one run, at the rate that tells most; at the end the best, at the working
 * rate, beside a model on a loop with blocking calls. A round that no longer fits into the limit
 * is left out, and the advice says so. */
#include "advise/advise.h"

#include "base/hash.h"
#include "base/text.h"
#include "math/bracket.h"
#include "measure/heartbeat.h"
#include "ranks/ranks.h"
#include "summary/run_values.h"
#include "summary/trust.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MIN_NS     (500 * NS_PER_MS)
#define DRAIN_MIN_NS   (100 * NS_PER_MS)
#define START_NS       (100 * NS_PER_MS) /* of a process and its model */
#define GRACE_NS       NS_PER_S          /* for a run that goes on at the end of the limit */
#define TIMEOUT_FACTOR 4 /* a run may take so many times as long as jobs are wanted */
#define REPEATS_MAX    6 /* of one candidate at one rate */
#define FINAL_ROUNDS   6
#define JOBS_MIN       10 /* in one of the last rounds' runs, on average: else chance makes none */

struct session {
    const struct advise_settings *settings;
    struct advice *advice;
    struct interrupt *interrupt;
    struct progress *progress;
    struct stats_distribution timer_error;
    uint64_t begin_ns, end_ns;
    unsigned harnesses; /* so far: each shuffles in its own way */
    struct err *err;
};

/* One run to make. */
struct probe {
    size_t candidate;
    double rate_per_s, poison;
};

static uint64_t left_ns(const struct session *s)
{
    uint64_t now_ns = clock_now_ns();

    return now_ns < s->end_ns ? s->end_ns - now_ns : 0;
}

/* In whole milliseconds, as it stands in names of cells. */
static uint64_t share_of_limit_ns(const struct session *s, unsigned parts)
{
    return s->settings->limit_ns / parts / NS_PER_MS * NS_PER_MS;
}

/* Does a metric come from the heartbeat? Else there is none: it costs CPU. */
static bool needs_heartbeat(const struct advice *a)
{
    return a->metric != NULL && a->metric->unit == METRIC_NS;
}

/* How long jobs have to be wanted at this rate: until a run has enough of them for the metric even
 * if chance makes them few, four standard deviations of their number; and as long as the bound
 * needs (summary/trust.h), half of it where there is little time. A p99 of the heartbeat needs as
 * many beats as one of jobs needs jobs: room for twice as many, since a busy loop has fewer. */
static uint64_t duration_ns(const struct session *s, double rate_per_s)
{
    double needed = (double)s->advice->metric->ranked_from, bound_s = s->advice->bound_s;
    double most_s = TRUST_BOUNDS * bound_s;
    double bounds_s = fmin(most_s, fmax(most_s / 2, clock_seconds(share_of_limit_ns(s, 6))));
    double ns = fmax((needed + 4 * sqrt(needed)) / rate_per_s, bounds_s) * (double)NS_PER_S;
    uint64_t least_ns = needs_heartbeat(s->advice)
                            ? 2 * metric_named("p99")->ranked_from * HEARTBEAT_PERIOD_NS
                            : RUN_MIN_NS;

    if (!(ns <= (double)s->settings->limit_ns))
        return s->settings->limit_ns;
    return ns > (double)least_ns ? (uint64_t)(ns / NS_PER_MS + 1) * NS_PER_MS : least_ns;
}

/* Is there any sense in a run at this rate? */
static bool is_short(const struct session *s, double rate_per_s)
{
    uint64_t run_ns = duration_ns(s, rate_per_s);

    return run_ns <= share_of_limit_ns(s, 3) &&
           2 * rate_per_s * clock_seconds(run_ns) <= (double)LOAD_JOBS_MAX;
}

static uint64_t cost_ns(const struct session *s, double rate_per_s, uint64_t most_ns)
{
    uint64_t run_ns = duration_ns(s, rate_per_s);

    run_ns = run_ns < most_ns ? run_ns : most_ns;
    return run_ns + run_ns / 10 + (uint64_t)(s->advice->service_s * NS_PER_S) + START_NS;
}

/* ---- Runs ---- */

static void fill_line(const struct session *s, const struct probe *p, uint64_t most_ns,
                      struct plan_line *line)
{
    const struct advise_candidate *c = &s->advice->candidates[p->candidate];
    uint64_t run_ns = duration_ns(s, p->rate_per_s);
    uint64_t drain_ns = (uint64_t)(2 * s->advice->bound_s * NS_PER_S);

    *line = s->settings->line;
    line->models[0] = c->model;
    line->threads[0] = c->threads;
    line->models_count = line->threads_count = 1;
    line->rounds = 1;
    line->load.rates[0] = p->rate_per_s;
    line->load.rates_count = 1;
    line->load.poisons[0] = p->poison;
    line->load.poisons_count = 1;
    line->load.duration_ns = run_ns < most_ns ? run_ns : most_ns;
    line->load.drain_ns = drain_ns > DRAIN_MIN_NS ? drain_ns : DRAIN_MIN_NS;
}

/* What keep() needs when the harness calls it. */
struct link {
    struct session *session;
    const struct plan *plan;
    const struct probe *probes; /* parallel to the plan's cells */
    struct run_values *alone;   /* the only run's, instead of a candidate's; NULL: it is one's */
};

/* `cut`: the run was too short to be judged, but by what it broke. */
static struct advise_run outcome_of(const struct session *s, const struct probe *p, bool cut,
                                    const struct run_values *v)
{
    const struct advice *a = s->advice;
    double seconds = v->of[RUN_MAKESPAN_S];
    struct advise_run run = {
        .rate_per_s = p->rate_per_s,
        .poison = p->poison,
        .value_s = run_values_metric(v, a->metric) * metric_unit_scale(a->metric),
        .cpu_s = run_values_metric(v, metric_named("cpu")),
        .memory_bytes = v->of[RUN_MAX_RSS_BYTES],
        .target_cores = v->of[RUN_TARGET_CPU_S] / seconds,
        .failed = v->failed > 0,
        .cut = cut,
        .outcome = trust_judge(v, a->metric, a->bound_s, &s->timer_error),
    };

    if (cut && run.outcome == TRUST_KEPT)
        run.outcome = TRUST_VOID;
    return run;
}

/* Of the job alone. */
static int keep_alone(void *arg, size_t index, struct run_record *record)
{
    struct link *link = arg;
    struct session *s = link->session;
    int r;

    if (!run_carried_out(record))
        return err_set(s->err, -EIO, "the job cannot run alone, so there is nothing to advise");
    r = run_values_of(record, &link->plan->cells[index].cell, KERNEL_MEMORY_UNKNOWN, link->alone);
    if (r == 0 && link->alone->failed > 0) {
        size_t i = record->warmup_samples;

        while (!sample_failed(&record->samples[i]))
            i++;
        r = err_set(s->err, -EIO,
                    "%" PRIu64 " of the jobs failed alone, with nothing else to do, the first "
                    "with: %s",
                    link->alone->failed,
                    job_error_text(&link->plan->cells[index].cell.job, record->samples[i].result));
    } else if (r < 0) {
        err_set(s->err, r, "out of memory");
    }
    return r;
}

static int keep_run(void *arg, size_t index, struct run_record *record)
{
    struct link *link = arg;
    struct session *s = link->session;
    const struct probe *probe = &link->probes[index];
    const struct cell *cell = &link->plan->cells[index].cell;
    struct advise_candidate *c = &s->advice->candidates[probe->candidate];
    bool cut = cell->load.duration_ns < duration_ns(s, probe->rate_per_s);
    struct run_values values;

    if (!run_carried_out(record)) {
        c->failures++;
        c->failure = record->failure;
        return 0;
    }
    if (run_values_of(record, cell, KERNEL_MEMORY_UNKNOWN, &values) < 0)
        return err_set(s->err, -ENOMEM, "out of memory");
    c->runs[c->runs_count++] = outcome_of(s, probe, cut, &values);
    return 0;
}

static int carry_out(struct session *s, struct link *link)
{
    uint64_t longest_ns = 0;
    struct harness_options options = {
        .seed = s->settings->seed ^ hash_mix(s->harnesses++),
        .until_ns = clock_add_ns(s->end_ns, GRACE_NS),
        .vary_seed = true,
        .command = "tva advise",
        .keep = link->alone != NULL ? keep_alone : keep_run,
        .keep_arg = link,
        .ranks = link->alone != NULL ? NULL : ranks_harness(ranks_get()),
    };
    struct harness *h;
    struct progress quiet;
    int r;

    for (size_t i = 0; i < link->plan->count; i++) {
        const struct load *load = &link->plan->cells[i].cell.load;
        uint64_t ns = load->warmup_ns + load->duration_ns + load->drain_ns;

        longest_ns = ns > longest_ns ? ns : longest_ns;
    }
    options.timeout_ns = TIMEOUT_FACTOR * (longest_ns + GRACE_NS);
    h = harness_create(link->plan, &options);
    if (h == NULL)
        return err_set(s->err, -ENOMEM, "out of memory");
    progress_init(&quiet, true);
    r = harness_measure(h, s->interrupt, &quiet);
    harness_destroy(h);
    return r;
}

/* Make these runs, each at most so long. */
static int make_runs(struct session *s, const struct probe *probes, size_t n, uint64_t most_ns)
{
    struct plan plan = {0};
    struct link link = {.session = s, .plan = &plan, .probes = probes};
    struct plan_line line;
    int r = 0;

    if (n > 0 && !s->settings->quiet)
        progress_note(s->progress, "%zu run%s (%.0f s left)", n, TEXT_S(n),
                      clock_seconds(left_ns(s)));
    for (size_t i = 0; i < n && r == 0; i++) {
        fill_line(s, &probes[i], most_ns, &line);
        r = plan_add(&plan, &line, false, s->err);
        if (r == 0) {
            plan.cells[i].runs_before =
                (unsigned)s->advice->candidates[probes[i].candidate].runs_count;
            plan.cells[i].cell.no_heartbeat = !needs_heartbeat(s->advice);
        }
    }
    plan_set_seed(&plan, s->settings->seed);
    if (r == 0 && n > 0)
        r = carry_out(s, &link);
    plan_deinit(&plan);
    advise_judge(s->advice);
    return r;
}

/* ---- The job alone ---- */

/* One client, so that jobs do not wait for each other. */
static int measure_alone(struct session *s, struct plan_line *line)
{
    struct job_spread spread = job_spread(&line->specs[0], 0);
    uint64_t job_ns = (uint64_t)(spread.mean_wait_ns + spread.mean_cpu_ns);
    uint64_t most_ns = share_of_limit_ns(s, 6);
    struct plan plan = {0};
    struct run_values v;
    struct link link = {.session = s, .plan = &plan, .alone = &v};
    struct advice *a = s->advice;
    int r;

    if (line->models_count == 0)
        line->models[line->models_count] = &model_tasks;
    line->models_count = 1;
    line->threads_count = 0;
    line->rounds = 1;
    line->load = (struct plan_load){.drain_ns = PLAN_DRAIN_AUTO};
    line->load.clients[line->load.clients_count++] = 1;
    line->load.duration_ns = 10 * job_ns > RUN_MIN_NS ? 10 * job_ns : RUN_MIN_NS;
    if (line->load.duration_ns > most_ns)
        line->load.duration_ns = most_ns;
    r = plan_add(&plan, line, false, s->err);
    if (r == 0) {
        plan.cells[0].cell.no_heartbeat = true;
        plan_set_seed(&plan, s->settings->seed);
        r = carry_out(s, &link);
    }
    if (r == 0 && isnan(v.of[RUN_LATENCY_MEAN_S]))
        r = err_set(s->err, -EIO, "no job ended in %.1f s, alone: give a longer --time-limit",
                    clock_seconds(line->load.duration_ns));
    if (r == 0) {
        a->service_s = v.of[RUN_LATENCY_MEAN_S];
        a->cpu_s = run_values_metric(&v, metric_named("cpu"));
    }
    plan_deinit(&plan);
    return r;
}

static int measure_timers(struct session *s)
{
    struct plan_cell cell = {.cell.load.kind = LOAD_OPEN};
    struct plan plan = {.cells = &cell, .count = 1, .capacity = 1};

    return harness_timer_error(&plan, &s->timer_error, s->err);
}

/* The usual bound, where none was given. */
static void settle_bound(struct advice *a)
{
    if (!a->bound_given)
        a->bound_s = bracket_round(fmax(ADVISE_BOUND_FACTOR * a->service_s, ADVISE_BOUND_MIN_S), 2);
}

/* ---- The search ---- */

/* Does the asked rate need more runs of a candidate that has some? */
static bool is_open(const struct advice *a, const struct advise_candidate *c)
{
    return a->rate_per_s > 0 && c->verdict == ADVISE_UNTOLD && c->runs_count > 0;
}

/* Where another run decides about the asked rate: there, or at a higher one that was kept, which
 * says as much in less time. */
static double deciding_rate(const struct advice *a, const struct advise_candidate *c)
{
    return c->broken_runs == 0 ? fmax(a->rate_per_s, c->bracket.kept_per_s) : a->rate_per_s;
}

/* The next rate of a candidate; 0: its runs say enough, or it can wait, since another one bears the
 * asked rate by its runs so far. */
static double choose(const struct session *s, const struct advise_candidate *c, bool may_wait)
{
    const struct advice *a = s->advice;
    const struct advise_candidate *most = advise_most(a);
    double rate = advise_next_rate(a, c);

    may_wait &= most != NULL && most->bracket.kept_per_s >= a->rate_per_s;
    if (is_open(a, c) && (c->broken_runs > 0 || rate == 0) && !may_wait)
        rate = deciding_rate(a, c);
    if (c->left_out || c->failures >= HARNESS_FAILURES_MAX ||
        c->runs_count + 2 * FINAL_ROUNDS >= ADVISE_RUNS_MAX)
        return 0;
    return rate > 0 && is_short(s, rate) && advise_runs_at(c, rate) < REPEATS_MAX ? rate : 0;
}

/* How long a run of the last rounds may be: where the metric would take longer, they show costs. */
static uint64_t last_ns(const struct session *s, double rate_per_s)
{
    bool judged = duration_ns(s, rate_per_s) <= share_of_limit_ns(s, 5);

    return share_of_limit_ns(s, judged ? 5 : 15);
}

/* What has to be left for the last rounds. */
static uint64_t reserve_ns(const struct session *s)
{
    double rate = s->advice->rate_per_s > 0 ? s->advice->rate_per_s : INFINITY;

    return 3 * cost_ns(s, rate, last_ns(s, rate));
}

static void leave_out(struct advice *a, const char *sentence)
{
    for (size_t i = 0; i < a->left_out_count; i++)
        if (a->left_out[i] == sentence)
            return;
    if (a->left_out_count < ADVISE_STEPS_MAX)
        a->left_out[a->left_out_count++] = sentence;
}

/* Is there time for this run of the candidate? What the answer needs first, a run of every
 * candidate and then a model that keeps the bound, may take the time of the last rounds. */
static bool is_timely(const struct session *s, const struct advise_candidate *c, double rate,
                      uint64_t time_ns)
{
    const struct advice *a = s->advice;
    bool urgent = c->runs_count == 0 || (a->best == SIZE_MAX && rate == deciding_rate(a, c));

    return cost_ns(s, rate, UINT64_MAX) + (urgent ? 0 : reserve_ns(s)) <= time_ns;
}

/* Add the candidate's run to those of a round, if there is time for it. */
static void add_probe(const struct session *s, size_t candidate, bool may_wait, uint64_t *time_ns,
                      struct probe *probes, size_t *n)
{
    struct advice *a = s->advice;
    const struct advise_candidate *c = &a->candidates[candidate];
    double rate = choose(s, c, may_wait);

    if (rate == 0 && c->runs_count + c->failures == 0 && !c->left_out)
        leave_out(a, "A run of some models would take too long.");
    if (rate == 0)
        return;
    if (!is_timely(s, c, rate, *time_ns)) {
        leave_out(a, c->runs_count == 0 ? "There was no time to try every model."
                                        : "There was no time to narrow down every rate.");
        rate = deciding_rate(a, c);
        if (!is_open(a, c) || !is_short(s, rate) || !is_timely(s, c, rate, *time_ns))
            return;
    }
    *time_ns -= cost_ns(s, rate, UINT64_MAX);
    probes[(*n)++] = (struct probe){candidate, rate, 0};
}

/* How early in a round a candidate comes, by what it bears so far; one that keeps no bound last. */
static double promise(const struct advise_candidate *c)
{
    return c->kept_runs > c->broken_runs ? c->bracket.likely_per_s : 0;
}

/* The runs of the next round that there is time for. The candidates that bear most come first: when
 * the time ends, runs of theirs decide, and the verdict needs several. Returns how many. */
static size_t next_round(const struct session *s, bool may_wait, struct probe *probes)
{
    const struct advice *a = s->advice;
    uint64_t time_ns = left_ns(s);
    bool came[ADVISE_CANDIDATES_MAX] = {false};
    size_t n = 0;

    for (size_t k = 0; k < a->candidates_count; k++) {
        size_t next = SIZE_MAX;

        for (size_t i = 0; i < a->candidates_count; i++)
            if (!came[i] &&
                (next == SIZE_MAX || promise(&a->candidates[i]) > promise(&a->candidates[next])))
                next = i;
        came[next] = true;
        add_probe(s, next, may_wait, &time_ns, probes, &n);
    }
    return n;
}

static int search(struct session *s)
{
    struct probe probes[ADVISE_CANDIDATES_MAX];
    size_t n = 1;
    int r = 0;

    while (n > 0 && r == 0) {
        n = next_round(s, true, probes);
        n = n > 0 ? n : next_round(s, false, probes);
        r = make_runs(s, probes, n, UINT64_MAX);
    }
    return r;
}

/* Which model on a loop shows what blocking calls do: the best, or the one that bears most. Others
 * have no loop that runs jobs. */
static size_t loop_candidate(const struct advice *a)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];
        bool on_loop = !c->model->on_threads && c->model->lanes == MODEL_LANES_JOBS;

        if (!on_loop || c->kept_runs <= c->broken_runs || c->bracket.kept_per_s < a->work_per_s)
            continue;
        if (i == a->best)
            return i;
        if (found == SIZE_MAX || c->bracket.kept_per_s > a->candidates[found].bracket.kept_per_s)
            found = i;
    }
    return found;
}

/* Costs of the best and of those that are tied with it, and blocking calls, at the working rate. */
static int measure_best(struct session *s)
{
    struct advice *a = s->advice;
    static const char no_costs[] = "There was no time to measure what that costs.";
    struct probe probes[ADVISE_CANDIDATES_MAX + 2];
    uint64_t most_ns, each_ns;
    size_t n = 0, best = a->best, fit, loop; /* the runs may make another one the best */
    int r = 0;

    if (best == SIZE_MAX) {
        leave_out(a, "Blocking calls were not tried: no model was known to keep the bound.");
        return 0;
    }
    a->work_per_s = a->rate_per_s > 0
                        ? a->rate_per_s
                        : bracket_round(a->candidates[best].bracket.kept_per_s / 2, 2);
    most_ns = last_ns(s, a->work_per_s);
    if (a->work_per_s * clock_seconds(most_ns) < JOBS_MIN) {
        leave_out(a, no_costs);
        return 0;
    }
    each_ns = cost_ns(s, a->work_per_s, most_ns);
    loop = duration_ns(s, a->work_per_s) <= most_ns ? loop_candidate(a) : SIZE_MAX;
    probes[n++] = (struct probe){best, a->work_per_s, 0};
    if (loop != SIZE_MAX)
        probes[n++] = (struct probe){loop, a->work_per_s, ADVISE_POISON};
    if (loop != SIZE_MAX && loop != best)
        probes[n++] = (struct probe){loop, a->work_per_s, 0};
    for (size_t i = 0; i < a->candidates_count; i++)
        if (a->candidates[i].tied && i != loop)
            probes[n++] = (struct probe){i, a->work_per_s, 0};
    for (unsigned round = 0; round < FINAL_ROUNDS && r == 0; round++) {
        fit = left_ns(s) / each_ns < n ? (size_t)(left_ns(s) / each_ns) : n;
        if (fit == 0 || (round > 0 && fit < n))
            break;
        r = make_runs(s, probes, fit, most_ns);
    }
    if (isnan(ADVISE_MEDIAN(&a->candidates[best], a->work_per_s, 0, memory_bytes)))
        leave_out(a, no_costs);
    if (loop_candidate(a) != SIZE_MAX && a->poisoned == SIZE_MAX)
        leave_out(a, "There was no time to try blocking calls.");
    return r;
}

int advise_measure(const struct advise_settings *settings, struct interrupt *interrupt,
                   struct progress *progress, struct advice *out, struct err *err)
{
    struct session s = {.settings = settings,
                        .advice = out,
                        .interrupt = interrupt,
                        .progress = progress,
                        .begin_ns = clock_now_ns(),
                        .err = err};
    struct plan_line alone = settings->line;
    int r;

    *out = (struct advice){.metric = settings->slo != NULL ? settings->slo : metric_named("p99"),
                           .bound_s = settings->slo_bound_s,
                           .bound_given = settings->slo != NULL,
                           .rate_per_s = settings->rate_per_s,
                           .work_per_s = settings->rate_per_s,
                           .limit_s = clock_seconds(settings->limit_ns),
                           .seed = settings->seed,
                           .best = SIZE_MAX,
                           .poisoned = SIZE_MAX};
    s.end_ns = clock_add_ns(s.begin_ns, settings->limit_ns);
    job_format(&settings->line.specs[0], out->job, sizeof out->job);
    r = measure_alone(&s, &alone);
    if (r == 0) {
        settle_bound(out);
        r = advise_candidates(out, settings, err);
    }
    if (r == 0) {
        r = measure_timers(&s);
        advise_judge(out);
    }
    if (r == 0)
        r = search(&s);
    if (r == 0)
        r = measure_best(&s);
    out->elapsed_s = clock_seconds(clock_now_ns() - s.begin_ns);
    return r;
}
