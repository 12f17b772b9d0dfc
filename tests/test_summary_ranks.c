/* The promise: a cell that ranks carried out together says of each what it did, and a rank that was
 * late, halted or lost makes it invalid, by its number and host. */
#include "run/run.h"
#include "summary/document.h"
#include "support/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RANKS 4

/* A run of an open loop by ranks on hosts a, a, b, b with 2 cores each. */
static struct run_record make(const struct cell *cell)
{
    struct run_record r = records_loop_run(cell, 0, 2000, 0, NS_PER_MS);

    r.ranks_count = RANKS;
    r.ranks = calloc(RANKS, sizeof *r.ranks);
    assert_non_null(r.ranks);
    for (size_t q = 0; q < RANKS; q++) {
        strcpy(r.ranks[q].host, q < 2 ? "a" : "b");
        r.ranks[q].cores = 2;
        r.ranks[q].cpu_ns = (q + 1) * NS_PER_MS;
        r.ranks[q].clock_offset_ns = -1000 * (int64_t)q;
        r.ranks[q].disturbance.at_ns = NS_PER_S;
    }
    for (size_t i = 0; i < r.samples_count; i++)
        r.samples[i].lane = (uint32_t)(i % RANKS) * cell_rank_lanes(cell);
    return r;
}

/* The cell of the document of this run; the document is the caller's. */
static json_t *cell_of(const struct cell *cell, struct run_record *run, json_t **document)
{
    static const struct document_session session = {.seed = 1, .rounds = 1};
    struct document *d = document_create(&session);

    assert_non_null(d);
    assert_non_null(document_add_cell(d, cell, run, 1));
    run_record_deinit(run);
    *document = document_finish(d, NULL);
    return json_array_get(json_object_get(*document, "cells"), 0);
}

static void test_each_rank_has_its_own_figures(void **state)
{
    struct cell cell = records_loop_cell("pool", "sleep", LOAD_OPEN);
    struct run_record run = make(&cell);
    json_t *document, *json, *ranks;

    (void)state;
    run.samples[2].result = -5;
    json = cell_of(&cell, &run, &document);
    ranks = json_object_get(json, "ranks");
    assert_int_equal(json_array_size(ranks), RANKS);
    for (size_t q = 0; q < RANKS; q++) {
        const json_t *rank = json_array_get(ranks, q);

        assert_int_equal(result_number(rank, "jobs"), 500);
        assert_int_equal(result_number(rank, "unserved"), q == 2);
        assert_int_equal(result_number(rank, "clock_offset_ns"), -1000 * (int)q);
        assert_float_equal(result_number(rank, "cpu_s"), 0.001 * (double)(q + 1), 1e-9);
        assert_int_equal(result_number(rank, "dispatch_lateness_ns.p90"), RECORDS_LATE_NS);
    }
    json_decref(document);
}

/* Is this sentence, or one that begins so, among the reasons? */
static bool has_reason(const json_t *cell, const char *begin)
{
    const json_t *reason;
    size_t i;

    json_array_foreach(json_object_get(cell, "reasons"), i, reason)
    {
        if (strncmp(json_string_value(reason), begin, strlen(begin)) == 0)
            return true;
    }
    return false;
}

static void test_what_befell_a_rank_is_said_of_it_alone(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep", LOAD_OPEN);

    (void)state;
    for (int way = 0; way < 5; way++) {
        static const char *const reasons[] = {
            NULL, "rank 3 (host b): the generator did not keep its schedule",
            "rank 1 (host a): its process was stopped once, for 2.00 s in all",
            "rank 1 (host a): a CPU quota stopped its control group 7 times",
            "rank 2 (host b): its share is missing in 1 of 1 run: it died"};
        struct run_record run = make(&cell);
        json_t *document, *json;

        if (way == 1) /* 3 % of the dispatches of all, 12 % of its own */
            for (size_t i = 3; i < 240; i += RANKS) {
                run.samples[i].submitted_ns += 20 * NS_PER_MS;
                run.samples[i].started_ns += 20 * NS_PER_MS;
                run.samples[i].finished_ns += 20 * NS_PER_MS;
                records_add_area(&run, 20 * NS_PER_MS);
            }
        if (way == 2)
            run.ranks[1].disturbance.stops = 1;
        if (way == 2)
            run.ranks[1].disturbance.stopped_ns = 2 * NS_PER_S;
        if (way == 3)
            run.ranks[1].disturbance.throttled = 7;
        if (way == 3)
            run.ranks[1].disturbance.throttled_ns = NS_PER_S / 2;
        if (way == 4)
            strcpy(run.ranks[2].failure.text, "it died");
        json = cell_of(&cell, &run, &document);
        assert_int_equal(json_array_size(json_object_get(json, "reasons")), way > 0);
        assert_true(way == 0 || has_reason(json, reasons[way]));
        json_decref(document);
    }
}

static void test_the_ideal_is_of_all_ranks(void **state)
{
    struct cell cell = records_cell("sequential", "sleep:duration=1ms", 100);
    struct run_record run = records_run(&cell, 100 * NS_PER_MS);
    json_t *document;

    (void)state;
    run.ranks_count = RANKS;
    run.ranks = calloc(RANKS, sizeof *run.ranks);
    assert_non_null(run.ranks);
    assert_float_equal(result_number(cell_of(&cell, &run, &document), "summary.ideal_makespan_s"),
                       0.025, 1e-9);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rank_has_its_own_figures),
        cmocka_unit_test(test_what_befell_a_rank_is_said_of_it_alone),
        cmocka_unit_test(test_the_ideal_is_of_all_ranks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
