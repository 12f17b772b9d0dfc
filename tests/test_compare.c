/* The promise: a comparison says that something changed where the runs show it, by how much, and
 * for better or worse; that nothing did where they show that; and that it cannot tell where they do
 * not tell. It never judges times of two machines, nor cells that are missing, invalid or did other
 * work. */
#include "compare/compare.h"
#include "compare/compare_history.h"
#include "compare/compare_report.h"
#include "compare/compare_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))
#define RUNS        6

static const double steady[RUNS] = {0.100, 0.101, 0.099, 0.1005, 0.0995, 0.1002};
static const double noisy[RUNS] = {0.08, 0.13, 0.09, 0.12, 0.1, 0.11};

static json_t *quantity(const double *values, size_t count, double factor)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_real(values[i] * factor));
    return json_pack("{so}", "values", list);
}

/* A cell of `sleep x 100` of that model: its makespan is the values times the factor. */
static json_t *cell_of(const char *model, const double *values, size_t count, double factor)
{
    char name[64];

    snprintf(name, sizeof name, "%s sleep x 100", model);
    return json_pack("{ss ss ss si sb s{ss} s{si si si si ss} s{so s{}}}", "name", name, "group",
                     "sleep x 100", "model", model, "jobs", 100, "valid", 1, "load", "kind",
                     "batch", "ledger", "jobs", 100, "operations", 100, "bytes_in", 0, "bytes_out",
                     0, "checksum", "00", "summary", "makespan_s", quantity(values, count, factor),
                     "latency_ns");
}

static json_t *result_of(int cores, const char *date)
{
    return json_pack("{si s{ss si ss ss} s[]}", "seed", 1, "context", "cpu", "chip", "cores", cores,
                     "date", date, "commit", "abc", "cells");
}

static void add(json_t *result, json_t *cell)
{
    assert_int_equal(json_array_append_new(json_object_get(result, "cells"), cell), 0);
}

/* Two results of one machine with one cell, whose makespan is b's values over a's. */
struct both {
    json_t *a, *b;
    struct compare c;
};

static const struct compare_options usual = {.effect = 0.02, .label = 'B'};

static void compare_docs(struct both *t, const struct compare_options *options)
{
    struct err err = {""};

    if (compare_create(t->a, t->b, options, &t->c, &err) != 0)
        fail_msg("%s", err.text);
}

static struct both compare_values(const double *a, size_t a_count, const double *b, size_t b_count,
                                  double factor)
{
    struct both t = {result_of(2, "2026-01-01"), result_of(2, "2026-01-02"), {.a = NULL}};

    add(t.a, cell_of("tasks", a, a_count, 1));
    add(t.b, cell_of("tasks", b, b_count, factor));
    compare_docs(&t, &usual);
    return t;
}

static void drop(struct both *t)
{
    compare_destroy(&t->c);
    json_decref(t->a);
    json_decref(t->b);
}

static const struct compare_row *row_of(const struct compare *c, const char *model,
                                        const char *metric, bool against)
{
    for (size_t i = 0; i < c->rows_count; i++) {
        const struct compare_row *row = &c->rows[i];

        if (strcmp(json_string_value(json_object_get(row->a, "model")), model) == 0 &&
            strcmp(row->metric->name, metric) == 0 && (row->a_base != NULL) == against)
            return row;
    }
    fail_msg("no row of %s %s", model, metric);
    return NULL;
}

static const struct compare_ratio *makespan(const struct both *t)
{
    return &row_of(&t->c, "tasks", "makespan", false)->ratio;
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-9))
        fail_msg("%.12g is not %.12g", value, expected);
}

static void a_slower_cell_is_worse(void **state)
{
    struct both t = compare_values(steady, RUNS, steady, RUNS, 1.12);
    char text[256];

    (void)state;
    assert_near(makespan(&t)->ratio, 1.12);
    assert_true(makespan(&t)->low > 1.1 && makespan(&t)->low < 1.12);
    assert_true(makespan(&t)->high > 1.12 && makespan(&t)->high < 1.14);
    assert_int_equal(makespan(&t)->verdict, COMPARE_MORE);
    assert_true(compare_worse(&t.c.rows[0]));
    compare_text_sentence(&t.c, &t.c.rows[0], text, sizeof text);
    assert_string_equal(text, "tasks sleep x 100: makespan 12% longer (95% interval 11..13%)");
    drop(&t);
}

