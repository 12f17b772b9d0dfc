/* The promise: what is saved reads back, the same run saved twice is one session, and a file that
 * is no whole and sound baseline is refused by a sentence that names the file and the fault. */
#include "gate/gate.h"
#include "result/result.h"
#include "support/gate_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct folder {
    char path[64], file[96];
};

static int set_up(void **state)
{
    struct folder *f = calloc(1, sizeof *f);

    if (f == NULL)
        return -1;
    strcpy(f->path, "/tmp/tva-gate-XXXXXX");
    *state = f;
    if (mkdtemp(f->path) == NULL)
        return -1;
    snprintf(f->file, sizeof f->file, "%s/baseline.json", f->path);
    return 0;
}

static int tear_down(void **state)
{
    struct folder *f = *state;

    unlink(f->file);
    rmdir(f->path);
    free(f);
    return 0;
}

static void test_round_trip(void **state)
{
    const struct folder *f = *state;
    json_t *baseline = gate_fixture_baseline(9), *read;
    struct err err = {""};

    assert_int_equal(result_write(baseline, f->file, &err), 0);
    read = gate_baseline_read(f->file, &err);
    assert_non_null(read);
    assert_true(json_equal(baseline, read));
    assert_int_equal(json_array_size(json_object_get(read, "sessions")), 9);
    json_decref(baseline);
    json_decref(read);
}

static json_t *add_run(const json_t *old, json_t *run)
{
    json_t *faults = json_array();
    json_t *extract = gate_extract(run, faults), *out = gate_baseline_add(old, run, extract);

    assert_non_null(out);
    json_decref(extract);
    json_decref(run);
    json_decref(faults);
    return out;
}

static json_t *add(const json_t *old, const char *date)
{
    return add_run(old, gate_fixture_run(date, 2));
}

static void test_same_run_again(void **state)
{
    json_t *one = add(NULL, "2026-01-01T00:00:00Z"), *two = add(one, "2026-01-01T00:00:00Z");
    json_t *three = add(two, "2026-01-01T00:00:01Z");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(two, "sessions")), 1);
    assert_int_equal(json_array_size(json_object_get(three, "sessions")), 2);
    json_decref(one);
    json_decref(two);
    json_decref(three);
}

static void test_oldest_go(void **state)
{
    json_t *baseline = gate_fixture_baseline(GATE_BASELINE_SESSIONS_MAX);
    json_t *more = add(baseline, "2026-03-01T00:00:00Z");
    const json_t *sessions = json_object_get(more, "sessions");

    (void)state;
    assert_int_equal(json_array_size(sessions), GATE_BASELINE_SESSIONS_MAX);
    assert_string_equal(result_string(json_array_get(sessions, 0), "date"), "2026-01-01T00:00:02Z");
    assert_string_equal(
        result_string(json_array_get(sessions, GATE_BASELINE_SESSIONS_MAX - 1), "date"),
        "2026-03-01T00:00:00Z");
    json_decref(baseline);
    json_decref(more);
}

static void test_span(void **state)
{
    json_t *one = add(NULL, "2026-02-28T23:59:59Z"), *two = add(one, "2026-03-01T00:00:01Z");
    json_t *three = add(two, "2025-03-01T00:00:01Z"), *odd = add(three, "yesterday");

    (void)state;
    assert_true(isnan(gate_baseline_span_s(one)));
    assert_true(gate_baseline_span_s(two) == 2);
    assert_true(gate_baseline_span_s(three) == 365 * 86400.0);
    assert_true(isnan(gate_baseline_span_s(odd)));
    json_decref(one);
    json_decref(two);
    json_decref(three);
    json_decref(odd);
}

/* They would push out those with times, and let it seem that there are enough to judge by. */
static void test_runs_without_times_are_no_sessions(void **state)
{
    json_t *run = gate_fixture_run("2026-03-01T00:00:00Z", 2), *cell, *baseline, *more;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        json_object_set_new(cell, "summary", json_null());
    }
    gate_fixture_set(gate_fixture_count(run, 0, "syscalls_per_job"), "value", 2);
    baseline = gate_fixture_baseline(GATE_BASELINE_SESSIONS_MAX);
    more = add_run(baseline, run);
    assert_true(
        json_equal(json_object_get(baseline, "sessions"), json_object_get(more, "sessions")));
    assert_false(json_equal(json_object_get(baseline, "counts"), json_object_get(more, "counts")));
    json_decref(baseline);
    json_decref(more);
}

static void refused(const char *path, const char *words)
{
    struct err err = {""};

    assert_null(gate_baseline_read(path, &err));
    if (strstr(err.text, words) == NULL || strstr(err.text, path) == NULL)
        fail_msg("not said: %s, but: %s", words, err.text);
}

