/* The promise: a search finds where two models change places, wherever on the axis that is, with
 * noise and without; it measures no more than it needs, follows no noise, and says so when there is
 * nothing to be found. */
#include "sweep/sweep.h"

#include "support/sweep_fixture.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Throughput: of threads 100, of tasks the more the nearer the axis is to its beginning. */
static int share_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    double x = cell->point[0], value = 100;

    if (strcmp(cell->cell.model->name, "tasks") == 0)
        value *= exp(2 * (f->at - x));
    run->values.of[RUN_THROUGHPUT_PER_S] = value * sweep_fixture_noisy(f);
    return 0;
}

static void find_crossovers(struct sweep_fixture *f, struct sweep_answers *list)
{
    struct err err = {""};

    sweep_fixture_measure_grid(f);
    if (sweep_crossovers_find(&f->sweep, list, &err) < 0)
        fail_msg("%s", err.text);
}

static const char *const shares[] = {"cpu=0%..100%:+20%"};

static void test_crossover(void **state)
{
    struct sweep_fixture f = {.at = 0.38, .noise = 0.001, .value = share_value};
    struct sweep_answers list = {0};

    (void)state;
    sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
    find_crossovers(&f, &list);
    assert_int_equal(list.count, 1);
    assert_true(fabs(list.items[0].at - 0.38) < 0.01);
    assert_true(list.items[0].ci_low <= 0.38 && list.items[0].ci_high >= 0.38);
    assert_true(list.items[0].ci_high - list.items[0].ci_low <= 0.06);
    assert_string_equal(f.sweep.series[list.items[0].from].label, "tasks");
    assert_string_equal(f.sweep.series[list.items[0].series].label, "threads");
    assert_non_null(strstr(list.items[0].sentence,
                           "threads overtake tasks in throughput above 38% CPU "
                           "share; 95% interval "));
    assert_true(f.measured < SWEEP_FIXTURE_ROUNDS * 2 * (6 + 6));
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* The better one is the one below also where less is better. */
static int latency_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                         struct sweep_run *run)
{
    int r = share_value(f, cell, run);

    run->values.of[RUN_LATENCY_P99_S] = 1 / run->values.of[RUN_THROUGHPUT_PER_S];
    return r;
}

static void test_crossover_in_latency(void **state)
{
    struct sweep_fixture f = {.at = 0.71, .noise = 0.01, .value = latency_value};
    struct sweep_answers list = {0};

    (void)state;
    f.settings.metric = metric_named("p99");
    sweep_fixture_begin(&f, "threads,tasks", "mixed", shares, 1);
    find_crossovers(&f, &list);
    assert_int_equal(list.count, 1);
    assert_true(fabs(list.items[0].at - 0.71) < 0.02);
    assert_string_equal(f.sweep.series[list.items[0].series].label, "threads");
    assert_non_null(strstr(list.items[0].sentence, "in latency p99"));
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* With noise of a tenth and a difference of a fifth between neighbours of the grid, the interval
 * still has to hold the answer nearly always. */
static void test_crossover_in_noise(void **state)
{
    enum { TRIALS = 60 };
    unsigned found = 0, held = 0;

    (void)state;
    for (unsigned t = 0; t < TRIALS; t++) {
        struct sweep_fixture f = {.at = 0.45, .noise = 0.1, .value = share_value, .state = t + 1};
        struct sweep_answers list = {0};

        sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
        find_crossovers(&f, &list);
        found += list.count > 0;
        held += list.count > 0 && list.items[0].ci_low <= 0.45 && list.items[0].ci_high >= 0.45;
        free(list.items);
        sweep_deinit(&f.sweep);
    }
    print_message("found in %u, held in %u of %u\n", found, held, TRIALS);
    assert_true(found >= TRIALS * 95 / 100);
    assert_true(held >= TRIALS * 85 / 100);
}

static void test_no_crossover(void **state)
{
    static const double ats[] = {-1, 2};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sweep_fixture f = {.at = ats[i], .noise = 0.05, .value = share_value};
        struct sweep_answers list = {0};

        sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
        find_crossovers(&f, &list);
        assert_int_equal(list.count, 0);
        assert_int_equal(f.measured, SWEEP_FIXTURE_ROUNDS * 2 * 6);
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

static int equal_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    (void)cell;
    run->values.of[RUN_THROUGHPUT_PER_S] = 100 * sweep_fixture_noisy(f);
    return 0;
}

/* The two models are equal: noise alone puts one in front now and then. */
static void test_noise_is_no_crossover(void **state)
{
    enum { TRIALS = 40 };
    unsigned found = 0;

    (void)state;
    for (unsigned t = 0; t < TRIALS; t++) {
        struct sweep_fixture f = {.noise = 0.1, .value = equal_value, .state = t + 1};
        struct sweep_answers list = {0};

        sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
        find_crossovers(&f, &list);
        found += list.count > 0;
        free(list.items);
        sweep_deinit(&f.sweep);
    }
    print_message("something found in %u of %u\n", found, TRIALS);
    assert_true(found <= TRIALS / 10);
}

/* pool overtakes tasks, which have no pool, from 6 threads on; at each number of jobs. */
static int threads_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                         struct sweep_run *run)
{
    double threads = cell->point[1];

    run->values.of[RUN_THROUGHPUT_PER_S] =
        (isnan(threads) ? 55 : 10 * threads) * sweep_fixture_noisy(f);
    return 0;
}

