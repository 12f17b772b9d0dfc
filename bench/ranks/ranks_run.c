/* Rank 0: one run of a cell by all ranks. */
#include "base/text.h"
#include "ranks/ranks_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_READY_NS (2 * NS_PER_MS)   /* messages are looked at so often until all begin */
#define LOOK_RUN_NS   (500 * NS_PER_MS) /* afterwards */
#define LEAD_NS       (30 * NS_PER_MS) /* from when all are ready until they begin, and more of it */
#define LEAD_RANK_NS  NS_PER_MS        /* for each rank */

/* What is known of another rank in this run. */
struct part {
    struct running *running;
    unsigned rank;
    bool ready, reported;
};

struct running {
    struct ranks *ranks;
    const struct run_proc *run;
    struct ranks_child child;
    struct run_part *parts;
    struct part *others;
    bool begun;
    struct err *err;
};

static const char *host_of(const struct ranks *r, unsigned rank)
{
    return r->peers[rank].me.host;
}

static int lost(struct running *g, unsigned rank)
{
    return err_set(g->err, -EPIPE, "rank %u (host %s) was lost: it does not answer", rank,
                   host_of(g->ranks, rank));
}

/* The child of a rank has ended before it was ready: its record says why, if there is one. */
static int cannot_begin(struct running *g, unsigned rank)
{
    struct run_part *part = &g->parts[rank];
    struct run_record record = {.failure = part->rank.failure};

    if (record.failure.text[0] == '\0' && run_wire_head(part->read, part->arg, &record) < 0)
        return lost(g, rank);
    return err_set(g->err, -ECHILD, "rank %u (host %s): %s", rank, host_of(g->ranks, rank),
                   record.failure.text);
}

static void take_report(struct running *g, unsigned rank)
{
    const struct ranks_report *report = &g->ranks->in.report;

    g->others[rank].reported = true;
    g->parts[rank].rank.disturbance = report->disturbance;
    g->parts[rank].rank.failure = report->failure;
}

/* Take what has come of a rank. 0; 1 when nothing has; or a negative errno: it is lost. */
static int take_news(struct running *g, unsigned rank, uint64_t deadline_ns)
{
    int n = ranks_hear(g->ranks, rank, deadline_ns);

    if (n == -ETIMEDOUT || n == -EINTR)
        return ranks_is_there(g->ranks, rank) ? 1 : -EPIPE;
    if (n < 0)
        return -EPIPE;
    if (g->ranks->in.head.kind == RANKS_READY)
        g->others[rank].ready = true;
    else if (g->ranks->in.head.kind == RANKS_REPORT && n == sizeof g->ranks->in.report)
        take_report(g, rank);
    return 0;
}

/* ---- The start ---- */

/* All are ready: agree upon a moment. */
static int begin(struct running *g)
{
    struct ranks *r = g->ranks;
    uint64_t begin_ns;

    for (unsigned q = 1; q < r->count; q++) {
        struct ranks_clock clock;
        int n = ranks_measure_clock(r, q, RANKS_SILENT_NS, &clock);

        if (n < 0)
            return n == -EINTR ? n : lost(g, q);
        g->parts[q].rank.clock_offset_ns = clock.offset_ns;
        g->parts[q].rank.clock_error_ns = clock.error_ns;
    }
    begin_ns = clock_now_ns() + LEAD_NS + r->count * LEAD_RANK_NS;
    for (unsigned q = 1; q < r->count; q++) {
        r->out.head.value = begin_ns + (uint64_t)g->parts[q].rank.clock_offset_ns;
        if (ranks_send(r, q, RANKS_BEGIN, 0) < 0)
            return lost(g, q);
    }
    ranks_child_begin(&g->child, begin_ns);
    g->begun = true;
    return 0;
}

