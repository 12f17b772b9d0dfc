/* The promise: what the gate reports has the verdict as its last line, one cause is one line, and
 * nothing that comes from files reaches a terminal or a page as anything but text. */
#include "gate/gate.h"

#include "support/gate_fixture.h"
#include "support/gate_judged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_report(void **state)
{
    struct gate_report_options o = {.markdown = true, .run = "r|`\033.json", .baseline = "b.json"};
    json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2);
    struct gate_judged j;
    char *text = NULL, *verdict;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 2);
    j = gate_judged_by(gate_fixture_baseline(1), run);
    gate_report_write(&j.gate, &o, out);
    fclose(out);
    assert_non_null(strstr(text, "tva baseline save 'r\\|  .json' --baseline b.json"));
    assert_non_null(
        strstr(text, "| better | 3 | 2 | -33.33 % | syscalls_per_job | `tasks null x 10` |"));
    assert_null(strchr(text, '\033'));
    verdict = strstr(text, "\n**pass**: none of 4 counts rose\n");
    assert_non_null(verdict);
    assert_null(strchr(strchr(verdict + 1, '\n') + 1, '\n'));
    free(text);
    gate_judged_end(&j);
}

#define COPIES 3

/* Three more cells of tasks with what the first one has, in the run and in the baseline. */
static void add_cells(json_t *baseline, json_t *run)
{
    json_t *counts = json_object_get(baseline, "counts");

    for (int i = 0; i < COPIES; i++) {
        json_t *cell = json_deep_copy(gate_judged_cell(run, 0));
        char name[32];

        snprintf(name, sizeof name, "tasks job%d x 10", i);
        json_object_set_new(cell, "name", json_string(name));
        json_array_append_new(json_object_get(run, "cells"), cell);
        json_object_set_new(counts, name,
                            json_deep_copy(json_object_get(counts, "tasks null x 10")));
    }
}

static size_t count_words(const char *text, const char *words)
{
    size_t n = 0;

    for (const char *at = text; (at = strstr(at, words)) != NULL; at += strlen(words))
        n++;
    return n;
}

/* One more call in each job of tasks shows in four cells, and costs instructions in two of them. */
static void test_one_cause_is_one_line(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        struct gate_report_options o = {
            .markdown = true, .all = all, .run = "run.json", .baseline = "b.json"};
        json_t *run = gate_fixture_run(GATE_JUDGED_DATE, 2), *baseline = gate_fixture_baseline(1);
        struct gate_judged j;
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        add_cells(baseline, run);
        for (size_t i = 0; i < 2 + COPIES; i++)
            if (i != 1)
                gate_fixture_set(gate_fixture_count(run, i, "syscalls_per_job"), "value", 4);
        gate_fixture_set(gate_fixture_count(run, 2, "instructions_per_job"), "value", 1300);
        gate_fixture_set(gate_fixture_count(run, 3, "instructions_per_job"), "value", 1340);
        gate_fixture_set(gate_fixture_count(run, 1, "instructions_per_job"), "value", 9000);
        j = gate_judged_by(baseline, run);
        gate_report_write(&j.gate, &o, out);
        fclose(out);
        assert_int_equal(count_words(text, "| WORSE |"), all ? 7 : 2);
        assert_int_equal(count_words(text, "| +1 | syscalls_per_job | `4 cells of tasks; also "
                                           "instructions_per_job (+300 to +340)` |"),
                         all ? 0 : 1);
        assert_int_equal(count_words(text, "| 1000 | 1300 | +30.00 % | instructions_per_job |"),
                         all ? 1 : 0);
        assert_int_equal(count_words(text, "| 1000 | 9000 | +800.00 % | instructions_per_job |"),
                         1);
        assert_non_null(strstr(text, "**regression**: 7 of 10 counts rose by 2 causes: "));
        free(text);
        gate_judged_end(&j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_one_cause_is_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
