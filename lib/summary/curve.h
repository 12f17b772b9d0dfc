/* The curve of a latency distribution: its value at ever finer percentiles.
 *
 * The percentiles are those that HdrHistogram prints with 5 ticks per half distance: 5 steps over
 * the first half of the samples, 5 over half of the rest, and so on: 0, 0.1 .. 0.5, 0.55 .. 0.75,
 * 0.775 ... The values are exact, by nearest rank. A curve stops where its samples run out: one
 * point a rank. */
#ifndef TVA_SUMMARY_CURVE_H
#define TVA_SUMMARY_CURVE_H

#include <stddef.h>
#include <stdint.h>

struct curve_point {
    double percentile; /* 0 to 1 */
    uint64_t value;
    uint64_t count; /* samples at or below value */
};

struct curve {
    struct curve_point *points;
    size_t count;
};

/* The points for sorted values[n]; the last has percentile 1; none when n is 0. The caller frees
 * the points. 0 or -ENOMEM. */
int curve_of(const uint64_t *sorted, size_t n, struct curve *out);

#endif
