/* The promise: charts of load put a cell where it belongs. Cells become lines by what they have in
 * common, over the axis that a sweep went over or that their loads differ in; a model to which the
 * axis makes no difference is everywhere on it; what a document lacks is a gap, never a number; and
 * what is ranked is ranked in the right direction. */
#include "base/text.h"
#include "chart/chart.h"
#include "job/job.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A valid cell of an open loop; p99_ms < 0: too few samples for one. */
static json_t *open_cell(const char *model, double rate, double poison, double p99_ms)
{
    json_t *latency = p99_ms < 0 ? json_pack("{s:i}", "count", 10)
                                 : json_pack("{s:i, s:f}", "count", 9000, "p99", p99_ms * 1e6);

    return json_pack("{s:s, s:s, s:b, s:i, s:s?, s:{s:s, s:f, s:s, s:f, s:f}, s:{s:o, s:{s:f}}}",
                     "spec", "sleep:duration=10ms", "model", model, "valid", 1, "runs", 3,
                     "threads", NULL, "load", "kind", "open", "rate_per_s", rate, "arrivals",
                     "poisson", "duration_s", 2.0, "poison", poison, "summary", "latency_ns",
                     latency, "throughput_per_s", "median", rate);
}

/* Takes the cells. */
static json_t *document(size_t n, json_t *const *list)
{
    json_t *cells = json_array();

    for (size_t i = 0; i < n; i++)
        assert_int_equal(json_array_append_new(cells, list[i]), 0);
    return json_pack("{s:o}", "cells", cells);
}

static bool any(const json_t *cell)
{
    return json_is_object(cell);
}

static int groups_along(const char *axis, const json_t *result, struct chart_groups *g)
{
    return chart_groups_init(g, result, &(struct chart_choice){.axis = axis, .shows = any});
}

static void cells_become_lines_by_rising_rate(void **state)
{
    json_t *const cells[] = {open_cell("tasks", 200, 0, 20), open_cell("pool", 100, 0, 30),
                             open_cell("tasks", 50, 0, 10), open_cell("tasks", 100, 0.02, 15),
                             open_cell("tasks", 100, 0, 15)};
    json_t *result = document(5, cells);
    const struct chart_series *lines;
    struct chart_groups g;

    (void)state;
    assert_int_equal(groups_along("rate", result, &g), 0);
    assert_int_equal(g.count, 2); /* another share of poison is another work */
    assert_int_equal(g.of[0].count, 2);
    lines = g.of[0].lines;
    assert_string_equal(lines[0].label, "tasks");
    assert_string_equal(lines[1].label, "pool");
    assert_string_equal(g.of[1].lines[0].work, "sleep:duration=10ms, poison 2%");
    assert_int_equal(lines[0].count, 3);
    assert_true(lines[0].points[0].x == 50 && lines[0].points[2].x == 200);
    assert_ptr_equal(lines[0].points[1].cell, cells[4]);
    assert_int_equal(lines[1].count, 1);
    assert_true(chart_more_points(&g.of[0], &g.of[1]));
    assert_false(chart_more_points(&g.of[1], &g.of[0]));
    chart_groups_deinit(&g);

    assert_int_equal(
        chart_groups_init(&g, result,
                          &(struct chart_choice){.axis = "rate", .shows = any, .points = 2}),
        0);
    assert_int_equal(g.count, 1);
    assert_int_equal(g.left_out, 1);
    chart_groups_deinit(&g);
    json_decref(result);
}

static void other_axes_make_other_lines(void **state)
{
    json_t *const cells[] = {open_cell("tasks", 100, 0, 20), open_cell("tasks", 100, 0.05, 30),
                             open_cell("tasks", 200, 0, 20)};
    json_t *result = document(3, cells);
    struct chart_groups g;

    (void)state;
    assert_int_equal(groups_along("poison", result, &g), 0);
    assert_int_equal(g.count, 2);
    assert_string_equal(g.of[0].lines[0].work, "sleep:duration=10ms @ 100/s");
    assert_int_equal(g.of[0].lines[0].count, 2);
    assert_true(g.of[0].lines[0].points[1].x == 0.05);
    chart_groups_deinit(&g);
    json_decref(result);
}

/* Sets the cell's point on the axis; a negative one is none. */
static json_t *at(json_t *cell, const char *axis, double value)
{
    json_t *point = value < 0 ? json_object() : json_pack("{s:f}", axis, value);

    assert_int_equal(json_object_set_new(cell, "point", point), 0);
    return cell;
}

