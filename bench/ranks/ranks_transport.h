/* What ranks need of MPI: messages between rank 0 and each other rank, whole and in order. No call
 * waits beyond its deadline, so that a rank that is gone does not hold the others. One thread. */
#ifndef TVA_BENCH_RANKS_TRANSPORT_H
#define TVA_BENCH_RANKS_TRANSPORT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest message. */
#define RANKS_MESSAGE_MAX (256 * 1024)

/* The content of the module "ranks" (base/module.h), with NULL as `self`. */
struct ranks_transport {
    void *self; /* goes to each function */

    /* Join the others: *number of this rank and *count of all. 0 or a negative errno with *err set.
     */
    int (*begin)(void *self, unsigned *number, unsigned *count, struct err *err);

    /* Send data[len] to a rank. 0; -ETIMEDOUT: it may still come, once the rank listens; or -EIO.
     */
    int (*send)(void *self, unsigned to, const void *data, size_t len, uint64_t deadline_ns);

    /* Wait for a message of a rank, of RANKS_MESSAGE_MAX bytes at most, and read it into data. A
     * deadline that has passed: take one that is there. Its length; -ETIMEDOUT or -EIO. */
    int (*receive)(void *self, unsigned from, void *data, uint64_t deadline_ns);

    /* Leave; `all`: each rank does so now, and none is lost. */
    void (*end)(void *self, bool all);
};

#endif
