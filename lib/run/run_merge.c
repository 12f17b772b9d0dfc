/* The records of ranks become one, piece by piece: the samples of all ranks are in memory once. */
#include "math/stats.h"
#include "run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 4096 /* samples that are read at once */

struct merge {
    const struct cell *cell;
    struct run_part *parts;
    size_t count;
    struct run_record *records; /* of the parts; their arrays stay NULL */
    struct run_record *out;
    struct sample *piece;
    uint64_t longest_ns; /* of the beats in out */
};

/* Where the things of one rank go among those of all: they were dealt out in turn. Ranks that have
 * fewer drop out of the round. */
struct dealing {
    const struct merge *merge;
    size_t rank;
    bool warmup; /* of the warm-up's samples; else of those that count */
    size_t dealt, at, step, until;
};

static bool is_lost(const struct merge *m, size_t rank)
{
    return m->parts[rank].rank.failure.text[0] != '\0';
}

static size_t count_of(const struct merge *m, size_t rank, bool warmup)
{
    const struct run_record *r = &m->records[rank];

    return warmup ? r->warmup_samples : run_counted(r);
}

static void begin_round(struct dealing *d)
{
    const struct merge *m = d->merge;

    d->at = d->warmup ? 0 : m->out->warmup_samples;
    d->step = 0;
    d->until = SIZE_MAX;
    for (size_t q = 0; q < m->count; q++) {
        size_t count = count_of(m, q, d->warmup);

        d->at += count < d->dealt ? count : d->dealt;
        if (count <= d->dealt)
            continue;
        d->at += q < d->rank;
        d->step++;
        d->until = count < d->until ? count : d->until;
    }
}

static size_t next_place(struct dealing *d)
{
    size_t place;

    if (d->dealt == d->until)
        begin_round(d);
    place = d->at;
    d->at += d->step;
    d->dealt++;
    return place;
}

static uint64_t moved(uint64_t ns, uint64_t by_ns)
{
    return ns > 0 ? ns + by_ns : 0;
}

/* By how much the stamps of the rank are moved, modulo 2^64. */
static uint64_t shift_of(const struct merge *m, size_t rank)
{
    return m->out->begin_ns - m->records[rank].begin_ns;
}

static void place_sample(struct merge *m, size_t rank, const struct sample *from, size_t place)
{
    uint32_t lanes = cell_rank_lanes(m->cell);
    uint64_t by_ns = shift_of(m, rank);

    m->out->samples[place] = (struct sample){
        .intended_ns = moved(from->intended_ns, by_ns),
        .submitted_ns = moved(from->submitted_ns, by_ns),
        .started_ns = moved(from->started_ns, by_ns),
        .finished_ns = moved(from->finished_ns, by_ns),
        .result = from->result,
        .lane = (uint32_t)rank * lanes + from->lane % lanes,
    };
}

static int read_samples(struct merge *m, size_t rank)
{
    const struct run_part *part = &m->parts[rank];
    struct dealing warmup = {m, rank, true, 0, 0, 0, 0}, counted = {m, rank, false, 0, 0, 0, 0};
    size_t total = m->records[rank].samples_count, n = 0;

    for (size_t i = 0; i < total; i += n) {
        int r;

        n = total - i < PIECE ? total - i : PIECE;
        r = part->read(part->arg, m->piece, n * sizeof *m->piece);
        if (r < 0)
            return r;
        for (size_t k = 0; k < n; k++)
            place_sample(m, rank, &m->piece[k],
                         next_place(i + k < m->records[rank].warmup_samples ? &warmup : &counted));
    }
    return 0;
}

/* The record gets the beats of the loop that was blocked for longest, as in a run of one process.
 */
static int read_loops(struct merge *m, size_t rank)
{
    const struct run_part *part = &m->parts[rank];
    const struct run_record *r = &m->records[rank];
    struct run_record *out = m->out;
    uint64_t *lags_ns = out->lags_ns + out->loops_count, by_ns = shift_of(m, rank);
    struct beat *beats = malloc((r->beats_count + 1) * sizeof *beats);
    int err =
        beats != NULL ? part->read(part->arg, beats, r->beats_count * sizeof *beats) : -ENOMEM;

    if (err == 0)
        err = part->read(part->arg, lags_ns, r->loops_count * sizeof *lags_ns);
    for (size_t i = 0; i < r->loops_count && err == 0; i++)
        if (lags_ns[i] > m->parts[rank].rank.lag_ns)
            m->parts[rank].rank.lag_ns = lags_ns[i];
    if (err < 0 || (out->beats != NULL && m->parts[rank].rank.lag_ns <= m->longest_ns)) {
        free(beats);
        return err;
    }
    for (size_t i = 0; i < r->beats_count; i++)
        beats[i] = (struct beat){beats[i].due_ns + by_ns, beats[i].woke_ns + by_ns};
    free(out->beats);
    out->beats = beats;
    out->beats_count = r->beats_count;
    m->longest_ns = m->parts[rank].rank.lag_ns;
    return 0;
}

