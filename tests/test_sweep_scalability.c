/* The promise: the scalability law that a sweep over clients is said to follow is the one it
 * follows. */
#include "sweep/sweep_scalability.h"

#include "support/sweep_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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
    free(list.items);
    sweep_deinit(&f.sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalability),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
