#include "math/stats_holm.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct test {
    double p;
    size_t index;
};

static int compare_p(const void *a, const void *b)
{
    double x = ((const struct test *)a)->p, y = ((const struct test *)b)->p;

    return (x > y) - (x < y);
}

int stats_holm_adjust(const double *p, size_t n, size_t family, double *adjusted)
{
    struct test *tests;
    double least = 0;

    if (family < n)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (!(p[i] >= 0 && p[i] <= 1))
            return -EINVAL;
    if (n == 0)
        return 0;
    tests = malloc(n * sizeof *tests);
    if (tests == NULL)
        return -ENOMEM;

    for (size_t i = 0; i < n; i++)
        tests[i] = (struct test){.p = p[i], .index = i};
    qsort(tests, n, sizeof *tests, compare_p);
    for (size_t i = 0; i < n; i++) {
        least = fmax(least, fmin(1, (double)(family - i) * tests[i].p));
        adjusted[tests[i].index] = least;
    }
    free(tests);
    return 0;
}
