#include "summary/summary.h"

#include "job/pathology.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* More changes of rate and capacity than that are not looked at: they take time squared. */
#define CHANGES_MAX 2000

/* What comes, and what may leave, on the clock of the load: 0 is when its warm-up begins. */
struct course {
    struct load_piece rates[LOAD_PIECES_MAX + 1]; /* with the warm-up */
    size_t rates_count;
    uint64_t begin_ns; /* of the measured part */
    uint64_t first_ns; /* when the target's first request came, from which on it misbehaves */
    struct pathology pathology;
    double service_ns, held_ns; /* of a job, and of that at the target, while it behaves */
    double replies;             /* that the target sends for a job, one after the other */
    double lanes, by_cpu_per_s; /* INFINITY: no limit */
    uint64_t times_ns[CHANGES_MAX + 1];
    size_t times_count;
};

/* What of a job the target does. */
static struct job part_at_target(const struct job *job)
{
    struct job held = {.count = 0};

    for (size_t k = 0; k < job->count; k++)
        if (job->parts[k].type->needs_target)
            held.parts[held.count++] = job->parts[k];
    return held;
}

struct summary_pathology summary_pathology_of(const struct cell *cell)
{
    struct summary_pathology out = {
        .capacity_per_s = NAN, .stalled = NAN, .stall_s = NAN, .stall_mean_s = NAN, .added_s = NAN};
    struct job held;
    struct pathology p;
    double held_s;

    if (!job_misbehaves(&cell->job) ||
        pathology_parse(job_pathology(&cell->job, out.text, sizeof out.text), &p, NULL) < 0)
        return out;
    out.known = true;
    held = part_at_target(&cell->job);
    held_s = job_spread(&held, 0).mean_wait_ns / NS_PER_S;
    if (p.limit > 0 && held_s > 0)
        out.capacity_per_s = (double)p.limit / held_s;
    for (size_t i = 0; i < p.count; i++) {
        double s = clock_seconds(p.items[i].ns), every_s = clock_seconds(p.items[i].every_ns);

        if (p.items[i].slow)
            out.added_s = fmax(out.added_s, s);
        else
            out.stall_s = fmax(out.stall_s, s);
        if (every_s > 0) {
            out.stalled = s / every_s;
            out.stall_mean_s = s * out.stalled / 2;
        }
    }
    return out;
}

/* On the target's clock, which begins with its first request; 0 before that. */
static uint64_t target_ns(const struct course *c, double ns)
{
    return ns > (double)c->first_ns ? (uint64_t)(ns - (double)c->first_ns) : 0;
}

/* What a target that is slow at that time adds to a job. */
static double added_ns_at(const struct course *c, double ns)
{
    return c->replies * (double)pathology_added_ns(&c->pathology, target_ns(c, ns));
}

/* Jobs a second that may leave the queue at that time. A stall holds those whose replies are due in
 * it, so those that the target gets held_ns before. */
static double capacity_at(const struct course *c, uint64_t ns)
{
    uint64_t due_ns = target_ns(c, (double)ns + c->held_ns);
    double added_ns = added_ns_at(c, (double)ns);
    double served = c->pathology.limit > 0 ? (double)c->pathology.limit : INFINITY;

    if (pathology_leave_ns(&c->pathology, due_ns) > due_ns)
        return 0;
    return fmin(c->by_cpu_per_s, fmin(c->lanes * NS_PER_S / (c->service_ns + added_ns),
                                      served * NS_PER_S / (c->held_ns + added_ns)));
}

/* A change at this time of the target's clock; false where there are too many. */
static bool add_change(struct course *c, double target_ns)
{
    double ns = (double)c->first_ns + target_ns;

    if (c->times_count == CHANGES_MAX)
        return false;
    if (ns > 0)
        c->times_ns[c->times_count++] = (uint64_t)ns;
    return true;
}

static bool add_changes(struct course *c, const struct pathology_item *p, uint64_t end_ns)
{
    uint64_t every_ns = p->every_ns > 0 ? p->every_ns : UINT64_MAX / 2;
    double earlier_ns = p->slow ? 0 : c->held_ns;
    bool room = true;

    for (uint64_t at_ns = 0; room && (at_ns == 0 || (p->every_ns > 0 && at_ns < end_ns));
         at_ns += every_ns)
        room = add_change(c, (double)(at_ns + p->from_ns) - earlier_ns) &&
               add_change(c, (double)(at_ns + p->until_ns) - earlier_ns);
    return room;
}

/* When the rate or the capacity changes, sorted; false where there are too many. */
static bool find_changes(struct course *c)
{
    uint64_t end_ns = 0;
    bool room = true;

    c->times_ns[c->times_count++] = 0;
    for (size_t i = 0; i < c->rates_count; i++)
        c->times_ns[c->times_count++] = end_ns += c->rates[i].duration_ns;
    for (size_t i = 0; i < c->pathology.count && room; i++)
        room = add_changes(c, &c->pathology.items[i], end_ns);
    stats_sort_u64(c->times_ns, c->times_count);
    return room;
}

