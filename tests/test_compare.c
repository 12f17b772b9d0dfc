/* The promise: a comparison says that something changed where the runs show it, by how much, and
 * for better or worse; that nothing did where they show that; and that it cannot tell where they do
 * not tell. It never judges times of two machines, nor cells that are missing, invalid or did other
 * work. */
#include "compare/compare.h"
#include "support/compare_docs.h"

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
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(2, "2026-01-02"), {.a = NULL}};

    compare_docs_add(t.a, compare_docs_cell("tasks", a, a_count, 1));
    compare_docs_add(t.b, compare_docs_cell("tasks", b, b_count, factor));
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
    struct both t = compare_values(compare_docs_steady, COMPARE_DOCS_RUNS, compare_docs_steady,
                                   COMPARE_DOCS_RUNS, 1.12);
    char text[256];

    (void)state;
    assert_near(makespan(&t)->ratio, 1.12);
    assert_true(makespan(&t)->low > 1.1 && makespan(&t)->low < 1.12);
    assert_true(makespan(&t)->high > 1.12 && makespan(&t)->high < 1.14);
    assert_int_equal(makespan(&t)->verdict, COMPARE_MORE);
    assert_true(compare_worse(&t.c.rows[0]));
    compare_report_sentence(&t.c, &t.c.rows[0], text, sizeof text);
    assert_string_equal(text, "tasks sleep x 100: makespan 12% longer (95% interval 11..13%)");
    drop(&t);
}

static void equal_cells_do_not_differ(void **state)
{
    static const double quiet[COMPARE_DOCS_RUNS] = {1, 1.001, 1.002, 1.003, 1.004, 1.005};
    struct both t = compare_values(quiet, COMPARE_DOCS_RUNS, quiet, COMPARE_DOCS_RUNS, 1);
    char words[96];

    (void)state;
    assert_int_equal(makespan(&t)->verdict, COMPARE_SAME);
    compare_report_words(&t.c, &t.c.rows[0], words, sizeof words);
    assert_string_equal(words, "no difference larger than 2%");
    drop(&t);
}

static void noise_is_not_a_change_nor_its_absence(void **state)
{
    struct both t = compare_values(compare_docs_noisy, COMPARE_DOCS_RUNS, compare_docs_noisy,
                                   COMPARE_DOCS_RUNS, 1.05);

    (void)state;
    assert_int_equal(makespan(&t)->verdict, COMPARE_UNCLEAR);
    assert_false(compare_changed(&t.c.rows[0]));
    drop(&t);
}

/* Clear, but smaller than what counts. */
static void a_change_below_the_effect_is_none(void **state)
{
    static const double quiet[COMPARE_DOCS_RUNS] = {1, 1.0001, 1.0002, 1.0003, 1.0004, 1.0005};
    struct both t = compare_values(quiet, COMPARE_DOCS_RUNS, quiet, COMPARE_DOCS_RUNS, 1.015);

    (void)state;
    assert_true(makespan(&t)->low > 1);
    assert_int_equal(makespan(&t)->verdict, COMPARE_SAME);
    drop(&t);
}

static void three_runs_are_too_few(void **state)
{
    struct both t = compare_values(compare_docs_steady, 3, compare_docs_steady, 3, 2);
    struct both enough = compare_values(compare_docs_steady, 4, compare_docs_steady, 4, 2);

    (void)state;
    assert_int_equal(makespan(&t)->verdict, COMPARE_UNKNOWN);
    assert_non_null(makespan(&t)->why);
    assert_int_equal(makespan(&enough)->verdict, COMPARE_MORE);
    drop(&t);
    drop(&enough);
}

static json_t *with_counts(double value, const char *kind)
{
    json_t *cell = compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1);

    json_object_set_new(cell, "counts",
                        json_pack("{s{sf ss}}", "syscalls_per_job", "value", value, "kind", kind));
    return cell;
}

