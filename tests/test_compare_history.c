/* The promise: a history finds a change of level at the result where it came, none where there was
 * none, and never mixes times of two machines. */
#include "compare/compare.h"
#include "support/compare_docs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RESULTS 14

/* Results in the wrong order, of which those from `from` on are slower by the factor. */
static void make_history(json_t **results, size_t from, double factor)
{
    for (size_t i = 0; i < RESULTS; i++) {
        size_t day = (i * 5) % RESULTS;
        double noise = 1 + 0.004 * (double)((day * 7) % 5);
        char date[32];

        snprintf(date, sizeof date, "2026-01-%02zu", day + 1);
        results[i] = compare_docs_result(2, date);
        compare_docs_add(results[i],
                         compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS,
                                           noise * (day >= from ? factor : 1)));
    }
}

static void drop_history(json_t **results, struct compare_history *h)
{
    compare_history_destroy(h);
    for (size_t i = 0; i < RESULTS; i++)
        json_decref(results[i]);
}

static void history_of(json_t **results, struct compare_history *h)
{
    struct err err = {""};

    if (compare_history_create(results, RESULTS, metric_named("makespan"), 0.02, h, &err) != 0)
        fail_msg("%s", err.text);
}

static void a_change_is_found_where_it_was(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;

    (void)state;
    make_history(results, 8, 1.1);
    history_of(results, &h);
    assert_int_equal(h.lines_count, 1);
    assert_int_equal(h.lines[0].changes_count, 1);
    assert_int_equal(h.lines[0].changes[0].at, 8);
    assert_true(h.lines[0].changes[0].after / h.lines[0].changes[0].before > 1.08);
    drop_history(results, &h);
}

static void a_level_without_change_has_none(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;

    (void)state;
    make_history(results, 8, 1);
    history_of(results, &h);
    assert_int_equal(h.lines[0].changes_count, 0);
    drop_history(results, &h);
}

static void other_machines_have_no_part_in_a_history(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;

    (void)state;
    make_history(results, 8, 1);
    for (size_t i = 0; i < RESULTS; i++)
        if (strcmp(
                json_string_value(json_object_get(json_object_get(results[i], "context"), "date")),
                "2026-01-04") < 0)
            json_object_set_new(json_object_get(results[i], "context"), "cores", json_integer(64));
    history_of(results, &h);
    assert_int_equal(h.count, RESULTS - 3);
    assert_int_equal(h.elsewhere, 3);
    drop_history(results, &h);
}

/* Two sessions of one date are two. */
static void a_session_given_twice_counts_once(void **state)
{
    json_t *results[RESULTS], *twice[2 * RESULTS];
    struct compare_history h;
    struct err err = {""};

    (void)state;
    make_history(results, 8, 1);
    json_object_set(json_object_get(results[3], "context"), "date",
                    json_object_get(json_object_get(results[0], "context"), "date"));
    for (size_t i = 0; i < RESULTS; i++)
        twice[i] = twice[RESULTS + i] = results[i];
    assert_int_equal(
        compare_history_create(twice, 2 * RESULTS, metric_named("makespan"), 0.02, &h, &err), 0);
    assert_int_equal(h.count, RESULTS);
    assert_int_equal(h.repeated, RESULTS);
    drop_history(results, &h);
}

/* The k-th of a name has the k-th line: two levels side by side are no change, nor does the second
 * hide that of the first. */
static void cells_of_one_name_have_lines_of_their_own(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;
    char text[256];

    (void)state;
    make_history(results, 8, 1.1);
    for (size_t i = 0; i < RESULTS; i++)
        compare_docs_add(results[i],
                         compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 5));
    history_of(results, &h);
    assert_int_equal(h.lines_count, 2);
    assert_string_equal(h.lines[0].name, "tasks sleep x 100");
    assert_int_equal(h.lines[0].changes_count, 1);
    assert_string_equal(h.lines[1].name, "tasks sleep x 100 #2");
    assert_int_equal(h.lines[1].changes_count, 0);
    compare_history_sentence(&h, &h.lines[0], &h.lines[0].changes[0], text, sizeof text);
    assert_true(strncmp(text, "tasks sleep x 100: makespan ", 28) == 0);
    drop_history(results, &h);
}

static void a_short_history_is_refused(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;
    struct err err = {""};

    (void)state;
    make_history(results, 8, 1);
    assert_true(compare_history_create(results, 3, metric_named("makespan"), 0.02, &h, &err) < 0);
    assert_non_null(strstr(err.text, "4 results or more"));
    drop_history(results, &h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_found_where_it_was),
        cmocka_unit_test(a_level_without_change_has_none),
        cmocka_unit_test(other_machines_have_no_part_in_a_history),
        cmocka_unit_test(a_session_given_twice_counts_once),
        cmocka_unit_test(cells_of_one_name_have_lines_of_their_own),
        cmocka_unit_test(a_short_history_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
