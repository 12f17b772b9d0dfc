/* The schedule of an open loop: when its jobs are wanted. The load and a seed fix it before the
 * loop starts, so it is the same under every model and waits for none. */
#ifndef TVA_LOAD_SCHEDULE_H
#define TVA_LOAD_SCHEDULE_H

#include "base/share.h"
#include "load/load.h"
#include "measure/sample.h"

#include <stddef.h>

struct schedule {
    const struct load *load;
    uint64_t seed;
    size_t warmup;        /* how many arrivals belong to the warm-up; they come first */
    size_t count;         /* how many there are, warm-up included */
    uint64_t measured_ns; /* when the measured part begins, counted from the first moment */
    uint64_t last_ns;     /* when the last arrival comes */
};

/* Plan the arrivals of `load`: its warm-up (a time, or so many jobs), then its duration, or so many
 * jobs. 0; -ERANGE when there would be more than `max`. */
int schedule_plan(struct schedule *s, const struct load *load, uint64_t seed, size_t warmup,
                  size_t jobs, size_t max);

/* Fill in intended_ns of the arrivals of this share, those of its warm-up and then the measured
 * ones, each dealt out by itself: ns since the first moment, ascending. */
void schedule_fill(const struct schedule *s, struct share share, struct sample *samples);

#endif
