/* The promise: the scalability law that a sweep over clients is said to follow is the one it
 * follows. */
#include "sweep/sweep.h"

#include "support/sweep_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* By the law itself, with lambda 100, sigma 0.05 and kappa 0.001: the peak is at 30.8. */
static int scaling_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                         struct sweep_run *run)
{
    double n = cell->point[0];

    run->values.of[RUN_THROUGHPUT_PER_S] =
        100 * n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1)) * sweep_fixture_noisy(f);
    return 0;
}

static void test_scalability(void **state)
{
    static const char *const clients[] = {"clients=1..128:x2"};
    struct sweep_fixture f = {.noise = 0.001, .value = scaling_value};
    struct sweep_answers list = {0};
    struct err err = {""};

    (void)state;
    sweep_fixture_begin(&f, "tasks,pool", "sleep", clients, 1);
    sweep_fixture_measure_grid(&f);
    assert_int_equal(sweep_scalability_fit(&f.sweep, &list, &err), 0);
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list.items[i].series, i);
        assert_true(fabs(list.items[i].law.sigma - 0.05) < 0.002);
        assert_true(fabs(list.items[i].law.kappa - 0.001) < 0.0001);
        assert_true(fabs(list.items[i].law.peak - 30.8) < 1);
    }
    assert_string_equal(list.items[0].sentence,
                        "tasks: one client gets 99.9/s, contention 5.0%, coherency 0.100%; most "
                        "throughput, 904/s, at 31 clients");
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* Throughput that falls to a tenth at 64 clients and comes back follows no such law. */
static int jagged_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                        struct sweep_run *run)
{
    double n = cell->point[0];

    run->values.of[RUN_THROUGHPUT_PER_S] = 1000 * n * (n == 64 ? 0.1 : 1) * sweep_fixture_noisy(f);
    return 0;
}

static void test_a_law_that_misses_its_points_is_not_shown(void **state)
{
    static const char *const clients[] = {"clients=1..128:x2"};
    struct sweep_fixture f = {.noise = 0.001, .value = jagged_value};
    struct sweep_answers list = {0};
    struct err err = {""};

    (void)state;
    sweep_fixture_begin(&f, "tasks", "sleep", clients, 1);
    sweep_fixture_measure_grid(&f);
    assert_int_equal(sweep_scalability_fit(&f.sweep, &list, &err), 0);
    assert_int_equal(list.count, 1);
    assert_true(isnan(list.items[0].law.lambda) && isnan(list.items[0].law.peak_x));
    assert_non_null(strstr(list.items[0].sentence, "tasks: the scalability law misses its "
                                                   "throughput with 64 clients by "));
    free(list.items);
    sweep_deinit(&f.sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalability),
        cmocka_unit_test(test_a_law_that_misses_its_points_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
