/* The promise: the values of a run are those of its counted jobs: warm-up and refused jobs are left
 * out, given-up ones count with what they waited, percentiles need their samples; the catalogue's
 * metrics of it are in the catalogue's units, and a run with a failed job is not ranked. */
#include "summary/run_values.h"

#include "support/records.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#define KERNEL_BYTES 20000.0 /* of a thread */
#define KIB          1024.0

/* n jobs, of which number i took i + 1 ms. */
static struct run_record run_of(size_t n)
{
    struct cell cell = records_cell("tasks", "sleep:duration=1ms", n);
    struct run_record run = records_run(&cell, 2 * NS_PER_S);

    for (size_t i = 0; i < n; i++)
        run.samples[i].finished_ns = run.samples[i].intended_ns + (i + 1) * NS_PER_MS;
    return run;
}

static struct run_values values_of(struct run_record *run)
{
    struct cell cell = records_cell("tasks", "sleep:duration=1ms", run_counted(run));
    struct run_values v;

    assert_int_equal(run_values_of(run, &cell, (struct kernel_memory){KERNEL_BYTES, NAN}, &v), 0);
    run_record_deinit(run);
    return v;
}

static double metric(const struct run_values *v, const char *name)
{
    return run_values_metric(v, metric_named(name));
}

static bool is_near(double found, double expected)
{
    return fabs(found - expected) <= 1e-9 * expected;
}

static void test_all_metrics(void **state)
{
    struct run_record run = run_of(10000);
    struct run_values v;

    (void)state;
    run.usage.cpu_user_ns = 3 * NS_PER_S;
    run.usage.cpu_sys_ns = 2 * NS_PER_S;
    v = values_of(&run);
    assert_true(is_near(metric(&v, "throughput"), 5000));
    assert_true(is_near(metric(&v, "p50"), 5) && is_near(metric(&v, "p90"), 9));
    assert_true(is_near(metric(&v, "p99"), 9.9) && is_near(metric(&v, "p999"), 9.99));
    assert_true(is_near(metric(&v, "max"), 10));
    assert_true(is_near(metric(&v, "mean"), 5.0005));
    assert_true(is_near(metric(&v, "lag_p99"), 50e3));
    assert_true(is_near(metric(&v, "cpu"), 5e-4));
    assert_true(v.lost == 0 && v.late_ns == 0 && v.failed == 0);
}

/* Jobs that asked for 1 ms took 3 ms from when they were wanted: 0.5 ms until they began. What else
 * a job does is not split from its requests. */
static void test_the_parts_of_lateness_add_up(void **state)
{
    struct cell cell = records_cell("tasks", "tcp:delay=500us,requests=2", 10);
    struct run_record run = records_run(&cell, 2 * NS_PER_S);
    struct run_values v;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        run.samples[i].started_ns = run.samples[i].intended_ns + NS_PER_MS / 2;
        run.samples[i].finished_ns = run.samples[i].intended_ns + 3 * NS_PER_MS;
    }
    assert_int_equal(run_values_of(&run, &cell, KERNEL_MEMORY_UNKNOWN, &v), 0);
    assert_true(isnan(v.of[RUN_LATE_TIMER_S]) && isnan(v.of[RUN_LATE_READ_WRITE_S]));
    run.ledger.timer_ns = 10 * NS_PER_MS / 5;
    run.ledger.wake_up_ns = 10 * NS_PER_MS;
    assert_int_equal(run_values_of(&run, &cell, KERNEL_MEMORY_UNKNOWN, &v), 0);
    assert_true(is_near(v.of[RUN_LATE_TIMER_S], 0.0002));
    assert_true(is_near(v.of[RUN_LATE_WAKE_UP_S], 0.0015));
    assert_true(is_near(v.of[RUN_LATE_READ_WRITE_S], 0.0003));
    assert_true(
        is_near(v.of[RUN_LATE_TIMER_S] + v.of[RUN_LATE_WAKE_UP_S] + v.of[RUN_LATE_READ_WRITE_S],
                v.of[RUN_LATENCY_MEAN_S] - 0.001));
    cell = records_cell("tasks", "tcp:delay=500us,requests=2 + file", 10);
    assert_int_equal(run_values_of(&run, &cell, KERNEL_MEMORY_UNKNOWN, &v), 0);
    assert_true(isnan(v.of[RUN_LATE_TIMER_S]) && isnan(v.of[RUN_LATE_WAKE_UP_S]) &&
                isnan(v.of[RUN_LATE_READ_WRITE_S]));
    run_record_deinit(&run);
}