/* The 95 % interval of 6 against 6 is from the 6th of the 36 differences to the 6th from the end
 * (Mann and Whitney's critical value is 5). With b = 2 everywhere the differences are those of a.
 */
static void the_interval_is_that_of_the_rank_sum_test(void **state)
{
    static const double a[RUNS] = {1, 2, 4, 8, 16, 32}, b[RUNS] = {64, 64, 64, 64, 64, 64};
    struct compare_ratio r;

    (void)state;
    assert_int_equal(compare_ratio_of(a, RUNS, b, RUNS, 0.02, &r), 0);
    assert_near(r.ratio, sqrt(8 * 16));
    assert_near(r.low, 2);
    assert_near(r.high, 64);
    assert_true(r.confidence >= 0.95 && r.confidence < 0.97);
    assert_int_equal(compare_ratio_of(b, RUNS, a, RUNS, 0.02, &r), 0);
    assert_near(r.low, 1 / 64.0);
    assert_near(r.high, 0.5);
    assert_int_equal(r.verdict, COMPARE_LESS);
}

static void equal_cells_do_not_differ(void **state)
{
    static const double quiet[RUNS] = {1, 1.001, 1.002, 1.003, 1.004, 1.005};
    struct both t = compare_values(quiet, RUNS, quiet, RUNS, 1);
    char words[96];

    (void)state;
    assert_int_equal(makespan(&t)->verdict, COMPARE_SAME);
    compare_text_words(&t.c, &t.c.rows[0], words, sizeof words);
    assert_string_equal(words, "no difference larger than 2%");
    drop(&t);
}

static void noise_is_not_a_change_nor_its_absence(void **state)
{
    struct both t = compare_values(noisy, RUNS, noisy, RUNS, 1.05);

    (void)state;
    assert_int_equal(makespan(&t)->verdict, COMPARE_UNCLEAR);
    assert_false(compare_changed(&t.c.rows[0]));
    drop(&t);
}

/* Clear, but smaller than what counts. */
static void a_change_below_the_effect_is_none(void **state)
{
    static const double quiet[RUNS] = {1, 1.0001, 1.0002, 1.0003, 1.0004, 1.0005};
    struct both t = compare_values(quiet, RUNS, quiet, RUNS, 1.015);

    (void)state;
    assert_true(makespan(&t)->low > 1);
    assert_int_equal(makespan(&t)->verdict, COMPARE_SAME);
    drop(&t);
}

static void three_runs_are_too_few(void **state)
{
    struct both t = compare_values(steady, 3, steady, 3, 2);
    struct both enough = compare_values(steady, 4, steady, 4, 2);

    (void)state;
    assert_int_equal(makespan(&t)->verdict, COMPARE_UNKNOWN);
    assert_non_null(makespan(&t)->why);
    assert_int_equal(makespan(&enough)->verdict, COMPARE_MORE);
    drop(&t);
    drop(&enough);
}

static void zero_has_no_ratio_but_equals_zero(void **state)
{
    static const double zero[RUNS] = {0}, some[RUNS] = {0, 1, 1, 1, 1, 1};
    struct compare_ratio r;

    (void)state;
    assert_int_equal(compare_ratio_of(zero, RUNS, zero, RUNS, 0.02, &r), 0);
    assert_int_equal(r.verdict, COMPARE_SAME);
    assert_int_equal(compare_ratio_of(zero, RUNS, some, RUNS, 0.02, &r), 0);
    assert_int_equal(r.verdict, COMPARE_UNKNOWN);
    assert_true(isnan(r.ratio));
}

static json_t *with_counts(double value, const char *kind)
{
    json_t *cell = cell_of("tasks", steady, RUNS, 1);

    json_object_set_new(cell, "counts",
                        json_pack("{s{sf ss}}", "syscalls_per_job", "value", value, "kind", kind));
    return cell;
}

static enum compare_verdict counted(double a, const char *a_kind, double b, const char *b_kind)
{
    struct both t = {result_of(2, "2026-01-01"), result_of(2, "2026-01-02"), {.a = NULL}};
    enum compare_verdict verdict;

    add(t.a, with_counts(a, a_kind));
    add(t.b, with_counts(b, b_kind));
    compare_docs(&t, &usual);
    verdict = row_of(&t.c, "tasks", "syscalls", false)->ratio.verdict;
    drop(&t);
    return verdict;
}

