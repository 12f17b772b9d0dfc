#include "measure/stats_change_point.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

#define SIDE_MIN STATS_CHANGE_POINT_SIDE_MIN

/* What a search has at hand: arrays of n each. */
struct search {
    const double *values;
    double *sorted, *ranks, *shuffled;
    double alpha;
    uint64_t seed;
    struct stats_change_point *found; /* room for n / SIDE_MIN changes */
    size_t count;
};

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_of(struct search *s, size_t from, size_t to)
{
    size_t n = to - from;

    memcpy(s->sorted, s->values + from, n * sizeof *s->sorted);
    qsort(s->sorted, n, sizeof *s->sorted, compare_double);
    return s->sorted[(n - 1) / 2] / 2 + s->sorted[n / 2] / 2;
}

/* Ranks of values[from..to), less their mean, ties sharing theirs: ranks[0..to - from). */
static void rank_values(struct search *s, size_t from, size_t to)
{
    size_t n = to - from;

    for (size_t i = 0; i < n; i++) {
        double below = 0, same = 0;

        for (size_t k = 0; k < n; k++) {
            below += s->values[from + k] < s->values[from + i];
            same += s->values[from + k] == s->values[from + i];
        }
        s->ranks[i] = below + (same + 1) / 2 - ((double)n + 1) / 2;
    }
}

/* The square of the z value of the clearest split, up to a factor that all orders share, and the
 * first index after it. */
static double clearest(const double *ranks, size_t n, size_t *at)
{
    double sum = 0, best = -1;

    for (size_t k = 1; k + SIDE_MIN <= n; k++) {
        double z2;

        sum += ranks[k - 1];
        z2 = sum * sum / ((double)k * (double)(n - k));
        if (k >= SIDE_MIN && z2 > best) {
            best = z2;
            *at = k;
        }
    }
    return best;
}

/* Fisher and Yates' shuffle. */
static void shuffle(double *values, size_t n, uint64_t seed, uint64_t first)
{
    for (size_t i = n - 1; i > 0; i--) {
        double u = random_uniform(seed, RANDOM_SHUFFLES, first + i);
        size_t k = (size_t)(u * (double)(i + 1));
        double kept = values[i];

        values[i] = values[k];
        values[k] = kept;
    }
}

/* The share of orders, this one among them, in which a split of n values is at least as clear. */
static double share_as_clear(struct search *s, size_t n, double best)
{
    size_t as_clear = 1, at;

    memcpy(s->shuffled, s->ranks, n * sizeof *s->shuffled);
    for (uint64_t i = 0; i < STATS_CHANGE_POINT_SHUFFLES; i++) {
        shuffle(s->shuffled, n, s->seed, i * n);
        as_clear += clearest(s->shuffled, n, &at) >= best;
    }
    return (double)as_clear / (STATS_CHANGE_POINT_SHUFFLES + 1);
}

/* Changes within values[from..to), in order. As deep as there are changes. */
static void split(struct search *s, size_t from, size_t to)
{
    size_t n = to - from, at = 0;
    double best, p;

    if (n < 2 * SIDE_MIN)
        return;
    rank_values(s, from, to);
    best = clearest(s->ranks, n, &at);
    if (best <= 0)
        return;
    p = share_as_clear(s, n, best);
    if (p > s->alpha)
        return;
    split(s, from, from + at);
    s->found[s->count++] = (struct stats_change_point){.at = from + at, .p = p};
    split(s, from + at, to);
}

static void describe(struct search *s, size_t n)
{
    for (size_t i = 0; i < s->count; i++) {
        size_t from = i > 0 ? s->found[i - 1].at : 0;
        size_t to = i + 1 < s->count ? s->found[i + 1].at : n;

        s->found[i].before = median_of(s, from, s->found[i].at);
        s->found[i].after = median_of(s, s->found[i].at, to);
    }
}

int stats_change_point_find(const double *values, size_t n, double alpha, uint64_t seed,
                            struct stats_change_point *out, size_t max, size_t *count)
{
    struct search s = {.values = values, .alpha = alpha, .seed = seed};

    if (!(alpha > 0 && alpha < 1))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return -EINVAL;
    *count = 0;
    if (n < 2 * SIDE_MIN)
        return 0;
    s.sorted = malloc(3 * n * sizeof *s.sorted);
    s.found = malloc(n / SIDE_MIN * sizeof *s.found);
    if (s.sorted == NULL || s.found == NULL) {
        free(s.sorted);
        free(s.found);
        return -ENOMEM;
    }
    s.ranks = s.sorted + n;
    s.shuffled = s.ranks + n;

    split(&s, 0, n);
    describe(&s, n);
    *count = s.count;
    if (max > 0)
        memcpy(out, s.found, (s.count < max ? s.count : max) * sizeof *out);
    free(s.found);
    free(s.sorted);
    return 0;
}
