/* The promise: what charts say is right and fits the page. Texts are broken without loss or cut
 * with an ellipsis, never inside a character; labels moved apart keep their order and stay on the
 * axis; an axis holds all of its values; and a winner is only named when the difference is more
 * than noise. */
#include "base/wrap.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_that_fits_is_left_alone(void **state)
{
    char text[64] = "tasks overlap";

    (void)state;
    assert_int_equal(wrap_text(text, sizeof text, 13, 1), 1);
    assert_string_equal(text, "tasks overlap");
}

static void text_is_broken_at_spaces(void **state)
{
    char text[64] = "one two three four";

    (void)state;
    assert_int_equal(wrap_text(text, sizeof text, 9, 3), 3);
    assert_string_equal(text, "one two\nthree\nfour");
}

static void a_number_stays_with_its_unit(void **state)
{
    char text[64] = "it took 137 ms; done";

    (void)state;
    assert_int_equal(wrap_text(text, sizeof text, 12, 3), 2);
    assert_string_equal(text, "it took\n137 ms; done");
}

static void text_too_long_is_cut_with_an_ellipsis(void **state)
{
    char text[64] = "one two three four";

    (void)state;
    assert_int_equal(wrap_text(text, sizeof text, 9, 2), 2);
    assert_string_equal(text, "one two\nthree fo…");
}

static void text_is_never_cut_inside_a_character(void **state)
{
    char text[64] = "××××××××";

    (void)state;
    wrap_text(text, sizeof text, 4, 1);
    assert_string_equal(text, "×××…");
}

static void narrowest_width_balances_two_lines(void **state)
{
    static const char title[] = "tasks finished first and blocking finished last of all models";
    char text[128];
    size_t width = wrap_text_width(title, 50, 2);

    (void)state;
    snprintf(text, sizeof text, "%s", title);
    assert_int_equal(wrap_text(text, sizeof text, width, 2), 2);
    assert_null(strstr(text, "…"));
    assert_true(width < 40);
    assert_int_equal(wrap_text_width("short", 50, 2), 50);
}

static void labels_are_moved_apart_in_order(void **state)
{
    double at[] = {5.0, 5.1, 0.2, 9.9, 9.8};

    (void)state;
    chart_spread(at, 5, 1.0, 0, 10);
    assert_true(at[2] >= 0 && at[2] + 1 <= at[0] + 1e-9);
    assert_true(at[0] + 1 <= at[1] + 1e-9);
    assert_true(at[1] + 1 <= at[4] + 1e-9);
    assert_true(at[4] + 1 <= at[3] + 1e-9);
    assert_true(at[3] <= 10);
}

static void labels_with_room_stay_where_they_are(void **state)
{
    double at[] = {8, 2, 5};

    (void)state;
    chart_spread(at, 3, 1.0, 0, 10);
    assert_true(at[0] == 8 && at[1] == 2 && at[2] == 5);
}

static void range_holds_its_values_and_is_wide_enough(void **state)
{
    struct chart_range range = CHART_NO_RANGE;

    (void)state;
    chart_range_include(&range, 0.010);
    chart_range_include(&range, 0.011);
    chart_range_include(&range, 0);
    chart_range_include(&range, -1);
    chart_range_include(&range, (double)NAN);
    chart_range_finish(&range);
    assert_true(range.lo > 0 && range.lo < 0.010 && range.hi > 0.011);
    assert_true(range.hi / range.lo >= 3.99);
}

static void range_of_nothing_can_still_be_drawn(void **state)
{
    struct chart_range range = CHART_NO_RANGE;

    (void)state;
    chart_range_finish(&range);
    assert_true(range.lo > 0 && range.hi > range.lo);
}

/* The makespans of so many runs, from 1 % below to 1 % above. */
static json_t *runs_around(double s, size_t runs)
{
    json_t *values = json_array();

    for (size_t i = 0; i < runs; i++)
        assert_int_equal(json_array_append_new(
                             values, json_real(s * (0.99 + 0.02 * (double)i / (double)(runs - 1)))),
                         0);
    return values;
}

