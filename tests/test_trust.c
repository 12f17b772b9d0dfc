/* The promise: whatever makes a cell untrustworthy is said, in a sentence that names it; and a
 * sound cell has nothing said against it. */
#include "summary/trust.h"

#include "summary/document.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUNS 5

/* A cell with its runs, to be spoilt by a test. */
struct fixture {
    struct cell cell;
    struct run_record runs[RUNS];
    size_t count;
    json_t *said;
};

static struct fixture fixture(const char *model, const char *job, uint64_t jobs)
{
    struct fixture f = {.cell = records_cell(model, job, jobs), .count = RUNS};

    for (size_t i = 0; i < RUNS; i++)
        f.runs[i] = records_run(&f.cell, 20 * NS_PER_MS);
    return f;
}

/* What is said of the cell. */
static const json_t *judge(struct fixture *f)
{
    f->said = records_judge(&f->cell, f->runs, f->count, NULL);
    return f->said;
}

static void drop(struct fixture *f)
{
    json_decref(f->said);
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&f->runs[i]);
}

/* One sentence of the list contains the text; "" wants the list to be empty. */
static void assert_said(const json_t *cell, const char *list, const char *text)
{
    const json_t *sentences = json_object_get(cell, list);
    const char *last = "nothing";

    for (size_t i = 0; i < json_array_size(sentences); i++) {
        last = json_string_value(json_array_get(sentences, i));
        if (text[0] != '\0' && strstr(last, text) != NULL)
            return;
    }
    if (text[0] != '\0' || json_array_size(sentences) > 0)
        fail_msg("%s: expected \"%s\", found %s", list, text, last);
}

static void assert_invalid(struct fixture *f, const char *reason)
{
    const json_t *cell = judge(f);

    assert_said(cell, "reasons", reason);
    assert_true(json_is_false(json_object_get(cell, "valid")));
    drop(f);
}

static void assert_warned(struct fixture *f, const char *warning)
{
    const json_t *cell = judge(f);

    assert_said(cell, "warnings", warning);
    assert_said(cell, "reasons", "");
    assert_true(json_is_true(json_object_get(cell, "valid")));
    drop(f);
}

static void sound_cells_have_nothing_said_against_them(void **state)
{
    static const char *const jobs[] = {"sleep:duration=20ms", "tcp", "file", "cpu", "null"};

    (void)state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        struct fixture f = fixture("tasks", jobs[i], 20);

        assert_warned(&f, "");
    }
}

static void failed_jobs_are_counted_by_error(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    f.runs[0].samples[1].result = -ECONNRESET;
    f.runs[0].samples[2].result = -ECONNRESET;
    f.runs[4].samples[7].result = -ETIMEDOUT;
    f.runs[4].samples[8].result = -4000;
    assert_invalid(&f, "4 of 100 jobs failed: connection reset by peer 2, connection timed out 1, "
                       "unknown error 4000 1");
}

/* That runs with failed jobs did less work is no reason of its own. */
static void failed_jobs_are_the_only_reason_given(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);
    const json_t *cell;

    (void)state;
    f.runs[1].samples[1].result = -ECONNRESET;
    f.runs[1].ledger.operations -= 1;
    cell = judge(&f);
    assert_int_equal(json_array_size(json_object_get(cell, "reasons")), 1);
    drop(&f);
}

static void failed_runs_are_named_once_each(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);
    const json_t *cell;

    (void)state;
    snprintf(f.runs[1].failure.text, sizeof f.runs[1].failure.text, "the target died");
    snprintf(f.runs[3].failure.text, sizeof f.runs[3].failure.text, "the target died");
    snprintf(f.runs[4].failure.text, sizeof f.runs[4].failure.text, "killed by signal 9");
    cell = judge(&f);
    assert_said(cell, "reasons", "2 of 5 runs failed: the target died");
    assert_said(cell, "reasons", "1 of 5 runs failed: killed by signal 9");
    assert_int_equal(json_array_size(json_object_get(cell, "reasons")), 2);
    drop(&f);

    f = fixture("tasks", "sleep:duration=20ms", 20);
    f.count = 1;
    snprintf(f.runs[0].failure.text, sizeof f.runs[0].failure.text, "the target died");
    assert_invalid(&f, "its only run failed: the target died");
}

