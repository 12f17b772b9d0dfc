#include "math/stats_prediction.h"

#include <errno.h>
#include <math.h>

#include "math/stats_laws.h"

int stats_prediction_of(const double *values, size_t n, double confidence,
                        struct stats_prediction *out)
{
    double sum = 0, squares = 0, half;

    if (!(confidence > 0 && confidence < 1))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return -EINVAL;
    if (n < STATS_PREDICTION_VALUES_MIN)
        return -ENODATA;

    /* relative to the first, so that values which are all equal have no spread at all */
    for (size_t i = 0; i < n; i++)
        sum += values[i] - values[0];
    out->mean = values[0] + sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - out->mean) * (values[i] - out->mean);
    out->sd = sqrt(squares / (double)(n - 1));
    half = stats_student_quantile((1 + confidence) / 2, (unsigned)(n - 1)) * out->sd *
           sqrt(1 + 1 / (double)n);
    out->low = out->mean - half;
    out->high = out->mean + half;
    return 0;
}
