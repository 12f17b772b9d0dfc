/* The promise: a cell is as precise as the 95 % interval of its headline is narrow, and is not
 * known at all while there are too few runs for one. */
#include "harness/harness.h"

#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define RUNS 6

static void assert_near(double found, double expected)
{
    if (!(fabs(found - expected) < 1e-9))
        fail_msg("%.12g, not %.12g", found, expected);
}

static void drop(struct run_record *runs)
{
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&runs[i]);
}

static void test_batches_by_makespan(void **state)
{
    static const uint64_t makespans_ms[RUNS] = {100, 98, 102, 100, 104, 100};
    struct cell cell = records_cell("tasks", "sleep", 10);
    struct run_record runs[RUNS];

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        runs[i] = records_run(&cell, makespans_ms[i] * NS_PER_MS);
    assert_near(harness_precision_of(&cell, runs, RUNS), 0.04);
    assert_true(isinf(harness_precision_of(&cell, runs, RUNS - 1)));
    assert_true(isinf(harness_precision_of(&cell, runs, 0)));
    snprintf(runs[0].failure.text, sizeof runs[0].failure.text, "failed");
    assert_true(isinf(harness_precision_of(&cell, runs, RUNS))); /* 5 are left */
    drop(runs);
}

static void test_loops_by_mean_latency(void **state)
{
    static const uint64_t services_ms[RUNS] = {10, 10, 10, 10, 10, 11};
    struct cell cell = records_loop_cell("tasks", "sleep", LOAD_OPEN);
    struct run_record runs[RUNS];

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        runs[i] = records_loop_run(&cell, 2, 50, 0, services_ms[i] * NS_PER_MS);
    assert_near(harness_precision_of(&cell, runs, RUNS), 0.1);
    drop(runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_by_makespan),
        cmocka_unit_test(test_loops_by_mean_latency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
