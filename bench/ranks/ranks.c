#include "ranks/ranks.h"

#include "base/module.h"
#include "base/signals.h"
#include "base/text.h"
#include "cli/options.h"
#include "measure/sysinfo.h"
#include "ranks/ranks_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOIN_S    30               /* MPI may take so long until all ranks are there */
#define MEET_NS   (10 * NS_PER_S)  /* and a rank to say who it is */
#define SIGNAL_NS (20 * NS_PER_MS) /* while rank 0 waits, it looks for signals so often */
#define ASK_NS    NS_PER_S
#define TRIPS_MIN 8 /* round trips for a clock; more, for so long, where none was quick */
#define TRIPS_NS  (20 * NS_PER_MS)
#define GOOD_NS   (20 * NS_PER_US)

/* A process joins once: MPI is the process's. */
static struct ranks *opened;

struct ranks *ranks_get(void)
{
    return opened;
}

unsigned ranks_number(const struct ranks *r)
{
    return r->number;
}

/* ---- Messages ---- */

int ranks_send(struct ranks *r, unsigned to, enum ranks_kind kind, size_t len)
{
    r->out.head.kind = kind;
    r->out.head.run = r->run;
    return r->transport.send(r->transport.self, to, &r->out, sizeof r->out.head + len,
                             clock_now_ns() + RANKS_SILENT_NS);
}

void ranks_tell(struct ranks *r, enum ranks_kind kind)
{
    for (unsigned q = 1; q < r->count; q++)
        if (!r->peers[q].lost && ranks_send(r, q, kind, 0) < 0)
            r->peers[q].lost = true;
}

int ranks_hear(struct ranks *r, unsigned from, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t slice_ns = clock_now_ns() + SIGNAL_NS;
        bool last = deadline_ns <= slice_ns;
        int len =
            r->transport.receive(r->transport.self, from, &r->in, last ? deadline_ns : slice_ns);

        if (len == -ETIMEDOUT && last)
            return len;
        if (len == -ETIMEDOUT && r->interrupt != NULL && interrupt_check(r->interrupt) != 0)
            return -EINTR;
        if (len == -ETIMEDOUT)
            continue;
        if (len < (int)sizeof r->in.head) {
            r->peers[from].lost = true;
            return -EIO;
        }
        r->peers[from].heard_ns = clock_now_ns();
        if (r->in.head.run == r->run && r->in.head.kind != RANKS_ALIVE)
            return len - (int)sizeof r->in.head;
    }
}

bool ranks_is_there(struct ranks *r, unsigned rank)
{
    struct ranks_peer *p = &r->peers[rank];
    uint64_t now_ns = clock_now_ns();

    if (!p->lost && p->asked_ns > p->heard_ns) {
        p->lost = p->asked_ns + RANKS_SILENT_NS < now_ns;
    } else if (!p->lost && p->heard_ns + ASK_NS < now_ns) {
        p->asked_ns = now_ns;
        p->lost = ranks_send(r, rank, RANKS_ASK, 0) < 0;
    }
    return !p->lost;
}

int ranks_measure_clock(struct ranks *r, unsigned rank, uint64_t wait_ns, struct ranks_clock *out)
{
    uint64_t until_ns = clock_now_ns() + TRIPS_NS;

    out->error_ns = UINT64_MAX;
    for (unsigned i = 0; i < TRIPS_MIN || (out->error_ns > GOOD_NS && !clock_is_late(until_ns));
         i++) {
        uint64_t sent_ns = clock_now_ns(), came_ns;
        int n;

        r->out.head.value = ++r->clocks;
        n = ranks_send(r, rank, RANKS_CLOCK, 0);
        if (n < 0)
            return n;
        do
            n = ranks_hear(r, rank, sent_ns + wait_ns);
        while (n >= 0 && (r->in.head.kind != RANKS_TIME || r->in.head.value != r->clocks));
        if (n < 0)
            return n;
        came_ns = clock_now_ns();
        if ((came_ns - sent_ns + 1) / 2 < out->error_ns) {
            out->error_ns = (came_ns - sent_ns + 1) / 2;
            out->at_ns = sent_ns + (came_ns - sent_ns) / 2;
            out->offset_ns = (int64_t)(r->in.head.now_ns - out->at_ns);
        }
    }
    return 0;
}

