/* Bisection by measurements, whose answer may also be "cannot tell".
 *
 * Each measured point has a sign: -1 or 1 where the answer is clear, 0 where it is within the
 * noise. A bracket is the first place where the clear answer changes. Points inside it without an
 * answer are undecided; bisection goes on in the gaps on both sides of them, because a decision for
 * one side would follow the noise. Pure functions, any thread. */
#ifndef TVA_MATH_BRACKET_H
#define TVA_MATH_BRACKET_H

#include <stdbool.h>
#include <stddef.h>

struct bracket_point {
    double x;
    int sign;
};

/* How fine the search is. */
struct bracket_scale {
    bool log;        /* halve ratios rather than differences: x is above 0 */
    bool whole;      /* x is a whole number */
    double width;    /* of a gap that is narrow enough: a ratio - 1, or a difference */
    unsigned digits; /* significant digits of a point, so that people can read it */
};

/* Indexes into points[n], which ascend: the last and the first point with a clear answer. */
struct bracket {
    size_t low, high;
};

/* Find the first bracket at or after points[from]. False when all clear answers there are the same.
 */
bool bracket_find(const struct bracket_point *points, size_t n, size_t from, struct bracket *out);

/* The next point to measure within the bracket: the middle of its widest gap. False when every gap
 * is narrow enough, or holds no further number of the scale. */
bool bracket_next(const struct bracket_point *points, const struct bracket *bracket,
                  const struct bracket_scale *scale, double *x);

/* x with that many significant digits. */
double bracket_round(double x, unsigned digits);

#endif