/* A figure that is left over after most was taken out would be the heartbeat's, not the jobs'. */
static void test_cpu_is_unknown_where_the_heartbeat_used_most(void **state)
{
    struct run_record run = run_of(100);
    struct run_values v;

    (void)state;
    run.usage.cpu_user_ns = run.usage.cpu_sys_ns = NS_PER_S;
    run.heartbeat_cpu_ns = 6 * NS_PER_S;
    v = values_of(&run);
    assert_true(is_near(metric(&v, "cpu"), 2e-2));
    run = run_of(100);
    run.usage.cpu_user_ns = run.usage.cpu_sys_ns = NS_PER_S;
    run.heartbeat_cpu_ns = 6 * NS_PER_S + 1;
    v = values_of(&run);
    assert_true(isnan(metric(&v, "cpu")));
}

/* Whatever a sweep can rank by, a run has. */
static void test_ranks(void **state)
{
    struct run_record run = run_of(10000);
    struct run_values v = values_of(&run);

    (void)state;
    for (size_t i = 0; i < metrics_count; i++)
        if (metrics[i].ranked_from > 0 && !(run_values_metric(&v, &metrics[i]) > 0))
            fail_msg("a run has no %s", metrics[i].name);
}

static void test_percentiles_need_their_samples(void **state)
{
    struct run_record run = run_of(999);
    struct run_values v = values_of(&run);

    (void)state;
    assert_true(isnan(metric(&v, "p99")) && isnan(metric(&v, "p999")));
    assert_false(isnan(metric(&v, "p90")));
    run = run_of(metric_named("p99")->ranked_from);
    v = values_of(&run);
    assert_false(isnan(metric(&v, "p99")));
}

static void test_warm_up_does_not_count(void **state)
{
    struct run_record run = run_of(100);
    struct run_values v;

    (void)state;
    run.warmup_samples = 60;
    v = values_of(&run);
    assert_true(is_near(metric(&v, "throughput"), 20));
    assert_true(is_near(metric(&v, "mean"), 0.0805));
    assert_true(isnan(metric(&v, "p90")));
}

static void test_jobs_that_were_not_run(void **state)
{
    struct run_record run = run_of(100);
    struct run_values v;

    (void)state;
    run.samples[99].result = SAMPLE_REFUSED;
    run.samples[98].result = SAMPLE_UNSERVED;
    v = values_of(&run);
    assert_true(v.lost == 0.02);
    assert_true(is_near(metric(&v, "throughput"), 49));
    assert_true(is_near(metric(&v, "max"), 0.099));
}

static void test_late_dispatches(void **state)
{
    struct run_record run = run_of(1000);
    struct run_values v;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        run.samples[i].started_ns = run.samples[i].finished_ns;
        run.samples[i].submitted_ns = run.samples[i].intended_ns + i * 1000;
    }
    v = values_of(&run);
    assert_true(v.late_percentile == STATS_P99 && v.late_ns == 989e3 && v.late_max_ns == 999e3);
}

/* Its jobs delay those that count. */
static void test_the_latest_dispatch_may_be_of_the_warm_up(void **state)
{
    struct run_record run = run_of(100);
    struct run_values v;

    (void)state;
    run.warmup_samples = 50;
    run.samples[49].submitted_ns = run.samples[49].intended_ns + 7 * NS_PER_MS;
    v = values_of(&run);
    assert_true(v.late_ns == 0 && v.late_max_ns == 7e6);
}

