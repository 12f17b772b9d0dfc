#include "math/theory_scalability.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define TERMS      3 /* N / X = theta[0] + theta[1] (N - 1) + theta[2] N (N - 1) */
#define STEPS_MAX  200
#define CONVERGED  1e-14 /* relative change of the sum of squares */
#define DAMP_FIRST 1e-3
#define DAMP_LAST  1e12

struct data {
    const struct theory_scalability_point *points;
    size_t count;
    bool used[TERMS]; /* the others are 0 */
};

/* What is summed up for a step: the normal equations. */
struct equations {
    double matrix[TERMS][TERMS], right[TERMS];
};

static void terms_of(double n, double *terms)
{
    terms[0] = 1;
    terms[1] = n - 1;
    terms[2] = n * (n - 1);
}

static double evaluate(const double *theta, double n)
{
    double terms[TERMS], sum = 0;

    terms_of(n, terms);
    for (size_t k = 0; k < TERMS; k++)
        sum += theta[k] * terms[k];
    return sum > 0 ? n / sum : INFINITY;
}

static double squares(const struct data *d, const double *theta)
{
    double sum = 0;

    for (size_t i = 0; i < d->count; i++) {
        double e = d->points[i].x - evaluate(theta, d->points[i].n);

        sum += e * e;
    }
    return sum;
}

/* Add an observation of `value` whose derivatives by theta are `row`. */
static void observe(struct equations *e, const struct data *d, const double *row, double value)
{
    for (size_t j = 0; j < TERMS; j++) {
        if (!d->used[j])
            continue;
        e->right[j] += row[j] * value;
        for (size_t k = 0; k < TERMS; k++)
            if (d->used[k])
                e->matrix[j][k] += row[j] * row[k];
    }
}

/* Solve with the diagonal raised by the share `damp`, by Gaussian elimination. Rows and columns are
 * first scaled to a diagonal of 1: N (N - 1) is larger than 1 by many digits. An unused parameter
 * comes out as 0. False when the equations do not determine the others. */
static bool solve(const struct equations *e, double damp, double *out)
{
    double m[TERMS][TERMS + 1], scale[TERMS];

    for (size_t j = 0; j < TERMS; j++)
        scale[j] = e->matrix[j][j] > 0 ? 1 / sqrt(e->matrix[j][j]) : 1;
    for (size_t j = 0; j < TERMS; j++) {
        for (size_t k = 0; k < TERMS; k++)
            m[j][k] = e->matrix[j][k] * scale[j] * scale[k];
        m[j][j] = e->matrix[j][j] > 0 ? 1 + damp : 1;
        m[j][TERMS] = e->right[j] * scale[j];
    }
    for (size_t j = 0; j < TERMS; j++) { /* positive definite: no pivoting */
        if (!(m[j][j] > 1e-15))
            return false;
        for (size_t i = j + 1; i < TERMS; i++) {
            double factor = m[i][j] / m[j][j];

            for (size_t k = j; k <= TERMS; k++)
                m[i][k] -= factor * m[j][k];
        }
    }
    for (size_t j = TERMS; j-- > 0;) {
        double sum = m[j][TERMS];

        for (size_t k = j + 1; k < TERMS; k++)
            sum -= m[j][k] * out[k] / scale[k];
        out[j] = sum / m[j][j] * scale[j];
    }
    return true;
}

/* The normal equations around the throughputs that theta gives, whose solution is a step from it;
 * or (NULL) around those that were measured, whose solution is a theta itself: an error of X is one
 * of N / X times N / X^2, so with the weight X^2 / N the line fits X. */
static void linearise(const struct data *d, const double *theta, struct equations *e)
{
    memset(e, 0, sizeof *e);
    for (size_t i = 0; i < d->count; i++) {
        double n = d->points[i].n, measured = d->points[i].x, row[TERMS];
        double x = theta != NULL ? evaluate(theta, n) : measured;

        terms_of(n, row);
        for (size_t k = 0; k < TERMS; k++)
            row[k] *= -x * x / n;
        observe(e, d, row, theta != NULL ? measured - x : -x);
    }
}

/* From theta, walk downhill in the sum of squares, which is returned. */
static double refine(const struct data *d, double *theta)
{
    double sum = squares(d, theta), damp = DAMP_FIRST;
    struct equations e;

    for (int i = 0; i < STEPS_MAX && isfinite(sum); i++) {
        double step[TERMS], next[TERMS], next_sum = INFINITY;

        linearise(d, theta, &e);
        for (; damp < DAMP_LAST; damp *= 10) {
            if (!solve(&e, damp, step))
                continue;
            for (size_t k = 0; k < TERMS; k++)
                next[k] = theta[k] + step[k];
            next_sum = squares(d, next);
            if (next_sum <= sum)
                break;
        }
        if (!(next_sum <= sum))
            break;
        memcpy(theta, next, sizeof next);
        damp = fmax(damp / 100, 1e-12);
        if (sum - next_sum <= CONVERGED * sum) {
            sum = next_sum;
            break;
        }
        sum = next_sum;
    }
    return sum;
}

static bool is_valid(const struct theory_scalability_point *points, size_t count)
{
    double first = NAN, second = NAN;
    bool three = false;

    for (size_t i = 0; i < count; i++) {
        double n = points[i].n, x = points[i].x;

        if (!(n >= 1 && isfinite(n) && x > 0 && isfinite(x)))
            return false;
        if (isnan(first) || n == first)
            first = n;
        else if (isnan(second) || n == second)
            second = n;
        else
            three = true;
    }
    return three;
}

static double variation(const struct data *d)
{
    double mean = 0, sum = 0;

    for (size_t i = 0; i < d->count; i++)
        mean += d->points[i].x / (double)d->count;
    for (size_t i = 0; i < d->count; i++)
        sum += (d->points[i].x - mean) * (d->points[i].x - mean);
    return sum;
}

static void describe(const double *theta, struct theory_scalability *out)
{
    out->lambda = 1 / theta[0];
    out->sigma = theta[1] / theta[0];
    out->kappa = theta[2] / theta[0];
    out->peak = INFINITY;
    out->peak_x = out->lambda / out->sigma;
    if (out->kappa > 0 || out->sigma >= 1) {
        out->peak = out->sigma < 1 ? fmax(1, sqrt((1 - out->sigma) / out->kappa)) : 1;
        out->peak_x = theory_scalability_at(out, out->peak);
    }
}

int theory_scalability_fit(const struct theory_scalability_point *points, size_t count,
                           struct theory_scalability *out)
{
    struct data d = {.points = points, .count = count};
    double best = INFINITY, theta[TERMS], total;

    memset(out, 0, sizeof *out);
    if (!is_valid(points, count))
        return -EINVAL;
    for (unsigned set = 0; set < 4; set++) {
        struct equations e;
        double sum;

        d.used[0] = true;
        d.used[1] = (set & 1) == 0;
        d.used[2] = (set & 2) == 0;
        linearise(&d, NULL, &e);
        if (!solve(&e, 0, theta))
            continue;
        sum = refine(&d, theta);
        if (sum < best && theta[0] > 0 && theta[1] >= 0 && theta[2] >= 0) {
            best = sum;
            describe(theta, out);
        }
    }
    if (isinf(best))
        return -EDOM;
    total = variation(&d);
    out->r2 = total > 0 ? 1 - best / total : NAN;
    return 0;
}

double theory_scalability_at(const struct theory_scalability *law, double n)
{
    return law->lambda * n / (1 + law->sigma * (n - 1) + law->kappa * n * (n - 1));
}