void ranks_cancel(struct ranks *r, unsigned *missing)
{
    uint64_t asked_ns = clock_now_ns();

    r->interrupt = NULL;
    *missing = 0;
    ranks_tell(r, RANKS_CANCEL);
    for (unsigned q = r->count - 1; q > 0; q--) {
        struct ranks_peer *p = &r->peers[q];

        /* Any message since then will do; ALIVE is the answer, and ranks_hear() skips it. The time
         * may have passed while others were waited for: what has come by then still counts. */
        while (!p->lost && p->heard_ns < asked_ns) {
            bool late = clock_is_late(asked_ns + RANKS_ROLL_NS);

            (void)ranks_hear(r, q, late ? 0 : clock_now_ns() + NS_PER_MS);
            p->lost = p->lost || (late && p->heard_ns < asked_ns);
        }
        if (p->lost)
            *missing = q;
    }
}

/* ---- The session ---- */

void ranks_describe_me(struct ranks_me *me)
{
    struct sysinfo_context context;
    char boot[64];

    memset(me, 0, sizeof *me);
    sysinfo_read(&context);
    build_id_of("/proc/self/exe", me->build, sizeof me->build);
    gethostname(me->host, sizeof me->host - 1);
    me->cores = (uint32_t)context.cores;
    me->machine = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    (void)sched_getaffinity(0, sizeof me->cpus, &me->cpus);
    text_read("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    if (readlink("/proc/self/ns/net", me->place, 64) < 0)
        me->place[0] = '\0';
    text_add(me->place, sizeof me->place, " %s", boot);
    ranks_watch_describe(me);
}

/* Rank 0 learns who the others are, and the others that there is one. */
static int meet_all(struct ranks *r, struct err *err)
{
    ranks_describe_me(&r->peers[0].me);
    r->watch_fd = ranks_watch_offer(&r->peers[0].me, r->count);
    r->out.me = r->peers[0].me;
    for (unsigned q = 1; q < r->count; q++)
        r->peers[q].lost = ranks_send(r, q, RANKS_WHO, sizeof r->out.me) < 0;
    for (unsigned q = 1; q < r->count; q++) {
        int n = r->peers[q].lost ? -EIO : ranks_hear(r, q, clock_now_ns() + MEET_NS);

        if (n < 0)
            return err_set(err, n, "rank %u of %u does not answer: %s", q, r->count, strerror(-n));
        if (n < (int)sizeof r->in.me || r->in.head.kind != RANKS_ME ||
            strcmp(r->in.me.build, r->peers[0].me.build) != 0)
            return err_set(err, -EPROTO,
                           "rank %u of %u is of another build of tva than rank 0 (host %s): copy "
                           "the program of one host, and its libtva_*.so, to all",
                           q, r->count, r->peers[0].me.host);
        r->peers[q].me = r->in.me;
    }
    return 0;
}

/* At the end, perhaps because a rank has died, without waiting for one that is gone. */
static void measure_clocks(struct ranks *r, bool start)
{
    uint64_t wait_ns = start ? MEET_NS : RANKS_ROLL_NS;

    for (unsigned q = 0; q < r->count; q++) {
        struct document_rank *d = &r->described[q];
        struct ranks_clock clock = {.at_ns = clock_now_ns()};

        d->host = r->peers[q].me.host;
        d->cores = r->peers[q].me.cores;
        if (q > 0 && !r->peers[q].lost && ranks_measure_clock(r, q, wait_ns, &clock) < 0)
            r->peers[q].lost = true;
        if (r->peers[q].lost)
            continue;
        d->end.at_ns = clock.at_ns;
        d->end.offset_ns = clock.offset_ns;
        d->end.error_ns = clock.error_ns;
        if (start)
            d->start = d->end;
    }
}

struct ranks *ranks_create(const struct ranks_transport *transport, unsigned number, unsigned count,
                           struct err *err)
{
    struct ranks *r = calloc(1, sizeof *r);

    if (r == NULL) {
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    r->transport = *transport;
    r->number = number;
    r->count = count;
    r->watch_fd = -1;
    r->peers = calloc(count, sizeof *r->peers);
    r->described = calloc(count, sizeof *r->described);
    if (r->peers == NULL || r->described == NULL) {
        err_set(err, -ENOMEM, "out of memory");
    } else if (number > 0 || meet_all(r, err) == 0) {
        if (number == 0)
            measure_clocks(r, true);
        return r;
    }
    ranks_close(r);
    return NULL;
}

static void give_up_joining(int number)
{
    static const char text[] = "tva: MPI has not joined the ranks after 30 s: has one died?\n";

    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EXIT_FAILED);
}

/* MPI starts threads. They must not take the signals that this thread waits for: a SIGTERM that a
 * thread takes ends the process. While MPI joins the ranks, it waits for ever for one that has
 * died. */
static int begin(const struct ranks_transport *t, unsigned *number, unsigned *count,
                 struct err *err)
{
    sigset_t others, before;
    int r;

    signals_for_others(&others);
    sigdelset(&others, SIGALRM);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    signal(SIGALRM, give_up_joining);
    alarm(JOIN_S);
    r = t->begin(t->self, number, count, err);
    alarm(0);
    signal(SIGALRM, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

struct ranks *ranks_open(struct err *err)
{
    const void *content;
    const struct ranks_transport *transport;
    unsigned number, count;

    if (module_open("ranks", "libopenmpi3", &content, err) < 0) {
        err_set(err, -ENOSYS,
                "--ranks needs MPI: install libopenmpi-dev and openmpi-bin, then build tva again");
        return NULL;
    }
    transport = content;
    if (begin(transport, &number, &count, err) == 0)
        opened = ranks_create(transport, number, count, err);
    return opened;
}

unsigned ranks_cores_added(const struct ranks *r, unsigned rank)
{
    const struct ranks_me *me = &r->peers[rank].me;
    cpu_set_t before, all;

    CPU_ZERO(&before);
    for (unsigned q = 0; q < rank; q++)
        if (strcmp(r->peers[q].me.host, me->host) == 0)
            CPU_OR(&before, &before, &r->peers[q].me.cpus);
    CPU_OR(&all, &before, &me->cpus);
    return (unsigned)(CPU_COUNT(&all) - CPU_COUNT(&before));
}

unsigned ranks_on_same_cpus(const struct ranks *r, unsigned rank, bool pinned)
{
    const struct ranks_me *me = &r->peers[rank].me;
    unsigned n = 0;

    for (unsigned q = 0; q < r->count; q++) {
        cpu_set_t both;

        CPU_AND(&both, &r->peers[q].me.cpus, &me->cpus);
        n += strcmp(r->peers[q].me.host, me->host) == 0 && (pinned || CPU_COUNT(&both) > 0);
    }
    return n;
}

void ranks_write_notes(const struct ranks *r, const char *name, FILE *out)
{
    unsigned q = 0;

    if (r->count == 1)
        fprintf(out, "%s: there is one rank alone; mpirun -n K or srun starts more\n", name);
    while (q < r->count && r->peers[q].me.cores >= r->peers[q].me.machine)
        q++;
    if (q < r->count && r->count > 1)
        fprintf(out,
                "%s: rank %u (host %s) may use %u of %u CPUs, and so may what it starts: mpirun "
                "--bind-to none, or srun --cpu-bind=none, lets it use all\n",
                name, q, r->peers[q].me.host, r->peers[q].me.cores, r->peers[q].me.machine);
}

int ranks_use_targets(struct ranks *r, const struct sockaddr_in *targets, size_t n, struct err *err)
{
    if (r == NULL)
        return n < 2
                   ? 0
                   : err_set(err, -EINVAL,
                             "several --target are for --ranks, where each rank takes one in turn");
    r->targets = targets;
    r->targets_count = n;
    return 0;
}

void ranks_describe(struct ranks *r, struct document_session *session)
{
    if (r == NULL || r->count < 2)
        return;
    measure_clocks(r, false);
    session->ranks = r->described;
    session->ranks_count = r->count;
}

void ranks_close(struct ranks *r)
{
    bool all;

    if (r == NULL)
        return;
    all = !r->is_ended;
    for (unsigned q = 0; r->peers != NULL && q < r->count; q++)
        all = all && !r->peers[q].lost;
    r->out.head.value = all;
    if (r->number == 0 && r->peers != NULL)
        ranks_tell(r, RANKS_QUIT);
    r->transport.end(r->transport.self, all);
    if (r->watch_fd >= 0)
        close(r->watch_fd);
    if (r == opened)
        opened = NULL;
    free(r->peers);
    free(r->described);
    free(r);
}
