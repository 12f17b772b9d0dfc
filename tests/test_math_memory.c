/* The promise: when memory runs out, statistics and theory say so, and leave no half result. */
#include "math/crossing.h"
#include "math/stats_change_point.h"
#include "math/stats_ranks.h"
#include "math/theory_fixed.h"
#include "math/theory_queue.h"

#include "support/failing_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N 8

static const double low[N] = {1, 2, 3, 4, 5, 6, 7, 8}, high[N] = {11, 12, 13, 14, 15, 16, 17, 18};

static int signed_rank(void *arg, FILE *out)
{
    struct stats_signed_rank test;
    int r = stats_signed_rank_of(low, N, 3, &test);

    (void)arg;
    if (r == 0)
        fprintf(out, "%g", test.p);
    return r;
}

static int rank_sum(void *arg, FILE *out)
{
    struct stats_rank_sum test;
    int r = stats_rank_sum_of(low, N, high, N, &test);

    (void)arg;
    if (r == 0)
        fprintf(out, "%g", test.p);
    return r;
}

static int hodges_lehmann(void *arg, FILE *out)
{
    struct stats_hodges_lehmann of, shift;
    int r = stats_hodges_lehmann_of(low, N, 0.95, &of);

    (void)arg;
    if (r == 0)
        r = stats_hodges_lehmann_shift(low, N, high, N, 0.95, &shift);
    if (r == 0)
        fprintf(out, "%g %g", of.estimate, shift.ci_low);
    return r;
}

static int power_and_holm(void *arg, FILE *out)
{
    const double p[] = {0.01, 0.5, 0.02};
    double effect, adjusted[3];
    int r = stats_power_effect(N, 0.1, 0.05, 0.8, &effect);

    (void)arg;
    if (r == 0)
        r = stats_holm_adjust(p, 3, adjusted);
    if (r == 0)
        fprintf(out, "%g %g", effect, adjusted[2]);
    return r;
}

static int change_point(void *arg, FILE *out)
{
    const double values[] = {1, 2, 1, 2, 1, 2, 1, 2, 9, 8, 9, 8, 9, 8, 9, 8};
    struct stats_change_point found[4];
    size_t count = 0;
    int r =
        stats_change_point_find(values, sizeof values / sizeof *values, 0.05, 1, found, 4, &count);

    (void)arg;
    if (r == 0)
        fprintf(out, "%zu", count);
    return r;
}

static int crossing(void *arg, FILE *out)
{
    const struct crossing_point points[] = {{1, low, high, N, N}, {2, high, low, N, N}};
    struct crossing found;
    int r = crossing_of(points, 2, -1, false, 1, &found);

    (void)arg;
    (void)out;
    return r;
}

static int fixed_service(void *arg, FILE *out)
{
    struct theory_fixed *q;
    int r = theory_fixed_create(50, 0.01, 1, &q);

    (void)arg;
    if (r == 0) {
        fprintf(out, "%g", theory_fixed_mean_wait_s(q));
        theory_fixed_destroy(q);
    }
    return r;
}

static int fifo_waits(void *arg, FILE *out)
{
    const uint64_t arrivals[] = {0, 1, 2}, service[] = {5, 5, 5};
    uint64_t waits[3];
    int r = theory_fifo_waits(arrivals, service, 3, 2, waits);

    (void)arg;
    if (r == 0)
        fprintf(out, "%llu", (unsigned long long)waits[2]);
    return r;
}

static void each_says_so(void **state)
{
    static int (*const scenes[])(void *arg, FILE *out) = {
        signed_rank,  rank_sum, hodges_lehmann, power_and_holm,
        change_point, crossing, fixed_service,  fifo_waits};

    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        assert_true(failing_memory_walk(scenes[i], NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
