#include "support/gate_fixture.h"

#include "gate/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *cell(const char *label, const char *model, double scale)
{
    char name[64];
    json_t *out;

    snprintf(name, sizeof name, "%s null x 10", label);
    out = json_pack(
        "{ss ss ss sb s[] s{s{sf ss} s{sf ss} s{sf ss}}"
        "s{s{s[fff]} s{s[fff]} s{s[fff]}}}",
        "name", name, "group", "null x 10", "model", model, "valid", 1, "reasons", "counts",
        "syscalls_per_job", "value", 3.0, "kind", "exact", "instructions_per_job", "value", 1000.0,
        "kind", "instructions", "context_switches_per_job", "value", 0.5, "kind", "scheduled",
        "summary", "makespan_s", "values", 0.001 * scale, 0.002 * scale, 0.004 * scale,
        "cpu_user_s", "values", 0.001, 0.001, 0.001, "cpu_sys_s", "values", 0.0, 0.0, 0.001);
    assert_non_null(out);
    if (strcmp(label, "pool(4)") == 0)
        json_object_set_new(out, "threads", json_integer(4));
    return out;
}

json_t *gate_fixture_run(const char *date, double ratio)
{
    json_t *run =
        json_pack("{sb s{ss ss ss si ss ss ss ss ss} s[oo]}", "partial", 0, "context", "date", date,
                  "architecture", "x86_64", "cpu", "box", "cores", 2, "kernel", "Linux 6",
                  "compiler", "gcc 12", "build_type", "Release", "libc", "glibc 2.36", "commit",
                  "abc", "cells", cell("tasks", "tasks", 1), cell("pool(4)", "pool", ratio));

    assert_non_null(run);
    return run;
}

json_t *gate_fixture_count(json_t *run, size_t i, const char *metric)
{
    json_t *c = json_array_get(json_object_get(run, "cells"), i);

    c = json_object_get(json_object_get(c, "counts"), metric);
    assert_non_null(c);
    return c;
}

json_t *gate_fixture_baseline(size_t n)
{
    json_t *baseline = NULL;

    for (size_t i = n; i-- > 0;) {
        char date[32];
        json_t *faults = json_array(), *run, *extract, *next;

        snprintf(date, sizeof date, "2026-01-01T00:00:%02zuZ", n - i);
        run = gate_fixture_run(date, 2 * (1 + 0.01 * ((double)(i % 3) - 1)));
        extract = gate_extract(run, faults);
        assert_non_null(extract);
        assert_int_equal(json_array_size(faults), 0);
        next = gate_baseline_add(baseline, run, extract);
        assert_non_null(next);
        json_decref(baseline);
        json_decref(extract);
        json_decref(run);
        json_decref(faults);
        baseline = next;
    }
    return baseline;
}

void gate_fixture_set(json_t *object, const char *key, double value)
{
    assert_int_equal(json_object_set_new(object, key, json_real(value)), 0);
}
