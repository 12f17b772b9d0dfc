#include "math/stats_mser.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define GROUP    5 /* values in a mean */
#define LEFT_OUT 5 /* of the last means: a few that happen to be alike look steady */

static double group_mean(const double *values, size_t group)
{
    double sum = 0;

    for (size_t i = 0; i < GROUP; i++)
        sum += values[group * GROUP + i];
    return sum / GROUP;
}

/* Backwards, so that each step adds one mean to those that are left: mean and sum of squares are
 * kept up by Welford's recurrence, "Note on a method for calculating corrected sums of squares and
 * products", Technometrics 4 (1962). */
int stats_mser(const double *values, size_t n, struct stats_mser *out)
{
    size_t groups = n / GROUP;
    double mean = 0, squares = 0;

    memset(out, 0, sizeof *out);
    if (n < STATS_MSER_VALUES_MIN)
        return -ENODATA;
    out->statistic = INFINITY;
    for (size_t d = groups; d-- > 0;) {
        double count = (double)(groups - d), value = group_mean(values, d), before = mean;

        mean += (value - mean) / count;
        squares += (value - before) * (value - mean);
        if (groups - d > LEFT_OUT && squares / (count * count) <= out->statistic) {
            out->statistic = squares / (count * count);
            out->truncate = d * GROUP;
        }
    }
    out->steady = out->truncate <= n / 2;
    return 0;
}
