/* The promise: a finding says what the numbers of the document say and no more: differences only
 * beyond the noise, invalid cells named and never ranked, and in words that can be printed as they
 * are. */
#include "export/finding.h"

#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLEEP "sleep:duration=10ms"

static void assert_finding(const json_t *document, const char *group, const char *expected)
{
    char text[1024];

    assert_string_equal(finding_group(document, group, text, sizeof text), expected);
}

/* Make a cell invalid, as a failed job would. */
static void spoil(json_t *document, size_t index, const char *reason)
{
    json_t *cell = records_cell_of(document, index);

    json_object_set_new(cell, "valid", json_false());
    json_array_append_new(json_object_get(cell, "reasons"), json_string(reason));
}

static void waits_overlap_in_tasks_and_block_in_blocking(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "sequential", SLEEP, 100, 1002, false);
    records_add_steady(document, "tasks", SLEEP, 100, 10.4, false);
    records_add_steady(document, "pool", SLEEP, 100, 171, false);
    records_add_steady(document, "blocking", SLEEP, 100, 1010, true);
    assert_finding(
        document, "sleep:duration=10ms x 100",
        "tasks finished 100 sleeps in 10.4 ms, 96.3x faster than sequential; ideal 100x; "
        "blocking blocked the loop for 1.01 s");
    json_decref(document);
}

static void models_within_the_noise_share_the_first_place(void **state)
{
    const double pool_ms[] = {11, 12, 12.2, 13, 14}, tasks_ms[] = {11.5, 12, 12.1, 12.2, 12.3};
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "sequential", "tcp:delay=1ms", 10000, 12100, false);
    records_add(document, "pool", "tcp:delay=1ms", 10000, pool_ms, 5, false);
    records_add(document, "tasks", "tcp:delay=1ms", 10000, tasks_ms, 5, false);
    assert_finding(
        document, "tcp:bytes=64,delay=1ms x 10000",
        "tasks finished 10,000 tcp jobs in 12.1 ms and pool(6) in 12.2 ms (no difference larger "
        "than 28 %), 1,000x faster than sequential; ideal 10,000x");
    json_decref(document);
}

static void computing_gains_from_cores_only(void **state)
{
    json_t *document = records_document();

    (void)state;
    /* the records' lone job takes 1 ms */
    json_object_set_new(json_object_get(document, "context"), "cores", json_integer(2));
    records_add_steady(document, "sequential", "cpu", 400, 402, true);
    records_add_steady(document, "tasks", "cpu", 400, 406, true);
    records_add_steady(document, "pool", "cpu", 400, 211, false);
    /* each cell measures its lone job for itself */
    json_object_set_new(json_object_get(records_cell_of(document, 1), "summary"),
                        "ideal_makespan_s", json_real(0.397));
    assert_finding(document, "cpu:rounds=1M x 400",
                   "pool(6) finished 400 cpu jobs in 211 ms, 1.91x faster than sequential; ideal "
                   "2x; one event "
                   "loop makes no computation faster: tasks took 1.01 times as long as sequential; "
                   "sequential blocked the loop for 402 ms and tasks for 406 ms");
    json_decref(document);
}

/* The same medians, once with intervals that overlap, once apart by less than matters. */
static void differences_within_the_noise_are_none(void **state)
{
    const double wide_ms[] = {1.00, 1.10, 1.22, 1.3, 1.4}, wider_ms[] = {0.9, 1.2, 1.25, 1.5, 1.6};
    const double near_ms[] = {1.0001, 1.0002, 1.0003, 1.0004, 1.0005};
    const double nearer_ms[] = {1.0101, 1.0102, 1.0103, 1.0104, 1.0105};
    json_t *document = records_document();

    (void)state;
    records_add(document, "sequential", "file", 100, wide_ms, 5, false);
    records_add(document, "tasks", "file", 100, wider_ms, 5, false);
    records_add(document, "sequential", "file", 10, near_ms, 5, false);
    records_add(document, "tasks", "file", 10, nearer_ms, 5, false);
    assert_finding(
        document, "file:op=read x 100",
        "sequential finished 100 file jobs in 1.22 ms and tasks in 1.25 ms (no difference larger "
        "than 78 %)");
    assert_finding(
        document, "file:op=read x 10",
        "sequential finished 10 file jobs in 1.00 ms and tasks in 1.01 ms (no difference larger "
        "than 1.1 %)");
    json_decref(document);
}

