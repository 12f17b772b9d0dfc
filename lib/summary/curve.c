#include "summary/curve.h"

#include "math/stats.h"
#include "result/result.h"

#include <math.h>

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
    double denominator = ldexp(2 * CURVE_TICKS, tick / CURVE_TICKS);

    return (denominator - 2 * CURVE_TICKS + tick % CURVE_TICKS) / denominator;
}

size_t curve_of(const uint64_t *sorted, size_t n, struct curve_point points[CURVE_POINTS_MAX])
{
    size_t points_count = 0, last_rank = 0;

    if (n == 0)
        return 0;
    for (int tick = 0; tick < CURVE_POINTS_MAX - 1; tick++) {
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

json_t *curve_json(const uint64_t *sorted, size_t n)
{
    struct curve_point points[CURVE_POINTS_MAX];
    size_t count = curve_of(sorted, n, points);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *point =
            json_pack("[ooo]", result_new_number(points[i].percentile),
                      result_new_count(points[i].value), result_new_count(points[i].count));

        if (json_array_append_new(list, point) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
