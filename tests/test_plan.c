/* The promise: a plan holds every combination of its options once, what is not given has a default,
 * and each round has an order of its own that the seed alone decides. */
#include "plan/plan.h"

#include "export/ranking.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define CELLS 8

/* One job under one model, at the counts 1 to CELLS. */
static void make_plan(struct plan *plan)
{
    struct plan_line line;
    struct err err = {""};

    plan_line_init(&line);
    line.models[line.models_count++] = model_find("tasks", &err);
    for (size_t i = 0; i < CELLS; i++)
        line.counts[line.counts_count++] = i + 1;
    *plan = (struct plan){0};
    assert_int_equal(plan_add(plan, &line, false, &err), 0);
    assert_int_equal(plan->count, CELLS);
}

static void test_defaults(void **state)
{
    struct plan_line line;
    struct plan plan = {0};
    struct err err = {""};
    size_t count = 0;
    unsigned rounds;

    (void)state;
    for (size_t i = 0; i < models_count; i++)
        count += !models[i]->on_request;
    rounds = (unsigned)ranking_runs_needed(count);
    plan_line_init(&line);
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan.count, count);
    for (size_t i = 0; i < plan.count; i++) {
        const struct cell *c = &plan.cells[i].cell;

        assert_ptr_equal(c->model, models[i]);
        assert_false(c->model->on_request);
        assert_string_equal(c->job.parts[0].type->name, "sleep");
        assert_int_equal(c->jobs, cell_default().jobs);
        assert_int_equal(c->threads, model_threads_default(c->model));
        assert_int_equal(plan.cells[i].rounds, rounds);
    }
    assert_int_equal(plan_rounds(&plan), rounds);
    assert_int_equal(plan_runs(&plan), rounds * count);
    plan_deinit(&plan);
}

/* Of a group of 7 cells a first place can be told by 6 runs, of 8 cells it takes 7. */
static void test_rounds_are_enough_to_tell_the_cells_apart(void **state)
{
    static const struct {
        const char *models[2];
        size_t pools;
        unsigned rounds;
    } lines[] = {{{"tasks"}, 8, PLAN_ROUNDS_DEFAULT},
                 {{"pool"}, 7, PLAN_ROUNDS_DEFAULT},
                 {{"tasks", "pool"}, 7, 7}};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct plan_line line;
        struct plan plan = {0};
        struct err err = {""};

        plan_line_init(&line);
        for (size_t m = 0; m < 2 && lines[i].models[m] != NULL; m++)
            line.models[line.models_count++] = model_find(lines[i].models[m], &err);
        while (line.threads_count < lines[i].pools) {
            line.threads_count++;
            line.threads[line.threads_count - 1] = line.threads_count;
        }
        assert_int_equal(plan_add(&plan, &line, false, &err), 0);
        assert_int_equal(plan_rounds(&plan), lines[i].rounds);
        assert_true(plan_rounds(&plan) >= ranking_runs_needed(plan.count));
        plan_deinit(&plan);
    }
}

static void test_each_cell_once(void **state)
{
    struct plan_line line;
    struct plan plan = {0};
    struct err err = {""};

    (void)state;
    make_plan(&plan);
    plan_line_init(&line);
    line.models[line.models_count++] = model_find("tasks", &err);
    line.counts[line.counts_count++] = 3; /* held already */
    line.counts[line.counts_count++] = CELLS + 1;
    line.rounds = 9;
    assert_int_equal(plan_add(&plan, &line, true, &err), 0);
    assert_int_equal(plan.count, CELLS + 1);
    assert_int_equal(plan.cells[2].rounds, PLAN_ROUNDS_DEFAULT);
    assert_false(plan.cells[2].hyperfine);
    assert_int_equal(plan.cells[CELLS].rounds, 9);
    assert_true(plan.cells[CELLS].hyperfine);
    assert_int_equal(plan_rounds(&plan), 9);
    plan_deinit(&plan);
}

/* Of tasks, loops and pool, the first two have a twin on io_uring. */
static void test_io_takes_models_that_have_both(void **state)
{
    static const struct model *const expected[] = {&model_tasks, &model_uring, &model_loops,
                                                   &model_loops_uring, &model_pool};
    struct plan_line line;
    struct plan plan = {0};
    struct err err = {""};

    (void)state;
    plan_line_init(&line);
    line.models[line.models_count++] = &model_tasks;
    line.models[line.models_count++] = &model_loops;
    line.models[line.models_count++] = &model_pool;
    line.ios[line.ios_count++] = MODEL_IO_ASYNC;
    line.ios[line.ios_count++] = MODEL_IO_RING;
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), 0);
    assert_int_equal(plan.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < plan.count; i++)
        assert_ptr_equal(plan.cells[i].cell.model, expected[i]);
    plan_deinit(&plan);
    plan = (struct plan){0};
    line.models[0] = line.models[1] = &model_pool;
    line.ios[0] = MODEL_IO_RING;
    line.ios_count = 1;
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), -EINVAL);
    assert_string_equal(err.text,
                        "no cell waits in io_uring as --io wants it: add --model tasks or loops");
    plan_deinit(&plan);
}

