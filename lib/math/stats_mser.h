/* Where a run begins to be steady: how many of the first values to leave out. Pure functions, any
 * thread.
 *
 * MSER-5: leave out so many that the rest has the smallest standard error, computed as if it were
 * independent. Dropping values that are far from the others pays; dropping good ones costs. It
 * works on means of 5 values. Sources: White, "An effective truncation heuristic for bias reduction
 * in simulation output", Simulation 69 (1997); White, Cobb and Spratt, "A comparison of five
 * steady-state truncation heuristics for simulation", Winter Simulation Conference 2000; Hoad,
 * Robinson and Davies, "Automating warm-up length estimation", Journal of the Operational Research
 * Society 61 (2010), for leaving the last 5 means out of the search and for the half. */
#ifndef TVA_MATH_STATS_MSER_H
#define TVA_MATH_STATS_MSER_H

#include <stdbool.h>
#include <stddef.h>

#define STATS_MSER_VALUES_MIN 50 /* 10 means */

struct stats_mser {
    size_t truncate;  /* of the first values, a multiple of 5 */
    double statistic; /* sum of squares of what is left over its number squared */
    bool steady;      /* truncate is at most half of n: otherwise the run shows no steady part */
};

/* values[n] in the order of time. 0, or -ENODATA when n is below STATS_MSER_VALUES_MIN. Of equal
 * minima the one that leaves out least is taken. */
int stats_mser(const double *values, size_t n, struct stats_mser *out);

#endif
