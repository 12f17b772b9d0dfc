/* A rank other than 0: it answers rank 0. */
#include "cli/options.h"
#include "ranks/ranks_internal.h"

#include <errno.h>
#include <string.h>

#define IDLE_NS  (500 * NS_PER_MS) /* signals are looked at so often */
#define SPEED_NS (2 * NS_PER_MS)   /* round trips for clocks come one after the other */
#define READY_NS                                                                                   \
    (10 * NS_PER_MS)               /* messages are looked at so often: before the child is ready,  \
                                    */
#define BEGIN_NS  NS_PER_MS        /* before it begins, */
#define RUN_NS    (50 * NS_PER_MS) /* and while it runs */
#define ORPHAN_NS (2 * NS_PER_S)   /* without a word of rank 0 after a signal, it is gone */

struct serving {
    struct ranks *ranks;
    struct interrupt interrupt;
    struct ranks_child child;
    bool begun;
    bool quits, gone; /* rank 0 has ended the session, or is gone in the middle of it */
    bool asked;       /* rank 0 has ended its own share, and waits */
    bool reported;    /* the last run is over: */
    struct ranks_report report;
    uint64_t heard_ns, signal_ns; /* signal_ns: 0 while none has come */
};

/* A rank 0 that is stopped takes the message when it goes on; ranks_watch_is_over() says whether it
 * lives. */
static int answer(struct serving *s, enum ranks_kind kind, size_t len)
{
    int e = ranks_send(s->ranks, 0, kind, len);

    return e == -ETIMEDOUT && s->ranks->watch_fd >= 0 ? 0 : e;
}

/* Before the run has begun, rank 0 listens; afterwards, when it asks. MPI may not end a sending to
 * who does not listen. A report may have come while rank 0 waited for something else. So it is sent
 * again when asked. */
static int report(struct serving *s)
{
    s->ranks->out.report = s->report;
    return answer(s, RANKS_REPORT, sizeof s->report);
}

/* The next `len` bytes of the record of the last run; none where there are not so many. */
static int send_piece(struct serving *s, uint64_t len)
{
    struct ranks_message *out = &s->ranks->out;
    bool there = len <= sizeof out->piece && s->child.report_fd >= 0 &&
                 ranks_child_read(&s->child, out->piece, len) == 0;

    return answer(s, RANKS_PIECE, there ? len : 0);
}

/* Receive a message and do what it asks for, unless it is one of those that the caller has to see:
 * its kind. -ETIMEDOUT when none has come; -EIO when there is no rank 0: what it sent before it
 * ended may come a little later than the news of its end. */
static int take_message(struct serving *s, uint64_t deadline_ns)
{
    struct ranks *r = s->ranks;
    struct ranks_message *in = &r->in, *out = &r->out;

    for (;;) {
        int n = r->transport.receive(r->transport.self, 0, in, deadline_ns), e = 0;

        if (n == -ETIMEDOUT && ranks_watch_is_over(r->watch_fd)) {
            n = r->transport.receive(r->transport.self, 0, in, clock_now_ns() + RANKS_ROLL_NS);
            n = n == -ETIMEDOUT ? -EIO : n;
        }
        if (n < 0)
            return n;
        if (n < (int)sizeof in->head)
            return -EIO;
        s->heard_ns = clock_now_ns();
        r->run = in->head.run; /* also of one that was not begun here */
        if (in->head.kind == RANKS_CLOCK) {
            out->head.value = in->head.value;
            out->head.now_ns = s->heard_ns;
            e = answer(s, RANKS_TIME, 0);
            if (deadline_ns < s->heard_ns + SPEED_NS)
                deadline_ns = s->heard_ns + SPEED_NS;
        } else if (in->head.kind == RANKS_ASK) {
            s->asked = true;
            e = s->reported ? report(s) : answer(s, RANKS_ALIVE, 0);
        } else if (in->head.kind == RANKS_SEND) {
            e = send_piece(s, in->head.value);
        } else {
            return (int)in->head.kind;
        }
        if (e < 0)
            return -EIO;
    }
}

