/* The promise: the answer names for each kind of work the side that is surely faster, or how large
 * a difference could hide, the pool that is as fast, and what the sides cost; and nothing of a kind
 * that only one side was measured at. */
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

/* The answer as wide text; the caller frees it. */
static char *answer_of(const json_t *document)
{
    struct rankings all;
    struct table *t;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(rankings_init(&all, document), 0);
    t = answer_table(&all);
    rankings_deinit(&all);
    assert_int_equal(table_write(t, 2000, 0, out), 0);
    fclose(out);
    table_destroy(t);
    return text;
}

static void assert_says(const json_t *document, const char *sentence)
{
    char *text = answer_of(document);

    if (strstr(text, sentence) == NULL)
        fail_msg("not in the answer: %s\n%s", sentence, text);
    free(text);
}

static void the_faster_side_is_named_with_its_lead(void **state)
{
    json_t *document = records_document();
    char sentence[256];

    (void)state;
    records_add_steady(document, "sequential", SLEEP, 100, 1002, false);
    records_add_steady(document, "tasks", SLEEP, 100, 10, false);
    records_add_steady(document, "pool", SLEEP, 100, 170, false);
    records_add_steady(document, "tasks", "sleep:ms=5 + cpu:time=1ms", 50, 60, false);
    records_add_steady(document, "threads", "sleep:ms=5 + cpu:time=1ms", 50, 30, false);
    records_add_steady(document, "tasks", "cpu", 20, 80, true);
    records_add_steady(document, "threads", "cpu", 20, 40, false);
    assert_says(document,
                "waiting    the event loop: tasks in 10.0 ms, 17 times as fast as pool(6) "
                "(170 ms), the best with threads.");
    assert_says(document, "computing  threads: threads in 40.0 ms, 2 times as fast as tasks (80.0 "
                          "ms), the best on the loop.");
    assert_string_equal(
        answer_sentence(document, sentence, sizeof sentence),
        "the event loop wins for waiting (17x, tasks); threads for computing (2x), steps (2x)");
    json_decref(document);
}

static void the_loop_s_side_is_the_best_of_tasks_loops_and_uring(void **state)
{
    json_t *document = records_document();
    char sentence[256];

    (void)state;
    records_add_steady(document, "tasks", SLEEP, 100, 20, false);
    records_add_steady(document, "loops", SLEEP, 100, 15, false);
    records_add_steady(document, "uring", SLEEP, 100, 10, false);
    records_add_steady(document, "threads", SLEEP, 100, 30, false);
    records_add_steady(document, "tasks", "cpu", 20, 80, true);
    records_add_steady(document, "loops", "cpu", 20, 40, false);
    records_add_steady(document, "threads", "cpu", 20, 60, false);
    assert_says(document, "waiting    the event loop: uring in 10.0 ms, 3 times as fast as threads "
                          "(30.0 ms), the best with threads.");
    assert_says(document, "computing  the event loop: loops(6) in 40.0 ms, 1.5 times as fast as "
                          "threads (60.0 ms), the best with threads.");
    assert_string_equal(answer_sentence(document, sentence, sizeof sentence),
                        "the event loop wins for waiting (3x, uring), computing (1.5x, loops)");
    json_decref(document);
}

static void a_tie_says_how_large_a_difference_could_hide(void **state)
{
    const double tasks_ms[] = {10, 10.1, 10.2, 10.3, 10.4}, pool_ms[] = {10, 10.2, 10.3, 10.4, 11};
    json_t *document = records_document();
    char sentence[256];

    (void)state;
    records_add(document, "tasks", SLEEP, 6, tasks_ms, 5, false);
    records_add(document, "pool", SLEEP, 6, pool_ms, 5, false);
    assert_says(document, "no difference larger than 10 % between the event loop (tasks, 10.2 ms) "
                          "and threads (pool(6), 10.3 ms).");
    assert_string_equal(answer_sentence(document, sentence, sizeof sentence),
                        "no difference: waiting");
    json_decref(document);
}

static void runs_that_could_hide_twice_the_time_tell_nothing(void **state)
{
    const double tasks_ms[] = {10, 10.1, 12, 30, 31}, pool_ms[] = {10, 10.2, 13, 29, 40};
    json_t *document = records_document();
    char sentence[256];

    (void)state;
    records_add(document, "tasks", SLEEP, 6, tasks_ms, 5, false);
    records_add(document, "pool", SLEEP, 6, pool_ms, 5, false);
    assert_says(document, "cannot tell: the event loop (tasks, 12.0 ms) and threads (pool(6), 13.0 "
                          "ms) may differ up to 4 times.");
    assert_string_equal(answer_sentence(document, sentence, sizeof sentence),
                        "cannot tell: waiting");
    json_decref(document);
}

/* A model that blocks the loop is fast for files, and no way to use a loop. */
static void a_cost_stands_there_where_it_is_known_of_both(void **state)
{
    json_t *document = records_document();
    char *text;

    (void)state;
    records_add_steady(document, "tasks", SLEEP, 100, 10, false);
    records_add_steady(document, "pool", SLEEP, 100, 170, false);
    assert_says(document, "memory a job ");
    json_object_set_new(json_object_get(records_cell_of(document, 1), "summary"),
                        "memory_per_job_bytes", json_null());
    text = answer_of(document);
    assert_null(strstr(text, "memory a job "));
    free(text);
    json_decref(document);
}

static void blocking_is_no_event_loop(void **state)
{
    json_t *document = records_document();

    (void)state;
    records_add_steady(document, "blocking", "file", 500, 14, true);
    records_add_steady(document, "tasks", "file", 500, 40, false);
    records_add_steady(document, "pool", "file", 500, 20, false);
    assert_says(document, "files     threads: pool(6) in 20.0 ms, 2 times as fast as tasks");
    assert_says(document, "blocking  blocking calls blocked the loop, and every other task on it, "
                          "for 14.0 ms (files).");
    json_decref(document);
}

static void one_side_alone_is_no_answer(void **state)
{
    json_t *document = records_document();
    char sentence[256], *text;

    (void)state;
    records_add_steady(document, "sequential", SLEEP, 100, 1002, false);
    records_add_steady(document, "tasks", SLEEP, 100, 10, false);
    text = answer_of(document);
    assert_string_equal(text, "");
    assert_string_equal(answer_sentence(document, sentence, sizeof sentence), "");
    free(text);
    json_decref(document);
}

static void too_few_runs_give_no_answer(void **state)
{
    const double tasks_ms[] = {10, 10, 10}, pool_ms[] = {170, 170, 170};
    json_t *document = records_document();

    (void)state;
    records_add(document, "tasks", SLEEP, 100, tasks_ms, 3, false);
    records_add(document, "pool", SLEEP, 100, pool_ms, 3, false);
    assert_says(document, "not ranked: it takes 4 runs of each model.");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_faster_side_is_named_with_its_lead),
        cmocka_unit_test(the_loop_s_side_is_the_best_of_tasks_loops_and_uring),
        cmocka_unit_test(a_tie_says_how_large_a_difference_could_hide),
        cmocka_unit_test(runs_that_could_hide_twice_the_time_tell_nothing),
        cmocka_unit_test(a_cost_stands_there_where_it_is_known_of_both),
        cmocka_unit_test(blocking_is_no_event_loop),
        cmocka_unit_test(one_side_alone_is_no_answer),
        cmocka_unit_test(too_few_runs_give_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
