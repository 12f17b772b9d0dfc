/* The promise: a loop is invalid when its generator did not keep its schedule or when its jobs do
 * not add up, and a slow machine makes neither so. The result tells of jobs that were refused or
 * not served, of a driver that was late and of runs that never settled. Work is compared as far as
 * the load lets it be the same. */
#include "summary/little.h"
#include "summary/trust.h"

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
    struct stats_distribution timer_error;
};

static struct fixture fixture(enum load_kind kind, size_t jobs)
{
    struct fixture f = {.cell = records_loop_cell("tasks", "sleep:duration=5ms", kind)};

    for (size_t i = 0; i < RUNS; i++)
        f.runs[i] = records_loop_run(&f.cell, 3, jobs, 0, 5 * MS);
    return f;
}

static void set_timer_error(struct fixture *f, const char *percentile, uint64_t ns)
{
    bool p999 = strcmp(percentile, "p999") == 0;

    f->timer_error = (struct stats_distribution){.count = 1};
    f->timer_error.at[p999 ? STATS_P999 : STATS_P99] = (double)ns;
}

static void dispatch_late(struct fixture *f, size_t every, uint64_t late_ns)
{
    for (size_t i = 0; i < RUNS; i++)
        for (size_t k = f->runs[i].warmup_samples; k < f->runs[i].samples_count; k += every)
            f->runs[i].samples[k].submitted_ns = f->runs[i].samples[k].intended_ns + late_ns;
}

/* Judge the cell, free the runs. Its only sentence in that list contains the text; "" wants none.
 */
static void assert_says(struct fixture *f, const char *list, const char *text)
{
    json_t *said = records_judge(&f->cell, f->runs, RUNS, &f->timer_error);
    const json_t *sentences = json_object_get(said, list);
    const char *first = "";

    if (json_array_size(sentences) > 0)
        first = json_string_value(json_array_get(sentences, 0));
    if (json_array_size(sentences) != (text[0] != '\0') || strstr(first, text) == NULL)
        fail_msg("%s: expected \"%s\", found %zu, \"%s\"", list, text, json_array_size(sentences),
                 first);
    json_decref(said);
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&f->runs[i]);
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
    set_timer_error(&f, "p99", NS_PER_MS / 2);
    assert_says(&f, "reasons",
                "the generator did not keep its schedule: 99 % of the dispatches were up to "
                "3.00 ms late, and this machine's timers alone up to 500 us");
    f = fixture(LOAD_OPEN, 1000);
    dispatch_late(&f, 50, 3 * MS);
    set_timer_error(&f, "p99", 2100000); /* the machine's own fault, then */
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

/* 1,000 jobs of 5 ms: the sums are exact, so one lost job, one counted twice and one wrong stamp
 * show in any run. */
static void broken_sums_make_it_invalid(void **state)
{
    struct fixture f = fixture(LOAD_OPEN, 1000);

    (void)state;
    assert_says(&f, "reasons", "");
    f = fixture(LOAD_OPEN, 1000);
    records_add_area(&f.runs[3], -5 * MS);
    assert_says(&f, "reasons", "run 4 breaks Little's law");
    f = fixture(LOAD_CLOSED, 1000);
    records_add_area(&f.runs[2], 5 * MS);
    assert_says(&f, "reasons", "run 3 breaks Little's law");
    f = fixture(LOAD_CLOSED, 1000);
    f.runs[1].samples[500].finished_ns -= NS_PER_US;
    assert_says(&f, "reasons", "run 2 breaks Little's law");
    f = fixture(LOAD_CLOSED, 100);
    f.runs[0].area = (struct service_area){0};
    assert_says(&f, "reasons", "run 1 breaks Little's law");
}

/* A run on this machine of 100 jobs of 5 ms, where the driver looks at its clock late_ns after
 * each, and the loop's beats are up to lag_ns late. */
static struct fixture late(uint64_t late_ns, uint64_t lag_ns)
{
    struct fixture f = fixture(LOAD_CLOSED, 100);
    struct run_record *run = &f.runs[2];

    run->area.driver_ns += 100 * late_ns;
    run->beats[7].woke_ns = run->beats[7].due_ns + lag_ns;
    return f;
}

/* No stamp proves a late driver wrong: on a machine that is slow its look at the clock may take as
 * long as a job. A warning says when it was later than the machine explains. */
static void a_late_driver_is_told_and_not_accused(void **state)
{
    struct fixture f = late(4 * MS, 5 * MS);

    (void)state;
    assert_says(&f, "reasons", "");
    f = late(4 * MS, 5 * MS);
    assert_says(&f, "warnings", "");
    f = late(4 * MS, 3 * MS);
    assert_says(&f, "reasons", "");
    f = late(4 * MS, 3 * MS);
    assert_says(&f, "warnings", "the driver learned of the jobs' ends 4.00 ms late on average");
    f = late(51 * NS_PER_US, 0); /* 1 % of 5 ms; the other beats are 50 us late */
    assert_says(&f, "warnings", "the driver learned of the jobs' ends 51.0 us late");
    f = late(49 * NS_PER_US, 0);
    assert_says(&f, "warnings", "");
    f = late(4 * MS, 0);
    f.runs[2].beats_count = 0; /* nothing says what the machine was like */
    assert_says(&f, "warnings", "");
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
    records_add_area(&f.runs[1], -sample_latency_ns(&f.runs[1].samples[50]));
    f.runs[1].samples[50].result = SAMPLE_REFUSED;
    f.runs[1].refused = 1;
    assert_says(&f, "warnings", "the limit of 8 in the system refused 1 of 500 jobs;");
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
    struct document_session session = {.seed = 1, .rounds = 1};
    struct document *document = document_create(&session);
    size_t invalid;

    assert_non_null(document);
    b.unserved = unserved;
    assert_non_null(document_add_cell(document, &tasks, &a, 1));
    assert_non_null(document_add_cell(document, &blocking, &b, 1));
    json_decref(document_finish(document, &invalid));
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
        cmocka_unit_test(a_late_driver_is_told_and_not_accused),
        cmocka_unit_test(lost_jobs_are_told_with_their_number),
        cmocka_unit_test(runs_that_do_not_settle_are_told),
        cmocka_unit_test(clients_may_do_different_numbers_of_the_same_job),
        cmocka_unit_test(groups_are_compared_where_all_was_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