/* At each look at the child: 0 < ns to the next one, or a negative errno that ends it. */
static int64_t look(void *arg)
{
    struct serving *s = arg;
    int kind;

    if (ranks_child_is_ready(&s->child) && answer(s, RANKS_READY, 0) < 0)
        return -EIO;
    kind = take_message(s, 0);
    if (kind == RANKS_BEGIN) {
        ranks_child_begin(&s->child, s->ranks->in.head.value);
        s->begun = true;
        s->asked = false;
    } else if (kind >= 0 || kind == -EIO) {
        s->gone = kind != RANKS_CANCEL;
        (void)answer(s, RANKS_ALIVE, 0);
        return -ECANCELED;
    }
    return s->begun ? RUN_NS : s->child.ready ? BEGIN_NS : READY_NS;
}

static int carry_out(struct serving *s)
{
    struct ranks *r = s->ranks;
    struct ranks_order order = r->in.order;
    struct err err = {""};
    int e;

    s->begun = s->asked = s->reported = false;
    s->report = (struct ranks_report){.failure.text = ""};
    ranks_child_end(&s->child);
    e = ranks_child_start(&s->child, &order, 0, &err);
    if (e == 0) {
        struct run_proc run = {.timeout_ns = order.timeout_ns,
                               .timeout_option = "--timeout",
                               .interrupt = &s->interrupt,
                               .look = look,
                               .look_arg = s,
                               .look_fd = s->child.meet_fd};

        e = ranks_child_wait(&s->child, &run, &s->report.failure, &err);
    }
    if (e < 0)
        ranks_child_end(&s->child);
    if (e == -ECANCELED)
        return 0;
    if (e < 0)
        err_set(&s->report.failure, e, "%s", err.text[0] != '\0' ? err.text : "a signal ended it");
    s->report.disturbance = s->child.disturbance;
    s->reported = true;
    return s->begun && !s->asked ? 0 : report(s);
}

static int serve_one(struct serving *s)
{
    int kind = take_message(s, clock_now_ns() + IDLE_NS);
    struct ranks *r = s->ranks;

    switch (kind) {
    case RANKS_WHO:
        r->peers[0].me = r->in.me;
        ranks_describe_me(&r->out.me);
        r->watch_fd = ranks_watch_begin(&r->in.me, &r->out.me);
        return answer(s, RANKS_ME, sizeof r->out.me);
    case RANKS_RUN:
        return carry_out(s);
    case RANKS_CANCEL:
        return answer(s, RANKS_ALIVE, 0);
    case RANKS_BEGIN: /* of a run that this rank's child has ended since */
    case -ETIMEDOUT:
        return 0;
    case RANKS_QUIT:
        s->quits = true;
        r->peers[0].lost = r->in.head.value == 0; /* some rank is */
        return 0;
    default:
        return kind;
    }
}

/* mpirun's SIGTERM comes to all ranks at once, and rank 0 goes on for a moment to write what there
 * is. So a rank leaves when rank 0 says so, or is silent. */
static bool is_orphan(struct serving *s)
{
    uint64_t now_ns = clock_now_ns(), last_ns;

    if (interrupt_check(&s->interrupt) == 0)
        return false;
    if (s->signal_ns == 0)
        s->signal_ns = now_ns;
    last_ns = s->heard_ns > s->signal_ns ? s->heard_ns : s->signal_ns;
    return now_ns > last_ns + ORPHAN_NS;
}

int ranks_serve(struct ranks *r, struct err *err)
{
    struct serving s = {.ranks = r, .child = {.proc.fd = -1, .report_fd = -1, .meet_fd = -1}};
    int e = interrupt_init(&s.interrupt, err);

    proc_raise_file_limit();
    while (e == 0 && !s.quits && !s.gone && !is_orphan(&s))
        e = serve_one(&s);
    ranks_child_end(&s.child);
    if (e < 0 || !s.quits)
        r->peers[0].lost = true;
    if ((e < 0 || s.gone) && err->text[0] == '\0')
        e = err_set(err, -EPIPE,
                    "rank 0 (host %s) has ended without a word, so rank %u ends, too: only what "
                    "rank 0 had written is kept",
                    r->peers[0].me.host, r->number);
    return e < 0 ? EXIT_FAILED : EXIT_GOOD;
}
