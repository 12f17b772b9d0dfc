/* The fluid limit of a queue: jobs are a liquid that comes at a rate r(t) and leaves at no more
 * than a capacity c(t). Pure functions, any thread.
 *
 *     dB/dt = r(t) - c(t)  while the backlog B is above 0 or r(t) is above c(t);  else B = 0
 *
 * It has no luck of the draw in it, so it says what a rate above capacity alone does to a queue:
 * where jobs come at random, they also wait below capacity. Source: Newell, "Applications of
 * Queueing Theory", 2nd edition, 1982, chapter 2. */
#ifndef TVA_MATH_THEORY_FLUID_H
#define TVA_MATH_THEORY_FLUID_H

#include <stddef.h>

/* The rate goes in a straight line from one to the other. */
struct theory_fluid_piece {
    double from_per_s, to_per_s, duration_s;
    double capacity_per_s; /* INFINITY: no job waits in it; 0: none leaves */
};

struct theory_fluid {
    double backlog;   /* the greatest; 0: capacity is never exceeded */
    double backlog_s; /* when, counted from the first piece */
    double wait_s;    /* the longest, of jobs that come where a piece begins or ends, or where the
                         rate crosses the capacity */
    double left;      /* the backlog behind the last piece that has a rate */
};

/* For n >= 1 pieces, one after the other; the capacity of the last one goes on behind it. */
struct theory_fluid theory_fluid_solve(const struct theory_fluid_piece *pieces, size_t n);

/* How long a job waits that comes at_s after the first piece began: until all that was there before
 * it has left, and something may leave. INFINITY: it never does. */
double theory_fluid_wait_s(const struct theory_fluid_piece *pieces, size_t n, double at_s);

#endif