static void counts_are_compared_as_exactly_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(counted(1000, "exact", 1001, "exact"), COMPARE_MORE);
    assert_int_equal(counted(0, "exact", 1, "exact"), COMPARE_MORE);
    assert_int_equal(counted(3, "exact", 3, "exact"), COMPARE_SAME);
    assert_int_equal(counted(3, "exact", 2, "exact"), COMPARE_LESS);
    assert_int_equal(counted(1000, "instructions", 1009, "instructions"), COMPARE_SAME);
    assert_int_equal(counted(1000, "instructions", 1011, "instructions"), COMPARE_MORE);
    assert_int_equal(counted(3, "scheduled", 9, "scheduled"), COMPARE_UNKNOWN);
    assert_int_equal(counted(3, "exact", 9, "scheduled"), COMPARE_UNKNOWN);
}

/* A machine that is twice as fast, on which tasks lost a fifth against sequential. */
static void times_of_two_machines_are_not_judged(void **state)
{
    struct both t = {result_of(2, "2026-01-01"), result_of(8, "2026-01-02"), {.a = NULL}};
    const struct compare_row *row;
    char text[512];

    (void)state;
    add(t.a, cell_of("sequential", steady, RUNS, 10));
    add(t.a, cell_of("tasks", steady, RUNS, 1));
    add(t.b, cell_of("sequential", steady, RUNS, 5));
    add(t.b, cell_of("tasks", steady, RUNS, 0.6));
    compare_docs(&t, &usual);
    assert_false(t.c.same_machine);
    row = row_of(&t.c, "tasks", "makespan", false);
    assert_true(row->elsewhere);
    assert_false(compare_changed(row));
    row = row_of(&t.c, "tasks", "makespan", true);
    assert_near(row->a_value, 0.1);
    assert_near(row->ratio.ratio, 1.2);
    assert_true(compare_worse(row));
    assert_non_null(strstr(compare_text_note(&t.c, 1, text, sizeof text), "cores 2 against 8"));
    drop(&t);
}

static void cells_that_cannot_be_compared_are_named(void **state)
{
    struct both t = {result_of(2, "2026-01-01"), result_of(2, "2026-01-02"), {.a = NULL}};
    static const enum compare_lack lacks[] = {COMPARE_ONLY_A, COMPARE_INVALID_B, COMPARE_OTHER_WORK,
                                              COMPARE_ONLY_B};
    json_t *invalid = cell_of("blocking", steady, RUNS, 1);
    json_t *other = cell_of("threads", steady, RUNS, 1);

    (void)state;
    json_object_set_new(invalid, "valid", json_false());
    json_object_set_new(json_object_get(other, "ledger"), "operations", json_integer(200));
    add(t.a, cell_of("tasks", steady, RUNS, 1));
    add(t.a, cell_of("pool", steady, RUNS, 1));
    add(t.a, cell_of("blocking", steady, RUNS, 1));
    add(t.a, cell_of("threads", steady, RUNS, 1));
    add(t.b, cell_of("tasks", steady, RUNS, 1));
    add(t.b, invalid);
    add(t.b, other);
    add(t.b, cell_of("offload", steady, RUNS, 1));
    compare_docs(&t, &usual);
    assert_int_equal(t.c.cells, 1);
    assert_int_equal(t.c.left_out_count, COUNT_OF(lacks));
    for (size_t i = 0; i < COUNT_OF(lacks); i++)
        assert_int_equal(t.c.left_out[i].lack, lacks[i]);
    drop(&t);
}

static void nothing_in_common_is_refused(void **state)
{
    struct both t = {result_of(2, "2026-01-01"), result_of(2, "2026-01-02"), {.a = NULL}};
    struct err err = {""};

    (void)state;
    add(t.a, cell_of("tasks", steady, RUNS, 1));
    add(t.b, cell_of("pool", steady, RUNS, 1));
    assert_true(compare_create(t.a, t.b, &usual, &t.c, &err) < 0);
    assert_true(err.text[0] != '\0');
    drop(&t);
}

