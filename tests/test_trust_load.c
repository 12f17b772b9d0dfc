/* The promise: a loop whose generator did not keep its schedule, or whose jobs do not add up, is
 * invalid; jobs that were refused or not served, and runs that never settled, are told of; and work
 * is compared as far as the load lets it be the same. */
#include "summary/little.h"
#include "summary/trust_load.h"

#include "summary/document.h"
#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS   NS_PER_MS
#define RUNS 5

struct fixture {
    struct cell cell;
    struct run_record runs[RUNS];
    json_t *document;
};

static struct fixture fixture(enum load_kind kind, size_t jobs)
{
    struct fixture f = {.cell = records_loop_cell("tasks", "sleep:duration=5ms", kind),
                        .document = records_document()};

    for (size_t i = 0; i < RUNS; i++)
        f.runs[i] = records_loop_run(&f.cell, 3, jobs, 0, 5 * MS);
    return f;
}

static void set_timer_error(struct fixture *f, const char *percentile, double ns)
{
    json_t *error = json_pack("{sf}", percentile, ns);

    json_object_set_new(json_object_get(f->document, "context"), "timer_error_ns", error);
}

static void dispatch_late(struct fixture *f, size_t every, uint64_t late_ns)
{
    for (size_t i = 0; i < RUNS; i++)
        for (size_t k = f->runs[i].warmup_samples; k < f->runs[i].samples_count; k += every)
            f->runs[i].samples[k].submitted_ns = f->runs[i].samples[k].intended_ns + late_ns;
}

/* Add the cell, free the runs. Its only sentence in that list contains the text; "" wants none. */
static void assert_says(struct fixture *f, const char *list, const char *text)
{
    const json_t *cell, *sentences;
    const char *first = "";

    assert_int_equal(document_add_cell(f->document, &f->cell, f->runs, RUNS), 0);
    cell = records_cell_of(f->document, 0);
    sentences = json_object_get(cell, list);
    if (json_array_size(sentences) > 0)
        first = json_string_value(json_array_get(sentences, 0));
    if (json_array_size(sentences) != (text[0] != '\0') || strstr(first, text) == NULL)
        fail_msg("%s: expected \"%s\", found %zu, \"%s\"", list, text, json_array_size(sentences),
                 first);
    assert_true(json_is_true(json_object_get(cell, "valid")) ==
                (json_array_size(json_object_get(cell, "reasons")) == 0));
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&f->runs[i]);
    json_decref(f->document);
}

static void sound_loops_have_nothing_said_against_them(void **state)
{
    static const enum load_kind kinds[] = {LOAD_CLOSED, LOAD_OPEN};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture f = fixture(kinds[i], 100);

        assert_says(&f, "reasons", "");
        f = fixture(kinds[i], 100);
        assert_says(&f, "warnings", "");
    }
}

static void late_dispatches_make_it_invalid(void **state)
{
    struct fixture f = fixture(LOAD_OPEN, 1000);

    (void)state;
    dispatch_late(&f, 50, 3 * MS); /* 2 % of 5,000: in p99, which is the greatest that they carry */
    set_timer_error(&f, "p99", 0.5e6);
    assert_says(&f, "reasons",
                "the generator did not keep its schedule: 99 % of the dispatches were up to "
                "3.00 ms late, and this machine's timers alone up to 500 us");
    f = fixture(LOAD_OPEN, 1000);
    dispatch_late(&f, 50, 3 * MS);
    set_timer_error(&f, "p99", 2.1e6); /* the machine's own fault, then */
    assert_says(&f, "reasons", "");
    f = fixture(LOAD_OPEN, 1000);
    dispatch_late(&f, 200, 3 * MS); /* 0.5 % */
    assert_says(&f, "reasons", "");
    f = fixture(LOAD_OPEN, 2000);
    dispatch_late(&f, 200, 3 * MS); /* of 10,000: in p99.9 */
    assert_says(&f, "reasons", "99.9 % of the dispatches");
    f = fixture(LOAD_OPEN, 10);
    dispatch_late(&f, 1, 3 * MS); /* of 50, all */
    assert_says(&f, "reasons", "half of the dispatches were up to 3.00 ms late");
    f = fixture(LOAD_CLOSED, 1000);
    dispatch_late(&f, 1, 3 * MS); /* no schedule to be kept */
    assert_says(&f, "reasons", "");
}

static void broken_sums_make_it_invalid(void **state)
{
    struct fixture f = fixture(LOAD_OPEN, 100);

    (void)state;
    f.runs[3].area_ns -= f.runs[3].area_ns / 10;
    assert_says(&f, "reasons", "run 4 breaks Little's law");
    f = fixture(LOAD_CLOSED, 100);
    f.runs[3].area_ns += f.runs[3].area_ns / 200; /* 0.5 % */
    assert_says(&f, "reasons", "");
    f = fixture(LOAD_CLOSED, 100);
    f.runs[0].area_ns = 0;
    assert_says(&f, "reasons", "run 1 breaks Little's law");
}