static void runs_that_did_other_work_are_found(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    f.runs[2].ledger.bytes_in -= 1;
    assert_invalid(&f, "run 3 did other work than run 1: bytes_in 1279 against 1280");
}

static void runs_with_other_contents_are_found(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    f.runs[1].ledger.checksum ^= 1;
    assert_invalid(&f, "run 2 did other work than run 1: checksum ");
}

static void stamps_out_of_order_are_found(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    f.runs[0].samples[5].finished_ns = f.runs[0].samples[5].started_ns - 1;
    assert_invalid(&f, "in run 1, 1 of 20 jobs finished before they started");
}

static void lost_jobs_are_found(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        f.runs[i].samples_count = 19;
    assert_invalid(&f, "run 5 recorded 19 of 20 jobs");
}

static void a_cell_without_runs_is_invalid(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    f.count = 0;
    assert_invalid(&f, "it was never run");
}

static void few_runs_are_warned_of(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    f.count = 4;
    assert_warned(&f, "only 4 runs: the median has no useful interval; measure with --rounds 6 or");
}

static void noise_is_warned_of(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=10ms", 20);

    (void)state;
    f.runs[0].makespan_ns = 30 * NS_PER_MS;
    assert_warned(&f, "noisy: the makespan's interval is wider");
}

/* Of 5 runs of 20 ms, 200 ms on 2 cores and 100 ms when pinned to one: two of the counter's steps
 * of 10 ms are 10 % or 20 %; a single step may be mere rounding. */
static void steal_is_warned_of(void **state)
{
    struct fixture one = fixture("tasks", "sleep:duration=20ms", 20);
    struct fixture two = fixture("tasks", "sleep:duration=20ms", 20);
    struct fixture pinned = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    one.cell.cpu = pinned.cell.cpu = 0;
    one.runs[0].usage.steal_ns = USAGE_STEAL_STEP_NS;
    assert_warned(&one, "");
    two.runs[0].usage.steal_ns = 2 * USAGE_STEAL_STEP_NS;
    assert_warned(&two, "the host took 10 % of the CPU time away");
    pinned.runs[0].usage.steal_ns = 2 * USAGE_STEAL_STEP_NS;
    assert_warned(&pinned, "the host took 20 % of the CPU time away");
}

static void a_busy_target_is_warned_of(void **state)
{
    struct fixture f = fixture("tasks", "tcp", 20);

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        f.runs[i].target_cpu_ns = 19 * NS_PER_MS;
    assert_warned(&f, "the target was the bottleneck: it computed for 95 % of the makespan");
}

/* 16 ms of CPU in 20 ms are less than half of what loops can use on two cores. */
static void a_busy_target_of_several_loops_is_warned_of_where_all_are(void **state)
{
    struct fixture half = fixture("tasks", "tcp", 20), all = fixture("tasks", "tcp", 20);

    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        half.runs[i].target_loops = all.runs[i].target_loops = 4;
        half.runs[i].target_cpu_ns = 16 * NS_PER_MS;
        all.runs[i].target_cpu_ns = 37 * NS_PER_MS;
    }
    assert_warned(&half, "");
    assert_warned(&all,
                  "the target was the bottleneck: it used 92 % of the CPU time open to its 4");
}