static void the_worst_change_comes_first(void **state)
{
    struct both t = {result_of(2, "2026-01-01"), result_of(2, "2026-01-02"), {.a = NULL}};
    const struct compare_row *rows[8];
    static const char *const order[] = {"pool", "tasks", "sequential"};

    (void)state;
    add(t.a, cell_of("sequential", steady, RUNS, 1));
    add(t.a, cell_of("tasks", steady, RUNS, 1));
    add(t.a, cell_of("pool", steady, RUNS, 1));
    add(t.b, cell_of("sequential", steady, RUNS, 0.2));
    add(t.b, cell_of("tasks", steady, RUNS, 1.1));
    add(t.b, cell_of("pool", steady, RUNS, 3));
    compare_docs(&t, &usual);
    assert_int_equal(compare_report_changes(&t.c, rows), COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_string_equal(json_string_value(json_object_get(rows[i]->a, "model")), order[i]);
    drop(&t);
}

/* ---- History ------------------------------------------------------------------------------------
 */

#define RESULTS 14

/* Results in the wrong order, of which those from `from` on are slower by the factor. */
static void make_history(json_t **results, size_t from, double factor)
{
    for (size_t i = 0; i < RESULTS; i++) {
        size_t day = (i * 5) % RESULTS;
        double noise = 1 + 0.004 * (double)((day * 7) % 5);
        char date[32];

        snprintf(date, sizeof date, "2026-01-%02zu", day + 1);
        results[i] = result_of(2, date);
        add(results[i], cell_of("tasks", steady, RUNS, noise * (day >= from ? factor : 1)));
    }
}

static void drop_history(json_t **results, struct compare_history *h)
{
    compare_history_destroy(h);
    for (size_t i = 0; i < RESULTS; i++)
        json_decref(results[i]);
}

static void history_of(json_t **results, struct compare_history *h)
{
    struct err err = {""};

    if (compare_history_create(results, RESULTS, compare_metric_find("makespan", &err), 0.02, h,
                               &err) != 0)
        fail_msg("%s", err.text);
}

static void a_change_is_found_where_it_was(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;

    (void)state;
    make_history(results, 8, 1.1);
    history_of(results, &h);
    assert_int_equal(h.lines_count, 1);
    assert_int_equal(h.lines[0].changes_count, 1);
    assert_int_equal(h.lines[0].changes[0].at, 8);
    assert_true(h.lines[0].changes[0].after / h.lines[0].changes[0].before > 1.08);
    drop_history(results, &h);
}

static void a_level_without_change_has_none(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;

    (void)state;
    make_history(results, 8, 1);
    history_of(results, &h);
    assert_int_equal(h.lines[0].changes_count, 0);
    drop_history(results, &h);
}

static void other_machines_have_no_part_in_a_history(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;

    (void)state;
    make_history(results, 8, 1);
    for (size_t i = 0; i < RESULTS; i++)
        if (strcmp(
                json_string_value(json_object_get(json_object_get(results[i], "context"), "date")),
                "2026-01-04") < 0)
            json_object_set_new(json_object_get(results[i], "context"), "cores", json_integer(64));
    history_of(results, &h);
    assert_int_equal(h.count, RESULTS - 3);
    assert_int_equal(h.elsewhere, 3);
    drop_history(results, &h);
}

static void a_short_history_is_refused(void **state)
{
    json_t *results[RESULTS];
    struct compare_history h;
    struct err err = {""};

    (void)state;
    make_history(results, 8, 1);
    assert_true(compare_history_create(results, 3, compare_metric_find("makespan", &err), 0.02, &h,
                                       &err) < 0);
    assert_non_null(strstr(err.text, "4 results or more"));
    drop_history(results, &h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slower_cell_is_worse),
        cmocka_unit_test(the_interval_is_that_of_the_rank_sum_test),
        cmocka_unit_test(equal_cells_do_not_differ),
        cmocka_unit_test(noise_is_not_a_change_nor_its_absence),
        cmocka_unit_test(a_change_below_the_effect_is_none),
        cmocka_unit_test(three_runs_are_too_few),
        cmocka_unit_test(zero_has_no_ratio_but_equals_zero),
        cmocka_unit_test(counts_are_compared_as_exactly_as_they_are),
        cmocka_unit_test(times_of_two_machines_are_not_judged),
        cmocka_unit_test(cells_that_cannot_be_compared_are_named),
        cmocka_unit_test(nothing_in_common_is_refused),
        cmocka_unit_test(the_worst_change_comes_first),
        cmocka_unit_test(a_change_is_found_where_it_was),
        cmocka_unit_test(a_level_without_change_has_none),
        cmocka_unit_test(other_machines_have_no_part_in_a_history),
        cmocka_unit_test(a_short_history_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
