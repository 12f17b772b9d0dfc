#include "compare/compare_ratio.h"

#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

static bool all_equal(const double *a, size_t a_count, const double *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (a[i] != a[0])
            return false;
    for (size_t i = 0; i < b_count; i++)
        if (b[i] != a[0])
            return false;
    return true;
}

/* false when a value has no logarithm. */
static bool take_logarithms(const double *values, size_t count, double *logs)
{
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] > 0) || !isfinite(values[i]))
            return false;
        logs[i] = log(values[i]);
    }
    return true;
}

static enum compare_verdict verdict_of(const struct compare_ratio *r, double effect)
{
    double above = log1p(effect);

    if (log(r->low) >= -above && log(r->high) <= above)
        return COMPARE_SAME;
    if (r->low > 1 && log(r->ratio) > above)
        return COMPARE_MORE;
    if (r->high < 1 && log(r->ratio) < -above)
        return COMPARE_LESS;
    return COMPARE_UNCLEAR;
}

int compare_ratio_of(const double *a, size_t a_count, const double *b, size_t b_count,
                     double effect, struct compare_ratio *out)
{
    double a_logs[METRIC_RUNS_MAX], b_logs[METRIC_RUNS_MAX];
    struct stats_hodges_lehmann shift;
    bool constant = all_equal(a, a_count, b, b_count);
    int status;

    *out = (struct compare_ratio){NAN, NAN, NAN, NAN, COMPARE_UNKNOWN, NULL};
    if (constant && a_count > 1 && b_count > 1) {
        *out = (struct compare_ratio){1, 1, 1, 1, COMPARE_SAME, NULL};
        return 0;
    }
    if (!take_logarithms(a, a_count, a_logs) || !take_logarithms(b, b_count, b_logs)) {
        out->why = "runs with 0";
        return 0;
    }
    status =
        stats_hodges_lehmann_shift(b_logs, b_count, a_logs, a_count, COMPARE_CONFIDENCE, &shift);
    if (status == -ENOMEM)
        return status;
    if (status < 0) {
        out->why = "no numbers";
        return 0;
    }
    out->ratio = exp(shift.estimate);
    out->low = exp(shift.ci_low);
    out->high = exp(shift.ci_high);
    out->confidence = shift.confidence;
    if (shift.confidence < COMPARE_CONFIDENCE)
        out->why = "too few runs";
    else
        out->verdict = verdict_of(out, effect);
    return 0;
}

void compare_ratio_exact(double a, double b, double effect, struct compare_ratio *out)
{
    double ratio = a == b ? 1 : b / a;

    *out = (struct compare_ratio){ratio, ratio, ratio, 1, COMPARE_SAME, NULL};
    if (b > a * (1 + effect))
        out->verdict = COMPARE_MORE;
    else if (b < a / (1 + effect))
        out->verdict = COMPARE_LESS;
}

void compare_ratio_bare(double a, double b, const char *why, struct compare_ratio *out)
{
    double ratio = a > 0 && b > 0 ? b / a : (double)NAN;

    *out = (struct compare_ratio){ratio, NAN, NAN, NAN, COMPARE_UNKNOWN, why};
}
