/* The promise: the summary of a loop counts from when jobs were wanted and leaves warm-up out; what
 * was refused or never served is counted, never dropped; Little's law and the course of a run over
 * time are what the samples say; and a batch has none of it. */
#include "summary/summary.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS NS_PER_MS

static void assert_null_at(const json_t *object, const char *key)
{
    if (!json_is_null(json_object_get(object, key)))
        fail_msg("%s is not null", key);
}

static void warm_up_is_in_no_figure(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=5ms", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 7, 100, 1 * MS, 5 * MS);
    const json_t *c;
    json_t *document;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        records_set_wait(&run, i, 9 * MS);
    run.samples[2].result = -5;
    c = records_only_cell(&document, &cell, &run, 1);
    records_assert_number(c, "jobs", 100);
    records_assert_number(c, "ledger.jobs", 100);
    records_assert_number(c, "summary.latency_ns.count", 100);
    records_assert_number(c, "summary.latency_ns.max", 6 * MS);
    records_assert_number(c, "summary.wait_ns.max", 1 * MS);
    records_assert_number(c, "summary.dispatch_lateness_ns.count", 100);
    records_assert_number(c, "summary.errors", 0);
    records_assert_number(c, "summary.throughput_per_s.median", 100);
    records_assert_number(c, "summary.offered_per_s.median", 100);
    records_assert_number(c, "arrivals.offered", 100);
    assert_true(json_is_true(json_object_get(c, "valid")));
    json_decref(document);
}

/* 12 jobs of 0.3 s, 10 ms apart from 20 ms before the measured part, in a loop of 0.345 s: 7 end in
 * it, the first 2 of them wanted before. */
static void a_loop_by_time_is_judged_by_that_time(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=300ms", LOAD_CLOSED);
    struct run_record run = records_loop_run(&cell, 2, 10, 0, 300 * MS);
    const json_t *c;
    json_t *document;

    (void)state;
    cell.load.duration_ns = 345 * MS;
    c = records_only_cell(&document, &cell, &run, 1);
    records_assert_number(c, "summary.throughput_per_s.median", 7 / 0.345);
    records_assert_number(c, "summary.in_flight.mean.median",
                          (280 + 290 + 5 * 300 + 295 + 285 + 275 + 265 + 255) / 345.0);
    records_assert_number(c, "summary.littles_law.error", 0);
    json_decref(document);
}

static void the_uncorrected_latency_stands_beside_the_true_one(void **state)
{
    struct cell cell = records_loop_cell("sequential", "sleep:duration=5ms", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 0, 100, 300 * MS, 5 * MS);
    const json_t *c, *curve;
    json_t *document;

    (void)state;
    c = records_only_cell(&document, &cell, &run, 1);
    records_assert_number(c, "summary.latency_ns.p50", 305 * MS);
    records_assert_number(c, "summary.latency_uncorrected_ns.p50", 5 * MS);
    records_assert_number(c, "summary.latency_mean_s.median", 0.305);
    records_assert_number(c, "summary.dispatch_lateness_ns.p50", RECORDS_LATE_NS);
    curve = json_object_get(c, "latency_uncorrected_curve");
    records_assert_number(json_array_get(json_array_get(curve, 0), 1), "", 5 * MS);
    json_decref(document);
}

static void give_up(struct run_record *run, size_t i, int32_t result, uint64_t after_ns)
{
    struct sample *s = &run->samples[i];

    records_add_area(run, -sample_latency_ns(s));
    s->started_ns = s->finished_ns = s->intended_ns + after_ns;
    s->result = result;
    if (result == SAMPLE_UNSERVED)
        records_add_area(run, after_ns);
    run->refused += result == SAMPLE_REFUSED;
    run->unserved += result == SAMPLE_UNSERVED;
}

