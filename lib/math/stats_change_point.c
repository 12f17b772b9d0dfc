#include "math/stats_change_point.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "math/stats.h"

#define SIDE_MIN STATS_CHANGE_POINT_SIDE_MIN
#define CLIPPED  3.0    /* robust standard deviations */
#define ROBUST   1.4826 /* standard deviations to a median deviation of normal values */

/* A stretch [from, to) that differs from the rest; up to one of the ends it is a cut. */
struct stretch {
    size_t from, to;
    double clear; /* square of the difference over its variance, up to a factor that all orders of
                     the same values share */
};

typedef struct stretch (*find_stretch)(const double *scores, size_t n);

/* What a search has at hand: arrays of n each. */
struct search {
    const double *values;
    double *sorted, *scores, *shuffled;
    double alpha;
    uint64_t seed;
    struct stats_change_point *found; /* room for n / SIDE_MIN changes */
    size_t count;
};

static double median_of(struct search *s, size_t from, size_t to)
{
    memcpy(s->sorted, s->values + from, (to - from) * sizeof *s->sorted);
    return stats_median(s->sorted, to - from);
}

/* Clipped deviations of values[from..to), less their mean, in scores[0..to - from). */
static void score_values(struct search *s, size_t from, size_t to)
{
    size_t n = to - from;
    double middle = median_of(s, from, to), scale, mean = 0;

    for (size_t i = 0; i < n; i++)
        s->sorted[i] = fabs(s->values[from + i] - middle);
    scale = ROBUST * stats_median(s->sorted, n);
    for (size_t i = 0; i < n; i++) {
        double d = s->values[from + i] - middle;

        /* where most values are equal, as counts are, any other is an odd one */
        d = scale > 0 ? d / scale : d > 0 ? CLIPPED : d < 0 ? -CLIPPED : 0;
        s->scores[i] = fmax(-CLIPPED, fmin(CLIPPED, d));
        mean += s->scores[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        s->scores[i] -= mean;
}

static double clearness(double sum, size_t inside, size_t n)
{
    return sum * sum / ((double)inside * (double)(n - inside));
}

static struct stretch clearest_cut(const double *scores, size_t n)
{
    struct stretch best = {.to = n, .clear = 0};
    double sum = 0;

    for (size_t k = 1; k + SIDE_MIN <= n; k++) {
        double clear;

        sum += scores[k - 1];
        clear = clearness(sum, k, n);
        if (k >= SIDE_MIN && clear > best.clear)
            best = (struct stretch){.from = k, .to = n, .clear = clear};
    }
    return best;
}

static struct stretch clearest_inside(const double *scores, size_t n)
{
    struct stretch best = {.to = n, .clear = 0};

    for (size_t from = SIDE_MIN; from + 2 * SIDE_MIN <= n; from++) {
        double sum = 0;

        for (size_t to = from + 1; to + SIDE_MIN <= n; to++) {
            double clear;

            sum += scores[to - 1];
            clear = clearness(sum, to - from, n);
            if (to - from >= SIDE_MIN && clear > best.clear)
                best = (struct stretch){.from = from, .to = to, .clear = clear};
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

/* The share of orders of scores[n], this one among them, with a stretch at least as clear. */
static double share_as_clear(struct search *s, size_t n, find_stretch find, double clear)
{
    size_t as_clear = 1;

    memcpy(s->shuffled, s->scores, n * sizeof *s->shuffled);
    for (uint64_t i = 0; i < STATS_CHANGE_POINT_SHUFFLES; i++) {
        shuffle(s->shuffled, n, s->seed, i * n);
        /* less what the order of a sum makes of its last digits */
        as_clear += find(s->shuffled, n).clear >= clear * (1 - 1e-9);
    }
    return (double)as_clear / (STATS_CHANGE_POINT_SHUFFLES + 1);
}

/* Is there a stretch, and with what p, doubled since both kinds are looked for? */
static bool find_change(struct search *s, size_t n, find_stretch find, struct stretch *out,
                        double *p)
{
    *out = find(s->scores, n);
    if (out->clear <= 0)
        return false;
    *p = fmin(1, 2 * share_as_clear(s, n, find, out->clear));
    return *p <= s->alpha;
}

/* Changes within values[from..to), in order. As deep as there are changes. */
static void search_between(struct search *s, size_t from, size_t to)
{
    struct stretch stretch;
    double p;

    if (to - from < 2 * SIDE_MIN)
        return;
    score_values(s, from, to);
    if (!find_change(s, to - from, clearest_cut, &stretch, &p) &&
        !find_change(s, to - from, clearest_inside, &stretch, &p))
        return;

    search_between(s, from, from + stretch.from);
    s->found[s->count++] = (struct stats_change_point){.at = from + stretch.from, .p = p};
    search_between(s, from + stretch.from, from + stretch.to);
    if (from + stretch.to == to)
        return;
    s->found[s->count++] = (struct stats_change_point){.at = from + stretch.to, .p = p};
    search_between(s, from + stretch.to, to);
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
    if (n > STATS_CHANGE_POINT_MAX)
        return -E2BIG;
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
    s.scores = s.sorted + n;
    s.shuffled = s.scores + n;

    search_between(&s, 0, n);
    describe(&s, n);
    *count = s.count;
    if (max > 0)
        memcpy(out, s.found, (s.count < max ? s.count : max) * sizeof *out);
    free(s.found);
    free(s.sorted);
    return 0;
}