/* ---- Sums ---- */

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool on_same_host(const struct run_rank *a, const struct run_rank *b)
{
    return strcmp(a->host, b->host) == 0;
}

static bool in_same_network(const struct run_rank *a, const struct run_rank *b)
{
    return a->network == b->network;
}

/* What several ranks see of one thing is added once: only what is more than ranks before it saw. */
static uint64_t seen_anew(const struct merge *m, size_t rank,
                          bool (*same)(const struct run_rank *a, const struct run_rank *b),
                          uint64_t (*value)(const struct merge *m, size_t rank))
{
    uint64_t seen = 0, own = value(m, rank);

    for (size_t q = 0; q < rank; q++)
        if (!is_lost(m, q) && same(&m->parts[q].rank, &m->parts[rank].rank))
            seen = greater(seen, value(m, q));
    return own > seen ? own - seen : 0;
}

static uint64_t steal(const struct merge *m, size_t rank)
{
    return m->records[rank].usage.steal_ns;
}

static uint64_t suspended(const struct merge *m, size_t rank)
{
    return m->parts[rank].rank.disturbance.suspended_ns;
}

static uint64_t drops(const struct merge *m, size_t rank)
{
    return m->parts[rank].rank.disturbance.listen_drops;
}

static uint64_t timeouts(const struct merge *m, size_t rank)
{
    return m->parts[rank].rank.disturbance.tcp_timeouts;
}

static void add_usage(struct usage *sum, const struct usage *u)
{
    sum->cpu_user_ns += u->cpu_user_ns;
    sum->cpu_sys_ns += u->cpu_sys_ns;
    sum->ctx_voluntary += u->ctx_voluntary;
    sum->ctx_involuntary += u->ctx_involuntary;
    sum->faults_minor += u->faults_minor;
    sum->faults_major += u->faults_major;
    sum->rss_bytes += u->rss_bytes;
    sum->rss_peak_bytes += u->rss_peak_bytes;
    sum->page_table_bytes += u->page_table_bytes;
    sum->threads += u->threads;
}

static void add_disturbance(const struct merge *m, size_t rank)
{
    const struct disturbance *d = &m->parts[rank].rank.disturbance;
    struct disturbance *sum = &m->out->disturbance;

    disturbance_add_own(sum, d);
    sum->listen_drops += seen_anew(m, rank, in_same_network, drops);
    sum->tcp_timeouts += seen_anew(m, rank, in_same_network, timeouts);
    sum->suspended_ns += seen_anew(m, rank, on_same_host, suspended);
}

static void add_jobs(struct run_record *out, const struct run_record *r)
{
    out->ledger.operations += r->ledger.operations;
    out->ledger.bytes_in += r->ledger.bytes_in;
    out->ledger.bytes_out += r->ledger.bytes_out;
    out->ledger.checksum += r->ledger.checksum;
    out->ledger.timer_ns += r->ledger.timer_ns;
    out->ledger.wake_up_ns += r->ledger.wake_up_ns;
    out->area.driver_ns += r->area.driver_ns;
    out->area.stamped_ns += r->area.stamped_ns;
    out->refused += r->refused;
    out->unserved += r->unserved;
    out->warmup_jobs += r->warmup_jobs;
    out->in_flight_max += r->in_flight_max; /* of an open loop see most_in_system() */
    out->threads_max += r->threads_max;
}

/* Take all of a rank but its arrays. */
static void add_rank(struct merge *m, size_t rank)
{
    const struct run_record *r = &m->records[rank];
    struct run_record *out = m->out;

    add_jobs(out, r);
    add_usage(&out->usage, &r->usage);
    add_usage(&out->opened, &r->opened);
    out->usage.steal_ns += seen_anew(m, rank, on_same_host, steal);
    add_disturbance(m, rank);
    out->makespan_ns = greater(out->makespan_ns, r->makespan_ns);
    out->warmup_ns = greater(out->warmup_ns, r->warmup_ns);
    out->first_ns = r->warmup_jobs > 0 ? greater(out->first_ns, r->first_ns) : 0;
    out->first_faults += r->first_faults;
    if (r->solo_ns > 0 && (out->solo_ns == 0 || r->solo_ns < out->solo_ns))
        out->solo_ns = r->solo_ns;
    out->target_cpu_ns += r->target_cpu_ns;
    out->target_busiest_ns = greater(out->target_busiest_ns, r->target_busiest_ns);
    out->target_loops += r->target_loops;
    out->tcp_retransmits += r->tcp_retransmits;
    out->heartbeat_cpu_ns += r->heartbeat_cpu_ns;
    out->loops_count += r->loops_count;
    if (out->said[0] == '\0')
        memcpy(out->said, r->said, sizeof out->said);
    m->parts[rank].rank.cpu_ns = r->usage.cpu_user_ns + r->usage.cpu_sys_ns;
    m->parts[rank].rank.begin_late_ns = r->begin_late_ns;
}

/* Of an open loop: most jobs in the system at once, all ranks together, with begins that coincide.
 */
