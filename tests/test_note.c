/* The promise: notes on a group say how certain its p99 is, which share of a closed loop's ceiling
 * was reached and what held it back, where service was not what theory takes it for, and whose
 * sleeps the kernel delays; and say nothing where there is nothing to say. */
#include "export/finding.h"

#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS   NS_PER_MS
#define RUNS 6

/* A cell whose runs have so many jobs of that service, of which one in four takes four times as
 * long if it is `rough`. */
static void add(json_t *document, const char *model, const char *job, enum load_kind kind,
                size_t jobs, uint64_t service_ns, bool rough)
{
    struct cell cell = records_loop_cell(model, job, kind);
    struct run_record runs[RUNS];

    for (size_t i = 0; i < RUNS; i++) {
        runs[i] = records_loop_run(&cell, 0, jobs, 0, service_ns);
        runs[i].timer_slack_ns = 50000;
        for (size_t k = 0; rough && k < jobs; k += 4) {
            runs[i].samples[k].finished_ns += 3 * service_ns;
            records_add_area(&runs[i], 3 * service_ns);
        }
    }
    records_append(document, &cell, runs, RUNS);
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&runs[i]);
}

/* The only note that has these words in it is this one; with NULL there is none. */
static void assert_note(const json_t *document, const char *words, const char *expected)
{
    const char *found = NULL;
    struct rankings all;
    json_t *notes, *note;
    size_t i;

    assert_int_equal(rankings_init(&all, document), 0);
    notes = section_notes(&all.of[0]);
    rankings_deinit(&all);

    json_array_foreach(notes, i, note)
    {
        if (strstr(json_string_value(note), words) == NULL)
            continue;
        assert_null(found);
        found = json_string_value(note);
    }
    if (expected == NULL)
        assert_null(found);
    else if (found == NULL)
        fail_msg("no note has \"%s\"", words);
    else
        assert_string_equal(found, expected);
    json_decref(notes);
}

static void set(json_t *document, size_t cell, const char *quantity, double value)
{
    json_t *summary = json_object_get(records_cell_of(document, cell), "summary");

    json_object_set_new(summary, quantity,
                        json_pack("{s:f, s:[f]}", "median", value, "values", value));
}

static void p99_says_how_certain_it_is(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "tasks", "sleep:duration=5ms", LOAD_OPEN, 2000, 5 * MS, false);
    add(document, "pool", "sleep:duration=5ms", LOAD_OPEN, 1000, 5 * MS, false);
    assert_note(document, "p99",
                "p99 is the median of the runs'; with 1,000 jobs a run, each of them lies with 95 "
                "% between the run's p98.3 and p99.7");
    add(document, "threads", "sleep:duration=5ms", LOAD_OPEN, 400, 5 * MS, false);
    assert_note(document, "p99", "p99 needs 1,000 jobs a run; this has 400: 600 more");
    json_decref(document);
}

static void a_closed_loop_says_what_held_it_back(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "tasks", "sleep:duration=5ms", LOAD_CLOSED, 200, 5 * MS, false);
    set(document, 0, "throughput_per_s", 1960);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 98% of it, held back by the "
                "number of clients");
    add(document, "pool", "sleep:duration=5ms", LOAD_CLOSED, 200, 5 * MS, false);
    set(document, 1, "throughput_per_s", 1160);
    add(document, "sequential", "sleep:duration=5ms", LOAD_CLOSED, 200, 5 * MS, false);
    set(document, 2, "throughput_per_s", 195);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 98% of it, held back by the "
                "number of clients; pool(6) reached 58% of it, held back by its 6 threads; "
                "sequential reached 9.8% of it, held back since it takes one job at a time");
    json_decref(document);
}

/* From 100/s to 300/s in 2 s at 6 / 30 ms = 200/s: a triangle of 1 s and 100/s. */
static void a_rate_that_changes_has_a_fluid_limit_beside_it(void **state)
{
    json_t *document = records_document();

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct cell cell =
            records_loop_cell(k == 0 ? "pool" : "tasks", "sleep:duration=30ms", LOAD_OPEN);
        struct run_record run = records_loop_run(&cell, 0, 400, 5 * MS, 30 * MS);

        assert_int_equal(load_rates_parse("100..300/s@2s", &cell.load.rates, NULL), 0);
        records_append(document, &cell, &run, 1);
        run_record_deinit(&run);
    }
    records_assert_number(records_cell_of(document, 0), "summary.fluid.capacity_per_s", 200);
    records_assert_number(records_cell_of(document, 0), "summary.fluid.backlog", 50);
    records_assert_number(records_cell_of(document, 0), "summary.fluid.wait_max_s", 0.25);
    assert_true(json_is_null(result_get(records_cell_of(document, 0), "summary.theory")));
    assert_true(json_is_null(result_get(records_cell_of(document, 0), "summary.steady")));
    assert_note(document, "fluid",
                "as a fluid, where jobs have no luck of the draw: pool(6) bears 200/s, so 50 jobs "
                "wait at 2 s, the last for 250 ms (measured: at most 0 jobs and 5.00 ms); tasks "
                "has no limit to exceed (measured: at most 5.00 ms)");
    json_decref(document);
}