static void test_override(void **state)
{
    struct plan_line line, over;

    (void)state;
    plan_line_init(&line);
    line.counts[line.counts_count++] = 5;
    line.counts[line.counts_count++] = 6;
    line.rounds = 4;
    line.warmup = 3;
    plan_line_init(&over);
    plan_line_override(&line, &over);
    assert_int_equal(line.counts_count, 2);
    assert_int_equal(line.rounds, 4);
    assert_int_equal(line.warmup, 3);
    assert_int_equal(line.cpu, -1);
    over.counts[over.counts_count++] = 7;
    over.warmup = 0;
    over.cpu = 0;
    over.ios[over.ios_count++] = MODEL_IO_RING;
    plan_line_override(&line, &over);
    assert_int_equal(line.ios[0], MODEL_IO_RING);
    assert_int_equal(line.counts_count, 1);
    assert_int_equal(line.counts[0], 7);
    assert_int_equal(line.rounds, 4);
    assert_int_equal(line.warmup, 0);
    assert_int_equal(line.cpu, 0);
}

static void test_a_url_goes_to_the_jobs_that_take_one(void **state)
{
    struct plan_line line;
    struct plan plan = {0};
    struct err err = {""};
    char args[PLAN_ARGS_SIZE];

    (void)state;
    plan_line_init(&line);
    line.url = "http://127.0.0.1:8080/x";
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), 0);
    assert_string_equal(plan.cells[0].cell.job.parts[0].type->name, "http");
    assert_non_null(strstr(plan_cell_args(&plan.cells[0].cell, args, sizeof args),
                           "--job http:requests=1,url=http://127.0.0.1:8080/x --jobs"));
    plan_deinit(&plan);
    plan = (struct plan){0};
    assert_int_equal(job_parse("sleep", &line.specs[line.specs_count++], &err), 0);
    assert_int_equal(plan_add(&plan, &line, false, &err), 0);
    assert_int_equal(plan_check_used(&plan, &line, &err), -EINVAL);
    assert_non_null(strstr(err.text, "--url is for http jobs"));
    assert_int_equal(job_parse("http:size=1k", &line.specs[line.specs_count++], &err), 0);
    assert_int_equal(plan_add(&plan, &line, false, &err), -EINVAL);
    plan_deinit(&plan);
}

static void test_order_is_decided_by_seed_and_round(void **state)
{
    size_t first[CELLS], again[CELLS], other_seed[CELLS], other_round[CELLS];
    struct plan plan = {0};

    (void)state;
    make_plan(&plan);
    plan_shuffle(&plan, 1, 0, first);
    plan_shuffle(&plan, 1, 0, again);
    plan_shuffle(&plan, 2, 0, other_seed);
    plan_shuffle(&plan, 1, 1, other_round);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other_seed, sizeof first);
    assert_memory_not_equal(first, other_round, sizeof first);
    plan_deinit(&plan);
}

/* Each cell is at each place about equally often: within a fifth of what it should be, which for a
 * binomial of this size is more than four standard deviations. */
static void test_no_place_is_preferred(void **state)
{
    enum { ROUNDS = 4000, EXPECTED = ROUNDS / CELLS };
    unsigned at[CELLS][CELLS] = {{0}};
    size_t order[CELLS];
    struct plan plan = {0};

    (void)state;
    make_plan(&plan);
    for (unsigned round = 0; round < ROUNDS; round++) {
        plan_shuffle(&plan, 42, round, order);
        for (size_t place = 0; place < CELLS; place++)
            at[order[place]][place]++;
    }
    for (size_t cell = 0; cell < CELLS; cell++)
        for (size_t place = 0; place < CELLS; place++)
            assert_in_range(at[cell][place], EXPECTED * 4 / 5, EXPECTED * 6 / 5);
    plan_deinit(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_rounds_are_enough_to_tell_the_cells_apart),
        cmocka_unit_test(test_each_cell_once),
        cmocka_unit_test(test_io_takes_models_that_have_both),
        cmocka_unit_test(test_override),
        cmocka_unit_test(test_a_url_goes_to_the_jobs_that_take_one),
        cmocka_unit_test(test_order_is_decided_by_seed_and_round),
        cmocka_unit_test(test_no_place_is_preferred),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
