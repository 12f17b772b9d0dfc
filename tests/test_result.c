/* The promise: the document holds what the schema says, nothing that JSON cannot carry.
 *
 * "test_result FILE" writes a sample document to FILE and does nothing else: for validators. */
#include "result/result.h"
#include "summary/document.h"

#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void cells_say_who_they_are(void **state)
{
    json_t *document = records_sample();
    const json_t *pool = records_cell_of(document, 2), *tcp = records_cell_of(document, 3);
    const json_t *file = records_cell_of(document, 4), *tasks = records_cell_of(document, 1);

    (void)state;
    assert_string_equal(result_string(pool, "name"), "pool(6) sleep:duration=10ms x 100");
    assert_string_equal(result_string(pool, "group"), "sleep:duration=10ms x 100");
    assert_string_equal(result_string(pool, "group"), result_string(tasks, "group"));
    assert_string_equal(result_string(pool, "model"), "pool");
    assert_float_equal(result_number(pool, "threads"), 6, 0);
    assert_true(isnan(result_number(tasks, "threads")));
    assert_float_equal(result_number(pool, "params.duration"), 10e6, 0);
    assert_string_equal(result_string(tcp, "spec"), "tcp:bytes=64,delay=1ms,keep=off");
    assert_true(json_is_false(json_object_get(json_object_get(tcp, "params"), "keep")));
    assert_true(json_is_true(json_object_get(json_object_get(file, "params"), "fsync")));
    assert_string_equal(result_string(file, "params.op"), "write");
    assert_true(json_is_integer(
        json_object_get(/* whole numbers without ".0" */
                        json_object_get(json_object_get(pool, "summary"), "heartbeat_lag_max_ns"),
                        "median")));
    assert_float_equal(result_number(document, "rounds"), 5, 0);
    assert_string_equal(result_string(document, "suite"), "quick");
    json_decref(document);
}

static void ledger_is_that_of_one_run(void **state)
{
    json_t *document = records_sample();
    const json_t *tasks = records_cell_of(document, 1), *broken = records_cell_of(document, 6);
    const char *checksum = result_string(tasks, "ledger.checksum");

    (void)state;
    assert_float_equal(result_number(tasks, "ledger.jobs"), 100, 0);
    assert_float_equal(result_number(tasks, "ledger.operations"), 100, 0);
    assert_float_equal(result_number(tasks, "ledger.bytes_in"), 6400, 0);
    assert_float_equal(result_number(tasks, "ledger.bytes_out"), 3200, 0);
    assert_int_equal(strlen(checksum), 16);
    assert_int_equal(strspn(checksum, "0123456789abcdef"), 16);
    assert_float_equal(result_number(broken, "ledger.jobs"), 99, 0);
    assert_float_equal(result_number(broken, "ledger.errors.ECONNRESET"), 1, 0);
    assert_true(json_is_null(json_object_get(records_cell_of(document, 7), "ledger")));
    json_decref(document);
}

static void timeline_is_that_of_the_typical_run(void **state)
{
    const double makespans_ms[] = {50, 10, 20};
    json_t *document = records_document(), *timeline, *expected;

    (void)state;
    records_add(document, "pool", "sleep:duration=10ms", 8, makespans_ms, 3, true);
    timeline = json_object_get(records_cell_of(document, 0), "timeline");
    assert_int_equal(json_array_size(json_object_get(timeline, "jobs")), 8);
    expected = json_loads("[0, 0, 0, 20000000, 1, 7, 0]", 0, NULL);
    assert_true(json_equal(json_array_get(json_object_get(timeline, "jobs"), 7), expected));
    json_decref(expected);
    expected = json_loads("[[0, 20000000]]", 0, NULL);
    assert_true(json_equal(json_object_get(timeline, "beats"), expected));
    json_decref(expected);
    json_decref(document);
}

static json_int_t number_at(const json_t *rows, size_t row, size_t column)
{
    return json_integer_value(json_array_get(json_array_get(rows, row), column));
}