/* What the window that begins at that time expects of a job, in ms. */
static double fluid_ms(const json_t *cell, double begin_s)
{
    const json_t *windows = result_get(cell, "over_time.windows"), *row;
    size_t i;

    json_array_foreach(windows, i, row)
    {
        if (fabs(json_number_value(json_array_get(row, 0)) - begin_s) < 1e-9)
            return json_number_value(json_array_get(row, 7)) / 1e6;
    }
    fail_msg("no window begins at %g s", begin_s);
    return 0;
}

/* At 100/s, 50 jobs come in half a second; six of 30 ms each then take 100/s more than come. The
 * target's clock begins with the first job, and a stall holds what would be due in it: so what
 * comes from 1.47 s on. Windows are 0.2 s long. */
static void a_target_that_misbehaves_has_a_fluid_limit_beside_it(void **state)
{
    json_t *document = records_document();
    const json_t *cell;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct cell own = records_loop_cell(
            k == 0 ? "pool" : "tasks", "tcp:delay=30ms,pathology=stall=500ms@1500ms", LOAD_OPEN);
        struct run_record run = records_loop_run(&own, 0, 400, 5 * MS, 30 * MS);

        own.load.duration_ns = 4 * NS_PER_S;
        records_append(document, &own, &run, 1);
        run_record_deinit(&run);
    }
    for (size_t k = 0; k < 2; k++) {
        cell = records_cell_of(document, k);
        records_assert_number(cell, "summary.pathology.stall_s", 0.5);
        assert_true(json_is_null(result_get(cell, "summary.pathology.stalled")));
        records_assert_number(cell, "summary.fluid.backlog", 50);
        records_assert_number(cell, "summary.fluid.backlog_at_s", 1.97);
        records_assert_number(cell, "summary.fluid.wait_max_s", 0.5);
        records_assert_number(cell, "summary.fluid.left", 0);
        assert_float_equal(fluid_ms(cell, 1.2), 30, 1e-6);
    }
    cell = records_cell_of(document, 0);
    records_assert_number(cell, "summary.fluid.capacity_per_s", 200);
    assert_float_equal(fluid_ms(cell, 1.6), 30 + 270 + 23 / 0.2, 1e-3); /* 23 jobs before it */
    assert_float_equal(fluid_ms(cell, 2.2), 30 + (50 - 33) / 0.2, 1e-3);
    cell = records_cell_of(document, 1);
    assert_true(json_is_null(result_get(cell, "summary.fluid.capacity_per_s")));
    assert_float_equal(fluid_ms(cell, 1.6), 30 + 270, 1e-3);
    assert_float_equal(fluid_ms(cell, 2.2), 30, 1e-3);
    assert_note(document, "misbehaved",
                "the target misbehaved as asked (stall=500ms@1500ms); a stall holds jobs for up to "
                "500 ms; measured: pool(6) 99.2/s, a job up to 35.0 ms (as a fluid 50 jobs wait, "
                "up to 500 ms), tasks 99.2/s, a job up to 35.0 ms (as a fluid 50 jobs wait, up to "
                "500 ms)");
    assert_note(document, "fluid, where", NULL);
    json_decref(document);
}

static void what_theory_says_of_a_pathology_is_in_the_document(void **state)
{
    json_t *document = records_document();
    const json_t *cell;

    (void)state;
    add(document, "tasks",
        "sleep:ms=3 + tcp:delay=20ms,requests=2,pathology=limit=4+stall=100ms/1s+slow=7ms@1s..2s",
        LOAD_CLOSED, 200, 43 * MS, false);
    cell = records_cell_of(document, 0);
    assert_string_equal(result_string(cell, "summary.pathology.text"),
                        "limit=4+stall=100ms/1s+slow=7ms@1s..2s");
    records_assert_number(cell, "summary.pathology.capacity_per_s", 4 / 0.040);
    records_assert_number(cell, "summary.pathology.stall_s", 0.1);
    records_assert_number(cell, "summary.pathology.stalled", 0.1);
    records_assert_number(cell, "summary.pathology.stall_mean_s", 0.005);
    records_assert_number(cell, "summary.pathology.added_s", 0.007);
    assert_null(result_get(cell, "summary.fluid")); /* a closed loop waits for it */
    json_decref(document);
}