static void where_sequential_wins_the_slowest_is_the_measure(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "sequential", "file", 100, 1.0, false);
    records_add_steady(document, "tasks", "file", 100, 1.5, false);
    records_add_steady(document, "pool", "file", 100, 1.25, false);
    assert_finding(document, "file:op=read x 100",
                   "sequential finished 100 file jobs in 1.00 ms, 1.5x faster than tasks");
    json_decref(document);
}

static void null_jobs_show_what_the_harness_costs(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "pool", "null", 1000, 2.5, false);
    records_add_steady(document, "tasks", "null", 1000, 0.8, false);
    records_add_steady(document, "sequential", "null", 1000, 0.08, false);
    assert_finding(document, "null x 1000",
                   "the harness itself costs 80.0 ns a job in sequential, 800 ns in tasks and 2.50 "
                   "us in pool(6)");
    json_decref(document);
}

static void one_model_is_held_against_the_ideal(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "tasks", SLEEP, 1, 10.1, false);
    records_add_steady(document, "tasks", "file", 100, 10, false);
    assert_finding(document, "sleep:duration=10ms x 1",
                   "tasks finished 1 sleep in 10.1 ms; ideal 10.0 ms");
    assert_finding(document, "file:op=read x 100",
                   "tasks finished 100 file jobs in 10.0 ms, 10,000 a second");
    json_decref(document);
}

static void invalid_cells_are_named_and_not_ranked(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "sequential", SLEEP, 100, 1002, false);
    records_add_steady(document, "tasks", SLEEP, 100, 10.4, false);
    records_add_steady(document, "pool", SLEEP, 100, 1, false); /* the fastest, by cheating */
    spoil(document, 2, "3 of 500 jobs failed: ECONNRESET 3");
    assert_finding(
        document, "sleep:duration=10ms x 100",
        "tasks finished 100 sleeps in 10.4 ms, 96.3x faster than sequential; ideal 100x; "
        "invalid and not ranked: pool(6) (3 of 500 jobs failed: ECONNRESET 3)");
    spoil(document, 0, "the target died");
    spoil(document, 1, "the target died");
    assert_finding(document, "sleep:duration=10ms x 100",
                   "nothing valid was measured of 100 sleeps: sequential (the target died), tasks "
                   "(the target died), pool(6) (3 of 500 jobs failed: ECONNRESET 3)");
    json_decref(document);
}

static void few_runs_are_said_to_be_few(void **state)
{
    const double slow_ms[] = {100}, fast_ms[] = {10};
    json_t *document = records_document();

    (void)state;
    records_add(document, "sequential", SLEEP, 10, slow_ms, 1, false);
    records_add(document, "tasks", SLEEP, 10, fast_ms, 1, false);
    assert_finding(
        document, "sleep:duration=10ms x 10",
        "tasks finished 10 sleeps in 10.0 ms and sequential in 100 ms; not ranked: 1 run, and to "
        "tell 2 models apart takes 4 of each");
    json_decref(document);
}

