/* What the files of this folder share: the session, its messages, and the child of a rank. */
#ifndef TVA_BENCH_RANKS_INTERNAL_H
#define TVA_BENCH_RANKS_INTERNAL_H

#include "base/address.h"
#include "base/build_id.h"
#include "base/clock.h"
#include "base/share.h"
#include "harness/proc.h"
#include "harness/run_proc.h"
#include "ranks/ranks.h"

#include <sched.h>

enum ranks_kind {
    /* from rank 0 */
    RANKS_WHO,
    RANKS_RUN,
    RANKS_CLOCK,
    RANKS_BEGIN,
    RANKS_ASK,
    RANKS_SEND,
    RANKS_CANCEL,
    RANKS_QUIT,
    /* to rank 0 */
    RANKS_ME,
    RANKS_READY,
    RANKS_TIME,
    RANKS_ALIVE,
    RANKS_REPORT,
    RANKS_PIECE
};

/* How each message begins. */
struct ranks_head {
    uint32_t kind;
    uint32_t run; /* number of the run that it belongs to, from 1; 0: none */
    /* CLOCK, TIME: which; BEGIN: the moment; SEND: how many bytes; QUIT: no rank is lost */
    uint64_t value;
    uint64_t now_ns; /* TIME */
};

/* What a rank runs: RUN. */
struct ranks_order {
    char options[PLAN_ARGS_SIZE];
    char target[ADDRESS_TEXT]; /* "": none that tva started */
    uint64_t seed, timeout_ns;
    struct share share;
    bool no_heartbeat;
};

#define RANKS_ADDRESSES 16

/* Who a rank is: WHO of rank 0, ME of the others. Ranks in one place reach each other over
 * loopback. */
struct ranks_me {
    char build[BUILD_ID_SIZE]; /* first, so that other builds find it there */
    char host[RUN_HOST_SIZE];
    char place[160];                           /* boot and network namespace */
    uint32_t cores;                            /* that it may use, */
    uint32_t machine;                          /* and that there are */
    cpu_set_t cpus;                            /* those that it may use */
    struct in_addr addresses[RANKS_ADDRESSES]; /* up to the first 0 */
    in_port_t port;                            /* of rank 0: for ranks_watch_begin() */
};

/* How the child of a rank has ended: REPORT. */
struct ranks_report {
    struct err failure; /* "": its record can be had by SEND */
    struct disturbance disturbance;
};

/* A message as it is sent and received. */
struct ranks_message {
    struct ranks_head head;
    union {
        struct ranks_order order;
        struct ranks_me me;
        struct ranks_report report;
        char piece[RANKS_MESSAGE_MAX - sizeof(struct ranks_head)];
    };
};

struct ranks_clock {
    uint64_t at_ns;
    int64_t offset_ns;
    uint64_t error_ns;
};

/* A rank, as rank 0 knows it; the others know rank 0. */
struct ranks_peer {
    struct ranks_me me;
    bool lost;
    uint64_t heard_ns, asked_ns; /* last time */
};

struct ranks {
    struct ranks_transport transport;
    unsigned number, count;
    struct ranks_peer *peers;        /* at others, only the first, rank 0, is used */
    struct document_rank *described; /* likewise */
    struct harness_ranks harness;
    const struct sockaddr_in *targets; /* of the ranks in turn */
    size_t targets_count;
    struct ranks_message out, in; /* what goes and what came last */
    struct interrupt *interrupt;  /* ends what rank 0 waits for in a run; NULL: nothing does */
    uint32_t run;                 /* number of the last one */
    uint64_t clocks;              /* round trips so far */
    bool is_ended;                /* by a signal: mpirun ends the others meanwhile */
    int watch_fd;                 /* ranks_watch.c; -1: none */
};

/* Send r->out with so many bytes after the head. 0 or a negative errno. */
int ranks_send(struct ranks *r, unsigned to, enum ranks_kind kind, size_t len);

/* Rank 0: tell all ranks that are left the same. */
void ranks_tell(struct ranks *r, enum ranks_kind kind);

/* Rank 0: take the next message of a rank that belongs to this run into r->in. How many bytes come
 * after the head; -ETIMEDOUT; -EINTR; or another negative errno, and the rank is lost. */
int ranks_hear(struct ranks *r, unsigned from, uint64_t deadline_ns);

/* Rank 0: ask the rank whether it is there, if it was silent for a second. False when it is lost:
 * it was silent for too long, or before. */
bool ranks_is_there(struct ranks *r, unsigned rank);

/* Rank 0: the clock of a rank by round trips, the quickest of which counts, and none of which may
 * take longer than wait_ns. 0 or a negative errno. */
int ranks_measure_clock(struct ranks *r, unsigned rank, uint64_t wait_ns, struct ranks_clock *out);

/* Rank 0: end the run in all ranks, whatever signals come, and find out which are there; *missing
 * gets the first that does not answer in RANKS_ROLL_NS, or 0. */
void ranks_cancel(struct ranks *r, unsigned *missing);

/* Who this process is. */
void ranks_describe_me(struct ranks_me *me);

/* How many CPUs the rank may use that no rank before it on its host may: mpirun binds each rank to
 * a core of its own where there are one or two. */
unsigned ranks_cores_added(const struct ranks *r, unsigned rank);

/* How many ranks, the rank itself included, may use a CPU that the rank may use. Where each is to
 * be pinned to the same CPU of its host, those are all of its host. */
unsigned ranks_on_same_cpus(const struct ranks *r, unsigned rank, bool pinned);

/* ---- ranks_watch.c: the others see that rank 0 has ended, without a word of it ---- */

/* Note the addresses of this place. */
void ranks_watch_describe(struct ranks_me *me);

/* Rank 0: let the others connect, and note where. A descriptor to close at the end, or -1. */
int ranks_watch_offer(struct ranks_me *me, unsigned count);

/* Others: connect to rank 0. A descriptor to close at the end, or -1 where no address can be
 * reached. */
int ranks_watch_begin(const struct ranks_me *zero, const struct ranks_me *me);

/* Others: has the process of rank 0 ended, or is its host gone for 9 s? No, where fd is -1. */
bool ranks_watch_is_over(int fd);

/* ---- ranks_child.c: the child that carries out this rank's share ---- */

struct ranks_child {
    struct proc proc;
    int report_fd; /* its record, in memory */
    int meet_fd;   /* says when it is ready; takes the moment to begin */
    bool ready;
    struct disturbance before, disturbance;
};

/* Start it. target_pid: 0 without a target whose CPU time it records. 0, or a negative errno with
 * *err set. */
int ranks_child_start(struct ranks_child *c, const struct ranks_order *order, pid_t target_pid,
                      struct err *err);

/* Has it become ready just now? */
bool ranks_child_is_ready(struct ranks_child *c);

/* Tell it when to begin. */
void ranks_child_begin(struct ranks_child *c, uint64_t begin_ns);

/* Wait for its end as run_proc_wait() does, reap it, and find out what disturbed it. 0 with
 * *failure "" when its record is there; 0 with a sentence when it died; or as run_proc_wait(). */
int ranks_child_wait(struct ranks_child *c, const struct run_proc *run, struct err *failure,
                     struct err *err);

/* Its record from the start on, for struct run_part; gives up the space of what was read. */
int ranks_child_read(void *child, void *data, size_t len);

/* Kill it, if it runs, and close what it had. */
void ranks_child_end(struct ranks_child *c);

#endif