static void busy_cpus_hold_a_closed_loop_back(void **state)
{
    json_t *document = records_document();
    double run_s;

    (void)state;
    add(document, "tasks", "tcp:delay=5ms", LOAD_CLOSED, 200, 5 * MS, false);
    run_s = result_number(records_cell_of(document, 0), "summary.makespan_s.median");
    set(document, 0, "throughput_per_s", 1000);
    set(document, 0, "cpu_user_s", 0.5 * run_s);
    set(document, 0, "cpu_sys_s", 0.1 * run_s);
    set(document, 0, "target_cpu_s", 0.3 * run_s);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 50% of it, held back by no "
                "single limit (the client's CPU 60% busy, the target's 30%)");
    set(document, 0, "target_cpu_s", 0.95 * run_s);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 50% of it, held back by the "
                "target's CPU (95% busy)");
    json_object_set_new(records_cell_of(document, 0), "target_loops", json_integer(2));
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 50% of it, held back by no "
                "single limit (the client's CPU 60% busy, the target's 48%)");
    set(document, 0, "target_busiest_cpu_s", 0.93 * run_s);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 50% of it, held back by the "
                "target's CPU (its busiest loop 93% busy)");
    set(document, 0, "target_busiest_cpu_s", 0.7 * run_s);
    set(document, 0, "target_cpu_s", 1.3 * run_s);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 50% of it, held back by the "
                "machine's CPU, which client and target share (95% busy)");
    set(document, 0, "cpu_sys_s", 0.46 * run_s);
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 50% of it, held back by the "
                "client's CPU (96% busy)");
    json_decref(document);
}

/* A pool's jobs wait for a thread, which is no wake-up. */
static void the_lateness_of_held_replies_is_split(void **state)
{
    const char *const rows[] = {"tasks", "pool", "threads"};
    json_t *document = records_document();

    (void)state;
    for (size_t i = 0; i < 3; i++)
        add(document, rows[i], "tcp:delay=5ms", LOAD_CLOSED, 200, 5 * MS, false);
    assert_note(document, "late", NULL);
    for (size_t i = 0; i < 3; i++) {
        set(document, i, "late_timer_s", 0.0002 * (double)(i + 1));
        set(document, i, "late_wake_up_s", 0.0005);
        set(document, i, "late_read_write_s", 0.00001);
    }
    assert_note(document, "late",
                "late beyond the delay, on average (the target's timer + wake-ups + reads and "
                "writes): tasks 710 us (200 us + 500 us + 10.0 us), threads 1.11 ms (600 us + 500 "
                "us + 10.0 us)");
    json_decref(document);
}

/* Where waits differ from job to job, their mean is what counts; where nothing waits, nothing. */
static void a_ceiling_takes_a_wait_that_is_known(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "tasks", "sleep:duration=5ms,dist=exp", LOAD_CLOSED, 200, 5 * MS, false);
    set(document, 0, "throughput_per_s", 1960);
    assert_note(document, "ceiling 2.00k/s (10 clients / 5.00 ms): tasks",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 98% of it, held back by the "
                "number of clients");
    json_decref(document);
    document = records_document();
    add(document, "tasks", "cpu:rounds=1k", LOAD_CLOSED, 200, 5 * MS, false);
    assert_note(document, "ceiling", NULL);
    json_decref(document);
}