/* At each look at the own child. A rank that cannot begin ends the run for all. */
static int64_t look(void *arg)
{
    struct running *g = arg;
    bool all = true;
    int r;

    if (g->begun)
        return LOOK_RUN_NS;
    ranks_child_is_ready(&g->child);
    for (unsigned q = 1; q < g->ranks->count; q++) {
        if (!g->others[q].ready && take_news(g, q, 0) < 0)
            return lost(g, q);
        if (g->others[q].reported)
            return cannot_begin(g, q);
        all = all && g->others[q].ready;
    }
    if (!all || !g->child.ready)
        return LOOK_READY_NS;
    r = begin(g);
    return r < 0 ? r : (int64_t)LOOK_RUN_NS;
}

/* ---- The end ---- */

/* Wait for the reports of all; a rank without one is lost. */
static void collect_reports(struct running *g)
{
    struct ranks *r = g->ranks;

    ranks_tell(r, RANKS_ASK);
    for (unsigned q = 1; q < r->count; q++) {
        int news = 0;

        while (news >= 0 && !g->others[q].reported && interrupt_check(g->run->interrupt) == 0)
            news = take_news(g, q, clock_now_ns() + 20 * NS_PER_MS);
        if (news < 0)
            err_set(&g->parts[q].rank.failure, news, "it was lost: it does not answer");
    }
}

/* For struct run_part: ask the rank for so many bytes of its record. */
static int read_part(void *arg, void *data, size_t len)
{
    const struct part *p = arg;
    struct ranks *r = p->running->ranks;
    int n = 0;

    for (size_t got = 0; got < len; got += (size_t)n) {
        if (interrupt_check(p->running->run->interrupt) != 0)
            return -EINTR;
        r->out.head.value = len - got < sizeof r->in.piece ? len - got : sizeof r->in.piece;
        n = ranks_send(r, p->rank, RANKS_SEND, 0);
        if (n == 0)
            do
                n = ranks_hear(r, p->rank, clock_now_ns() + RANKS_SILENT_NS);
            while (n >= 0 && r->in.head.kind != RANKS_PIECE);
        if (n == -ETIMEDOUT)
            r->peers[p->rank].lost = true;
        if (n <= 0 || (size_t)n > len - got)
            return n < 0 ? n : -ENODATA;
        memcpy((char *)data + got, r->in.piece, (size_t)n);
    }
    return 0;
}

/* ---- All of it ---- */

static int check_target(const struct running *g)
{
    const struct ranks *r = g->ranks;

    for (unsigned q = 1; q < r->count && g->run->target != NULL; q++)
        if (strcmp(r->peers[q].me.place, r->peers[0].me.place) != 0)
            return err_set(g->err, -EINVAL,
                           "the target that tva starts serves one host, and there are ranks on %s "
                           "and %s: start 'tva serve --listen ADDRESS' on one of them, and give "
                           "--target ADDRESS:PORT --remote",
                           host_of(r, 0), host_of(r, q));
    return 0;
}

static void fill_order(const struct running *g, unsigned rank, struct ranks_order *out)
{
    const struct ranks *r = g->ranks;
    const struct run_proc *run = g->run;
    struct cell cell = *run->cell;

    if (r->targets_count > 0)
        job_set_target(&cell.job, &r->targets[rank % r->targets_count]);
    *out = (struct ranks_order){.seed = job_seed(&cell.job),
                                .timeout_ns = run->timeout_ns,
                                .share = {.number = rank,
                                          .count = r->count,
                                          .here = ranks_on_same_cpus(r, rank, cell.cpu >= 0)},
                                .no_heartbeat = cell.no_heartbeat};
    plan_cell_args(&cell, out->options, sizeof out->options);
    if (run->target != NULL)
        address_format(&run->target->addr, out->target, sizeof out->target);
}

static int start(struct running *g)
{
    const struct target_proc *target = g->run->target;
    struct ranks *r = g->ranks;
    struct ranks_order own;
    int e = check_target(g);

    if (e < 0)
        return e;
    r->run++;
    for (unsigned q = 1; q < r->count; q++) {
        fill_order(g, q, &r->out.order);
        if (r->peers[q].lost || ranks_send(r, q, RANKS_RUN, sizeof r->out.order) < 0)
            return lost(g, q);
    }
    fill_order(g, 0, &own);
    return ranks_child_start(&g->child, &own, target != NULL ? target->proc.pid : 0, g->err);
}

