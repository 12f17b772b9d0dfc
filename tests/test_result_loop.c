/* The promise: a document with loops reads back whole; what earlier versions did not write may be
 * missing, but where it stands it is what readers take it for. */
#include "result/result.h"
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

/* One cell of an open loop. */
static json_t *loop_document(void)
{
    struct cell cell = records_loop_cell("pool", "sleep:duration=5ms,dist=exp", LOAD_OPEN);
    struct run_record run = records_loop_run(&cell, 5, 100, 2 * NS_PER_MS, 5 * NS_PER_MS);
    json_t *document = records_document();

    records_append(document, &cell, &run, 1);
    run_record_deinit(&run);
    return document;
}

/* What result_read() makes of it once it was written: NULL with the sentence. */
static json_t *read_back(const json_t *document, struct err *err)
{
    char *directory = records_make_directory(), path[256];
    json_t *again;

    snprintf(path, sizeof path, "%s/run.json", directory);
    assert_int_equal(result_write(document, path, err), 0);
    again = result_read(path, err);
    records_remove_directory(directory);
    return again;
}

static void a_loop_reads_back_whole(void **state)
{
    json_t *document = loop_document(), *again;
    struct err err = {""};

    (void)state;
    again = read_back(document, &err);
    assert_non_null(again);
    assert_true(json_equal(again, document));
    assert_string_equal(result_string(records_cell_of(again, 0), "load.kind"), "open");
    json_decref(again);
    json_decref(document);
}

static json_t *part_of(json_t *document, const char *part)
{
    json_t *cell = records_cell_of(document, 0);

    return part[0] == '\0' ? cell : json_object_get(cell, part);
}

static void what_earlier_versions_lack_may_be_missing_but_not_wrong(void **state)
{
    static const char *const keys[][2] = {
        {"", "load"},
        {"", "arrivals"},
        {"", "latency_uncorrected_curve"},
        {"", "over_time"},
        {"summary", "latency_uncorrected_ns"},
        {"summary", "latency_mean_s"},
        {"summary", "in_flight"},
        {"summary", "littles_law"},
        {"summary", "theory"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *document = loop_document(), *again;
        struct err err = {""};

        json_object_set_new(part_of(document, keys[i][0]), keys[i][1], json_pack("[{}]"));
        assert_null(read_back(document, &err));
        if (strstr(err.text, keys[i][1]) == NULL)
            fail_msg("%s: %s", keys[i][1], err.text);
        assert_int_equal(json_object_del(part_of(document, keys[i][0]), keys[i][1]), 0);
        again = read_back(document, &err);
        assert_non_null(again);
        json_decref(again);
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_reads_back_whole),
        cmocka_unit_test(what_earlier_versions_lack_may_be_missing_but_not_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