/* Jobs 10 ms apart, the first when the run begins; the generator needs 11 ms for each. */
static void test_the_rate_that_the_dispatches_reached(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=5ms", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 0, 101, 0, 5 * NS_PER_MS);
    struct run_values v;

    (void)state;
    for (size_t i = 0; i < 101; i++)
        run.samples[i].submitted_ns = run.samples[0].intended_ns + i * 11 * NS_PER_MS;
    v = values_of(&run);
    assert_true(is_near(v.reached, (double)10 / 11));
    run = records_loop_run(&cell, 0, 101, 0, 5 * NS_PER_MS);
    for (size_t i = 0; i < 100; i++) /* all but the last come late, in a burst */
        run.samples[i].submitted_ns = run.samples[100].intended_ns;
    run.samples[100].submitted_ns = run.samples[100].intended_ns;
    v = values_of(&run);
    assert_true(v.reached == 1);
}

/* The first rank of two, and the process itself. */
static void test_what_disturbed_a_run(void **state)
{
    struct disturbance stopped = {.at_ns = NS_PER_S, .stops = 1};
    struct disturbance asleep = {.at_ns = NS_PER_S, .suspended_ns = NS_PER_S};
    struct disturbance little = {.at_ns = NS_PER_S, .throttled = 9, .throttled_ns = NS_PER_S / 11};
    struct disturbance much = {.at_ns = NS_PER_S, .throttled = 9, .throttled_ns = NS_PER_S / 9};
    struct {
        struct disturbance of;
        bool halted, throttled;
    } cases[] = {
        {stopped, true, false}, {asleep, true, false}, {little, false, false}, {much, false, true}};
    struct run_values v;

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct run_record run = run_of(10);

        if (i % 2 == 0) {
            run.disturbance = cases[i / 2].of;
        } else {
            run.ranks = calloc(2, sizeof *run.ranks);
            run.ranks_count = 2;
            run.ranks[0].disturbance = cases[i / 2].of;
        }
        v = values_of(&run);
        assert_true(v.halted == cases[i / 2].halted && v.throttled == cases[i / 2].throttled);
    }
    {
        struct run_record run = run_of(10);

        run.ranks = calloc(1, sizeof *run.ranks);
        run.ranks_count = 1;
        snprintf(run.ranks[0].failure.text, sizeof run.ranks[0].failure.text, "it was lost");
        v = values_of(&run);
        assert_true(v.halted);
    }
}

static void test_failures(void **state)
{
    struct run_record run = run_of(100);
    struct run_values v;

    (void)state;
    run.samples[50].result = -EIO;
    v = values_of(&run);
    assert_int_equal(v.failed, 1);
    assert_true(is_near(v.of[RUN_MAKESPAN_S], 2));
    for (size_t i = 0; i < metrics_count; i++)
        assert_true(isnan(run_values_metric(&v, &metrics[i])));
    run = run_of(100);
    strcpy(run.failure.text, "it failed");
    v = values_of(&run);
    for (size_t i = 0; i < RUN_VALUES; i++)
        assert_true(isnan(v.of[i]));
    run = (struct run_record){.failure = {"it failed"}};
    assert_true(isnan(values_of(&run).of[RUN_LATENCY_MEAN_S]));
}

static struct run_values memory_of(const char *model, uint64_t jobs, uint64_t at_once,
                                   uint64_t threads, double thread_kernel_bytes)
{
    struct cell cell = records_cell(model, "sleep:duration=1ms", jobs);
    struct run_record run = records_run(&cell, NS_PER_MS / 2);
    struct run_values v;

    run.in_flight_max = jobs;
    run.threads_max = strcmp(model, "threads") == 0 ? at_once : 0;
    run.opened =
        (struct usage){.rss_bytes = 1000 * KIB, .page_table_bytes = 10 * KIB, .threads = 1};
    run.usage.rss_peak_bytes = 3000 * KIB;
    run.usage.page_table_bytes = 30 * KIB;
    run.usage.threads = threads;
    assert_int_equal(
        run_values_of(&run, &cell, (struct kernel_memory){thread_kernel_bytes, NAN}, &v), 0);
    run_record_deinit(&run);
    return v;
}