/* The run is over before its time. A rank that does not answer was lost, which is why; a SIGTERM is
 * then mpirun's, which ends all ranks. */
static int give_up(struct running *g, int error)
{
    unsigned missing;

    ranks_child_end(&g->child);
    ranks_cancel(g->ranks, &missing);
    if (missing == 0)
        return error;
    error = lost(g, missing);
    if (interrupt_check(g->run->interrupt) == SIGTERM)
        text_add(g->err->text, sizeof g->err->text,
                 "; mpirun --enable-recovery keeps what the others measured in such a run, too");
    return error;
}

static int carry_out(struct running *g, struct run_record *out)
{
    struct run_proc run = *g->run;
    int r = start(g);

    *out = (struct run_record){0};
    run.look = look;
    run.look_arg = g;
    run.look_fd = g->child.meet_fd;
    if (r == 0)
        r = ranks_child_wait(&g->child, &run, &g->parts[0].rank.failure, g->err);
    if (r == 0 && !g->begun)
        r = cannot_begin(g, 0);
    if (r < 0)
        return give_up(g, r);
    g->parts[0].rank.disturbance = g->child.disturbance;
    collect_reports(g);
    r = interrupt_check(run.interrupt) != 0 ? -EINTR
                                            : run_merge(run.cell, g->parts, g->ranks->count, out);
    if (interrupt_check(run.interrupt) != 0 && (r < 0 || run_lacks_rank(out))) {
        run_record_deinit(out);
        return give_up(g, -EINTR);
    }
    return 0; /* what else is wrong is in out->failure */
}

static int prepare(struct running *g)
{
    struct ranks *r = g->ranks;

    g->parts = calloc(r->count, sizeof *g->parts);
    g->others = calloc(r->count, sizeof *g->others);
    if (g->parts == NULL || g->others == NULL)
        return err_set(g->err, -ENOMEM, "out of memory");
    for (unsigned q = 0; q < r->count; q++) {
        struct run_rank *rank = &g->parts[q].rank;

        memcpy(rank->host, r->peers[q].me.host, sizeof rank->host);
        rank->cores = ranks_cores_added(r, q);
        while (strcmp(r->peers[rank->network].me.place, r->peers[q].me.place) != 0)
            rank->network++;
        g->others[q] = (struct part){.running = g, .rank = q};
        g->parts[q].read = q == 0 ? ranks_child_read : read_part;
        g->parts[q].arg = q == 0 ? (void *)&g->child : (void *)&g->others[q];
    }
    return 0;
}

static int execute(void *arg, const struct run_proc *run, struct run_record *out, struct err *err)
{
    struct running g = {.ranks = arg,
                        .run = run,
                        .err = err,
                        .child = {.proc.fd = -1, .report_fd = -1, .meet_fd = -1}};
    int r = prepare(&g);

    g.ranks->interrupt = run->interrupt;
    if (r == 0)
        r = carry_out(&g, out);
    g.ranks->interrupt = NULL;
    ranks_child_end(&g.child);
    free(g.parts);
    free(g.others);
    for (unsigned q = 1; q < g.ranks->count; q++)
        if (g.ranks->peers[q].lost && run->interrupt->signal == 0)
            run->interrupt->signal = SIGTERM; /* as mpirun would say */
    g.ranks->is_ended = run->interrupt->signal != 0;
    return r;
}

const struct harness_ranks *ranks_harness(struct ranks *r)
{
    if (r == NULL || r->count < 2)
        return NULL;
    r->harness = (struct harness_ranks){.execute = execute, .arg = r, .count = r->count};
    for (unsigned q = 0; q < r->count; q++)
        r->harness.cores += ranks_cores_added(r, q);
    return &r->harness;
}