/* Each job once, in order: the first 25, the last 25, the 25 slowest, and some in each tenth. */
static void timeline_of_many_jobs_is_a_sample(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=1ms", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 7, 1000, NS_PER_MS, NS_PER_MS);
    json_t *document = records_document(), *jobs;
    size_t first = 0, last = 0, slow = 0, tenths[10] = {0};

    (void)state;
    for (size_t i = 0; i < 25; i++)
        records_set_wait(&run, 7 + 301 + 2 * i, NS_PER_S);
    run.samples[7 + 5].result = -5;
    records_append(document, &cell, &run, 1);
    jobs = json_object_get(json_object_get(records_cell_of(document, 0), "timeline"), "jobs");
    assert_in_range(json_array_size(jobs), 90, 100);
    for (size_t i = 0; i < json_array_size(jobs); i++) {
        json_int_t index = number_at(jobs, i, 5);

        assert_true(i == 0 || index > number_at(jobs, i - 1, 5));
        assert_in_range(index, 0, 999);
        assert_int_equal(number_at(jobs, i, 6), index == 5 ? -5 : 0);
        first += index < 25;
        last += index >= 975;
        slow += number_at(jobs, i, 3) - number_at(jobs, i, 0) >= (json_int_t)NS_PER_S;
        tenths[index / 100]++;
    }
    assert_int_equal(first, 25);
    assert_int_equal(last, 25);
    assert_int_equal(slow, 25);
    for (size_t i = 0; i < 10; i++)
        assert_true(tenths[i] >= 2);
    assert_in_range(json_array_size(json_object_get(
                        json_object_get(records_cell_of(document, 0), "timeline"), "beats")),
                    100, 200);
    json_decref(document);
    run_record_deinit(&run);
}

/* A batch of 30 s has 30,000 beats; the one late beat among them is kept. */
static void timeline_thins_out_beats_but_keeps_the_latest(void **state)
{
    struct cell cell = records_cell("sequential", "sleep:duration=1s", 30);
    struct run_record run = records_run(&cell, 30 * NS_PER_S);
    json_t *document = records_document(), *beats, *beat;
    size_t i, late = 0;

    (void)state;
    assert_int_equal(run.beats_count, 30000);
    run.beats[7777].woke_ns += NS_PER_S;
    records_append(document, &cell, &run, 1);
    beats = json_object_get(json_object_get(records_cell_of(document, 0), "timeline"), "beats");
    assert_in_range(json_array_size(beats), 2500, 5000);
    json_array_foreach(beats, i, beat) late +=
        json_integer_value(json_array_get(beat, 1)) - json_integer_value(json_array_get(beat, 0)) >
        (json_int_t)NS_PER_S;
    assert_int_equal(late, 1);
    json_decref(document);
    run_record_deinit(&run);
}

static void unequal_work_invalidates_the_whole_group(void **state)
{
    static const struct {
        const char *model;
        uint64_t jobs;
    } cells[] = {{"tasks", 10}, {"sequential", 10}, {"tasks", 20}, {"pool", 10}};
    struct document_session session = {.seed = 7, .rounds = 1};
    size_t invalid;

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct document *document = document_create(&session);
        json_t *result;

        assert_non_null(document);
        for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
            struct cell cell = records_cell(cells[i].model, "sleep", cells[i].jobs);
            struct run_record run = records_run(&cell, 20 * NS_PER_MS);

            run.ledger.operations += i == 3 ? more : 0;
            assert_non_null(document_add_cell(document, &cell, &run, 1));
            run_record_deinit(&run);
        }
        result = document_finish(document, &invalid);
        assert_int_equal(invalid, more ? 3 : 0);
        assert_true(json_is_true(json_object_get(records_cell_of(result, 2), "valid")));
        if (more)
            assert_non_null(strstr(
                json_string_value(
                    json_array_get(json_object_get(records_cell_of(result, 0), "reasons"), 0)),
                "did other work than \"pool(6) sleep:duration=10ms x 10\": operations 10 against "
                "11"));
        json_decref(result);
    }
}

