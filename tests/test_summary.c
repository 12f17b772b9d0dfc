/* The promise: the summary of a cell is what its runs say: distributions over all samples,
 * quantities run by run, the theory's ideal beside them, and nothing counted that does not belong
 * to the batch. */
#include "summary/summary.h"

#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIB (1024.0 * 1024.0)

static void assert_number(const json_t *object, const char *path, double expected)
{
    double found = result_number(object, path);

    if (!(fabs(found - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%s is %.12g, not %.12g", path, found, expected);
}

/* Summarise `count` runs; the caller frees the summary and the curve. The runs stay the caller's.
 */
static json_t *summarise(const struct cell *cell, const struct run_record *runs, size_t count,
                         json_t **curve)
{
    const struct run_record *pointers[8];
    struct cell_runs in = {cell, pointers, count, 2, KERNEL_MEMORY_UNKNOWN, 2};
    struct summary summary = {.values = NULL};
    json_t *out = json_object(), *member;

    assert_in_range(count, 0, 8);
    for (size_t i = 0; i < count; i++)
        pointers[i] = &runs[i];
    if (count > 0)
        assert_int_equal(summary_of(&in, &summary), 0);
    assert_int_equal(summary_json_add(out, &in, &summary), 0);
    summary_deinit(&summary);
    member = json_incref(json_object_get(out, "summary"));
    *curve = json_incref(json_object_get(out, "latency_curve"));
    json_decref(out);
    return member;
}

static void makespan_and_throughput_are_medians_over_runs(void **state)
{
    struct cell cell = records_cell("tasks", "sleep:duration=10ms", 100);
    struct run_record runs[3];
    json_t *curve, *s;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        runs[i] = records_run(&cell, (uint64_t[]){30, 10, 20}[i] * NS_PER_MS);
    s = summarise(&cell, runs, 3, &curve);
    assert_number(s, "makespan_s.median", 0.020);
    assert_number(s, "makespan_s.ci_low", 0.010);
    assert_number(s, "makespan_s.ci_high", 0.030);
    assert_number(s, "makespan_s.confidence", 0.75);
    assert_number(json_array_get(json_object_get(json_object_get(s, "makespan_s"), "values"), 0),
                  "", 0.030); /* run by run */
    assert_number(s, "throughput_per_s.median", 5000);
    assert_number(s, "ideal_makespan_s", 0.010);
    assert_number(s, "efficiency", 0.5);
    assert_number(s, "warmup_s.median", 0.001);
    assert_true(json_is_null(json_object_get(s, "target_cpu_s"))); /* sleep has no target */
    json_decref(s);
    json_decref(curve);
    for (size_t i = 0; i < 3; i++)
        run_record_deinit(&runs[i]);
}

static void distributions_pool_the_samples_of_all_runs(void **state)
{
    struct cell cell = records_cell("sequential", "sleep:duration=1ms", 100);
    struct run_record runs[2] = {records_run(&cell, 100 * NS_PER_MS),
                                 records_run(&cell, 200 * NS_PER_MS)};
    json_t *curve, *s = summarise(&cell, runs, 2, &curve);

    (void)state;
    assert_number(s, "latency_ns.count", 200);
    assert_number(s, "latency_ns.min", 1e6);
    assert_number(s, "latency_ns.max", 200e6);
    assert_number(s, "latency_ns.mean", (50.5e6 + 101e6) / 2);
    assert_number(s, "wait_ns.min", 0);
    assert_number(s, "wait_ns.max", 198e6);
    assert_number(s, "service_ns.min", 1e6);
    assert_number(s, "service_ns.max", 2e6);
    assert_number(s, "service_ns.p50", 1e6);
    assert_number(s, "service_ns.p90", 2e6);
    assert_null(json_object_get(json_object_get(s, "service_ns"), "p99")); /* of 200 samples */
    assert_number(s, "errors", 0);
    assert_int_equal(
        json_number_value(json_array_get(json_array_get(curve, json_array_size(curve) - 1), 2)),
        200);
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&runs[0]);
    run_record_deinit(&runs[1]);
}

/* At each percentile, as far as a run of 100 jobs carries it: one slow run of three moves none. */
static void curves_tell_what_the_runs_say_by_themselves(void **state)
{
    struct cell cell = records_cell("sequential", "sleep:duration=1ms", 100);
    struct run_record runs[3] = {records_run(&cell, 100 * NS_PER_MS),
                                 records_run(&cell, 110 * NS_PER_MS),
                                 records_run(&cell, 9000 * NS_PER_MS)};
    json_t *curve, *s = summarise(&cell, runs, 3, &curve), *point;
    double last = 0;
    size_t i;

    (void)state;
    json_array_foreach(curve, i, point)
    {
        double percentile = json_number_value(json_array_get(point, 0));

        assert_int_equal(json_array_size(point), percentile <= 0.9 ? 4 : 3);
        if (percentile > 0.9)
            continue;
        last = json_number_value(json_array_get(point, 3));
        assert_true(fabs(last - fmax(1, ceil(100 * percentile - 1e-6)) * 1.1e6) < 1);
    }
    assert_true(last > 80e6);
    json_decref(s);
    json_decref(curve);
    for (i = 0; i < 3; i++)
        run_record_deinit(&runs[i]);
}

/* The first beat woke before the batch, the last fell due after it; one between them was late. */
static void beats_outside_the_batch_do_not_count(void **state)
{
    const uint64_t begin = RECORDS_BEGIN_NS;
    const struct beat beats[] = {
        {begin - 9 * NS_PER_MS, begin - 1},
        {begin - NS_PER_MS, begin},
        {begin + 3 * NS_PER_MS, begin + 8 * NS_PER_MS},
        {begin + 10 * NS_PER_MS, begin + 12 * NS_PER_MS},
        {begin + 10 * NS_PER_MS + 1, begin + 90 * NS_PER_MS},
    };
    struct cell cell = records_cell("tasks", "sleep", 10);
    struct run_record run = records_run(&cell, 10 * NS_PER_MS);
    json_t *curve, *s;

    (void)state;
    assert_true(run.beats_count >= sizeof beats / sizeof *beats);
    memcpy(run.beats, beats, sizeof beats);
    run.beats_count = sizeof beats / sizeof *beats;
    s = summarise(&cell, &run, 1, &curve);
    assert_number(s, "heartbeat_lag_ns.count", 3);
    assert_number(s, "heartbeat_lag_ns.min", 1e6);
    assert_number(s, "heartbeat_lag_max_ns.median", 5e6);
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&run);
}

static void lag_is_unknown_where_no_beat_fell_into_the_batch(void **state)
{
    struct cell cell = records_cell("tasks", "null", 10);
    struct run_record run = records_run(&cell, 5 * NS_PER_US);
    json_t *curve, *s = summarise(&cell, &run, 1, &curve);

    (void)state;
    assert_int_equal(run.beats_count, 0);
    assert_true(json_is_null(json_object_get(s, "heartbeat_lag_ns")));
    assert_true(json_is_null(json_object_get(s, "heartbeat_lag_max_ns")));
    assert_true(json_is_null(json_object_get(s, "ideal_makespan_s"))); /* nothing to wait for */
    assert_true(json_is_null(json_object_get(s, "efficiency")));
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&run);
}

