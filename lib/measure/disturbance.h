/* What disturbed a process from outside: the CPU quota of its control group, dropped connections, a
 * stop, a suspended machine. None of it is the doing of the model that the process measured. */
#ifndef TVA_MEASURE_DISTURBANCE_H
#define TVA_MEASURE_DISTURBANCE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* More of the time that its process ran decides what a run measured. */
#define DISTURBANCE_THROTTLED_MAX 0.10
/* Less is what lies between two readings of the clocks. */
#define DISTURBANCE_SUSPENDED_MIN_NS (100 * NS_PER_MS)

/* Counts accumulate. */
struct disturbance {
    uint64_t at_ns;        /* when they were read; of a difference: the time between the readings */
    uint64_t throttled;    /* how often the CPU quota stopped this process's control group */
    uint64_t throttled_ns; /* for how long; CPUs add up */
    /* Of this network namespace: connections that a listening socket dropped (ListenDrops, which
     * has all ListenOverflows), and packets sent again because no answer came in time. */
    uint64_t listen_drops, tcp_timeouts;
    uint64_t suspended_ns;      /* the machine slept */
    uint64_t stops, stopped_ns; /* of the process, as its parent saw them */
};

/* Read them all but the stops, which stay as they are. Any thread. */
void disturbance_read(struct disturbance *out);

/* after - before; the stops are those of `after`. */
struct disturbance disturbance_since(const struct disturbance *before,
                                     const struct disturbance *after);

/* Add what befell a process alone: not what all of its machine or network saw. Any thread. */
static inline void disturbance_add_own(struct disturbance *sum, const struct disturbance *d)
{
    sum->at_ns += d->at_ns;
    sum->throttled += d->throttled;
    sum->throttled_ns += d->throttled_ns;
    sum->stops += d->stops;
    sum->stopped_ns += d->stopped_ns;
}

/* Was the process stopped, or its machine suspended? */
static inline bool disturbance_halts(const struct disturbance *d)
{
    return d->stops > 0 || d->suspended_ns >= DISTURBANCE_SUSPENDED_MIN_NS;
}

/* Did the CPU quota decide? */
static inline bool disturbance_throttles(const struct disturbance *d)
{
    return (double)d->throttled_ns > DISTURBANCE_THROTTLED_MAX * (double)d->at_ns;
}

/* The counts of the network from the text of /proc/net/netstat, or of a file like it; what it does
 * not have stays as it is. */
void disturbance_read_network(const char *path, struct disturbance *out);

/* A child process that is watched for stops by signals (SIGSTOP, SIGTSTP). A SIGCONT to a process
 * that was not stopped is none. */
struct disturbance_watch {
    uint64_t stopped_ns; /* when it was stopped; 0: it is not */
};

/* Take what the kernel tells of the child since the last call: call it soon after each SIGCHLD, for
 * the length of a stop is measured between calls. Adds to the stops of *out. */
void disturbance_watch(struct disturbance_watch *w, pid_t child, struct disturbance *out);

#endif