static json_t *sweep_over(const char *axis, const char *unit, double lo, double hi, json_t *result)
{
    json_t *sweep = json_pack("{s:[{s:s, s:s, s:[f, f]}]}", "axes", "name", axis, "unit", unit,
                              "values", lo, hi);

    assert_int_equal(json_object_set_new(result, "sweep", sweep), 0);
    return result;
}

static void a_swept_parameter_is_no_part_of_the_work(void **state)
{
    json_t *const cells[] = {at(open_cell("tasks", 100, 0, 20), "duration", 0.010),
                             at(open_cell("tasks", 100, 0, 20), "duration", 0.020)};
    json_t *result = sweep_over("duration", "s", 0.010, 0.020, document(2, cells));
    struct chart_groups g;
    struct chart_axis axis = chart_axis_of(result, "duration");
    char text[64];

    (void)state;
    json_object_set_new(cells[1], "spec", json_string("sleep:duration=20ms"));
    assert_int_equal(groups_along("duration", result, &g), 0);
    assert_int_equal(g.count, 1);
    assert_string_equal(g.of[0].lines[0].work, "sleep @ 100/s");
    assert_string_equal(axis.kind, "time");
    assert_string_equal(chart_axis_text(&axis, 0.020, text, sizeof text), "20.0 ms");
    axis = chart_axis_of(result, "clients");
    assert_string_equal(chart_axis_text(&axis, 1, text, sizeof text), "1 client");
    assert_string_equal(chart_axis_text(&axis, 2, text, sizeof text), "2 clients");
    chart_groups_deinit(&g);
    json_decref(result);
}

/* Of a job of several parts only that of the axis; and however long, none of its text is lost. */
static void a_swept_parameter_is_that_of_its_part(void **state)
{
    const char *const axes[] = {"job.2.duration", NULL}, *const bare[] = {"job.time", NULL};
    json_t *cell = at(open_cell("tasks", 100, 0, 20), "job.2.duration", 0.010);
    char work[CHART_WORK_MAX], spec[JOB_TEXT_SIZE] = "null", whole[CHART_WORK_MAX];

    (void)state;
    json_object_set_new(cell, "spec",
                        json_string("sleep:duration=10ms + sleep:duration=20ms,dist=exp + "
                                    "http:requests=1,path=/a+b + cpu:time=1ms"));
    assert_string_equal(chart_work(cell, axes, work, sizeof work),
                        "sleep:duration=10ms + sleep:dist=exp + http:requests=1,path=/a+b + "
                        "cpu:time=1ms @ 100/s");
    assert_string_equal(chart_work(cell, bare, work, sizeof work),
                        "sleep:duration=10ms + sleep:duration=20ms,dist=exp + "
                        "http:requests=1,path=/a+b + cpu @ 100/s");
    while (strlen(spec) + strlen(" + null") < sizeof spec)
        strcat(spec, " + null");
    json_object_set_new(cell, "spec", json_string(spec));
    snprintf(whole, sizeof whole, "%s @ 100/s, 2.duration 0.01", spec);
    assert_string_equal(chart_work(cell, NULL, work, sizeof work), whole);
    json_decref(cell);
}

static void a_model_without_the_axis_is_everywhere_on_it(void **state)
{
    json_t *const cells[] = {at(open_cell("pool", 100, 0, 40), "threads", 1),
                             at(open_cell("pool", 100, 0, 20), "threads", 8),
                             at(open_cell("tasks", 100, 0, 10), "threads", -1)};
    json_t *result = sweep_over("threads", "count", 1, 8, document(3, cells));
    struct chart_groups g;

    (void)state;
    assert_int_equal(groups_along("threads", result, &g), 0);
    assert_int_equal(g.of[0].count, 2);
    assert_true(g.of[0].lines[1].constant);
    assert_int_equal(g.of[0].lines[1].count, 2);
    assert_ptr_equal(g.of[0].lines[1].points[0].cell, cells[2]);
    assert_ptr_equal(g.of[0].lines[1].points[1].cell, cells[2]);
    assert_true(g.of[0].lines[1].points[0].x == 1 && g.of[0].lines[1].points[1].x == 8);
    chart_groups_deinit(&g);
    json_decref(result);
}

