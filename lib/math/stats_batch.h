/* The mean of a series whose values depend on each other, as the waits of neighbouring jobs do, and
 * its confidence interval. Pure functions, any thread.
 *
 * Batch means: the series is cut into batches, in order. The means of long batches hardly depend on
 * each other, so Student's t holds for them. Sources: Law, Simulation
 * Modeling and Analysis, 5th ed. 2015, chapter 9; Schmeiser, "Batch size effects in the
 * analysis of simulation output", Operations Research 30 (1982), for 20 to 40 batches being enough;
 * Fishman, "Grouping observations in digital simulation", Management Science 24 (1978), for
 * doubling the batch while their means are correlated. */
#ifndef TVA_MATH_STATS_BATCH_H
#define TVA_MATH_STATS_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#define STATS_BATCH_VALUES_MIN 20

struct stats_batch_means {
    double mean, ci_low, ci_high;
    size_t batches, batch_size;
    size_t dropped;   /* first values that do not fill a batch, and are not used */
    double lag1;      /* autocorrelation of the batch means */
    bool independent; /* lag1 is not significantly above 0; false: the series is too short */
    double effective; /* so many independent values would give as narrow an interval; at most n */
};

/* Mean and confidence interval (confidence e.g. 0.95) of values[n]. It begins with 40 to 79
 * batches. If their means are correlated, lag1 > 1.645 / sqrt(batches), it takes 20 to 39 batches
 * of twice the size. If these are correlated too, it widens the interval by sqrt((1 + lag1) / (1 -
 * lag1)), as for a first-order autoregression (Tafazzoli, Wilson, Lada and Steiger, "Performance of
 * Skart", INFORMS Journal on Computing 23, 2011), and `independent` is false. 0; -ENODATA when n is
 * below STATS_BATCH_VALUES_MIN; -EINVAL when confidence is not between 0 and 1. */
int stats_batch_means(const double *values, size_t n, double confidence,
                      struct stats_batch_means *out);

/* The autocorrelation of values[n] at lag 1: the sum of products of neighbours' deviations from the
 * mean over the sum of squares; 0 where all are equal, or n < 2. */
double stats_lag1(const double *values, size_t n);

#endif