static void refused_text(const struct folder *f, const char *text, const char *words)
{
    FILE *out = fopen(f->file, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    refused(f->file, words);
}

static void test_files_that_are_none(void **state)
{
    const struct folder *f = *state;

    refused(f->file, "No such file");
    refused_text(f, "", "is empty");
    refused_text(f, "{\"schema_version\": 1,", "no JSON");
    refused_text(f, "[]", "no baseline");
    refused_text(f, "{\"schema_version\": 1}", "no baseline");
    refused_text(f, "{\"kind\": \"tva-baseline\"}", "no schema_version");
    refused_text(f, "{\"kind\": \"tva-baseline\", \"schema_version\": 2}", "schema_version 2");
    refused_text(f, "{\"kind\": \"tva-baseline\", \"schema_version\": 1}", "context");
    refused_text(f, "{\"kind\": 1, \"kind\": 2}", "no JSON");
    assert_int_equal(unlink(f->file), 0);
    assert_int_equal(mkfifo(f->file, 0600), 0);
    refused(f->file, "no plain file");
    refused(f->path, "no plain file");
}

/* Each of these in place of what is at the path must be found. */
static void test_damage(void **state)
{
    static const struct {
        const char *where[4], *value, *words;
    } damage[] = {
        {{"counts"}, "{}", "counts is empty"},
        {{"counts"}, "[]", "counts is missing"},
        {{"counts", "tasks null x 10"}, "{}", "tasks null x 10 is empty"},
        {{"counts", "tasks null x 10"}, "7", "tasks null x 10 is missing or no object"},
        {{"counts", "tasks null x 10", "syscalls_per_job"}, "3", "is missing or no object"},
        {{"counts", "tasks null x 10", "syscalls_per_job", "kind"}, "\"guess\"", "the kind of"},
        {{"counts", "tasks null x 10", "syscalls_per_job", "kind"}, "null", "the kind of"},
        {{"counts", "tasks null x 10", "syscalls_per_job", "value"}, "-3", "cannot be negative"},
        {{"counts", "tasks null x 10", "syscalls_per_job", "value"}, "1e200", "is 1e+200"},
        {{"counts", "tasks null x 10", "syscalls_per_job", "value"}, "null", "no number"},
        {{"counts", "a\\u001bb"}, "{}", "plain ASCII"},
        {{"context"}, "[]", "context"},
        {{"sessions"}, "{}", "sessions is missing"},
        {{"sessions"}, "[1]", "sessions[0] is no object"},
        {{"sessions"}, "[{}]", "sessions[0].date"},
        {{"sessions"}, "[{\"date\": \"d\"}]", "sessions[0].fingerprint"},
        {{"sessions"}, "[{\"date\": \"d\", \"fingerprint\": \"f\"}]", "sessions[0].ratios"},
        {{"sessions"},
         "[{\"date\": \"d\", \"fingerprint\": \"f\", \"ratios\": {\"a\": {\"b\": 0}}}]",
         "b of \"a\" is 0"},
        {{"sessions"},
         "[{\"date\": \"d\", \"fingerprint\": \"f\", \"ratios\": {\"a\": {\"b\": -1}}}]",
         "cannot be negative"},
        {{"sessions"},
         "[{\"date\": \"d\", \"fingerprint\": \"f\", \"ratios\": {}, \"scheduled\": {\"a\": 1}}]",
         "a is missing or no object"},
        {{"sessions"},
         "[{\"date\": \"d\", \"fingerprint\": \"f\", \"ratios\": {}, \"scheduled\": {}}]",
         "sessions[0].times"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        json_t *baseline = gate_fixture_baseline(1), *at = baseline;
        json_t *value = json_loads(damage[i].value, JSON_DECODE_ANY, NULL);
        struct err err = {""};
        size_t k = 0;
        char key[64];

        assert_non_null(value);
        while (k < 3 && damage[i].where[k + 1] != NULL)
            at = json_object_get(at, damage[i].where[k++]);
        snprintf(key, sizeof key, "%s", damage[i].where[k]);
        if (strstr(key, "\\u001b") != NULL)
            strcpy(key, "a\033b");
        assert_int_equal(json_object_set_new(at, key, value), 0);
        assert_true(gate_baseline_check(baseline, "the file", &err) < 0);
        if (strstr(err.text, damage[i].words) == NULL)
            fail_msg("not said: %s, but: %s", damage[i].words, err.text);
        assert_non_null(strstr(err.text, "the file"));
        json_decref(baseline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
        cmocka_unit_test(test_same_run_again),
        cmocka_unit_test(test_oldest_go),
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_runs_without_times_are_no_sessions),
        cmocka_unit_test_setup_teardown(test_files_that_are_none, set_up, tear_down),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