/* A document with one group for each row of makespans: sequential, tasks and pool, each +- 1 %. */
static json_t *document(const double makespans[][3], size_t groups, size_t runs)
{
    static const char *const models[] = {"sequential", "tasks", "pool"};
    json_t *cells = json_array();

    for (size_t g = 0; g < groups; g++) {
        char key[32];

        snprintf(key, sizeof key, "sleep x %zu", g + 1);
        for (size_t m = 0; m < 3; m++) {
            double s = makespans[g][m];
            json_t *cell = json_pack(
                "{s:s, s:s, s:s, s:s, s:i, s:b, s:o, s:{s:{s:f, s:f, s:f, s:o}}}", "group", key,
                "spec", "sleep", "job", "sleep", "model", models[m], "jobs", (int)g + 1, "valid",
                s > 0, "threads", m == 2 ? json_integer(4) : json_null(), "summary", "makespan_s",
                "median", fabs(s), "ci_low", 0.99 * fabs(s), "ci_high", 1.01 * fabs(s), "values",
                runs_around(fabs(s), runs));

            assert_int_equal(json_array_append_new(cells, cell), 0);
        }
    }
    return json_pack("{s:o}", "cells", cells);
}

static bool any(const json_t *cell)
{
    return json_is_object(cell);
}

static void tally_of(const double makespans[][3], size_t groups, size_t runs, const char *expected)
{
    json_t *result = document(makespans, groups, runs);
    struct chart_groups list;
    char text[256];

    assert_non_null(result);
    assert_int_equal(chart_groups_init(&list, result, &(struct chart_choice){.shows = any}), 0);
    assert_int_equal(list.count, groups);
    assert_int_equal(list.left_out, 0);
    chart_tally(list.of, list.count, metric_named("makespan"), text, sizeof text);
    assert_string_equal(text, expected);
    chart_groups_deinit(&list);
    json_decref(result);
}

static void winners_are_counted_most_first(void **state)
{
    static const double makespans[][3] = {{1, 0.5, 0.4}, {1, 0.1, 0.5}, {1, 0.1, 0.5}};

    (void)state;
    tally_of(makespans, 3, 6, "tasks in 2 of 3, pool in 1");
}

static void what_the_test_cannot_tell_apart_is_a_tie(void **state)
{
    static const double makespans[][3] = {{1, 0.100, 0.101}};

    (void)state;
    tally_of(makespans, 1, 6, "1 tie");
}

static void too_few_runs_name_no_winner(void **state)
{
    static const double makespans[][3] = {{1, 0.1, 0.5}, {1, 0.2, 0.5}};

    (void)state;
    tally_of(makespans, 2, 3, "2 of 2 with too few runs");
}

static void invalid_cells_never_win(void **state)
{
    static const double makespans[][3] = {{1, -0.1, 0.5}}; /* negative: not valid */

    (void)state;
    tally_of(makespans, 1, 6, "pool in 1 of 1");
}

static void a_cell_without_rivals_wins_nothing(void **state)
{
    static const double makespans[][3] = {{-1, 0.1, -0.5}};

    (void)state;
    tally_of(makespans, 1, 6, "one model alone");
}

static void labels_tell_the_number_of_threads(void **state)
{
    static const double makespans[][3] = {{1, 1, 1}};
    json_t *result = document(makespans, 1, 6);
    json_t *cells = json_object_get(result, "cells");
    char text[CHART_LABEL_MAX];

    (void)state;
    assert_string_equal(result_label(json_array_get(cells, 1), text, sizeof text), "tasks");
    assert_string_equal(result_label(json_array_get(cells, 2), text, sizeof text), "pool(4)");
    json_decref(result);
}

static void unknown_chart_is_refused_with_the_nearest(void **state)
{
    struct err err = {""};

    (void)state;
    assert_non_null(chart_find("lag", &err));
    assert_null(chart_find("lagg", &err));
    assert_non_null(strstr(err.text, "\"lag\""));
    assert_non_null(strstr(err.text, "timeline"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_fits_is_left_alone),
        cmocka_unit_test(text_is_broken_at_spaces),
        cmocka_unit_test(a_number_stays_with_its_unit),
        cmocka_unit_test(text_too_long_is_cut_with_an_ellipsis),
        cmocka_unit_test(text_is_never_cut_inside_a_character),
        cmocka_unit_test(narrowest_width_balances_two_lines),
        cmocka_unit_test(labels_are_moved_apart_in_order),
        cmocka_unit_test(labels_with_room_stay_where_they_are),
        cmocka_unit_test(range_holds_its_values_and_is_wide_enough),
        cmocka_unit_test(range_of_nothing_can_still_be_drawn),
        cmocka_unit_test(winners_are_counted_most_first),
        cmocka_unit_test(what_the_test_cannot_tell_apart_is_a_tie),
        cmocka_unit_test(too_few_runs_name_no_winner),
        cmocka_unit_test(invalid_cells_never_win),
        cmocka_unit_test(a_cell_without_rivals_wins_nothing),
        cmocka_unit_test(labels_tell_the_number_of_threads),
        cmocka_unit_test(unknown_chart_is_refused_with_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
