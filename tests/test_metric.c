/* The promise: the catalogue has one row a metric, which says where it stands in a document, and
 * every reader gets the same number and the same text of it: medians of the runs' own figures, with
 * their interval, and what earlier documents have where they lack a value a run. */
#include "result/metric.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A cell of two runs of 10 jobs: user 1 and 5 s, system 4 and 2 s. */
static json_t *cell_of_two_runs(void)
{
    json_t *cell = json_pack(
        "{s:i, s:{s:s}, s:{s:{s:f, s:[ff]}, s:{s:f, s:[ff]}, s:{s:f, s:f}, s:{s:f, s:f, s:f, s:f,"
        "s:[ff]}}, s:{s:{s:f, s:s}, s:{s:f, s:s}}, s:{s:i, s:i, s:i}}",
        "jobs", 10, "load", "kind", "open", "summary", "cpu_user_s", "median", 3.0, "values", 1.0,
        5.0, "cpu_sys_s", "median", 3.0, "values", 4.0, 2.0, "latency_ns", "p50", 2e6, "p99", 5e6,
        "heartbeat_lag_max_ns", "median", 1500.0, "ci_low", 1000.0, "ci_high", 2000.0, "confidence",
        0.5, "values", 1000.0, 2000.0, "counts", "syscalls_per_job", "value", 8.0, "kind", "exact",
        "wakeups_per_job", "value", 1.504, "kind", "scheduled", "arrivals", "offered", 200,
        "refused", 20, "unserved", 10);

    assert_non_null(cell);
    return cell;
}

static void rows_are_whole_and_names_are_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < metrics_count; i++) {
        const struct metric *m = &metrics[i];

        assert_non_null(m->name);
        assert_non_null(m->title);
        assert_non_null(m->column);
        assert_non_null(m->paths[0]);
        assert_non_null(m->more);
        assert_non_null(m->less);
        assert_ptr_equal(metric_named(m->name), m);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(metrics[k].name, m->name);
            assert_string_not_equal(metrics[k].key, m->key);
            assert_string_not_equal(metrics[k].title, m->title);
        }
    }
}

static void a_sum_is_taken_run_by_run(void **state)
{
    json_t *cell = cell_of_two_runs();
    const struct metric *cpu = metric_named("cpu"), *total = metric_named("cpu_total");

    (void)state;
    assert_int_equal(metric_runs(cpu, cell), 2);
    assert_true(metric_run(total, cell, 0) == 5);
    assert_true(metric_run(total, cell, 1) == 7);
    assert_true(metric_of(total, cell).median == 6);
    assert_true(metric_of(total, cell).low == 5 && metric_of(total, cell).high == 7);
    assert_true(fabs(metric_of(cpu, cell).median - 0.6) < 1e-12);
    /* The runs of a load by time have numbers of jobs of their own. */
    json_object_set_new(json_object_get(cell, "summary"), "jobs",
                        json_pack("{s:[ii]}", "values", 5, 10));
    assert_true(fabs(metric_run(cpu, cell, 0) - 1) < 1e-12);
    assert_true(fabs(metric_of(cpu, cell).median - 0.85) < 1e-12);
    /* Three runs had jobs, and two have a CPU time: which two is not known. */
    json_object_set_new(json_object_get(cell, "summary"), "jobs",
                        json_pack("{s:[iii]}", "values", 5, 10, 10));
    assert_true(isnan(metric_of(cpu, cell).median));
    json_decref(cell);
}

static void a_sum_of_unequal_runs_is_not_known(void **state)
{
    json_t *cell = cell_of_two_runs();
    json_t *sys = json_object_get(json_object_get(cell, "summary"), "cpu_sys_s");

    (void)state;
    json_array_append_new(json_object_get(sys, "values"), json_real(1));
    assert_int_equal(metric_runs(metric_named("cpu"), cell), 0);
    assert_true(isnan(metric_of(metric_named("cpu"), cell).median));
    json_decref(cell);
}

