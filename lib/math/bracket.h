/* Bisection where each look is a measurement, which may also say "cannot tell".
 *
 * The points looked at have a sign each: -1 or 1 where the answer is clear, 0 where it is within
 * the noise. A bracket is the first place where the clear answer changes; points without an answer
 * inside it are what noise leaves undecided, and bisection then works on the gaps on both sides of
 * them, since deciding for a side there would be to follow the noise. Pure functions, any thread.
 */
#ifndef TVA_MATH_BRACKET_H
#define TVA_MATH_BRACKET_H

#include <stdbool.h>
#include <stddef.h>

struct bracket_point {
    double x;
    int sign;
};

/* How finely to look. */
struct bracket_scale {
    bool log;        /* halve ratios rather than differences: x is above 0 */
    bool whole;      /* x is a whole number */
    double width;    /* narrow enough: a ratio less 1, or a difference */
    unsigned digits; /* significant digits of a point to look at, so that it can be said */
};

/* In points[n], ascending: low and high are where the answer was last and first clear. */
struct bracket {
    size_t low, high;
};

/* Find the first bracket at or after points[from]. false when the clear answers there are all the
 * same. */
bool bracket_find(const struct bracket_point *points, size_t n, size_t from, struct bracket *out);

/* Where to look next within the bracket: the middle of its widest gap. false when every gap is
 * narrow enough, or holds no further number of the scale. */
bool bracket_next(const struct bracket_point *points, const struct bracket *bracket,
                  const struct bracket_scale *scale, double *x);

/* x with that many significant digits. */
double bracket_round(double x, unsigned digits);

#endif