static void test_memory_counts_threads_and_what_was_at_once(void **state)
{
    struct run_values v = memory_of("tasks", 1000, 1000, 1, KERNEL_BYTES);

    (void)state;
    assert_true(is_near(metric(&v, "memory_kernel"), 20 * KIB / 1000));
    assert_true(is_near(metric(&v, "memory"), 2020 * KIB / 1000));

    /* threads that have ended, of which 200 were at once */
    v = memory_of("threads", 1000, 200, 1, KERNEL_BYTES);
    assert_true(is_near(metric(&v, "memory_kernel"), 20 * KIB / 200 + KERNEL_BYTES));
    assert_true(is_near(metric(&v, "memory"), 2020 * KIB / 200 + KERNEL_BYTES));

    /* a pool's are few, and are there at the end; libuv's too */
    v = memory_of("pool", 1000, 1000, 51, KERNEL_BYTES);
    assert_true(is_near(metric(&v, "memory_kernel"), 20 * KIB / 1000 + 50 * KERNEL_BYTES / 1000));
    v = memory_of("tasks", 1000, 1000, 5, KERNEL_BYTES);
    assert_true(is_near(metric(&v, "memory_kernel"), 20 * KIB / 1000 + 4 * KERNEL_BYTES / 1000));
}

/* 10 clients' connections; a pool has as many as threads, and each part that talks its own. The
 * figure is unknown where only that of a connection is. */
static void test_memory_counts_connections(void **state)
{
    const struct {
        const char *model, *job;
        double connections;
    } cases[] = {{"tasks", "tcp", 10}, {"pool", "tcp", 4}, {"pool", "tcp + null + http", 8}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell cell = records_cell(cases[i].model, cases[i].job, 100);
        struct run_record run = records_run(&cell, NS_PER_MS / 2);
        struct run_values v;

        cell.threads = 4;
        run.in_flight_max = 10;
        run.usage.threads = run.opened.threads = 1;
        run.usage.page_table_bytes = run.opened.page_table_bytes;
        assert_int_equal(run_values_of(&run, &cell, (struct kernel_memory){NAN, 3000}, &v), 0);
        assert_true(is_near(metric(&v, "memory_kernel"), cases[i].connections * 300));
        assert_int_equal(run_values_of(&run, &cell, (struct kernel_memory){3000, NAN}, &v), 0);
        assert_true(isnan(metric(&v, "memory_kernel")) && isnan(metric(&v, "memory")));
        assert_int_equal(run_values_of(&run, &cell, KERNEL_MEMORY_UNKNOWN, &v), 0);
        assert_true(metric(&v, "memory_kernel") == 0);
        run_record_deinit(&run);
    }
}

static void test_memory_of_threads_is_unknown_where_the_kernel_does_not_tell(void **state)
{
    struct run_values v = memory_of("threads", 1000, 200, 1, NAN);

    (void)state;
    assert_true(isnan(metric(&v, "memory")) && isnan(metric(&v, "memory_kernel")));
    v = memory_of("tasks", 1000, 1000, 1, NAN);
    assert_true(is_near(metric(&v, "memory"), 2020 * KIB / 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_counts_threads_and_what_was_at_once),
        cmocka_unit_test(test_memory_counts_connections),
        cmocka_unit_test(test_memory_of_threads_is_unknown_where_the_kernel_does_not_tell),
        cmocka_unit_test(test_all_metrics),
        cmocka_unit_test(test_the_parts_of_lateness_add_up),
        cmocka_unit_test(test_cpu_is_unknown_where_the_heartbeat_used_most),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_percentiles_need_their_samples),
        cmocka_unit_test(test_warm_up_does_not_count),
        cmocka_unit_test(test_jobs_that_were_not_run),
        cmocka_unit_test(test_late_dispatches),
        cmocka_unit_test(test_the_latest_dispatch_may_be_of_the_warm_up),
        cmocka_unit_test(test_the_rate_that_the_dispatches_reached),
        cmocka_unit_test(test_what_disturbed_a_run),
        cmocka_unit_test(test_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