/* Three runs never rank; four tell two models apart, but not four. */
static void so_many_runs_are_needed_to_rank(void **state)
{
    const double fast_ms[] = {10, 10.1, 10.2, 10.3}, slow_ms[] = {20, 20.1, 20.2, 20.3};
    json_t *document = records_document();

    (void)state;
    records_add(document, "tasks", SLEEP, 10, fast_ms, 3, false);
    records_add(document, "pool", SLEEP, 10, slow_ms, 3, false);
    records_add(document, "tasks", SLEEP, 20, fast_ms, 4, false);
    records_add(document, "pool", SLEEP, 20, slow_ms, 4, false);
    records_add(document, "tasks", SLEEP, 30, fast_ms, 4, false);
    records_add(document, "pool", SLEEP, 30, slow_ms, 4, false);
    records_add(document, "sequential", SLEEP, 30, slow_ms, 4, false);
    records_add(document, "threads", SLEEP, 30, fast_ms, 4, false);
    assert_finding(
        document, "sleep:duration=10ms x 10",
        "tasks finished 10 sleeps in 10.1 ms and pool(6) in 20.1 ms; not ranked: 3 runs, "
        "and to tell 2 models apart takes 4 of each");
    assert_finding(document, "sleep:duration=10ms x 20",
                   "tasks finished 20 sleeps in 10.2 ms, 1.99x faster than pool(6); ideal 4x; from "
                   "only 4 runs, so repeat it before relying on it");
    assert_finding(
        document, "sleep:duration=10ms x 30",
        "tasks finished 30 sleeps in 10.2 ms, threads in 10.2 ms, pool(6) in 20.1 ms "
        "and sequential in 20.1 ms; not ranked: 4 runs, and to tell 4 models apart takes 5 "
        "of each");
    json_decref(document);
}

/* Threads run the jobs and leave the loop free; what kept it is that it made them. */
static void making_threads_is_not_said_to_be_blocking(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "threads", "file", 100, 20, true);
    records_add_steady(document, "blocking", "file", 100, 40, true);
    assert_finding(document, "file:op=read x 100",
                   "threads finished 100 file jobs in 20.0 ms, 2x faster than blocking; blocking "
                   "blocked the loop for 40.0 ms; making threads took the loop 20.0 ms");
    json_decref(document);
}

static void groups_are_distinct_and_in_order(void **state)
{
    static const char *const groups[] = {"file:op=read x 100", "sleep:duration=10ms x 100",
                                         "file:op=read x 200"};
    json_t *document = records_document();
    struct rankings all;

    (void)state;
    assert_int_equal(rankings_init(&all, document), 0);
    assert_int_equal(all.count, 0);
    rankings_deinit(&all);
    records_add_steady(document, "tasks", "file", 100, 1, false);
    records_add_steady(document, "tasks", SLEEP, 100, 10, false);
    records_add_steady(document, "pool", "file", 100, 1, false);
    records_add_steady(document, "tasks", "file", 200, 1, false);
    assert_int_equal(rankings_init(&all, document), 0);
    assert_int_equal(all.count, sizeof groups / sizeof *groups);
    for (size_t i = 0; i < all.count; i++)
        assert_string_equal(all.of[i].group, groups[i]);
    assert_int_equal(all.of[0].count, 2);
    rankings_deinit(&all);
    json_decref(document);
}

static void unknown_groups_and_small_buffers_do_no_harm(void **state)
{
    char buf[16];
    json_t *document = records_document();

    (void)state;
    assert_finding(document, "sleep:duration=10ms x 100", "");
    records_add_steady(document, "tasks", SLEEP, 100, 10.4, false);
    memset(buf, '#', sizeof buf);
    finding_group(document, "sleep:duration=10ms x 100", buf, 10);
    assert_string_equal(buf, "tasks fin");
    assert_int_equal(buf[10], '#');
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_overlap_in_tasks_and_block_in_blocking),
        cmocka_unit_test(models_within_the_noise_share_the_first_place),
        cmocka_unit_test(computing_gains_from_cores_only),
        cmocka_unit_test(differences_within_the_noise_are_none),
        cmocka_unit_test(where_sequential_wins_the_slowest_is_the_measure),
        cmocka_unit_test(null_jobs_show_what_the_harness_costs),
        cmocka_unit_test(one_model_is_held_against_the_ideal),
        cmocka_unit_test(invalid_cells_are_named_and_not_ranked),
        cmocka_unit_test(few_runs_are_said_to_be_few),
        cmocka_unit_test(so_many_runs_are_needed_to_rank),
        cmocka_unit_test(making_threads_is_not_said_to_be_blocking),
        cmocka_unit_test(groups_are_distinct_and_in_order),
        cmocka_unit_test(unknown_groups_and_small_buffers_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
