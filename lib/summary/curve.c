#include "summary/curve.h"

#include "math/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TICKS      5
#define HALVINGS   48 /* more than any number of samples needs, and exact in a double */
#define POINTS_MAX (TICKS * HALVINGS + 1)

static size_t count_at_or_below(const uint64_t *sorted, size_t n, size_t rank)
{
    size_t low = rank, high = n; /* the answer lies in [low, high] */

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (sorted[middle] == sorted[rank - 1])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* After k halvings the rest is 2^-k, and the ticks divide the next half of it evenly. As a quotient
 * of whole numbers it is rounded once, like the shares k / n that stats_rank() compares it with. */
static double tick_percentile(int tick)
{
    double denominator = ldexp(2 * TICKS, tick / TICKS);

    return (denominator - 2 * TICKS + tick % TICKS) / denominator;
}

static size_t find_points(const uint64_t *sorted, size_t n, struct curve_point *points)
{
    size_t points_count = 0, last_rank = 0;

    for (int tick = 0; tick < POINTS_MAX - 1; tick++) {
        double percentile = tick_percentile(tick);
        size_t rank = stats_rank(n, percentile);

        if (rank == n)
            break;
        if (rank == last_rank)
            continue;
        points[points_count++] = (struct curve_point){
            .percentile = percentile,
            .value = sorted[rank - 1],
            .count = count_at_or_below(sorted, n, rank),
        };
        last_rank = rank;
    }
    points[points_count++] =
        (struct curve_point){.percentile = 1, .value = sorted[n - 1], .count = n};
    return points_count;
}

int curve_of(const uint64_t *sorted, size_t n, struct curve *out)
{
    struct curve_point points[POINTS_MAX];

    *out = (struct curve){.count = n > 0 ? find_points(sorted, n, points) : 0};
    if (n == 0)
        return 0;
    out->points = malloc(out->count * sizeof *points);
    if (out->points == NULL)
        return -ENOMEM;
    memcpy(out->points, points, out->count * sizeof *points);
    return 0;
}
