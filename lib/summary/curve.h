/* The curve of a latency distribution: its value at ever finer percentiles.
 *
 * The percentiles are those that HdrHistogram prints with 5 ticks per half distance: 5 steps over
 * the first half of the samples, 5 over half of the rest, and so on: 0, 0.1 .. 0.5, 0.55 .. 0.75,
 * 0.775 ... The values are exact, by nearest rank. A curve stops where its samples run out: one
 * point a rank. */
#ifndef TVA_SUMMARY_CURVE_H
#define TVA_SUMMARY_CURVE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define CURVE_TICKS      5
#define CURVE_HALVINGS   48 /* more than any number of samples needs, and exact in a double */
#define CURVE_POINTS_MAX (CURVE_TICKS * CURVE_HALVINGS + 1)

struct curve_point {
    double percentile; /* 0 to 1 */
    uint64_t value;
    uint64_t count; /* samples at or below value */
};

/* The points for sorted values[n]; the last has percentile 1. Returns how many: 0 when n is 0. */
size_t curve_of(const uint64_t *sorted, size_t n, struct curve_point points[CURVE_POINTS_MAX]);

/* The same as the schema's latency_curve. NULL when out of memory. */
json_t *curve_json(const uint64_t *sorted, size_t n);

#endif