static void refused_and_unserved_jobs_are_counted(void **state)
{
    struct cell cell = records_loop_cell("pool", "sleep:duration=5ms", LOAD_OPEN);
    struct run_record runs[2] = {records_loop_run(&cell, 0, 100, 0, 5 * MS),
                                 records_loop_run(&cell, 0, 100, 0, 5 * MS)};
    const json_t *c;
    json_t *document;

    (void)state;
    cell.load.limit = 3;
    give_up(&runs[0], 10, SAMPLE_REFUSED, 0);
    give_up(&runs[1], 10, SAMPLE_REFUSED, 0);
    give_up(&runs[1], 90, SAMPLE_UNSERVED, 80 * MS);
    c = records_only_cell(&document, &cell, runs, 2);
    records_assert_number(c, "arrivals.offered", 200);
    records_assert_number(c, "arrivals.admitted", 198);
    records_assert_number(c, "arrivals.refused", 2);
    records_assert_number(c, "arrivals.unserved", 1);
    records_assert_number(c, "summary.latency_ns.count", 198);   /* without the refused */
    records_assert_number(c, "summary.latency_ns.max", 80 * MS); /* what the unserved had waited */
    records_assert_number(c, "summary.wait_ns.max", 80 * MS);
    records_assert_number(c, "summary.service_ns.count", 197);
    records_assert_number(c, "summary.service_ns.min", 5 * MS);
    records_assert_number(c, "summary.latency_uncorrected_ns.count", 197);
    records_assert_number(c, "summary.errors", 0);
    assert_null_at(json_object_get(c, "summary"), "theory");
    assert_true(json_is_true(json_object_get(c, "valid")));
    json_decref(document);
}

static void littles_law_holds_count_against_stamps(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=20ms", LOAD_CLOSED);
    struct run_record runs[2] = {records_loop_run(&cell, 5, 101, 0, 20 * MS),
                                 records_loop_run(&cell, 5, 101, 0, 20 * MS)};
    double mean = 101 * 0.020 / 1.020;
    const json_t *c;
    json_t *document;

    (void)state;
    runs[0].area.driver_ns += 101 * 3 * MS; /* as late as it likes */
    runs[1].area.stamped_ns = runs[1].area.stamped_ns * 199 / 200;
    runs[1].in_flight_max = 4;
    c = records_only_cell(&document, &cell, runs, 2);
    records_assert_number(c, "summary.littles_law.in_flight", mean * 199 / 200);
    records_assert_number(c, "summary.littles_law.rate_per_s", 101 / 1.020);
    records_assert_number(c, "summary.littles_law.latency_s", 0.020);
    records_assert_number(c, "summary.littles_law.error", 1.0 / 199);
    records_assert_number(c, "summary.littles_law.late_s", 0.003);
    records_assert_number(c, "summary.in_flight.mean.ci_high", 2);
    records_assert_number(c, "summary.in_flight.max", 4);
    assert_null_at(json_object_get(c, "summary"), "offered_per_s");
    assert_null_at(json_object_get(c, "summary"), "dispatch_lateness_ns");
    json_decref(document);
}

/* The cell's "theory" for 100 jobs of 5 ms, 100/s. */
static const json_t *window(const json_t *cell, size_t k)
{
    return json_array_get(json_object_get(json_object_get(cell, "over_time"), "windows"), k);
}

static double column(const json_t *cell, size_t k, size_t i)
{
    const json_t *value = json_array_get(window(cell, k), i);

    return json_is_null(value) ? -1 : json_number_value(value);
}

/* 1000 jobs over 10 s: 50 windows of 0.2 s with 20 jobs. The loop is blocked from 2.1 s to 2.7 s.
 */