static void a_percentile_without_samples_is_a_gap(void **state)
{
    json_t *few = open_cell("tasks", 100, 0, -1), *enough = open_cell("tasks", 100, 0, 20);
    json_t *over_runs = open_cell("tasks", 100, 0, 20);

    (void)state;
    assert_true(isnan(chart_value(metric_named("p99"), few).median));
    assert_true(fabs(chart_value(metric_named("p99"), enough).median - 0.020) < 1e-12);
    json_object_set_new(json_object_get(over_runs, "summary"), "latency_p99_s",
                        json_pack("{s:f, s:f, s:f, s:f}", "median", 0.03, "ci_low", 0.02, "ci_high",
                                  0.04, "confidence", 0.95));
    assert_true(fabs(chart_value(metric_named("p99"), over_runs).median - 0.030) < 1e-12);
    assert_true(fabs(chart_value(metric_named("p99"), over_runs).high - 0.040) < 1e-12);
    json_decref(few);
    json_decref(enough);
    json_decref(over_runs);
}

/* Theory that is off by more than a factor of 2 is of another service; a batch's ideal is no theory
 * of an open loop, however far off. */
static void theory_that_is_far_off_is_left_out(void **state)
{
    const struct metric *p99 = metric_named("p99");
    json_t *cell = open_cell("pool", 100, 0, 20);
    json_t *summary = json_object_get(cell, "summary");

    (void)state;
    json_object_set_new(summary, "theory", json_pack("{s:f}", "latency_p99_s", 0.011));
    assert_true(fabs(chart_theory(p99, cell) - 0.011) < 1e-12);
    json_object_set_new(summary, "theory", json_pack("{s:f}", "latency_p99_s", 0.009));
    assert_true(isnan(chart_theory(p99, cell)));
    json_object_set_new(summary, "theory", json_pack("{s:f}", "latency_p99_s", 0.041));
    assert_true(isnan(chart_theory(p99, cell)));
    json_object_set_new(summary, "makespan_s", json_pack("{s:f}", "median", 1.0));
    json_object_set_new(summary, "ideal_makespan_s", json_real(0.1));
    json_object_del(cell, "load");
    assert_true(fabs(chart_theory(metric_named("makespan"), cell) - 0.1) < 1e-12);
    json_decref(cell);
}

/* Six runs of throughput around a value, and of p99 around another. */
static json_t *measured(const char *model, double rate, double p99_ms)
{
    json_t *cell = open_cell(model, rate, 0, p99_ms), *summary = json_object_get(cell, "summary");
    const struct {
        const char *key;
        double value;
    } metrics_of[] = {{"throughput_per_s", rate}, {"latency_p99_s", p99_ms * 1e-3}};

    for (size_t k = 0; k < 2; k++) {
        json_t *values = json_array();

        for (int i = 0; i < 6; i++)
            json_array_append_new(values, json_real(metrics_of[k].value * (1 + 0.001 * i)));
        json_object_set_new(summary, metrics_of[k].key,
                            json_pack("{s:f, s:f, s:f, s:o}", "median", metrics_of[k].value,
                                      "ci_low", metrics_of[k].value, "ci_high", metrics_of[k].value,
                                      "values", values));
    }
    return cell;
}

static void more_throughput_is_better_less_latency_is(void **state)
{
    json_t *slow = measured("tasks", 100, 30), *fast = measured("pool", 200, 20);
    json_t *late = measured("threads", 300, 90);
    const json_t *cells[] = {slow, fast, late};
    struct ranking r;

    (void)state;
    assert_int_equal(ranking_init_by(&r, cells, 3, metric_named("throughput")), 0);
    assert_ptr_equal(r.cells[0].cell, late);
    assert_ptr_equal(r.cells[2].cell, slow);
    assert_true(r.told && r.tied == 1 && r.cells[1].behind && r.cells[2].behind);
    ranking_deinit(&r);
    assert_int_equal(ranking_init_by(&r, cells, 3, metric_named("p99")), 0);
    assert_ptr_equal(r.cells[0].cell, fast);
    assert_ptr_equal(r.cells[2].cell, late);
    assert_true(r.told && r.tied == 1 && r.cells[1].behind && r.cells[2].behind);
    ranking_deinit(&r);
    json_decref(slow);
    json_decref(fast);
    json_decref(late);
}

/* Titles compare lines at one place of the axis, where the most of them have a value. */
static void lines_are_ranked_where_most_have_a_value(void **state)
{
    /* At 400/s only one line goes on, and its neighbour's p99 is missing at 50/s. */
    json_t *const cells[] = {open_cell("tasks", 50, 0, 11), open_cell("tasks", 100, 0, 12),
                             open_cell("tasks", 400, 0, 13), open_cell("pool", 50, 0, -1),
                             open_cell("pool", 100, 0, 90)};
    json_t *result = document(5, cells);
    const json_t *found[5];
    struct chart_groups g;
    double x;

    (void)state;
    assert_int_equal(groups_along("rate", result, &g), 0);
    assert_int_equal(chart_group_widest_x(&g.of[0], metric_named("p99"), found, &x), 2);
    assert_true(x == 100);
    assert_ptr_equal(found[0], cells[1]);
    assert_ptr_equal(found[1], cells[4]);
    chart_groups_deinit(&g);
    json_decref(result);
}

