/* When the target lets go of answers that it holds back.
 *
 * Each is held for its delay at least. Those that fall due together go in groups of a few, a little
 * apart: where client and target share a CPU, the client can do nothing while the target sends, so
 * that requests which once came together would come together for ever, and each of them would wait
 * for all (measured: 100 connections with 10 ms delay came to 0.90 of the ideal throughput so, and
 * come to 0.96). Apart once, they are due apart the next time, as if a network were in between, and
 * nothing is added any more. What is added is a small share of the delay at most, so that a target
 * that cannot keep up does not dawdle. */
#ifndef TVA_BENCH_TARGET_HOLD_H
#define TVA_BENCH_TARGET_HOLD_H

#include "io/io.h"

/* What the connections of a target share; all 0 at first. */
struct target_hold {
    uint64_t group_ns; /* when the last group goes, or went */
    unsigned answers;  /* in it */
};

#define TARGET_HOLD_FEW      4u
#define TARGET_HOLD_GROUP_NS (50 * NS_PER_US) /* from one group to the next at least */
#define TARGET_HOLD_SHARE    32u              /* the part of a delay that may be added to it */

/* Wait for delay_ns since arrived_ns at least. 0, or the error of the wait. */
int target_hold(struct target_hold *hold, struct io *io, uint64_t arrived_ns, uint64_t delay_ns);

#endif
