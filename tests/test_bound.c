/* The promise: a bound is a metric of the catalogue, a side and a value in the metric's unit; a
 * cell keeps or breaks it with its whole interval, and what is not known is said. */
#include "report/bound.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bound parse(const char *text)
{
    struct bound b;
    struct err err = {""};

    if (bound_parse(text, &b, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return b;
}

static void values_are_in_the_metrics_unit(void **state)
{
    static const struct {
        const char *text, *metric;
        bool above;
        double value;
    } rows[] = {
        {"p99<20ms", "p99", false, 0.02},
        {"lag_p99<1ms", "lag_p99", false, 1e6},
        {"throughput>2k/s", "throughput", true, 2000},
        {"memory<4k", "memory", false, 4096},
        {"lost<1%", "lost", false, 0.01},
        {"syscalls<2.5", "syscalls", false, 2.5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bound b = parse(rows[i].text);

        assert_string_equal(b.metric->name, rows[i].metric);
        assert_int_equal(b.above, rows[i].above);
        assert_true(fabs(b.value - rows[i].value) < 1e-9);
    }
}

static void what_is_no_bound_is_refused_with_a_sentence(void **state)
{
    static const char *const rows[][2] = {
        {"", "is no bound"},
        {"p99", "is no bound"},
        {"<20ms", "is no bound"},
        {"p98<20ms", "did you mean \"p9"},
        {"p99<", "is no value for latency p99"},
        {"p99<20", "is no value for latency p99"},
        {"p99<=20ms", "is no value for latency p99"},
        {"throughput>20ms", "is no value for throughput"},
        {"memory<1.5ms", "is no value for memory a job"},
        {"lost<101%", "is no value for share of jobs"},
        {"syscalls<3x", "is no value for system calls a job"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bound b;
        struct err err = {""};

        assert_true(bound_parse(rows[i][0], &b, &err) < 0);
        if (strstr(err.text, rows[i][1]) == NULL)
            fail_msg("%s: %s", rows[i][0], err.text);
    }
}

/* A cell whose makespan's median is 2 s. */
static json_t *make_cell(double low, double high)
{
    json_t *cell =
        json_pack("{s:s, s:b, s:{s:s}, s:{s:{s:f, s:[f]}}}", "name", "tasks null x 1", "valid", 1,
                  "load", "kind", "batch", "summary", "makespan_s", "median", 2.0, "values", 2.0);
    json_t *makespan = json_object_get(json_object_get(cell, "summary"), "makespan_s");

    if (isfinite(low)) {
        json_object_set_new(makespan, "ci_low", json_real(low));
        json_object_set_new(makespan, "ci_high", json_real(high));
        json_object_set_new(makespan, "confidence", json_real(0.97));
    }
    return cell;
}

static void the_whole_interval_decides(void **state)
{
    static const struct {
        double low, high;
        const char *bound;
        enum bound_verdict verdict;
    } rows[] = {
        {1.5, 2.5, "makespan<3s", BOUND_KEPT},        {1.5, 2.5, "makespan<2200ms", BOUND_UNKNOWN},
        {1.5, 2.5, "makespan<1700ms", BOUND_UNKNOWN}, {1.5, 2.5, "makespan<1s", BOUND_BROKEN},
        {1.5, 2.5, "makespan>1s", BOUND_KEPT},        {1.5, 2.5, "makespan>3s", BOUND_BROKEN},
        {NAN, NAN, "makespan<2200ms", BOUND_KEPT},    {NAN, NAN, "makespan<2s", BOUND_BROKEN},
        {1.5, 2.5, "p99<1s", BOUND_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bound b = parse(rows[i].bound);
        json_t *cell = make_cell(rows[i].low, rows[i].high);

        if (bound_judge(&b, cell) != rows[i].verdict)
            fail_msg("%s of %g to %g", rows[i].bound, rows[i].low, rows[i].high);
        json_decref(cell);
    }
}

static void the_worst_verdict_counts_and_each_cell_is_named(void **state)
{
    struct bound bounds[] = {parse("makespan<3s"), parse("makespan<1s"), parse("p99<1s")};
    json_t *result = json_pack("{s:[o, o]}", "cells", make_cell(1.5, 2.5), make_cell(NAN, NAN));
    json_t *invalid = json_array_get(json_object_get(result, "cells"), 1);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(bound_write(bounds, 1, result, out), BOUND_KEPT);
    assert_int_equal(bound_write(bounds, 3, result, out), BOUND_BROKEN);
    assert_int_equal(bound_write(bounds + 2, 1, result, out), BOUND_UNKNOWN);
    json_object_set_new(invalid, "valid", json_false());
    assert_int_equal(bound_write(bounds, 1, result, out), BOUND_UNKNOWN);
    fclose(out);
    assert_non_null(strstr(text, "makespan<3s: 2 of 2 cells keep it."));
    assert_non_null(strstr(text, "makespan<1s: 0 of 2 cells keep it."));
    assert_non_null(strstr(text, "broken: tasks null x 1: makespan is 2.00 s (97 %"));
    assert_non_null(strstr(text, "unknown: tasks null x 1 has no latency p99"));
    assert_non_null(strstr(text, "unknown: tasks null x 1 is invalid"));
    free(text);
    json_decref(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_in_the_metrics_unit),
        cmocka_unit_test(what_is_no_bound_is_refused_with_a_sentence),
        cmocka_unit_test(the_whole_interval_decides),
        cmocka_unit_test(the_worst_verdict_counts_and_each_cell_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
