/* The promise: the finding of a loop ranks by the latency that clients see, puts those that lost
 * jobs behind all others with the share that they lost, and names who blocked the loop. */
#include "export/finding.h"

#include "summary/document.h"
#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS   NS_PER_MS
#define RUNS 5

/* Add a cell of RUNS runs, each with 2,000 jobs; of each, the last `unserved` never began. */
static void add(json_t *document, const char *model, enum load_kind kind, uint64_t wait_ns,
                size_t unserved)
{
    struct cell cell = records_loop_cell(model, "sleep:duration=5ms", kind);
    struct run_record runs[RUNS];

    for (size_t i = 0; i < RUNS; i++) {
        runs[i] = records_loop_run(&cell, 0, 2000, wait_ns, 5 * MS);
        runs[i].unserved = unserved;
        for (size_t k = 2000 - unserved; k < 2000; k++) {
            runs[i].samples[k].result = SAMPLE_UNSERVED;
            runs[i].samples[k].started_ns = runs[i].samples[k].finished_ns;
        }
    }
    records_append(document, &cell, runs, RUNS);
    for (size_t i = 0; i < RUNS; i++)
        run_record_deinit(&runs[i]);
}

static void assert_finding(const json_t *document, const char *expected)
{
    const char *group = result_string(records_cell_of(document, 0), "group");
    char text[1024];

    assert_string_equal(finding_group(document, group, text, sizeof text), expected);
}

static void the_first_to_answer_is_named_with_its_lead(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "sequential", LOAD_OPEN, 45 * MS, 0);
    add(document, "tasks", LOAD_OPEN, 0, 0);
    assert_finding(document, "at 100 jobs/s tasks answered in 5.00 ms at the mean (p99 5.00 ms), "
                             "10x faster than sequential");
    add(document, "threads", LOAD_OPEN, 0, 0);
    assert_finding(document, "at 100 jobs/s tasks answered in 5.00 ms at the mean (p99 5.00 ms) "
                             "and threads in 5.00 ms (p99 5.00 ms) (no difference larger than "
                             "0.0 %), 10x faster than sequential");
    json_decref(document);
}

static void who_lost_jobs_is_behind_all_others(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "blocking", LOAD_OPEN, 1 * MS, 500);
    add(document, "tasks", LOAD_OPEN, 20 * MS, 0);
    assert_finding(document,
                   "at 100 jobs/s tasks answered in 25.0 ms at the mean (p99 25.0 ms); blocking "
                   "left 25 % of the jobs unserved or refused");
    json_decref(document);
    document = records_document();
    add(document, "blocking", LOAD_OPEN, 1 * MS, 500);
    assert_finding(document, "at 100 jobs/s blocking left 25 % of the jobs unserved or refused");
    json_decref(document);
}

/* 100 jobs/s of 5 ms are half of what one thread can do; of 80 ms, more than 6 can. */
static void a_pool_that_cannot_keep_up_is_named(void **state)
{
    json_t *document = records_document();
    char text[1024];

    (void)state;
    add(document, "pool", LOAD_OPEN, 0, 0);
    assert_finding(document, "at 100 jobs/s pool(6) answered in 5.00 ms at the mean (p99 5.00 ms)");
    json_object_set_new(
        json_object_get(json_object_get(records_cell_of(document, 0), "summary"), "service_ns"),
        "mean", json_real(80e6));
    finding_group(document, result_string(records_cell_of(document, 0), "group"), text,
                  sizeof text);
    assert_non_null(strstr(text, "; pool(6) cannot keep up: 6 threads / 80.0 ms = 75.0/s at 100/s, "
                                 "9 threads can"));
    json_decref(document);
}

/* However long jobs wait, its tasks wait side by side. */
static void loops_are_no_pool(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "loops", LOAD_OPEN, 0, 0);
    json_object_set_new(
        json_object_get(json_object_get(records_cell_of(document, 0), "summary"), "service_ns"),
        "mean", json_real(80e6));
    assert_finding(document,
                   "at 100 jobs/s loops(6) answered in 5.00 ms at the mean (p99 5.00 ms)");
    json_decref(document);
}

static void clients_stand_in_place_of_a_rate(void **state)
{
    json_t *document = records_document();

    (void)state;
    add(document, "tasks", LOAD_CLOSED, 0, 0);
    assert_finding(document, "with 10 clients tasks answered in 5.00 ms at the mean (p99 5.00 ms)");
    json_object_set_new(json_object_get(json_object_get(records_cell_of(document, 0), "summary"),
                                        "heartbeat_lag_max_ns"),
                        "median", json_real(80e6));
    assert_finding(document, "with 10 clients tasks answered in 5.00 ms at the mean (p99 5.00 ms); "
                             "tasks blocked the loop for 80.0 ms");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_to_answer_is_named_with_its_lead),
        cmocka_unit_test(who_lost_jobs_is_behind_all_others),
        cmocka_unit_test(a_pool_that_cannot_keep_up_is_named),
        cmocka_unit_test(loops_are_no_pool),
        cmocka_unit_test(clients_stand_in_place_of_a_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