static enum compare_verdict counted(double a, const char *a_kind, double b, const char *b_kind)
{
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(2, "2026-01-02"), {.a = NULL}};
    enum compare_verdict verdict;

    compare_docs_add(t.a, with_counts(a, a_kind));
    compare_docs_add(t.b, with_counts(b, b_kind));
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
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(8, "2026-01-02"), {.a = NULL}};
    const struct compare_row *row;
    json_t *notes;
    char text[512];

    (void)state;
    compare_docs_add(t.a,
                     compare_docs_cell("sequential", compare_docs_steady, COMPARE_DOCS_RUNS, 10));
    compare_docs_add(t.a, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.b,
                     compare_docs_cell("sequential", compare_docs_steady, COMPARE_DOCS_RUNS, 5));
    compare_docs_add(t.b, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 0.6));
    compare_docs(&t, &usual);
    assert_false(t.c.same_machine);
    row = row_of(&t.c, "tasks", "makespan", false);
    assert_true(row->elsewhere);
    assert_false(compare_changed(row));
    row = row_of(&t.c, "tasks", "makespan", true);
    assert_near(row->a_value, 0.1);
    assert_near(row->ratio.ratio, 1.2);
    assert_false(compare_changed(row)); /* on another machine models stand otherwise */
    notes = compare_report_notes(&t.c);
    assert_non_null(strstr(json_string_value(json_array_get(notes, 1)), "cores 2 against 8"));
    json_decref(notes);
    assert_non_null(strstr(compare_report_summary(&t.c, text, sizeof text), ": 0 worse, 0 better"));
    drop(&t);
}

static json_t *context_of(const json_t *result)
{
    return json_object_get(result, "context");
}

/* Machines of one name differ in what they cost, and in what they are allowed to use. */
static void machines_of_one_name_may_differ(void **state)
{
    json_t *a = compare_docs_result(2, "2026-01-01"), *b = compare_docs_result(2, "2026-01-02");
    char text[512];

    (void)state;
    json_object_set_new(context_of(a), "primitives",
                        json_pack("{sf sn}", "page_ns", 1400.0, "wake_ns"));
    assert_true(compare_machine_same(a, b, text, sizeof text)); /* b does not know them */
    json_object_set_new(context_of(b), "primitives",
                        json_pack("{sf sf}", "page_ns", 2000.0, "wake_ns", 9000.0));
    assert_true(compare_machine_same(a, b, text, sizeof text));
    json_object_set_new(json_object_get(context_of(b), "primitives"), "page_ns", json_real(11000));
    assert_false(compare_machine_same(a, b, text, sizeof text));
    assert_non_null(strstr(text, "page_ns"));
    json_object_del(context_of(b), "primitives");
    json_object_set_new(context_of(a), "cpu_quota", json_null()); /* b is of an earlier version */
    assert_true(compare_machine_same(a, b, text, sizeof text));
    json_object_set_new(context_of(b), "cpu_quota", json_real(0.2));
    assert_false(compare_machine_same(a, b, text, sizeof text));
    assert_string_equal(text, "CPU quota none against 0.2");
    json_object_del(context_of(b), "cpu_quota");
    json_object_set_new(context_of(a), "architecture", json_string("x86_64"));
    assert_true(compare_machine_same(a, b, text, sizeof text));
    json_object_set_new(context_of(b), "architecture", json_string("aarch64"));
    assert_false(compare_machine_same(a, b, text, sizeof text));
    json_decref(a);
    json_decref(b);
}

