/* The promise: with another compiler or library than the baseline's, the counts that it may have
 * changed only warn, every other one stays hard, one note says which, and a gate without any hard
 * count is inconclusive. */
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

#define DATE  "2026-02-01T00:00:00Z"
#define TASKS "tasks null x 10"
#define POOL  "pool(4) null x 10"

/* A run in whose context `key` is another, and in which all counts of both cells have risen; of the
 * jobs of the second one, libcurl makes the requests. */
static struct gate_judged judge_other(const char *key)
{
    static const char *const names[] = {"syscalls_per_job", "instructions_per_job"};
    json_t *run = gate_fixture_run(DATE, 2);

    if (key != NULL)
        json_object_set_new(json_object_get(run, "context"), key, json_string("other 1.2"));
    json_object_set_new(json_array_get(json_object_get(run, "cells"), 1), "params",
                        json_pack("{ss}", "client", "curl"));
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++)
            gate_fixture_set(gate_fixture_count(run, i, names[k]), "value", 2000);
    return gate_judged_by(gate_fixture_baseline(8), run);
}

/* Which counts stay hard where what is another. */
static void test_other_versions(void **state)
{
    static const struct {
        const char *key;
        enum gate_outcome tasks[2], pool[2]; /* system calls, instructions */
        const char *note;
    } cases[] = {
        {NULL, {GATE_WORSE, GATE_WORSE}, {GATE_WORSE, GATE_WORSE}, NULL},
        {"cpu", {GATE_WORSE, GATE_WORSE}, {GATE_WORSE, GATE_WORSE}, NULL},
        {"architecture",
         {GATE_WORSE, GATE_OUTSIDE},
         {GATE_WORSE, GATE_OUTSIDE},
         "another architecture (x86_64, now other 1.2)"},
        {"compiler",
         {GATE_WORSE, GATE_OUTSIDE},
         {GATE_WORSE, GATE_OUTSIDE},
         "another compiler (gcc 12, now other 1.2)"},
        {"libc",
         {GATE_WORSE, GATE_OUTSIDE},
         {GATE_WORSE, GATE_OUTSIDE},
         "only warn: instructions and pages. To make them hard, save a baseline"},
        {"build_type",
         {GATE_WORSE, GATE_OUTSIDE},
         {GATE_WORSE, GATE_OUTSIDE},
         "another build type (Release, now other 1.2)"},
        {"libuv",
         {GATE_OUTSIDE, GATE_OUTSIDE},
         {GATE_WORSE, GATE_WORSE},
         "only warn: counts of cells that run on the loop."},
        {"libcurl",
         {GATE_WORSE, GATE_WORSE},
         {GATE_OUTSIDE, GATE_OUTSIDE},
         "only warn: counts of cells whose requests libcurl makes."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gate_judged j = judge_other(cases[i].key);
        const enum gate_outcome got[] = {
            gate_judged_find_in(&j.gate, GATE_COUNTS, TASKS, "syscalls_per_job")->outcome,
            gate_judged_find_in(&j.gate, GATE_COUNTS, TASKS, "instructions_per_job")->outcome,
            gate_judged_find_in(&j.gate, GATE_COUNTS, POOL, "syscalls_per_job")->outcome,
            gate_judged_find_in(&j.gate, GATE_COUNTS, POOL, "instructions_per_job")->outcome,
        };

        assert_memory_equal(got, cases[i].tasks, sizeof cases[i].tasks);
        assert_memory_equal(got + 2, cases[i].pool, sizeof cases[i].pool);
        assert_int_equal(j.status, 3);
        assert_int_equal(gate_judged_says(j.gate.notes, "recorded with another"),
                         cases[i].note != NULL);
        if (cases[i].note != NULL)
            assert_true(gate_judged_says(j.gate.notes, cases[i].note));
        gate_judged_end(&j);
    }
}

/* A context of an earlier version has no architecture. */
static void test_architectures_of_earlier_versions(void **state)
{
    static const struct {
        const char *cpu, *architecture;
        bool differs;
    } cases[] = {
        {"AMD EPYC", "x86_64", false}, {"", "x86_64", false},       {"aarch64", "aarch64", false},
        {"aarch64", "x86_64", true},   {"AMD EPYC", "s390x", true}, {"aarch64", NULL, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *before = json_pack("{ss}", "cpu", cases[i].cpu);
        json_t *now =
            json_pack("{ss ss*}", "cpu", "AMD EPYC", "architecture", cases[i].architecture);

        assert_int_equal(gate_mismatch_of(before, now), cases[i].differs ? GATE_OTHER_CODE : 0);
        json_decref(before);
        json_decref(now);
    }
}

/* Models on io_uring are soft with another liburing and with another libuv, those on libuv with the
 * latter alone. A baseline of an earlier version names none. */
static void test_another_liburing(void **state)
{
    static const struct {
        const char *before, *now;
        unsigned mismatch;
    } cases[] = {
        {"2.3", "2.3", 0}, {"2.3", "2.9", GATE_OTHER_RING}, {NULL, "2.3", 0}, {"2.3", NULL, 0}};
    static const struct {
        const char *model;
        bool soft;
    } models[] = {{"uring", true}, {"loops-uring", true}, {"loops", false}, {"tasks", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *before = json_pack("{ss*}", "liburing", cases[i].before);
        json_t *now = json_pack("{ss*}", "liburing", cases[i].now);

        assert_int_equal(gate_mismatch_of(before, now), cases[i].mismatch);
        json_decref(before);
        json_decref(now);
    }
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        json_t *cell = json_pack("{ss s{ss}}", "model", models[i].model, "load", "kind", "batch");

        assert_int_equal(gate_mismatch_softens(GATE_OTHER_RING, cell, METRIC_EXACT),
                         models[i].soft);
        assert_true(gate_mismatch_softens(GATE_OTHER_LOOP, cell, METRIC_EXACT));
        json_decref(cell);
    }
}

static void test_one_part_by_libcurl_is_enough(void **state)
{
    static const struct {
        const char *name, *client;
        bool soft;
    } cases[] = {{"client", "curl", true},
                 {"client", "direct", false},
                 {"2.client", "curl", true},
                 {"2.client", "direct", false},
                 {"2.path", "curl", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *cell =
            json_pack("{s{si ss}}", "params", "1.requests", 1, cases[i].name, cases[i].client);

        assert_int_equal(gate_mismatch_softens(GATE_OTHER_REQUESTS, cell, METRIC_EXACT),
                         cases[i].soft);
        json_decref(cell);
    }
}

static void test_models_on_the_loop(void **state)
{
    static const struct {
        const char *model, *load;
        bool soft;
    } cases[] = {
        {"sequential", "batch", true}, {"tasks", "batch", true},     {"offload", "batch", true},
        {"blocking", "closed", true},  {"blocking", "batch", false}, {"pool", "closed", false},
        {"threads", "closed", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *cell =
            json_pack("{ss s{ss}}", "model", cases[i].model, "load", "kind", cases[i].load);

        assert_int_equal(gate_mismatch_softens(GATE_OTHER_LOOP, cell, METRIC_EXACT), cases[i].soft);
        json_decref(cell);
    }
}

/* Of a count that is soft, neither a kind that has changed nor a value that is less means anything,
 * and both stay out of the verdict. */
static void test_soft_counts_are_out_of_the_verdict(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2);
    struct gate_report_options o = {.run = "run.json", .baseline = "base.json"};
    struct gate_judged j;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    json_object_set_new(json_object_get(run, "context"), "libuv", json_string("2.0"));
    json_object_set_new(gate_fixture_count(run, 0, "syscalls_per_job"), "kind",
                        json_string("scheduled"));
    gate_fixture_set(gate_fixture_count(run, 0, "instructions_per_job"), "value", 500);
    j = gate_judged_by(gate_fixture_baseline(1), run);
    assert_int_equal(j.status, 0);
    gate_report_write(&j.gate, &o, out);
    fclose(out);
    assert_non_null(strstr(text, "  better "));
    assert_null(strstr(text, "keep the improvements"));
    assert_non_null(strstr(text, "=> pass: none of 2 counts rose\n"));
    free(text);
    gate_judged_end(&j);
}

static void test_nothing_hard_is_no_pass(void **state)
{
    json_t *run = gate_fixture_run(DATE, 2), *baseline = gate_fixture_baseline(1);
    struct gate_report_options o = {.run = "run.json", .baseline = "base.json"};
    struct gate_judged j;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    json_object_del(json_object_get(baseline, "counts"), POOL);
    json_array_remove(json_object_get(run, "cells"), 1);
    json_object_set_new(json_object_get(run, "context"), "libuv", json_string("2.0"));
    j = gate_judged_by(baseline, run);
    assert_int_equal(j.status, 4);
    assert_int_equal(json_array_size(j.gate.faults), 0);
    gate_report_write(&j.gate, &o, out);
    fclose(out);
    assert_non_null(strstr(text, "=> inconclusive: the baseline has no count that is hard here"));
    assert_null(strstr(text, "pass"));
    free(text);
    gate_judged_end(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_versions),
        cmocka_unit_test(test_architectures_of_earlier_versions),
        cmocka_unit_test(test_another_liburing),
        cmocka_unit_test(test_one_part_by_libcurl_is_enough),
        cmocka_unit_test(test_models_on_the_loop),
        cmocka_unit_test(test_soft_counts_are_out_of_the_verdict),
        cmocka_unit_test(test_nothing_hard_is_no_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