static int most_in_system(struct run_record *out)
{
    uint64_t *ends_ns = malloc((out->samples_count + 1) * sizeof *ends_ns);
    size_t n = 0, ended = 0, came = 0;

    if (ends_ns == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < out->samples_count; i++)
        if (out->samples[i].result != SAMPLE_REFUSED)
            ends_ns[n++] = out->samples[i].finished_ns;
    stats_sort_u64(ends_ns, n);
    out->in_flight_max = 0;
    for (size_t i = 0; i < out->samples_count; i++) {
        if (out->samples[i].result == SAMPLE_REFUSED)
            continue;
        came++;
        while (ended < n && ends_ns[ended] <= out->samples[i].intended_ns)
            ended++;
        if (came > ended)
            out->in_flight_max = greater(out->in_flight_max, came - ended);
    }
    free(ends_ns);
    return 0;
}

/* ---- One after the other ---- */

static void lose(struct merge *m, size_t rank, int error)
{
    err_set(&m->parts[rank].rank.failure, error, "its record did not arrive: %s", strerror(-error));
}

static void read_head(struct merge *m, size_t rank)
{
    struct run_part *part = &m->parts[rank];
    struct run_record *r = &m->records[rank];
    int err = is_lost(m, rank) ? 0 : run_wire_head(part->read, part->arg, r);

    if (err < 0)
        lose(m, rank, err);
    else if (!run_carried_out(r))
        part->rank.failure = r->failure;
    if (is_lost(m, rank))
        *r = (struct run_record){0};
}

/* Room for what the heads announce. 0, or a negative errno with out->failure set. */
static int make_room(struct merge *m)
{
    struct run_record *out = m->out;
    size_t loops = 0;
    bool any = false;

    for (size_t q = 0; q < m->count; q++) {
        const struct run_record *r = &m->records[q];

        if (is_lost(m, q))
            continue;
        if (!any) {
            *out = (struct run_record){
                .seed = r->seed, .begin_ns = r->begin_ns, .timer_slack_ns = r->timer_slack_ns};
            memcpy(out->stack_guard, r->stack_guard, sizeof out->stack_guard);
            memcpy(out->libcurl, r->libcurl, sizeof out->libcurl);
        }
        any = true;
        out->samples_count += r->samples_count;
        out->warmup_samples += r->warmup_samples;
        loops += r->loops_count;
    }
    if (!any)
        return err_set(&out->failure, -ENODATA, "rank 0 (host %s): %s", m->parts[0].rank.host,
                       m->parts[0].rank.failure.text);
    if (out->samples_count > CELL_JOBS_MAX)
        return err_set(&out->failure, -ERANGE,
                       "%zu jobs of all ranks, with warm-up, are more than the %llu of a run",
                       out->samples_count, CELL_JOBS_MAX);
    out->samples = calloc(out->samples_count + 1, sizeof *out->samples);
    out->lags_ns = calloc(loops + 1, sizeof *out->lags_ns);
    out->ranks = calloc(m->count, sizeof *out->ranks);
    return out->samples != NULL && out->lags_ns != NULL && out->ranks != NULL ? 0 : -ENOMEM;
}

/* Take out the samples of ranks whose record broke off. */
static void drop_lost(struct merge *m)
{
    struct run_record *out = m->out;
    size_t kept = 0, warmup = 0;

    for (size_t i = 0; i < out->samples_count; i++) {
        const struct sample *s = &out->samples[i];

        if (s->intended_ns == 0 || is_lost(m, s->lane / cell_rank_lanes(m->cell)))
            continue;
        warmup += i < out->warmup_samples;
        out->samples[kept++] = *s;
    }
    out->samples_count = kept;
    out->warmup_samples = warmup;
}

static int merge(struct merge *m)
{
    bool broken = false;
    int r;

    for (size_t q = 0; q < m->count; q++)
        read_head(m, q);
    r = make_room(m);
    for (size_t q = 0; q < m->count && r == 0; q++) {
        int lost = is_lost(m, q) ? 0 : read_samples(m, q);

        if (lost == 0 && !is_lost(m, q))
            lost = read_loops(m, q);
        if (lost < 0)
            lose(m, q, lost);
        else if (!is_lost(m, q))
            add_rank(m, q);
        broken = broken || lost < 0;
    }
    if (r == 0 && broken)
        drop_lost(m);
    if (r == 0 && m->cell->load.kind == LOAD_OPEN)
        r = most_in_system(m->out);
    for (size_t q = 0; q < m->count && r == 0; q++)
        m->out->ranks[q] = m->parts[q].rank;
    m->out->ranks_count = r == 0 ? m->count : 0;
    return r;
}

int run_merge(const struct cell *cell, struct run_part *parts, size_t count, struct run_record *out)
{
    struct merge m = {.cell = cell, .parts = parts, .count = count, .out = out};
    int r = -ENOMEM;

    *out = (struct run_record){0};
    m.records = calloc(count, sizeof *m.records);
    m.piece = malloc(PIECE * sizeof *m.piece);
    if (m.records != NULL && m.piece != NULL)
        r = merge(&m);
    if (r == -ENOMEM)
        err_set(&out->failure, r, "no memory for the samples of all ranks");
    free(m.records);
    free(m.piece);
    return r;
}