static void memory_is_the_growth_with_page_tables(void **state)
{
    struct cell cell = records_cell("tasks", "sleep", 100);
    struct run_record runs[2] = {records_run(&cell, NS_PER_MS), records_run(&cell, NS_PER_MS)};
    json_t *curve, *s;

    (void)state;
    runs[0].opened.rss_bytes = (uint64_t)(10 * MIB);
    runs[0].opened.page_table_bytes = (uint64_t)(1 * MIB);
    runs[0].usage.rss_bytes = (uint64_t)(11 * MIB); /* given back already: the peak counts */
    runs[0].usage.rss_peak_bytes = (uint64_t)(30 * MIB);
    runs[0].usage.page_table_bytes = (uint64_t)(6 * MIB);
    runs[1].opened.rss_bytes = (uint64_t)(10 * MIB); /* nothing grew, the counters trail */
    runs[1].usage.rss_peak_bytes = (uint64_t)(9 * MIB);
    s = summarise(&cell, runs, 2, &curve);
    assert_number(s, "memory_per_job_bytes.ci_high",
                  (25 * MIB - (double)sizeof(struct beat)) / 100); /* it has one */
    assert_number(s, "memory_per_job_bytes.ci_low", 0);
    assert_number(s, "max_rss_bytes.ci_high", 30 * MIB);
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&runs[0]);
    run_record_deinit(&runs[1]);
}

