/* The promise: the figures of a run are those of its counted jobs: warm-up and refused jobs are
 * left out, given-up ones count with what they waited, percentiles need their samples, and a run
 * with a failed job has none. */
#include "summary/figure.h"

#include "support/records.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* n jobs, of which number i took i + 1 ms. */
static struct run_record run_of(size_t n)
{
    struct cell cell = records_cell("tasks", "sleep:duration=1ms", n);
    struct run_record run = records_run(&cell, 2 * NS_PER_S);

    for (size_t i = 0; i < n; i++)
        run.samples[i].finished_ns = run.samples[i].intended_ns + (i + 1) * NS_PER_MS;
    return run;
}

static struct figures figures_of(struct run_record *run)
{
    struct figures f;

    assert_int_equal(figures_of_run(run, &f), 0);
    run_record_deinit(run);
    return f;
}

static void test_all_figures(void **state)
{
    struct run_record run = run_of(10000);
    struct figures f = figures_of(&run);

    (void)state;
    assert_true(f.values[FIGURE_THROUGHPUT] == 5000);
    assert_true(f.values[FIGURE_P50] == 5000e6 && f.values[FIGURE_P90] == 9000e6);
    assert_true(f.values[FIGURE_P99] == 9900e6 && f.values[FIGURE_P999] == 9990e6);
    assert_true(f.values[FIGURE_MAX] == 10000e6);
    assert_true(fabs(f.values[FIGURE_MEAN] - 5000.5e6) < 1);
    assert_true(f.values[FIGURE_LAG_P99] == 50e3);
    assert_true(f.lost == 0 && f.late_ns == 0);
}

static void test_percentiles_need_their_samples(void **state)
{
    struct run_record run = run_of(999);
    struct figures f = figures_of(&run);

    (void)state;
    assert_true(isnan(f.values[FIGURE_P99]) && isnan(f.values[FIGURE_P999]));
    assert_false(isnan(f.values[FIGURE_P90]));
    for (size_t i = 0; i < FIGURES_COUNT; i++)
        assert_true(figure_types[i].samples_min <= 10000);
    run = run_of(figure_types[FIGURE_P99].samples_min);
    assert_false(isnan(figures_of(&run).values[FIGURE_P99]));
}

static void test_warm_up_does_not_count(void **state)
{
    struct run_record run = run_of(100);
    struct figures f;

    (void)state;
    run.warmup_samples = 60;
    f = figures_of(&run);
    assert_true(f.values[FIGURE_THROUGHPUT] == 20);
    assert_true(f.values[FIGURE_MEAN] == 80.5e6);
    assert_true(isnan(f.values[FIGURE_P90]));
}

static void test_jobs_that_were_not_run(void **state)
{
    struct run_record run = run_of(100);
    struct figures f;

    (void)state;
    run.samples[99].result = SAMPLE_REFUSED;
    run.samples[98].result = SAMPLE_UNSERVED;
    f = figures_of(&run);
    assert_true(f.lost == 0.02);
    assert_true(f.values[FIGURE_THROUGHPUT] == 49);
    assert_true(f.values[FIGURE_MAX] == 99e6);
}

static void test_late_dispatches(void **state)
{
    struct run_record run = run_of(1000);
    struct figures f;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        run.samples[i].started_ns = run.samples[i].finished_ns;
        run.samples[i].submitted_ns = run.samples[i].intended_ns + i * 1000;
    }
    f = figures_of(&run);
    assert_true(f.late_percentile == 0.99 && f.late_ns == 989e3);
}

static void test_failures(void **state)
{
    struct run_record run = run_of(100);
    struct figures f;

    (void)state;
    run.samples[50].result = -EIO;
    f = figures_of(&run);
    for (size_t i = 0; i < FIGURES_COUNT; i++)
        assert_true(isnan(f.values[i]));
    run = run_of(100);
    strcpy(run.failure.text, "it failed");
    f = figures_of(&run);
    for (size_t i = 0; i < FIGURES_COUNT; i++)
        assert_true(isnan(f.values[i]));
    run = (struct run_record){.failure = {"it failed"}};
    assert_true(isnan(figures_of(&run).values[FIGURE_MEAN]));
}

static void test_names(void **state)
{
    enum figure figure;
    struct err err = {""};

    (void)state;
    for (size_t i = 0; i < FIGURES_COUNT; i++) {
        assert_int_equal(figure_find(figure_types[i].name, &figure, &err), 0);
        assert_int_equal(figure, i);
    }
    assert_int_equal(figure_find("p98", &figure, &err), -EINVAL);
    assert_non_null(strstr(err.text, "\"p90\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_figures),
        cmocka_unit_test(test_percentiles_need_their_samples),
        cmocka_unit_test(test_warm_up_does_not_count),
        cmocka_unit_test(test_jobs_that_were_not_run),
        cmocka_unit_test(test_late_dispatches),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