/* 22 ms of CPU in 20 ms are half of what the loops can use, but one of them had most of it. */
static void a_target_whose_busiest_loop_is_full_is_warned_of(void **state)
{
    struct fixture nearly = fixture("tasks", "tcp", 20), full = fixture("tasks", "tcp", 20);

    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        nearly.runs[i].target_loops = full.runs[i].target_loops = 4;
        nearly.runs[i].target_cpu_ns = full.runs[i].target_cpu_ns = 22 * NS_PER_MS;
        nearly.runs[i].target_busiest_ns = 17 * NS_PER_MS;
        full.runs[i].target_busiest_ns = 19 * NS_PER_MS;
    }
    assert_warned(&nearly, "");
    assert_warned(&full, "the target was the bottleneck: its busiest loop computed for 95 %");
}

/* The client keeps to one of four cores, and the loops of the target have the other three. */
static void a_target_beside_a_pinned_client_has_the_other_cores(void **state)
{
    struct fixture f = fixture("tasks", "tcp", 20);
    const struct run_record *runs[RUNS];
    struct cell_runs in = {&f.cell, runs, RUNS, 1, KERNEL_MEMORY_UNKNOWN, 3};
    struct summary summary = {.values = NULL};
    const struct trust_input t = {&in, &summary, f.runs, RUNS, NULL};
    json_t *warnings = json_array();

    (void)state;
    f.cell.cpu = 0;
    for (size_t i = 0; i < RUNS; i++) {
        f.runs[i].target_loops = 4;
        f.runs[i].target_cpu_ns = 30 * NS_PER_MS; /* in 20 ms: half of what three cores give */
        runs[i] = &f.runs[i];
    }
    assert_int_equal(summary_of(&in, &summary), 0);
    assert_int_equal(trust_add_warnings(warnings, &t), 0);
    assert_int_equal(json_array_size(warnings), 0);
    summary_deinit(&summary);
    json_decref(warnings);
    drop(&f);
}

static void a_machine_that_client_and_target_fill_is_warned_of(void **state)
{
    struct fixture f = fixture("loops", "tcp", 20);

    (void)state;
    f.cell.threads = 2;
    for (size_t i = 0; i < RUNS; i++) {
        f.runs[i].target_loops = 2;
        f.runs[i].target_cpu_ns = 20 * NS_PER_MS;
        f.runs[i].usage.cpu_sys_ns = 18 * NS_PER_MS;
    }
    assert_warned(&f, "the machine was the bottleneck: the client used 45 % of its CPU time and "
                      "the target 50 %");
}

/* 19 ms of CPU in 20 ms fill the one thread of tasks, but not the two cores that a pool has. */
static void a_busy_client_is_warned_of(void **state)
{
    struct fixture tasks = fixture("tasks", "tcp", 20), pool = fixture("pool", "tcp", 20);
    struct fixture computing = fixture("tasks", "cpu", 20);
    struct fixture steps = fixture("tasks", "tcp + cpu:time=900us", 20);

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        steps.runs[i].usage.cpu_user_ns = tasks.runs[i].usage.cpu_sys_ns =
            pool.runs[i].usage.cpu_sys_ns = computing.runs[i].usage.cpu_user_ns = 19 * NS_PER_MS;
    assert_warned(&tasks, "the client was the bottleneck: it used 95 %");
    assert_warned(&pool, "");
    assert_warned(&computing, ""); /* it is meant to */
    assert_warned(&steps, "");
}

/* 9 and 12 of 5 x 20 ms. */
static void a_quota_is_warned_of_and_decides(void **state)
{
    struct fixture little = fixture("tasks", "cpu", 20), much = fixture("tasks", "cpu", 20);

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        little.runs[i].disturbance.at_ns = much.runs[i].disturbance.at_ns = 20 * NS_PER_MS;
    little.runs[1].disturbance.throttled = 2;
    little.runs[1].disturbance.throttled_ns = 9 * NS_PER_MS;
    assert_warned(&little, "a CPU quota stopped its control group 2 times, for 9 % of the time");
    much.runs[1].disturbance.throttled = much.runs[3].disturbance.throttled = 2;
    much.runs[1].disturbance.throttled_ns = much.runs[3].disturbance.throttled_ns = 6 * NS_PER_MS;
    assert_invalid(&much, "a CPU quota stopped its control group 4 times, for 12 % of the time");
}

