/* A run of a loop over time: latency, loop lag and jobs in the system, window by window, so that a
 * stall and what caused it line up. */
#ifndef TVA_SUMMARY_OVER_TIME_H
#define TVA_SUMMARY_OVER_TIME_H

#include "math/stats.h"
#include "run/run.h"

#define OVER_TIME_WINDOWS_MAX 300
#define OVER_TIME_JOBS        20 /* a window should have, on average: so many have a median */

struct over_time_window {
    struct stats_distribution latency; /* of jobs that were wanted in it */
    uint64_t lag_ns;                   /* the longest; of a beat that was late already, the rest */
    uint64_t in_flight;                /* most jobs in the system at once */
};

struct over_time {
    uint64_t width_ns;
    size_t count;
    struct over_time_window windows[OVER_TIME_WINDOWS_MAX];
};

/* Cut a run into windows of equal length. A job belongs to the window in which it was wanted, a
 * late beat to each that it overlaps, with what was left of it there. 0 or -ENOMEM. */
int over_time_of(const struct run_record *run, struct over_time *out);

#endif