static void usage_goes_in_with_its_units(void **state)
{
    struct cell cell = records_cell("pool", "tcp:delay=10ms", 12);
    struct run_record run = records_run(&cell, 20 * NS_PER_MS);
    json_t *curve, *s;

    (void)state;
    run.usage.cpu_user_ns = 4 * NS_PER_MS;
    run.usage.cpu_sys_ns = 6 * NS_PER_MS;
    run.usage.ctx_voluntary = 77;
    run.usage.ctx_involuntary = 3;
    run.usage.steal_ns = 10 * NS_PER_MS;
    run.target_cpu_ns = 5 * NS_PER_MS;
    s = summarise(&cell, &run, 1, &curve);
    assert_number(s, "cpu_user_s.median", 0.004);
    assert_number(s, "cpu_sys_s.median", 0.006);
    assert_number(s, "ctx_voluntary.median", 77);
    assert_number(s, "ctx_involuntary.median", 3);
    assert_number(s, "steal_s.median", 0.010);
    assert_number(s, "target_cpu_s.median", 0.005);
    assert_number(s, "ideal_makespan_s", 0.020); /* 12 waits of 10 ms in 6 lanes */
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&run);
}

/* 8 jobs of 1 ms, computed by 6 threads on the 2 cores given here; the fastest lone job counts. */
static void ideal_of_computing_comes_from_the_fastest_lone_job(void **state)
{
    struct cell cell = records_cell("pool", "cpu", 8);
    struct run_record runs[2] = {records_run(&cell, 5 * NS_PER_MS),
                                 records_run(&cell, 5 * NS_PER_MS)};
    json_t *curve, *s;

    (void)state;
    runs[1].solo_ns = 9 * NS_PER_MS;
    s = summarise(&cell, runs, 2, &curve);
    assert_number(s, "ideal_makespan_s", 0.004);
    assert_number(s, "efficiency", 0.8);
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&runs[0]);
    run_record_deinit(&runs[1]);
}

static void impossible_stamps_are_left_out(void **state)
{
    struct cell cell = records_cell("tasks", "sleep", 10);
    struct run_record run = records_run(&cell, NS_PER_MS);
    json_t *curve, *s;

    (void)state;
    run.samples[3].started_ns = run.samples[3].finished_ns + 1;
    run.samples[4].started_ns = run.samples[4].finished_ns = 0; /* never ran */
    s = summarise(&cell, &run, 1, &curve);
    assert_number(s, "latency_ns.count", 8);
    assert_number(s, "latency_ns.max", 1e6);
    assert_number(s, "service_ns.max", 1e6);
    json_decref(s);
    json_decref(curve);
    run_record_deinit(&run);
}

static void no_runs_give_no_summary(void **state)
{
    struct cell cell = records_cell("tasks", "sleep", 10);
    json_t *curve, *s = summarise(&cell, NULL, 0, &curve);

    (void)state;
    assert_true(json_is_null(s));
    assert_int_equal(json_array_size(curve), 0);
    json_decref(curve);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makespan_and_throughput_are_medians_over_runs),
        cmocka_unit_test(distributions_pool_the_samples_of_all_runs),
        cmocka_unit_test(curves_tell_what_the_runs_say_by_themselves),
        cmocka_unit_test(beats_outside_the_batch_do_not_count),
        cmocka_unit_test(lag_is_unknown_where_no_beat_fell_into_the_batch),
        cmocka_unit_test(memory_is_the_growth_with_page_tables),
        cmocka_unit_test(usage_goes_in_with_its_units),
        cmocka_unit_test(ideal_of_computing_comes_from_the_fastest_lone_job),
        cmocka_unit_test(impossible_stamps_are_left_out),
        cmocka_unit_test(no_runs_give_no_summary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