/* From one change to the next. Behind the end no job comes. */
static struct theory_fluid_piece piece_between(const struct course *c, uint64_t from_ns,
                                               uint64_t to_ns)
{
    struct theory_fluid_piece piece = {.duration_s = clock_seconds(to_ns - from_ns),
                                       .capacity_per_s = capacity_at(c, from_ns)};
    const struct load_piece *p = c->rates;
    uint64_t begin_ns = 0;
    double slope;

    while (p < c->rates + c->rates_count && from_ns >= begin_ns + p->duration_ns)
        begin_ns += p++->duration_ns;
    if (p == c->rates + c->rates_count)
        return piece;
    slope = (p->to_per_s - p->from_per_s) / (double)p->duration_ns;
    piece.from_per_s = p->from_per_s + slope * (double)(from_ns - begin_ns);
    piece.to_per_s = p->from_per_s + slope * (double)(to_ns - begin_ns);
    return piece;
}

/* The rate, with the warm-up. */
static void take_rates(struct course *c, const struct cell *cell, const struct run_record *run)
{
    const struct load *load = &cell->load;
    uint64_t span_ns = load_span_ns(load, cell->jobs, cell_warmup_jobs(cell));

    c->begin_ns = load->warmup_ns;
    if (load->rates.count == 0) {
        if (c->begin_ns == 0)
            c->begin_ns = (uint64_t)((double)run->warmup_samples / load->rate_per_s * NS_PER_S);
        c->rates[c->rates_count++] =
            (struct load_piece){load->rate_per_s, load->rate_per_s, span_ns};
        return;
    }
    c->rates[c->rates_count++] = (struct load_piece){load->rates.pieces[0].from_per_s,
                                                     load->rates.pieces[0].from_per_s, c->begin_ns};
    for (size_t i = 0; i < load->rates.count; i++)
        c->rates[c->rates_count++] = load->rates.pieces[i];
}

/* Its lanes over the mean service, and no more than its CPUs can compute. What a job takes while
 * the target behaves is what its parameters say, or else what half of the jobs took. */
static void take_capacity(struct course *c, const struct cell_runs *in,
                          const struct stats_distribution *service)
{
    const struct cell *cell = in->cell;
    struct job held = part_at_target(&cell->job);
    struct job_spread at_target = job_spread(&held, 0);
    struct job_spread spread = job_spread(&cell->job, cell_runs_solo_ns(in));
    uint64_t lanes = cell_lanes(cell, THEORY_QUEUE_UNLIMITED);
    double cpu_lanes = (double)cell_cpu_lanes(cell, in->cores);

    c->service_ns = service->mean;
    if (job_misbehaves(&cell->job))
        c->service_ns =
            spread.whole ? spread.mean_wait_ns + spread.mean_cpu_ns : service->at[STATS_P50];
    c->held_ns = at_target.mean_wait_ns;
    c->replies = fmax(1, (double)at_target.draws);
    c->lanes = lanes == THEORY_QUEUE_UNLIMITED ? INFINITY : (double)lanes;
    c->by_cpu_per_s = spread.mean_cpu_ns > 0 ? cpu_lanes * NS_PER_S / spread.mean_cpu_ns : INFINITY;
}

static void take_pathology(struct course *c, const struct cell *cell, const struct run_record *run)
{
    char text[JOB_TEXT_SIZE];

    if (job_misbehaves(&cell->job))
        pathology_parse(job_pathology(&cell->job, text, sizeof text), &c->pathology, NULL);
    if (run->samples_count > 0 && run->samples[0].intended_ns + c->begin_ns > run->begin_ns)
        c->first_ns = run->samples[0].intended_ns + c->begin_ns - run->begin_ns;
}

/* What a job takes that is wanted in the middle of each window. */
static void predict_windows(const struct course *c, const struct theory_fluid_piece *pieces,
                            size_t n, struct summary_over_time *over_time)
{
    for (size_t k = 0; k < over_time->count; k++) {
        double at_ns = (double)c->begin_ns + ((double)k + 0.5) * (double)over_time->width_ns;
        double wait_ns = theory_fluid_wait_s(pieces, n, at_ns / NS_PER_S) * NS_PER_S;

        over_time->windows[k].fluid_ns = c->service_ns + wait_ns + added_ns_at(c, at_ns + wait_ns);
    }
}

static int solve(struct course *c, struct summary_over_time *over_time, struct summary_fluid *out)
{
    size_t n = c->times_count;
    struct theory_fluid_piece *pieces = calloc(n, sizeof *pieces);

    if (pieces == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        pieces[i] = piece_between(c, c->times_ns[i], c->times_ns[i + 1 < n ? i + 1 : i]);
    out->known = true;
    out->capacity_per_s = pieces[n - 1].capacity_per_s;
    out->solved = theory_fluid_solve(pieces, n);
    out->solved.backlog_s -= out->solved.backlog > 0 ? clock_seconds(c->begin_ns) : 0;
    predict_windows(c, pieces, n, over_time);
    free(pieces);
    return 0;
}

int summary_fluid_of(const struct cell_runs *in, const struct run_record *typical,
                     const struct stats_distribution *service, struct summary_over_time *over_time,
                     struct summary_fluid *out)
{
    const struct load *load = &in->cell->load;
    struct course *c;
    int r = 0;

    *out = (struct summary_fluid){.known = false};
    if (load->kind != LOAD_OPEN || !cell_changes(in->cell) || load->limit > 0 || load->poison > 0 ||
        service->count == 0 || typical == NULL)
        return 0;
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return -ENOMEM;
    take_rates(c, in->cell, typical);
    take_capacity(c, in, service);
    take_pathology(c, in->cell, typical);
    if (c->service_ns > 0 && find_changes(c))
        r = solve(c, over_time, out);
    free(c);
    return r;
}
