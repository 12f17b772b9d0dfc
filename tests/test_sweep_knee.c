/* The promise: a search finds the highest rate that keeps a bound, in a grid and without one, with
 * noise and without; it measures no more than it needs, and says so when there is nothing to be
 * found. */
#include "sweep/sweep.h"

#include "base/hash.h"
#include "support/sweep_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An M/M/1 queue with room for `at` jobs a second: latencies are exponential with mean 1 / (at -
 * rate), so that p99 is ln 100 times that. */
static int queue_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    double rate = cell->cell.load.rate_per_s;

    run->values.of[RUN_LATENCY_P99_S] =
        rate < f->at ? log(100) / (f->at - rate) * sweep_fixture_noisy(f) : 1e3;
    run->values.lost = rate < f->at ? 0 : 0.3;
    return 0;
}

static void find_knees(struct sweep_fixture *f, double bound_s, struct sweep_answers *list)
{
    struct err err = {""};

    f->settings.slo = metric_named("p99");
    f->settings.slo_bound_ns = bound_s * 1e9;
    sweep_fixture_measure_grid(f);
    if (sweep_knees_find(&f->sweep, list, &err) < 0)
        fail_msg("%s", err.text);
}

/* Of a bound of 20 ms, among these rates and those that the search adds. */
static void find_in_grid(struct sweep_fixture *f, const char *const *rates,
                         struct sweep_answers *list)
{
    sweep_fixture_begin(f, "tasks", "sleep", rates, 1);
    f->settings.width = 1;
    find_knees(f, 0.02, list);
}

/* Where no rates are given. */
static void find_from_any_rate(struct sweep_fixture *f, double bound_s, struct sweep_answers *list)
{
    sweep_fixture_begin(f, "tasks", "sleep", NULL, 0);
    sweep_axis_rate(&f->settings.axes[f->settings.axes_count++]);
    find_knees(f, bound_s, list);
}

/* The rate at which p99 is the bound. */
static double knee_of(const struct sweep_fixture *f, double bound_s)
{
    return f->at - log(100) / bound_s;
}

static void test_knee_in_a_grid(void **state)
{
    static const char *const rates[] = {"rate=100..2000:x1.5"};
    struct sweep_fixture f = {.at = 1000, .value = queue_value};
    struct sweep_answers list = {0};

    (void)state;
    sweep_fixture_begin(&f, "tasks", "sleep", rates, 1);
    find_knees(&f, 0.02, &list);
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].at <= knee_of(&f, 0.02) && list.items[0].ci_high > knee_of(&f, 0.02));
    assert_true(list.items[0].ci_low == list.items[0].at &&
                list.items[0].ci_high / list.items[0].ci_low <= 1.051);
    assert_true(f.measured <= SWEEP_FIXTURE_ROUNDS * (8 + 4));
    assert_non_null(strstr(list.items[0].sentence, "tasks keep latency p99 under 20.0 ms up to "));
    assert_non_null(strstr(list.items[0].sentence, "95% interval"));
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* Whatever the first guess is, the stretch grows to both sides. */
static void test_knee_without_a_grid(void **state)
{
    static const double capacities[] = {400, 700, 5000, 90000};

    (void)state;
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        struct sweep_fixture f = {.at = capacities[i], .value = queue_value};
        struct sweep_answers list = {0};

        sweep_fixture_begin(&f, "pool", "sleep:duration=1ms", NULL, 0);
        sweep_axis_rate(&f.settings.axes[f.settings.axes_count++]);
        find_knees(&f, 0.05, &list);
        assert_int_equal(list.count, 1);
        assert_true(list.items[0].at <= knee_of(&f, 0.05) &&
                    list.items[0].ci_high > knee_of(&f, 0.05));
        assert_true(f.measured <= SWEEP_FIXTURE_ROUNDS * 24);
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

static void test_knee_in_noise(void **state)
{
    enum { TRIALS = 40 };
    unsigned held = 0;

    (void)state;
    for (unsigned t = 0; t < TRIALS; t++) {
        struct sweep_fixture f = {.at = 1000, .noise = 0.2, .value = queue_value, .state = t + 1};
        struct sweep_answers list = {0};

        find_from_any_rate(&f, 0.02, &list);
        assert_int_equal(list.count, 1);
        assert_true(list.items[0].ci_low <= list.items[0].at &&
                    list.items[0].at <= list.items[0].ci_high);
        held +=
            list.items[0].ci_low <= knee_of(&f, 0.02) && list.items[0].ci_high >= knee_of(&f, 0.02);
        free(list.items);
        sweep_deinit(&f.sweep);
    }
    print_message("held in %u of %u\n", held, TRIALS);
    assert_true(held >= TRIALS * 85 / 100);
}

static int never_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    (void)cell;
    run->values.of[RUN_LATENCY_P99_S] = f->at * 1e-9;
    return 0;
}

