/* The promise: when memory runs out while a document is made, at whichever allocation, the caller
 * gets -ENOMEM, and nothing is leaked or half added. */
#include "summary/document.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* jansson's allocations left before they fail, and how many are in use. */
static long left, in_use;

static void *allocate(size_t size)
{
    void *memory = left > 0 ? malloc(size) : NULL;

    if (left > 0)
        left--;
    in_use += memory != NULL;
    return memory;
}

static void release(void *memory)
{
    in_use -= memory != NULL;
    free(memory);
}

static int limit_jansson(void **state)
{
    (void)state;
    left = INT32_MAX;
    in_use = 0;
    json_set_alloc_funcs(allocate, release);
    return 0;
}

static int free_jansson(void **state)
{
    (void)state;
    json_set_alloc_funcs(malloc, free);
    return 0;
}

static const struct document_session session = {.suite = "quick", .seed = 1, .rounds = 1};

static void documents_are_made_whole_or_not_at_all(void **state)
{
    struct document *document = NULL;
    long allowed = 0;

    (void)state;
    for (; document == NULL; allowed++) {
        left = allowed;
        document = document_create(&session);
        if (document == NULL)
            assert_int_equal(in_use, 0);
    }
    assert_true(allowed > 20);
    document_destroy(document);
    assert_int_equal(in_use, 0);
}

static void cells_are_added_whole_or_not_at_all(void **state)
{
    struct cell cell = records_cell("pool", "file:op=write", 3);
    struct run_record runs[3] = {records_run(&cell, 2 * NS_PER_MS),
                                 records_run(&cell, 2 * NS_PER_MS),
                                 {.failure = {"it died"}}};
    struct document *document = document_create(&session);
    const json_t *added = NULL;
    long before = in_use, allowed = 0;
    json_t *result;

    (void)state;
    assert_non_null(document);
    runs[0].samples[0].result = -EIO;
    for (; added == NULL; allowed++) {
        left = allowed;
        added = document_add_cell(document, &cell, runs, 3);
        if (added == NULL)
            assert_int_equal(in_use, before);
    }
    assert_true(allowed > 100);
    left = INT32_MAX;
    result = document_finish(document, NULL);
    assert_int_equal(json_array_size(json_object_get(result, "cells")), 1);
    json_decref(result);
    assert_int_equal(in_use, 0);
    run_record_deinit(&runs[0]);
    run_record_deinit(&runs[1]);
}

/* A cell whose reason could not be written down must not pass for valid. */
static void unequal_work_is_found_even_without_memory(void **state)
{
    static const char *const of[] = {"tasks", "sequential"};
    struct document *document = document_create(&session);
    json_t *result;
    size_t invalid;

    (void)state;
    assert_non_null(document);
    for (size_t i = 0; i < 2; i++) {
        struct cell cell = records_cell(of[i], "sleep", 10);
        struct run_record run = records_run(&cell, 10 * NS_PER_MS);

        run.ledger.operations += i;
        assert_non_null(document_add_cell(document, &cell, &run, 1));
        run_record_deinit(&run);
    }
    left = 0;
    result = document_finish(document, &invalid);
    assert_true(invalid > 0);
    assert_true(json_is_false(json_object_get(records_cell_of(result, 0), "valid")));
    json_decref(result);
    assert_int_equal(in_use, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documents_are_made_whole_or_not_at_all, limit_jansson,
                                        free_jansson),
        cmocka_unit_test_setup_teardown(cells_are_added_whole_or_not_at_all, limit_jansson,
                                        free_jansson),
        cmocka_unit_test_setup_teardown(unequal_work_is_found_even_without_memory, limit_jansson,
                                        free_jansson),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