/* What parameters and measurements do not tell of a part, they do not tell of the job. */
static void a_sum_has_notes_where_all_its_parts_are_known(void **state)
{
    const char *const unknown[] = {"sleep:duration=2ms + file", "sleep:duration=2ms + tcp",
                                   "sleep:duration=2ms,dist=exp + cpu:rounds=9"};
    json_t *document;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        document = records_document();
        add(document, "tasks", unknown[i], LOAD_CLOSED, 200, 5 * MS, false);
        assert_note(document, "ceiling", NULL);
        json_decref(document);
        document = records_document();
        add(document, "tasks", unknown[i], LOAD_OPEN, 200, 5 * MS, false);
        assert_note(document, "service", NULL);
        json_decref(document);
    }
    document = records_document();
    add(document, "tasks", "sleep:duration=2ms + cpu:rounds=9", LOAD_CLOSED, 200, 5 * MS, false);
    set(document, 0, "throughput_per_s", 1960);
    json_object_set_new(json_object_get(records_cell_of(document, 0), "summary"), "ideal_job_s",
                        json_real(0.005));
    assert_note(document, "ceiling",
                "ceiling 2.00k/s (10 clients / 5.00 ms): tasks reached 98% of it, held back by the "
                "number of clients");
    json_decref(document);
    document = records_document();
    add(document, "tasks", "null + sleep:duration=2ms + cpu:time=1ms", LOAD_OPEN, 200, 5 * MS,
        false);
    assert_note(document, "service",
                "service was not the 3.00 ms (CV 0.00) that was asked for, so what waits exceed "
                "theory by is not the model's doing alone: tasks 5.00 ms (CV 0.00)");
    json_decref(document);
}

static void disturbed_service_is_named_beside_theory(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "tasks", "sleep:duration=5ms", LOAD_OPEN, 200, 5 * MS, false);
    assert_note(document, "service", NULL);
    add(document, "pool", "sleep:duration=5ms", LOAD_OPEN, 200, 5 * MS, true);
    assert_note(document, "service",
                "service was not the 5.00 ms (CV 0.00) that was asked for, so what waits exceed "
                "theory by is not the model's doing alone: pool(6) 8.75 ms (CV 0.74)");
    add(document, "threads", "sleep:duration=5ms", LOAD_OPEN, 200, 6 * MS, false);
    assert_note(document, "service",
                "service was not the 5.00 ms (CV 0.00) that was asked for, so what waits exceed "
                "theory by is not the model's doing alone: pool(6) 8.75 ms (CV 0.74), threads 6.00 "
                "ms (CV 0.00)");
    json_decref(document);
}

static void a_first_batch_tells_its_page_faults(void **state)
{
    struct cell cell = records_cell("tasks", "null", 1000);
    json_t *document = records_document();
    struct run_record runs[RUNS];

    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        runs[i] = records_run(&cell, 10 * MS);
        runs[i].first_ns = 100 * MS;
        runs[i].first_faults = 1089;
    }
    records_append(document, &cell, runs, RUNS);
    assert_note(document, "first batch",
                "first is the process's first batch, from when the model was opened: tasks with "
                "1,089 page faults");
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&runs[i]);
    json_decref(document);
}

static void sleeps_of_both_kinds_differ_by_the_slack(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "tasks", "sleep:duration=5ms", LOAD_OPEN, 200, 5 * MS, false);
    assert_note(document, "slack", NULL);
    add(document, "pool", "sleep:duration=5ms", LOAD_OPEN, 200, 5 * MS, false);
    assert_note(document, "slack",
                "the kernel's timer slack lets sleeps of pool(6) end up to 50.0 us late, and those "
                "of tasks not: --timer-slack 1ns makes them alike");
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(records_cell_of(document, i), "timer_slack_ns", json_integer(1));
    assert_note(document, "slack", NULL);
    json_decref(document);
    document = records_document();
    add(document, "tasks", "tcp:delay=5ms", LOAD_OPEN, 200, 5 * MS, false);
    add(document, "pool", "tcp:delay=5ms", LOAD_OPEN, 200, 5 * MS, false);
    assert_note(document, "slack", NULL);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p99_says_how_certain_it_is),
        cmocka_unit_test(a_rate_that_changes_has_a_fluid_limit_beside_it),
        cmocka_unit_test(a_target_that_misbehaves_has_a_fluid_limit_beside_it),
        cmocka_unit_test(what_theory_says_of_a_pathology_is_in_the_document),
        cmocka_unit_test(a_closed_loop_says_what_held_it_back),
        cmocka_unit_test(busy_cpus_hold_a_closed_loop_back),
        cmocka_unit_test(the_lateness_of_held_replies_is_split),
        cmocka_unit_test(a_ceiling_takes_a_wait_that_is_known),
        cmocka_unit_test(a_sum_has_notes_where_all_its_parts_are_known),
        cmocka_unit_test(disturbed_service_is_named_beside_theory),
        cmocka_unit_test(a_first_batch_tells_its_page_faults),
        cmocka_unit_test(sleeps_of_both_kinds_differ_by_the_slack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
