/* Where a run begins to be steady: how many first values to leave out. Pure functions, any thread.
 *
 * MSER-5: leave out so many that the rest has the smallest standard error, computed as for
 * independent values. Leaving out values that are far from the rest makes it smaller, leaving out
 * others makes it larger. It works on means of 5 values. Sources: White, "An effective truncation
 * heuristic for bias reduction in simulation output", Simulation 69 (1997); White, Cobb and Spratt,
 * "A comparison of five steady-state truncation heuristics for simulation", Winter Simulation
 * Conference 2000; Hoad, Robinson and Davies, "Automating warm-up length estimation", Journal of
 * the Operational Research Society 61 (2010), for leaving the last 5 means out of the search and
 * for the half. */
#ifndef TVA_MATH_STATS_MSER_H
#define TVA_MATH_STATS_MSER_H

#include <stdbool.h>
#include <stddef.h>

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