/* A title gives the place and the values of the ranking, and names ties and too few runs as such.
 */
static void a_title_says_what_the_ranking_says(void **state)
{
    static const struct chart chart = {.subtitle = ""};
    json_t *const cells[] = {measured("tasks", 100, 10), measured("threads", 100, 10.01),
                             measured("blocking", 100, 80)};
    json_t *result = document(3, cells);
    struct chart_view view = {.chart = &chart, .result = result, .axis = "rate"};
    char text[CHART_TEXT_MAX];

    (void)state;
    view.metric = metric_named("p99");
    assert_int_equal(groups_along("rate", result, &view.all), 0);
    view.groups = view.all.of;
    view.count = view.all.count;
    assert_int_equal(chart_rank(&view), 0);
    assert_string_equal(chart_fill(&view, "At {at} {metric} is {ranked}", text, sizeof text),
                        "At 100/s latency p99 is 10.0 ms under tasks and threads (a tie), 80.0 ms "
                        "under blocking");
    for (size_t i = 0; i < 3; i++) /* one run of six is no test */
        while (json_array_size(result_get(cells[i], "summary.latency_p99_s.values")) > 3)
            json_array_remove((json_t *)result_get(cells[i], "summary.latency_p99_s.values"), 0);
    ranking_deinit(&view.ranking);
    assert_int_equal(chart_rank(&view), 0);
    assert_string_equal(chart_fill(&view, "{ranked}", text, sizeof text),
                        "10.0 ms under tasks, 80.0 ms under blocking (too few runs to rank)");
    ranking_deinit(&view.ranking);
    chart_groups_deinit(&view.all);
    json_decref(result);
}

/* What chart_write() makes of the document, in a folder that goes again. */
static int write_status(const char *name, const json_t *result)
{
    char dir[] = "/tmp/tva_test_chart_XXXXXX", table[64];
    struct err err = {""};
    struct chart_data *data;
    int status;

    assert_non_null(mkdtemp(dir));
    data = chart_data_create(dir, name, &err);
    assert_non_null(data);
    status = chart_write(chart_find(name, &err), result, data, &err);
    chart_data_destroy(data);
    snprintf(table, sizeof table, "%s/%s-curves.dat", dir, name); /* all that is in place */
    unlink(table);
    assert_int_equal(rmdir(dir), 0);
    return status;
}

/* Two jobs may be told apart by their last parts alone. */
static void panels_that_differ_have_titles_that_differ(void **state)
{
    static const char begin[] = "CPU: sleep:duration=1ms + cpu:time=1ms + file:op=read,block=16k";
    char dir[] = "/tmp/tva_test_chart_XXXXXX", path[64], text[2048], title[128];
    struct err err = {""};
    struct chart_data *data;

    (void)state;
    assert_non_null(mkdtemp(dir));
    data = chart_data_create(dir, "x", &err);
    assert_non_null(data);
    for (size_t i = 1; i <= 3; i++) {
        snprintf(title, sizeof title, "%s + %s × 20", begin, i % 2 == 1 ? "null" : "cpu");
        chart_data_panel_title(data, i, title);
    }
    assert_int_equal(chart_data_finish(data, &err), 0);
    chart_data_destroy(data);
    snprintf(path, sizeof path, "%s/x.gp", dir);
    text_read(path, text, sizeof text);
    assert_non_null(strstr(text, "panel_title_1 = 'CPU: sleep:duration=1ms + cpu:time=1ms + "));
    assert_non_null(strstr(text, "panel_title_2 = 'CPU: sleep:duration=1ms … cpu × 20'"));
    assert_non_null(strstr(text, "panel_title_3 = 'CPU: sleep:duration=1ms"));
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
}

static void a_single_rate_is_a_chart_only_of_a_sweep(void **state)
{
    json_t *const cells[] = {open_cell("tasks", 50, 0, 11)};
    json_t *result = document(1, cells);

    (void)state;
    json_object_set_new((json_t *)result_get(cells[0], "summary.latency_ns"), "p50",
                        json_real(5e6));
    assert_int_equal(write_status("rate", result), -ENODATA);
    sweep_over("rate", "1/s", 50, 50, result);
    assert_int_equal(write_status("rate", result), 0);
    json_decref(result);
}