static void test_knee_that_is_not_there(void **state)
{
    struct sweep_fixture never = {.at = 1e9, .value = never_value},
                         always = {.at = 1, .value = never_value};
    struct sweep_answers list = {0};

    (void)state;
    find_from_any_rate(&never, 0.02, &list);
    assert_true(isnan(list.items[0].at) && isnan(list.items[0].ci_low));
    assert_non_null(strstr(list.items[0].sentence, "at no rate"));
    free(list.items);
    list = (struct sweep_answers){0};
    sweep_deinit(&never.sweep);
    find_from_any_rate(&always, 0.02, &list);
    assert_true(list.items[0].at > 1e4 && isnan(list.items[0].ci_high));
    assert_non_null(strstr(list.items[0].sentence, "at least"));
    assert_non_null(strstr(list.items[0].sentence, "the highest rate that was tried"));
    free(list.items);
    sweep_deinit(&always.sweep);
}

/* At a rate beyond the knee the bound is broken, but not in all runs. */
static int unsure_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                        struct sweep_run *run)
{
    run->values.of[RUN_LATENCY_P99_S] = cell->point[0] < 150 || f->state++ % 3 == 0 ? 1e-9 : 1;
    return 0;
}

static void test_the_highest_rate_is_not_claimed_when_a_higher_one_was_tried(void **state)
{
    static const char *const rates[] = {"rate=100,200"};
    struct sweep_fixture f = {.value = unsure_value};
    struct sweep_answers list = {0};

    (void)state;
    sweep_fixture_begin(&f, "tasks", "sleep", rates, 1);
    find_knees(&f, 0.02, &list);
    assert_non_null(
        strstr(list.items[0].sentence, "at least 100/s; at 200/s, tried next, most runs"));
    free(list.items);
    sweep_deinit(&f.sweep);
}

