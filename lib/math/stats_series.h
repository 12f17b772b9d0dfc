/* A series whose values depend on each other, as the waits of neighbouring jobs do: its mean with a
 * confidence interval, and where it begins to be steady. Pure functions, any thread.
 *
 * Batch means, for the interval: the series is cut into batches, in order. The means of long
 * batches hardly depend on each other, so Student's t holds for them. Sources: Law, Simulation
 * Modeling and Analysis, 5th ed. 2015, chapter 9; Schmeiser, "Batch size effects in the
 * analysis of simulation output", Operations Research 30 (1982), for 20 to 40 batches being enough;
 * Fishman, "Grouping observations in digital simulation", Management Science 24 (1978), for
 * doubling the batch while their means are correlated.
 *
 * MSER-5, for the beginning: leave out so many first values that the rest has the smallest standard
 * error, computed as for independent values. Leaving out values that are far from the rest makes it
 * smaller, leaving out others makes it larger. It works on means of 5 values. Sources: White, "An
 * effective truncation heuristic for bias reduction in simulation output", Simulation 69 (1997);
 * White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for simulation",
 * Winter Simulation Conference 2000; Hoad, Robinson and Davies, "Automating warm-up length
 * estimation", Journal of the Operational Research Society 61 (2010), for leaving the last 5 means
 * out of the search and for the half. */
#ifndef TVA_MATH_STATS_SERIES_H
#define TVA_MATH_STATS_SERIES_H

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

/* Mean and 95 % confidence interval of values[n]. It begins with 40 to 79
 * batches. If their means are correlated, lag1 > 1.645 / sqrt(batches), it takes 20 to 39 batches
 * of twice the size. If these are correlated too, it widens the interval by sqrt((1 + lag1) / (1 -
 * lag1)), as for a first-order autoregression (Tafazzoli, Wilson, Lada and Steiger, "Performance of
 * Skart", INFORMS Journal on Computing 23, 2011), and `independent` is false. 0, or
 * -ENODATA when n is below STATS_BATCH_VALUES_MIN. */
int stats_batch_means(const double *values, size_t n, struct stats_batch_means *out);

/* The autocorrelation of values[n] at lag 1: the sum of products of neighbours' deviations from the
 * mean over the sum of squares; 0 where all are equal, or n < 2. */
double stats_lag1(const double *values, size_t n);

#define STATS_MSER_VALUES_MIN 50 /* 10 means */

struct stats_mser {
    size_t truncate;  /* first values to leave out, a multiple of 5 */
    double statistic; /* sum of squares of the rest, divided by the square of its number */
    bool steady;      /* truncate is at most half of n; false: no part of the run is steady */
};

/* values[n] are in the order of time. Of equal minima it takes the one that leaves out fewest. 0,
 * or -ENODATA when n is below STATS_MSER_VALUES_MIN. */
int stats_mser(const double *values, size_t n, struct stats_mser *out);

#endif