static void a_subtitle_says_what_its_words_stand_for(void **state)
{
    struct chart chart = {
        .left_out = "Others",
        .subtitle =
            "{work}: {metric} against {axis}; {loop}; the {best}, {better} is better ({note})."};
    json_t *cell = open_cell("tasks", 100, 0, 10);
    const json_t *cells[] = {cell};
    struct chart_view view = {.chart = &chart,
                              .metric = metric_named("throughput"),
                              .axis = "rate",
                              .cells = cells,
                              .cells_count = 1,
                              .left_out = 2,
                              .note = "noted"};
    char text[CHART_TEXT_MAX];

    (void)state;
    assert_string_equal(chart_subtitle_text(&view, text, sizeof text),
                        "sleep:duration=10ms: throughput against rate; open loop, Poisson "
                        "arrivals, 2.00 s a run; the highest, higher is better (noted). Others are "
                        "left out (2).");
    view.metric = metric_named("p99");
    view.left_out = 0;
    json_object_set_new(cell, "valid", json_false());
    chart.subtitle = "{best}; {runs}.";
    assert_string_equal(chart_subtitle_text(&view, text, sizeof text),
                        "lowest; over the jobs of all runs (3). 1 invalid cell, not ranked.");
    json_decref(cell);
}

static void entries_of_the_sweep_name_a_label_or_a_model(void **state)
{
    json_t *result = json_pack("{s:{s:[{s:s, s:f}, {s:s, s:f}]}}", "sweep", "knees", "model",
                               "pool", "rate_per_s", 1.0, "model", "pool(4)", "rate_per_s", 2.0);
    struct chart_series four = {.label = "pool(4)", .model = "pool"};
    struct chart_series six = {.label = "pool(6)", .model = "pool"};
    struct chart_series tasks = {.label = "tasks", .model = "tasks"};

    (void)state;
    assert_true(result_number(chart_sweep_entry(result, "knees", &four), "rate_per_s") == 2);
    assert_true(result_number(chart_sweep_entry(result, "knees", &six), "rate_per_s") == 1);
    assert_null(chart_sweep_entry(result, "knees", &tasks));
    json_decref(result);
}

static void the_loop_is_named_with_what_all_cells_share(void **state)
{
    json_t *open = open_cell("tasks", 100, 0.02, 10), *other = open_cell("tasks", 200, 0, 10);
    json_t *batch = json_pack("{s:i}", "jobs", 100);
    const json_t *cells[] = {open, other};
    char text[128];

    (void)state;
    assert_string_equal(chart_loop_text(cells, 2, text, sizeof text),
                        "open loop, Poisson arrivals, 2.00 s a run");
    cells[1] = batch;
    assert_string_equal(chart_loop_text(cells, 2, text, sizeof text),
                        "batch and open loop, Poisson arrivals, 2.00 s a run");
    cells[0] = batch;
    assert_string_equal(chart_loop_text(cells, 2, text, sizeof text), "batch");
    assert_string_equal(chart_work(open, NULL, text, sizeof text),
                        "sleep:duration=10ms @ 100/s, poison 2%");
    assert_string_equal(chart_work(batch, NULL, text, sizeof text), " × 100");
    assert_true(chart_cell_batch(batch) && !chart_cell_batch(open));
    json_decref(open);
    json_decref(other);
    json_decref(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_become_lines_by_rising_rate),
        cmocka_unit_test(other_axes_make_other_lines),
        cmocka_unit_test(a_swept_parameter_is_no_part_of_the_work),
        cmocka_unit_test(a_swept_parameter_is_that_of_its_part),
        cmocka_unit_test(a_model_without_the_axis_is_everywhere_on_it),
        cmocka_unit_test(a_percentile_without_samples_is_a_gap),
        cmocka_unit_test(theory_that_is_far_off_is_left_out),
        cmocka_unit_test(more_throughput_is_better_less_latency_is),
        cmocka_unit_test(lines_are_ranked_where_most_have_a_value),
        cmocka_unit_test(a_title_says_what_the_ranking_says),
        cmocka_unit_test(panels_that_differ_have_titles_that_differ),
        cmocka_unit_test(a_single_rate_is_a_chart_only_of_a_sweep),
        cmocka_unit_test(a_subtitle_says_what_its_words_stand_for),
        cmocka_unit_test(entries_of_the_sweep_name_a_label_or_a_model),
        cmocka_unit_test(the_loop_is_named_with_what_all_cells_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