/* As of a cell that could not be counted. */
static void a_reason_that_is_added_makes_the_cell_invalid(void **state)
{
    struct document_session session = {.seed = 7, .rounds = 1};
    struct document *document = document_create(&session);
    struct cell cell = records_cell("tasks", "sleep", 10);
    struct run_record run = records_run(&cell, 20 * NS_PER_MS);
    size_t invalid;
    json_t *added, *result;

    (void)state;
    assert_non_null(document);
    assert_non_null(document_add_cell(document, &cell, &run, 1));
    added = document_add_cell(document, &cell, &run, 1);
    assert_int_equal(result_add_sentence(json_object_get(added, "reasons"), "it is so"), 0);
    result = document_finish(document, &invalid);
    assert_int_equal(invalid, 1);
    assert_true(json_is_true(json_object_get(records_cell_of(result, 0), "valid")));
    assert_true(json_is_false(json_object_get(records_cell_of(result, 1), "valid")));
    json_decref(result);
    run_record_deinit(&run);
}

/* Neither NaN nor infinity nor a number above INT64_MAX may reach the file: jansson would refuse
 * them. */
static void extreme_numbers_stay_json(void **state)
{
    struct document_session session = {.seed = INT64_MAX, .rounds = 1, .partial = true};
    struct document *own = document_create(&session);
    json_t *document = document_finish(own, NULL);
    struct cell cell = records_cell("tasks", "sleep", 2);
    struct run_record run = records_run(&cell, NS_PER_MS);
    json_t *cell_json;

    (void)state;
    run.makespan_ns = 0; /* throughput would be infinite */
    run.ledger.bytes_in = UINT64_MAX - 64;
    records_append(document, &cell, &run, 1);
    cell_json = records_cell_of(document, 0);
    assert_true(
        json_is_null(json_object_get(json_object_get(cell_json, "summary"), "throughput_per_s")));
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(cell_json, "ledger"), "bytes_in")),
        INT64_MAX);
    assert_int_equal(json_integer_value(json_object_get(document, "seed")), INT64_MAX);
    assert_true(json_is_null(json_object_get(document, "suite")));
    assert_true(json_is_true(json_object_get(document, "partial")));
    json_decref(document);
    run_record_deinit(&run);
}

static void paths_find_numbers_and_strings(void **state)
{
    json_t *object = json_loads("{\"a\": {\"b\": 2.5, \"n\": null, \"s\": \"x\"}}", 0, NULL);

    (void)state;
    assert_float_equal(result_number(object, "a.b"), 2.5, 0);
    assert_true(isnan(result_number(object, "a.n")));
    assert_true(isnan(result_number(object, "a.c.d")));
    assert_true(isnan(result_number(object, "a.s")));
    assert_true(isnan(result_number(NULL, "a")));
    assert_string_equal(result_string(object, "a.s"), "x");
    assert_string_equal(result_string(object, "a.b"), "");
    assert_string_equal(result_string(object, "z"), "");
    json_decref(object);
}

/* A server speaks as it likes. */
static void words_that_are_no_utf8_are_kept_as_far_as_they_are_ascii(void **state)
{
    json_t *list = json_array();

    (void)state;
    assert_int_equal(result_add_sentence(list, "it said \"%s\"", "caf\xe9 \xff!"), 0);
    assert_int_equal(result_add_sentence(list, "it said \"%s\"", "caf\xc3\xa9"), 0);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "it said \"caf? ?!\"");
    assert_string_equal(json_string_value(json_array_get(list, 1)), "it said \"caf\xc3\xa9\"");
    json_decref(list);
}

static int write_sample(const char *path)
{
    json_t *document = records_sample();
    struct err err = {""};
    int rc = result_write(document, path, &err);

    fputs(err.text, stderr);
    json_decref(document);
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_say_who_they_are),
        cmocka_unit_test(ledger_is_that_of_one_run),
        cmocka_unit_test(timeline_is_that_of_the_typical_run),
        cmocka_unit_test(timeline_of_many_jobs_is_a_sample),
        cmocka_unit_test(timeline_thins_out_beats_but_keeps_the_latest),
        cmocka_unit_test(unequal_work_invalidates_the_whole_group),
        cmocka_unit_test(a_reason_that_is_added_makes_the_cell_invalid),
        cmocka_unit_test(extreme_numbers_stay_json),
        cmocka_unit_test(paths_find_numbers_and_strings),
        cmocka_unit_test(words_that_are_no_utf8_are_kept_as_far_as_they_are_ascii),
    };

    if (argc > 1)
        return write_sample(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