static void a_percentile_is_that_of_the_runs_where_the_document_has_them(void **state)
{
    json_t *cell = cell_of_two_runs();
    const struct metric *p99 = metric_named("p99");

    (void)state;
    assert_true(fabs(metric_of(p99, cell).median - 0.005) < 1e-12);
    assert_true(isnan(metric_of(p99, cell).low));
    assert_int_equal(metric_runs(p99, cell), 0);
    json_object_set_new(json_object_get(cell, "summary"), "latency_p99_s",
                        json_pack("{s:f, s:f, s:f, s:f, s:[ff]}", "median", 0.004, "ci_low", 0.003,
                                  "ci_high", 0.005, "confidence", 0.5, "values", 0.003, 0.005));
    assert_true(metric_of(p99, cell).median == 0.004);
    assert_true(metric_of(p99, cell).low == 0.003);
    assert_true(isnan(metric_of(metric_named("p999"), cell).median));
    /* Runs that do not carry it are not made to by pooling them. */
    json_object_set_new(json_object_get(cell, "summary"), "latency_p99_s", json_null());
    assert_true(isnan(metric_of(p99, cell).median));
    json_decref(cell);
}

static void shares_are_of_what_was_offered(void **state)
{
    json_t *cell = cell_of_two_runs();

    (void)state;
    assert_true(fabs(metric_of(metric_named("refused"), cell).median - 0.1) < 1e-12);
    assert_true(fabs(metric_of(metric_named("lost"), cell).median - 0.15) < 1e-12);
    json_object_set_new(cell, "arrivals", json_null());
    assert_true(isnan(metric_of(metric_named("lost"), cell).median));
    json_decref(cell);
}

static void cells_are_known_by_load_and_counts(void **state)
{
    json_t *cell = cell_of_two_runs();

    (void)state;
    assert_int_equal(metric_cells_of(cell), METRIC_OPEN | METRIC_COUNTED);
    assert_string_equal(metric_headline(cell)->name, "mean");
    json_object_del(cell, "load");
    json_object_del(cell, "counts");
    assert_int_equal(metric_cells_of(cell), METRIC_BATCH);
    assert_string_equal(metric_headline(cell)->name, "makespan");
    json_decref(cell);
}

static void says(const char *name, double value, const char *expected)
{
    char text[METRIC_TEXT];

    assert_string_equal(metric_text(metric_named(name), value, text, sizeof text), expected);
}

static void a_unit_has_one_form(void **state)
{
    json_t *cell = cell_of_two_runs();
    char text[METRIC_TEXT];

    (void)state;
    says("makespan", 0.0103, "10.3 ms");
    says("lag", 1500, "1.50 us");
    says("throughput", 99.7, "99.7/s");
    says("throughput", 9721, "9.72k/s");
    says("throughput", 1.25e6, "1.25M/s");
    says("memory", 4216, "4.12 KiB");
    says("efficiency", 0.97, "97%");
    says("refused", 0.0035, "0.35%");
    says("refused", 0, "0");
    says("syscalls", 8, "8");
    says("syscalls", 2.03, "2.03");
    says("syscalls", -0.001, "0");
    says("instructions", 12345.4, "12,345");
    says("p99", NAN, "-");
    assert_string_equal(metric_cell_text(metric_named("syscalls"), cell, text, sizeof text), "8");
    assert_string_equal(metric_cell_text(metric_named("wakeups"), cell, text, sizeof text), "~1.5");
    assert_string_equal(metric_cell_text(metric_named("switches"), cell, text, sizeof text), "-");
    json_decref(cell);
}

static bool is_count(const struct metric *m)
{
    return metric_is_count(m);
}

static void names_are_found_among_those_that_apply(void **state)
{
    struct err err = {""};

    (void)state;
    assert_ptr_equal(metric_find("p99", NULL, &err), metric_named("p99"));
    assert_null(metric_find("p99", is_count, &err));
    assert_non_null(strstr(err.text, "syscalls"));
    assert_null(strstr(err.text, "p50"));
    assert_null(metric_find("makespam", NULL, &err));
    assert_non_null(strstr(err.text, "did you mean \"makespan\"?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole_and_names_are_their_own),
        cmocka_unit_test(a_sum_is_taken_run_by_run),
        cmocka_unit_test(a_sum_of_unequal_runs_is_not_known),
        cmocka_unit_test(a_percentile_is_that_of_the_runs_where_the_document_has_them),
        cmocka_unit_test(shares_are_of_what_was_offered),
        cmocka_unit_test(cells_are_known_by_load_and_counts),
        cmocka_unit_test(a_unit_has_one_form),
        cmocka_unit_test(names_are_found_among_those_that_apply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
