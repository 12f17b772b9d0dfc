/* Suites of paired blocks whose noise is known, for the tests of what is decided on them. Draws are
 * fixed by the seed. */
#ifndef TVA_TESTS_PAIR_SUITE_H
#define TVA_TESTS_PAIR_SUITE_H

#include "pair/pair_decide.h"

#include <stdint.h>

#define PAIR_SUITE_METRICS 60
#define PAIR_SUITE_BLOCKS  (PAIR_SCREEN_BLOCKS + PAIR_FRESH_MAX)
#define PAIR_SUITE_PLANTED 17 /* which metric is slower, where one is */

/* How observations of a metric vary: on their own, and by a drift that is the same for all metrics
 * and keeps `memory` of itself from one observation to the next. */
struct pair_suite_noise {
    double own, drift, memory;
    double spikes; /* share of observations that take a while longer, by 30 % on average */
};

struct pair_suite {
    struct pair_comparison metrics[PAIR_SUITE_METRICS];
    double contender[PAIR_SUITE_METRICS][PAIR_SUITE_BLOCKS];
    double relinked[PAIR_SUITE_METRICS][PAIR_SUITE_BLOCKS];
    struct pair_conclusion conclusion;
    uint64_t seed, drawn;
    double drift;
};

/* On the heap, to be freed by the caller; nothing in it is set. */
struct pair_suite *pair_suite_create(void);

/* The next normal deviate. */
double pair_suite_normal(struct pair_suite *s);

/* A whole session, as the program does it, with one metric that is `planted` slower (0.1: by 10 %).
 * `share`: which of the fresh blocks there is time for. */
void pair_suite_simulate(struct pair_suite *s, const struct pair_suite_noise *noise, double planted,
                         uint64_t seed, double share);

#endif