static void a_stop_makes_invalid(void **state)
{
    struct fixture stopped = fixture("tasks", "sleep:duration=20ms", 20);
    struct fixture asleep = fixture("tasks", "sleep:duration=20ms", 20);

    (void)state;
    stopped.runs[2].disturbance.stops = 1;
    stopped.runs[2].disturbance.stopped_ns = 1200 * NS_PER_MS;
    stopped.runs[2].disturbance.suspended_ns = 50 * NS_PER_US; /* between two clock readings */
    assert_invalid(
        &stopped,
        "its process was stopped once, for 1.20 s in all: a signal (SIGSTOP) or a paused");
    asleep.runs[2].disturbance.suspended_ns = 7 * NS_PER_S;
    assert_invalid(&asleep, "the machine was suspended for 7.00 s");
}

/* Let one of its jobs take 1 s more. */
static void lengthen(struct run_record *run)
{
    run->samples[4].finished_ns += NS_PER_S;
    run->makespan_ns += NS_PER_S;
    records_add_area(run, NS_PER_S);
}

/* No job that took 20 ms has waited for a connection to be tried again. */
static void dropped_connections_are_warned_of_and_decide(void **state)
{
    struct fixture quick = fixture("tasks", "http", 20), slow = fixture("tasks", "http", 20);
    struct fixture again = fixture("tasks", "tcp", 20), other = fixture("tasks", "cpu", 20);

    (void)state;
    quick.runs[0].disturbance.listen_drops = other.runs[0].disturbance.listen_drops = 3;
    quick.runs[1].disturbance.tcp_timeouts = 5;
    assert_warned(&quick, "3 connections were dropped");
    slow.runs[0].disturbance.listen_drops = 3;
    lengthen(&slow.runs[0]);
    assert_invalid(&slow, "the server's listen queue overflowed, and 3 connections were dropped");
    again.runs[0].disturbance.tcp_timeouts = 5;
    lengthen(&again.runs[0]);
    assert_warned(&again, "TCP sent 5 packets again");
    assert_warned(&other, "");
}

static void faster_than_theory_is_warned_of(void **state)
{
    struct fixture f = fixture("tasks", "sleep:duration=21ms", 20);

    (void)state;
    assert_warned(&f, "1.05 times as fast as theory allows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_cells_have_nothing_said_against_them),
        cmocka_unit_test(failed_jobs_are_counted_by_error),
        cmocka_unit_test(failed_jobs_are_the_only_reason_given),
        cmocka_unit_test(failed_runs_are_named_once_each),
        cmocka_unit_test(runs_that_did_other_work_are_found),
        cmocka_unit_test(runs_with_other_contents_are_found),
        cmocka_unit_test(stamps_out_of_order_are_found),
        cmocka_unit_test(lost_jobs_are_found),
        cmocka_unit_test(a_cell_without_runs_is_invalid),
        cmocka_unit_test(few_runs_are_warned_of),
        cmocka_unit_test(noise_is_warned_of),
        cmocka_unit_test(steal_is_warned_of),
        cmocka_unit_test(a_busy_target_is_warned_of),
        cmocka_unit_test(a_target_whose_busiest_loop_is_full_is_warned_of),
        cmocka_unit_test(a_target_beside_a_pinned_client_has_the_other_cores),
        cmocka_unit_test(a_busy_target_of_several_loops_is_warned_of_where_all_are),
        cmocka_unit_test(a_machine_that_client_and_target_fill_is_warned_of),
        cmocka_unit_test(a_busy_client_is_warned_of),
        cmocka_unit_test(a_quota_is_warned_of_and_decides),
        cmocka_unit_test(a_stop_makes_invalid),
        cmocka_unit_test(dropped_connections_are_warned_of_and_decide),
        cmocka_unit_test(faster_than_theory_is_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