static void test_an_axis_that_one_of_them_lacks(void **state)
{
    static const char *const axes[] = {"jobs=10,20", "threads=1..64:x4"};
    struct sweep_fixture f = {.noise = 0.001, .value = threads_value};
    struct sweep_answers list = {0};

    (void)state;
    sweep_fixture_begin(&f, "tasks,pool", "sleep", axes, 2);
    find_crossovers(&f, &list);
    assert_int_equal(f.sweep.cells_count > 2 + 2 * 4, true);
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list.items[i].axis, 1);
        assert_true(list.items[i].where[0] == (i == 0 ? 10 : 20));
        assert_true(list.items[i].at > 5 && list.items[i].at < 6);
        assert_non_null(strstr(list.items[i].sentence, "pool overtakes tasks"));
        assert_non_null(strstr(list.items[i].sentence,
                               i == 0 ? ", at 10 jobs at once" : ", at 20 jobs at once"));
    }
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* tasks are better everywhere but from f->at to 1: there, threads are. */
static int strip_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    bool inside = cell->point[0] >= f->at && cell->point[0] < 1;
    bool tasks = strcmp(cell->cell.model->name, "tasks") == 0;

    run->values.of[RUN_THROUGHPUT_PER_S] = (tasks == inside ? 100 : 150) * sweep_fixture_noisy(f);
    return 0;
}

/* A change back that rests on one value is chance, as likely as not. */
static void test_crossovers_that_contradict_each_other(void **state)
{
    static const double begins[] = {0.75, 0.35};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sweep_fixture f = {.at = begins[i], .noise = 0.001, .value = strip_value};
        struct sweep_answers list = {0};
        struct err err = {""};

        sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
        sweep_fixture_measure_grid(&f);
        f.sweep.search_end_ns = 0;
        assert_int_equal(sweep_crossovers_find(&f.sweep, &list, &err), 0);
        assert_int_equal(list.count, i == 0 ? 1 : 2);
        if (i == 0) {
            assert_true(isnan(list.items[0].at));
            assert_true(list.items[0].ci_low <= 0.61 && list.items[0].ci_high >= 0.99);
            assert_string_equal(list.items[0].sentence,
                                "tasks against threads in throughput: undecided between 60% and "
                                "100% CPU share, since crossings there contradict each other");
        }
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

static void test_too_few_rounds(void **state)
{
    (void)state;
    for (unsigned rounds = 1; rounds <= 4; rounds++) {
        struct sweep_fixture f = {.at = 0.38, .noise = 0.001, .value = share_value};
        struct sweep_answers list = {0};

        sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
        f.settings.rounds = rounds;
        find_crossovers(&f, &list);
        assert_int_equal(list.count, rounds < SWEEP_ROUNDS_MIN ? 0 : 1);
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

static int interrupted_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                             struct sweep_run *run)
{
    return f->measured < SWEEP_FIXTURE_ROUNDS * 2 * 6 ? share_value(f, cell, run) : -EINTR;
}

static void test_interrupted(void **state)
{
    struct sweep_fixture f = {.at = 0.38, .noise = 0.001, .value = interrupted_value};
    struct sweep_answers list = {0};
    struct err err = {""};

    (void)state;
    sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
    sweep_fixture_measure_grid(&f);
    assert_int_equal(sweep_crossovers_find(&f.sweep, &list, &err), -EINTR);
    free(list.items);
    sweep_deinit(&f.sweep);
}

static void test_no_time_to_search(void **state)
{
    struct sweep_fixture f = {.at = 0.38, .noise = 0.001, .value = share_value};
    struct sweep_answers list = {0};
    struct err err = {""};

    (void)state;
    sweep_fixture_begin(&f, "tasks,threads", "mixed", shares, 1);
    sweep_fixture_measure_grid(&f);
    f.sweep.search_end_ns = 0;
    assert_int_equal(sweep_crossovers_find(&f.sweep, &list, &err), 0);
    assert_int_equal(f.measured, SWEEP_FIXTURE_ROUNDS * 2 * 6);
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].ci_low <= 0.2 && list.items[0].ci_high >= 0.4);
    free(list.items);
    sweep_deinit(&f.sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crossover),
        cmocka_unit_test(test_crossover_in_latency),
        cmocka_unit_test(test_crossover_in_noise),
        cmocka_unit_test(test_no_crossover),
        cmocka_unit_test(test_noise_is_no_crossover),
        cmocka_unit_test(test_an_axis_that_one_of_them_lacks),
        cmocka_unit_test(test_crossovers_that_contradict_each_other),
        cmocka_unit_test(test_too_few_rounds),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_no_time_to_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
