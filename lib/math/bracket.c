#include "math/bracket.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool bracket_find(const struct bracket_point *points, size_t n, size_t from, struct bracket *out)
{
    size_t clear = n;

    for (size_t i = from; i < n; i++) {
        if (points[i].sign == 0)
            continue;
        if (clear < n && points[clear].sign != points[i].sign) {
            *out = (struct bracket){.low = clear, .high = i};
            return true;
        }
        clear = i;
    }
    return false;
}

/* Through text: the nearest number with few digits is the one that is written so. */
double bracket_round(double x, unsigned digits)
{
    char text[64];

    snprintf(text, sizeof text, "%.*e", (int)digits - 1, x);
    return strtod(text, NULL);
}

/* How many times as wide as is narrow enough; at most 1 when it is. */
static double width(const struct bracket_scale *scale, double low, double high)
{
    if (scale->log)
        return log(high / low) / log1p(scale->width);
    return (high - low) / scale->width;
}

/* The number of the scale nearest to the middle. false when there is none strictly between. */
static bool middle(const struct bracket_scale *scale, double low, double high, double *x)
{
    double m = scale->log ? sqrt(low) * sqrt(high) : low + (high - low) / 2;

    m = scale->whole ? round(m) : bracket_round(m, scale->digits);
    if (!(m > low && m < high))
        m = scale->whole ? floor(low) + 1 : low + (high - low) / 2;
    *x = m;
    return m > low && m < high;
}

bool bracket_next(const struct bracket_point *points, const struct bracket *bracket,
                  const struct bracket_scale *scale, double *x)
{
    size_t first = bracket->low + 1, last = bracket->high - 1;
    double low = points[bracket->low].x, high = points[bracket->high].x, below, above;

    if (first > last) {
        first = bracket->high;
        last = bracket->low;
    }
    below = width(scale, low, points[first].x);
    above = last == bracket->low ? 0 : width(scale, points[last].x, high);
    if (below >= above && below > 1 && middle(scale, low, points[first].x, x))
        return true;
    if (above > 1 && middle(scale, points[last].x, high, x))
        return true;
    return below > 1 && middle(scale, low, points[first].x, x);
}
