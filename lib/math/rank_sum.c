#include "math/rank_sum.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/stats.h"
#include "math/stats_laws.h"

static double count_greater(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double u = 0;

    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            u += a[i] > b[k] ? 1 : a[i] == b[k] ? 0.5 : 0;
    return u;
}

/* Twice the ranks of all[count], whole where ties share the mean of theirs; sorts all. Returns the
 * sum of t^3 - t over groups of t ties. */
static double rank_values(double *all, size_t count, size_t *rank2)
{
    double ties = 0;

    stats_sort(all, count);
    for (size_t first = 0, end; first < count; first = end) {
        double t;

        for (end = first + 1; end < count && all[end] == all[first]; end++)
            ;
        for (size_t i = first; i < end; i++)
            rank2[i] = first + 1 + end;
        t = (double)(end - first);
        ties += t * t * t - t;
    }
    return ties;
}

/* The share of the ways to take n of ranks[count], ascending, that has each sum from 0 to `most`,
 * the largest one: in the row of most + 1 that is returned in *sums, within *room, which the caller
 * frees. Ranks are taken or left one after the other, each with the chance that it has when n are
 * drawn from all of them, so that all terms are positive and nothing overflows. */
static int share_out(const size_t *ranks, size_t count, size_t n, size_t *most, double **sums,
                     double **room)
{
    size_t row, reach = 0;
    double *at;

    *most = 0;
    for (size_t i = count - n; i < count; i++)
        *most += ranks[i];
    row = *most + 1;
    at = *room = calloc((n + 1) * row, sizeof *at);
    if (at == NULL)
        return -ENOMEM;

    at[0] = 1;
    for (size_t i = 0; i < count; i++) {
        double left = (double)(count - i);

        reach = reach + ranks[i] < *most ? reach + ranks[i] : *most;
        for (size_t taken = n + 1; taken-- > 0;) {
            double *to = at + taken * row, leave = fmax(0, 1 - (double)(n - taken) / left);
            const double *from = taken > 0 ? to - row : NULL;

            for (size_t s = 0; s <= reach; s++)
                to[s] *= leave;
            for (size_t s = ranks[i]; from != NULL && s <= reach; s++)
                to[s] += from[s - ranks[i]] * (double)(n - taken + 1) / left;
        }
    }
    *sums = at + n * row;
    return 0;
}

/* u is that of the n values. */
static int exact_tails(const size_t *rank2, size_t count, size_t n, double u, double *above,
                       double *below)
{
    size_t most, sum = (size_t)(2 * u) + n * (n + 1);
    double *sums, *room;
    int r = share_out(rank2, count, n, &most, &sums, &room);

    if (r != 0)
        return r;
    *above = *below = 0;
    for (size_t s = 0; s <= sum; s++)
        *below += sums[s];
    for (size_t s = most + 1; s-- > sum;)
        *above += sums[s];
    free(room);
    return 0;
}

static void normal_tails(double n, double m, double ties, struct rank_sum *out)
{
    double all = n + m, middle = n * m / 2;
    double sigma = sqrt(n * m / 12 * (all + 1 - ties / (all * (all - 1))));

    /* sigma is 0 where all values are equal */
    out->above = sigma > 0 ? stats_normal_cdf((middle - out->u + 0.5) / sigma) : 1;
    out->below = sigma > 0 ? stats_normal_cdf((out->u - middle + 0.5) / sigma) : 1;
}

/* With room for all values, and for their ranks. */
static int tails(const double *a, size_t n, const double *b, size_t m, double *all, size_t *rank2,
                 struct rank_sum *out)
{
    double ties;

    memcpy(all, a, n * sizeof *all);
    memcpy(all + n, b, m * sizeof *all);
    ties = rank_values(all, n + m, rank2);
    if (n * m > RANK_SUM_EXACT_MAX) {
        normal_tails((double)n, (double)m, ties, out);
        return 0;
    }
    /* fewer steps when the ranks of the smaller group are shared out */
    if (n <= m)
        return exact_tails(rank2, n + m, n, out->u, &out->above, &out->below);
    return exact_tails(rank2, n + m, m, (double)n * (double)m - out->u, &out->below, &out->above);
}

int rank_sum_of(const double *a, size_t a_count, const double *b, size_t b_count,
                struct rank_sum *out)
{
    size_t count = a_count + b_count;
    double *all = malloc(count * sizeof *all);
    size_t *rank2 = malloc(count * sizeof *rank2);
    int r = -ENOMEM;

    if (all != NULL && rank2 != NULL) {
        out->u = count_greater(a, a_count, b, b_count);
        r = tails(a, a_count, b, b_count, all, rank2, out);
    }
    if (r == 0) {
        out->above = fmin(1, out->above);
        out->below = fmin(1, out->below);
        out->p = fmin(1, 2 * fmin(out->above, out->below));
    }
    free(all);
    free(rank2);
    return r;
}

int rank_sum_probabilities(size_t n, size_t m, double *at)
{
    size_t most, *ranks;
    double *sums, *room;
    int r;

    if (n * m > RANK_SUM_EXACT_MAX)
        return -ERANGE;
    ranks = malloc((n + m) * sizeof *ranks);
    if (ranks == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n + m; i++)
        ranks[i] = i + 1;
    r = share_out(ranks, n + m, n < m ? n : m, &most, &sums, &room);
    free(ranks);
    if (r != 0)
        return r;
    memcpy(at, sums + most - n * m, (n * m + 1) * sizeof *at);
    free(room);
    return 0;
}