static void test_too_few_rounds_give_no_interval(void **state)
{
    static const char *const rates[] = {"rate=100..2000:x1.5"};

    (void)state;
    for (unsigned rounds = 3; rounds <= 4; rounds++) {
        struct sweep_fixture f = {.at = 1000, .value = queue_value};
        struct sweep_answers list = {0};

        sweep_fixture_begin(&f, "tasks", "sleep", rates, 1);
        f.settings.rounds = rounds;
        find_knees(&f, 0.02, &list);
        assert_true(list.items[0].at <= knee_of(&f, 0.02));
        assert_true(isnan(list.items[0].ci_low) == (rounds < SWEEP_ROUNDS_MIN));
        assert_true(isnan(list.items[0].ci_high) == (rounds < SWEEP_ROUNDS_MIN));
        assert_true((strstr(list.items[0].sentence, "tried next, most runs did not; no interval "
                                                    "from 3 rounds") != NULL) == (rounds == 3));
        assert_true((strstr(list.items[0].sentence, "88% interval") != NULL) == (rounds == 4));
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

/* The bound is broken at 200/s, and kept again at 400/s. */
static int again_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    (void)f;
    run->values.of[RUN_LATENCY_P99_S] = cell->point[0] == 200 ? 1 : 1e-9;
    return 0;
}

static void test_a_higher_rate_that_keeps_the_bound_is_named(void **state)
{
    static const char *const rates[] = {"rate=100,200,400"};
    struct sweep_fixture f = {.value = again_value};
    struct sweep_answers list = {0};

    (void)state;
    find_in_grid(&f, rates, &list);
    assert_non_null(strstr(list.items[0].sentence, "; yet at 400/s most runs did"));
    free(list.items);
    sweep_deinit(&f.sweep);
}

static void assert_verdict(const struct sweep_fixture *f, int sure, enum trust_outcome median,
                           size_t voids, size_t wanted)
{
    struct sweep_verdict verdict;

    assert_true(sweep_knee_judge(&f->sweep, &f->sweep.cells[0], &verdict));
    assert_int_equal(verdict.sure, sure);
    assert_int_equal(verdict.median, median);
    assert_int_equal(verdict.voids, voids);
    assert_int_equal(sweep_runs_wanted(&f->sweep, &f->sweep.cells[0]), wanted);
}

static void test_what_keeps_a_bound(void **state)
{
    static const char *const rates[] = {"rate=100"};
    struct sweep_fixture f = {.at = 1000, .value = queue_value};
    struct sweep_cell *cell;
    struct sweep_answers list = {0};

    (void)state;
    find_in_grid(&f, rates, &list);
    free(list.items);
    cell = &f.sweep.cells[0];
    assert_verdict(&f, -1, TRUST_KEPT, 0, 6);
    cell->runs[0].values.lost = 0.0011; /* one of six: kept, but not surely */
    assert_verdict(&f, 0, TRUST_KEPT, 0, 6);
    cell->runs[1].values.late_ns = cell->runs[1].values.late_max_ns = 2e6;
    assert_verdict(&f, 0, TRUST_KEPT, 1, 12);
    cell->runs[1].values.reached = 1; /* it kept the bound all the same */
    assert_verdict(&f, 0, TRUST_KEPT, 0, 6);
    cell->runs[2].values.of[RUN_LATENCY_P99_S] = NAN;
    strcpy(cell->runs[3].failure.text, "it failed"); /* two broke it, and one is void */
    assert_verdict(&f, 0, TRUST_VOID, 1, 12);
    cell->runs[4].values.of[RUN_LATENCY_P99_S] = cell->runs[5].values.of[RUN_LATENCY_P99_S] = 0.021;
    assert_verdict(&f, 0, TRUST_BROKEN, 1, 12);
    cell->runs[1].values.of[RUN_LATENCY_P99_S] = cell->runs[2].values.of[RUN_LATENCY_P99_S] = 0.021;
    assert_verdict(&f, 0, TRUST_BROKEN, 1, 12);
    cell->runs[1].values.late_max_ns = 0.3e6; /* three times that is less than it is beyond */
    assert_verdict(&f, 1, TRUST_BROKEN, 0, 6);
    sweep_deinit(&f.sweep);
}

/* Latencies of the jobs that such a run did serve say nothing: no mean with those of a run that
 * served all keeps the bound. */
static void test_a_run_that_lost_jobs_has_no_value_for_the_median(void **state)
{
    static const char *const rates[] = {"rate=100"};
    struct sweep_fixture f = {.at = 1000, .value = queue_value};
    struct sweep_answers list = {0};

    (void)state;
    find_in_grid(&f, rates, &list);
    free(list.items);
    for (size_t i = 0; i < 3; i++) {
        f.sweep.cells[0].runs[i].values.of[RUN_LATENCY_P99_S] = 0.021;
        f.sweep.cells[0].runs[i].values.lost = 0.3;
    }
    assert_verdict(&f, 0, TRUST_BROKEN, 0, 6);
    sweep_deinit(&f.sweep);
}

/* The queue behind a generator that is 30 ms late in some of the runs, and so are their p99. */
static double share_late;

static int late_value(struct sweep_fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    queue_value(f, cell, run);
    f->state = hash_mix(f->state);
    run->values.reached = 1;
    if ((double)(f->state >> 11) / 9007199254740992.0 >= share_late)
        return 0;
    run->values.of[RUN_LATENCY_P99_S] += 0.03;
    run->values.late_ns = run->values.late_max_ns = 30e6;
    return 0;
}

/* Runs on time have the knee at 954/s. Late ones break the bound from 934/s on. */
static void test_a_knee_behind_a_late_generator(void **state)
{
    static const double shares[] = {0.3, 0.7, 1};

    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        struct sweep_fixture f = {.at = 1000, .value = late_value, .state = i};
        struct sweep_answers list = {0};

        share_late = shares[i];
        find_from_any_rate(&f, 0.1, &list);
        assert_int_equal(list.count, 1);
        assert_true(list.items[0].ci_low > 850 && list.items[0].ci_low <= knee_of(&f, 0.1));
        assert_true(list.items[0].ci_high < 1050 && list.items[0].ci_high > knee_of(&f, 0.1));
        assert_true(list.items[0].at >= list.items[0].ci_low &&
                    list.items[0].at <= list.items[0].ci_high);
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

/* Runs on time up to 250/s. Beyond, the generator cannot do more, and makes them late by all that
 * they take. */
static int spent_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    bool late = cell->point[0] > f->at;

    run->values.of[RUN_LATENCY_P99_S] = late ? 1 : 1e-3;
    run->values.late_ns = run->values.late_max_ns = late ? 1e9 : 0;
    run->values.reached = late ? f->at / cell->point[0] : 1;
    return 0;
}

static void test_void_rates_end_the_search_and_are_named(void **state)
{
    struct sweep_fixture f = {.at = 250, .value = spent_value};
    struct sweep_answers list = {0};

    (void)state;
    find_from_any_rate(&f, 0.02, &list);
    assert_true(list.items[0].at > 230 && list.items[0].at <= 250);
    assert_true(isnan(list.items[0].ci_low) && isnan(list.items[0].ci_high));
    assert_non_null(strstr(list.items[0].sentence, "up to at least "));
    assert_non_null(strstr(list.items[0].sentence, "tried next, too many runs are void ("));
    assert_non_null(strstr(list.items[0].sentence, " runs are void: a late generator or a stop"));
    free(list.items);
    list = (struct sweep_answers){0};
    sweep_deinit(&f.sweep);
    f = (struct sweep_fixture){.value = spent_value};
    find_from_any_rate(&f, 0.02, &list);
    assert_true(isnan(list.items[0].at));
    assert_non_null(strstr(list.items[0].sentence, "at no rate for sure, down to "));
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* A void rate between kept ones is none that broke the bound. */
static int noisy_value(struct sweep_fixture *f, const struct sweep_cell *cell,
                       struct sweep_run *run)
{
    run->values.of[RUN_LATENCY_P99_S] = cell->point[0] < 350 ? 1e-9 : 1;
    run->values.halted = cell->point[0] == 200;
    (void)f;
    return 0;
}

static void test_a_void_rate_hides_no_kept_one(void **state)
{
    static const char *const rates[] = {"rate=100,200,300,400"};
    struct sweep_fixture f = {.value = noisy_value};
    struct sweep_answers list = {0};

    (void)state;
    find_in_grid(&f, rates, &list);
    assert_true(list.items[0].at == 300 && list.items[0].ci_low == 300);
    assert_true(list.items[0].ci_high == 400);
    assert_non_null(strstr(list.items[0].sentence, "(12 of 30 runs are void: "));
    free(list.items);
    sweep_deinit(&f.sweep);
}

/* The grid is measured. A probe at 200 takes what is left of the search's time. */
static int slow_value(struct sweep_fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    run->values.of[RUN_LATENCY_P99_S] = cell->point[0] < 350 ? 1e-9 : 1;
    run->values.halted = cell->point[0] == 200 || cell->point[0] == 400;
    if (cell->refined)
        f->sweep.search_end_ns = 0;
    return 0;
}

static void test_runs_are_made_again_only_in_the_search_time(void **state)
{
    static const char *const rates[] = {"rate=100,400"};

    (void)state;
    for (int has_time = 0; has_time < 2; has_time++) {
        struct sweep_fixture f = {.value = slow_value};
        struct sweep_answers list = {0};
        struct err err = {""};

        sweep_fixture_begin(&f, "tasks", "sleep", rates, 1);
        f.settings.slo = metric_named("p99");
        f.settings.slo_bound_ns = 20e6;
        sweep_fixture_measure_grid(&f);
        assert_int_equal(f.measured, 12);
        f.sweep.search_end_ns = has_time ? UINT64_MAX : 0;
        assert_int_equal(sweep_knees_find(&f.sweep, &list, &err), 0);
        assert_int_equal(f.measured, has_time ? 24 : 12);
        free(list.items);
        sweep_deinit(&f.sweep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_knee_in_a_grid),
        cmocka_unit_test(test_knee_without_a_grid),
        cmocka_unit_test(test_knee_in_noise),
        cmocka_unit_test(test_knee_that_is_not_there),
        cmocka_unit_test(test_the_highest_rate_is_not_claimed_when_a_higher_one_was_tried),
        cmocka_unit_test(test_too_few_rounds_give_no_interval),
        cmocka_unit_test(test_a_higher_rate_that_keeps_the_bound_is_named),
        cmocka_unit_test(test_what_keeps_a_bound),
        cmocka_unit_test(test_a_run_that_lost_jobs_has_no_value_for_the_median),
        cmocka_unit_test(test_a_knee_behind_a_late_generator),
        cmocka_unit_test(test_void_rates_end_the_search_and_are_named),
        cmocka_unit_test(test_a_void_rate_hides_no_kept_one),
        cmocka_unit_test(test_runs_are_made_again_only_in_the_search_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