static void cells_that_cannot_be_compared_are_named(void **state)
{
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(2, "2026-01-02"), {.a = NULL}};
    static const char *const lacks[] = {"only in A", "invalid in B", "its jobs did other work in B",
                                        "only in B"};
    json_t *invalid = compare_docs_cell("blocking", compare_docs_steady, COMPARE_DOCS_RUNS, 1);
    json_t *other = compare_docs_cell("threads", compare_docs_steady, COMPARE_DOCS_RUNS, 1);

    (void)state;
    json_object_set_new(invalid, "valid", json_false());
    json_object_set_new(json_object_get(other, "ledger"), "operations", json_integer(200));
    compare_docs_add(t.a, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.a, compare_docs_cell("pool", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.a, compare_docs_cell("blocking", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.a, compare_docs_cell("threads", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.b, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.b, invalid);
    compare_docs_add(t.b, other);
    compare_docs_add(t.b, compare_docs_cell("offload", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs(&t, &usual);
    assert_int_equal(t.c.cells, 1);
    assert_int_equal(t.c.left_out_count, COUNT_OF(lacks));
    for (size_t i = 0; i < COUNT_OF(lacks); i++)
        assert_string_equal(t.c.left_out[i].why, lacks[i]);
    drop(&t);
}

/* A result against itself is the same, however often a name is in it. */
static void cells_of_one_name_are_matched_in_their_order(void **state)
{
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(2, "2026-01-02"), {.a = NULL}};
    static const double factors[] = {1, 3, 2};
    char text[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(factors); i++) {
        compare_docs_add(
            t.a, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, factors[i]));
        if (i < 2)
            compare_docs_add(t.b, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS,
                                                    factors[i] * (i == 1 ? 1.12 : 1)));
    }
    compare_docs(&t, &usual);
    assert_int_equal(t.c.cells, 2);
    assert_int_equal(t.c.rows_count, 2);
    assert_near(t.c.rows[0].ratio.ratio, 1);
    assert_near(t.c.rows[1].ratio.ratio, 1.12);
    assert_string_equal(t.c.rows[0].name, "tasks sleep x 100");
    compare_report_sentence(&t.c, &t.c.rows[1], text, sizeof text);
    assert_string_equal(text, "tasks sleep x 100 #2: makespan 12% longer (95% interval 11..13%)");
    assert_int_equal(t.c.left_out_count, 1);
    assert_string_equal(t.c.left_out[0].why, "only in A");
    assert_string_equal(t.c.left_out[0].cell, "tasks sleep x 100 #3");
    drop(&t);
}

static void nothing_in_common_is_refused(void **state)
{
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(2, "2026-01-02"), {.a = NULL}};
    struct err err = {""};

    (void)state;
    compare_docs_add(t.a, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.b, compare_docs_cell("pool", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    assert_true(compare_create(t.a, t.b, &usual, &t.c, &err) < 0);
    assert_true(err.text[0] != '\0');
    drop(&t);
}

static void the_worst_change_comes_first(void **state)
{
    struct both t = {
        compare_docs_result(2, "2026-01-01"), compare_docs_result(2, "2026-01-02"), {.a = NULL}};
    const struct compare_row *rows[8];
    static const char *const order[] = {"pool", "tasks", "sequential"};

    (void)state;
    compare_docs_add(t.a,
                     compare_docs_cell("sequential", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.a, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.a, compare_docs_cell("pool", compare_docs_steady, COMPARE_DOCS_RUNS, 1));
    compare_docs_add(t.b,
                     compare_docs_cell("sequential", compare_docs_steady, COMPARE_DOCS_RUNS, 0.2));
    compare_docs_add(t.b, compare_docs_cell("tasks", compare_docs_steady, COMPARE_DOCS_RUNS, 1.1));
    compare_docs_add(t.b, compare_docs_cell("pool", compare_docs_steady, COMPARE_DOCS_RUNS, 3));
    compare_docs(&t, &usual);
    assert_int_equal(compare_report_changes(&t.c, rows), COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_string_equal(json_string_value(json_object_get(rows[i]->a, "model")), order[i]);
    drop(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slower_cell_is_worse),
        cmocka_unit_test(equal_cells_do_not_differ),
        cmocka_unit_test(noise_is_not_a_change_nor_its_absence),
        cmocka_unit_test(a_change_below_the_effect_is_none),
        cmocka_unit_test(three_runs_are_too_few),
        cmocka_unit_test(counts_are_compared_as_exactly_as_they_are),
        cmocka_unit_test(times_of_two_machines_are_not_judged),
        cmocka_unit_test(machines_of_one_name_may_differ),
        cmocka_unit_test(cells_that_cannot_be_compared_are_named),
        cmocka_unit_test(cells_of_one_name_are_matched_in_their_order),
        cmocka_unit_test(nothing_in_common_is_refused),
        cmocka_unit_test(the_worst_change_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