/* Behind a job of 100 us, looking at the clock 50 us later is half of it. */
static void short_jobs_are_allowed_their_stamps(void **state)
{
    struct fixture f = fixture(LOAD_CLOSED, 100);

    (void)state;
    for (size_t i = 0; i < RUNS; i++) {
        run_record_deinit(&f.runs[i]);
        f.runs[i] = records_loop_run(&f.cell, 3, 100, 0, 100 * NS_PER_US);
        f.runs[i].area_ns += 100 * (uint64_t)(LITTLE_STAMP_NS / 2);
    }
    assert_says(&f, "reasons", "");
}

/* The only job of a run may lose its CPU between its end and the driver's look at the clock; no two
 * of a hundred do so for long. */
static void a_pause_between_stamps_is_allowed_once(void **state)
{
    struct fixture f = fixture(LOAD_CLOSED, 1);

    (void)state;
    f.runs[0].area_ns += 10 * MS;
    assert_says(&f, "reasons", "");
    f = fixture(LOAD_CLOSED, 100);
    f.runs[0].area_ns += 100 * (uint64_t)LITTLE_STAMP_NS + 30 * MS;
    assert_says(&f, "reasons", "run 1 breaks Little's law");
}

static void lost_jobs_are_told_with_their_number(void **state)
{
    struct fixture f = fixture(LOAD_OPEN, 100);

    (void)state;
    for (size_t i = 100; i < 103; i++) {
        struct sample *s = &f.runs[2].samples[i];

        s->result = SAMPLE_UNSERVED;
        s->started_ns = s->finished_ns; /* as long in the system as it was */
    }
    f.runs[2].unserved = 3;
    assert_says(&f, "warnings",
                "3 of 500 jobs had not begun 1.00 s after the last arrival: the rate is above");
    f = fixture(LOAD_OPEN, 100);
    f.cell.load.limit = 8;
    f.runs[1].area_ns -= sample_latency_ns(&f.runs[1].samples[50]);
    f.runs[1].samples[50].result = SAMPLE_REFUSED;
    f.runs[1].refused = 1;
    assert_says(&f, "warnings", "1 of 500 jobs were refused because 8 were in the system");
}

static void runs_that_do_not_settle_are_told(void **state)
{
    struct fixture f = fixture(LOAD_OPEN, 100);

    (void)state;
    for (size_t i = 0; i < RUNS; i++)
        for (size_t k = 0; k < 100; k++)
            records_set_wait(&f.runs[i], 3 + k, k * MS);
    assert_says(&f, "warnings", "no steady state");
}

static void clients_may_do_different_numbers_of_the_same_job(void **state)
{
    struct fixture f = fixture(LOAD_CLOSED, 100);

    (void)state;
    run_record_deinit(&f.runs[1]);
    f.runs[1] = records_loop_run(&f.cell, 3, 90, 0, 5 * MS);
    assert_says(&f, "reasons", "");
    f = fixture(LOAD_CLOSED, 100);
    run_record_deinit(&f.runs[1]);
    f.runs[1] = records_loop_run(&f.cell, 3, 90, 0, 5 * MS);
    f.runs[1].ledger.bytes_in += 90;
    assert_says(&f, "reasons",
                "run 2 did other work than run 1: bytes_in 5850 in 90 jobs against 6400 in 100");
    f = fixture(LOAD_OPEN, 100); /* whose schedule is the same in each run */
    run_record_deinit(&f.runs[1]);
    f.runs[1] = records_loop_run(&f.cell, 3, 90, 0, 5 * MS);
    assert_says(&f, "reasons", "run 2 did other work than run 1: jobs 90 against 100");
}

/* Two models in a group, the second with fewer jobs: how many cells are invalid. */
static size_t invalid_of_two(enum load_kind kind, uint64_t unserved)
{
    struct cell tasks = records_loop_cell("tasks", "sleep:duration=5ms", kind);
    struct cell blocking = records_loop_cell("blocking", "sleep:duration=5ms", kind);
    struct run_record a = records_loop_run(&tasks, 0, 100, 0, 5 * MS);
    struct run_record b = records_loop_run(&blocking, 0, 90, 0, 5 * MS);
    json_t *document = records_document();
    size_t invalid;

    b.unserved = unserved;
    assert_int_equal(document_add_cell(document, &tasks, &a, 1), 0);
    assert_int_equal(document_add_cell(document, &blocking, &b, 1), 0);
    invalid = document_check_ledgers(document);
    json_decref(document);
    run_record_deinit(&a);
    run_record_deinit(&b);
    return invalid;
}

static void groups_are_compared_where_all_was_served(void **state)
{
    (void)state;
    assert_int_equal(invalid_of_two(LOAD_OPEN, 0), 2);
    assert_int_equal(invalid_of_two(LOAD_OPEN, 10), 0);
    assert_int_equal(invalid_of_two(LOAD_CLOSED, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_loops_have_nothing_said_against_them),
        cmocka_unit_test(late_dispatches_make_it_invalid),
        cmocka_unit_test(broken_sums_make_it_invalid),
        cmocka_unit_test(short_jobs_are_allowed_their_stamps),
        cmocka_unit_test(a_pause_between_stamps_is_allowed_once),
        cmocka_unit_test(lost_jobs_are_told_with_their_number),
        cmocka_unit_test(runs_that_do_not_settle_are_told),
        cmocka_unit_test(clients_may_do_different_numbers_of_the_same_job),
        cmocka_unit_test(groups_are_compared_where_all_was_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