static void a_stall_and_its_cause_line_up(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=5ms", LOAD_OPEN);
    struct run_record run;
    const json_t *c;
    json_t *document;
    double jobs = 0;

    (void)state;
    cell.load.duration_ns = 10 * NS_PER_S;
    run = records_loop_run(&cell, 30, 1000, 0, 5 * MS);
    for (size_t i = 210; i < 270; i++)
        records_set_wait(&run, 30 + i, (270 - i) * 10 * MS);
    run.beats_count = 1;
    run.beats[0] = (struct beat){RECORDS_BEGIN_NS + 2100 * MS, RECORDS_BEGIN_NS + 2700 * MS};
    c = records_only_cell(&document, &cell, &run, 1);
    records_assert_number(c, "over_time.window_s", 0.2);
    assert_null(window(c, 50));
    for (size_t k = 0; k < 50; k++)
        jobs += column(c, k, 1);
    assert_true(jobs == 1000);
    assert_true(column(c, 9, 4) == 5e6 && column(c, 9, 5) == 0 && column(c, 9, 6) == 1);
    assert_true(column(c, 10, 0) == 2.0);
    assert_true(column(c, 10, 4) == 605e6); /* wanted at 2.1 s */
    assert_true(column(c, 10, 5) == 600e6);
    assert_true(column(c, 11, 5) == 500e6); /* what is left of it at 2.2 s */
    assert_true(column(c, 13, 5) == 100e6);
    assert_true(column(c, 14, 5) == 0);
    assert_true(column(c, 13, 6) == 61); /* all from 2.1 s to 2.7 s, the last before they end */
    assert_true(column(c, 20, 2) == 5e6);
    assert_true(column(c, 20, 3) == -1); /* no p99 of 20 jobs */
    json_decref(document);
}

static void growing_waits_are_not_steady(void **state)
{
    struct cell cell = records_loop_cell("blocking", "sleep:duration=5ms", LOAD_OPEN);
    struct run_record still = records_loop_run(&cell, 0, 100, 3 * MS, 5 * MS);
    struct run_record grows = records_loop_run(&cell, 0, 100, 0, 5 * MS);
    const json_t *c;
    json_t *document;

    (void)state;
    for (size_t i = 0; i < 100; i++)
        records_set_wait(&grows, i, i * MS);
    c = records_only_cell(&document, &cell, &still, 1);
    assert_true(json_is_true(
        json_object_get(json_object_get(json_object_get(c, "summary"), "steady"), "ok")));
    records_assert_number(c, "summary.mean_wait_ci_s.mean", 0.003);
    records_assert_number(c, "summary.mean_wait_ci_s.ci_low", 0.003);
    json_decref(document);
    c = records_only_cell(&document, &cell, &grows, 1);
    assert_true(json_is_false(
        json_object_get(json_object_get(json_object_get(c, "summary"), "steady"), "ok")));
    assert_true(result_number(c, "summary.mean_wait_ci_s.ci_low") < 0.040);
    assert_true(result_number(c, "summary.mean_wait_ci_s.ci_high") > 0.060);
    json_decref(document);
}

static void a_batch_has_none_of_it(void **state)
{
    static const char *const keys[] = {"latency_uncorrected_ns",
                                       "dispatch_lateness_ns",
                                       "in_flight",
                                       "steady",
                                       "mean_wait_ci_s",
                                       "theory",
                                       "offered_per_s",
                                       "latency_uncorrected_p99_s"};
    struct cell cell = records_cell("tasks", "sleep:duration=5ms", 100);
    struct run_record run = records_run(&cell, 5 * MS);
    const json_t *c;
    json_t *document;

    (void)state;
    c = records_only_cell(&document, &cell, &run, 1);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_null_at(json_object_get(c, "summary"), keys[i]);
    records_assert_number(c, "summary.littles_law.in_flight", 100); /* they all end together */
    records_assert_number(c, "summary.littles_law.error", 0);
    assert_null_at(c, "arrivals");
    assert_null_at(c, "over_time");
    assert_string_equal(result_string(c, "load.kind"), "batch");
    assert_int_equal(json_array_size(json_object_get(c, "latency_uncorrected_curve")), 0);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warm_up_is_in_no_figure),
        cmocka_unit_test(a_loop_by_time_is_judged_by_that_time),
        cmocka_unit_test(the_uncorrected_latency_stands_beside_the_true_one),
        cmocka_unit_test(refused_and_unserved_jobs_are_counted),
        cmocka_unit_test(littles_law_holds_count_against_stamps),
        cmocka_unit_test(a_stall_and_its_cause_line_up),
        cmocka_unit_test(growing_waits_are_not_steady),
        cmocka_unit_test(a_batch_has_none_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
