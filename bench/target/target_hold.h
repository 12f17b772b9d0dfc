/* When the target sends the answers that it holds back.
 *
 * It holds each answer for its delay at least. Answers that fall due together go in groups of a
 * few, a little apart. Without this, where client and target share a CPU, the client cannot run
 * while the target sends, so requests that once came together stay together, and each waits for all
 * (measured: 100 connections with 10 ms delay reached 0.90 of the ideal throughput so, and 0.96
 * with groups). Answers that were once apart are due apart the next time, as behind a network, and
 * then nothing is added. The added time is a small share of the delay at most, so that a target
 * that cannot keep up does not slow down further. */
#ifndef TVA_BENCH_TARGET_HOLD_H
#define TVA_BENCH_TARGET_HOLD_H

#include "async/semaphore.h"
#include "io/io.h"
#include "job/pathology.h"

#include <stdatomic.h>

/* What the connections of a target share; all 0 at first. */
struct target_hold {
    uint64_t group_ns; /* when the last group goes, or went */
    unsigned answers;  /* in it */

    const struct pathology *pathology; /* NULL: none */
    _Atomic uint64_t *first_ns;        /* since when its times count, on all loops; 0: not yet */
    struct semaphore line;             /* in which requests wait beyond its limit */
};

/* Let it misbehave: both arguments outlive it. A pathology of nothing changes nothing. */
void target_hold_misbehave(struct target_hold *hold, const struct pathology *pathology,
                           _Atomic uint64_t *first_ns);

#define TARGET_HOLD_FEW      4u
#define TARGET_HOLD_GROUP_NS (50 * NS_PER_US) /* from one group to the next at least */
#define TARGET_HOLD_SHARE    32u              /* at most delay / TARGET_HOLD_SHARE is added */

/* Wait until at least delay_ns after arrived_ns, or after the request's turn has come where a
 * pathology limits how many are served; and for what else the pathology adds. Looks every second
 * whether the client on `fd` is still there; fd -1: it does not, as for HTTP, whose clients may
 * have ended their side and wait. 0, -ECONNRESET when it has left, or the error of the wait. */
int target_hold(struct target_hold *hold, struct io *io, int fd, uint64_t arrived_ns,
                uint64_t delay_ns);

#endif
