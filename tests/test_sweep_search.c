/* The promise: a search finds where two models change places, and the highest rate that keeps a
 * bound, wherever on the axis that is, with noise and without; it measures no more than it needs,
 * follows no noise, and says so when there is nothing to be found. What a run would measure comes
 * from formulas here, whose answers are known. */
#include "sweep_crossover.h"
#include "sweep_knee.h"
#include "sweep_scalability.h"

#include "base/hash.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 6

/* One search: what is measured is decided by these. */
struct fixture {
    struct sweep sweep; /* first: measure() gets it back from its address */
    struct sweep_settings settings;
    struct progress progress;
    double noise, at; /* of each value; where the answer is */
    size_t measured;
    int (*value)(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run);
    uint64_t state;
};

static double uniform(struct fixture *f)
{
    f->state = hash_mix(f->state);
    return (double)(f->state >> 11) / 9007199254740992.0;
}

/* Relative, with mean 1 and standard deviation `noise`. */
static double noisy(struct fixture *f)
{
    double sum = 0;

    for (int i = 0; i < 12; i++)
        sum += uniform(f);
    return exp(f->noise * (sum - 6));
}

static int measure(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err)
{
    struct fixture *f = (struct fixture *)s;

    (void)shown;
    for (size_t i = 0; i < n; i++) {
        struct sweep_cell *cell = &s->cells[indexes[i]];

        while (cell->runs_count < s->settings->rounds) {
            struct sweep_run run = {.figures.lost = 0};
            int r;

            for (size_t k = 0; k < FIGURES_COUNT; k++)
                run.figures.values[k] = NAN;
            r = f->value(f, cell, &run);
            if (r < 0)
                return r;
            assert_int_equal(sweep_add_run(cell, &run, err), 0);
            f->measured++;
        }
    }
    return 0;
}

static void begin(struct fixture *f, const char *models_text, const char *job,
                  const char *const *axes, size_t axes_count)
{
    struct sweep_settings *settings = &f->settings;
    struct err err = {""};
    char words[128], *rest = words, *word;

    settings->rounds = ROUNDS;
    settings->width = 0.05;
    settings->quiet = true;
    settings->seed = 11;
    plan_line_init(&settings->line);
    snprintf(words, sizeof words, "%s", models_text);
    while ((word = strsep(&rest, ",")) != NULL)
        settings->line.models[settings->line.models_count++] = model_find(word, &err);
    assert_int_equal(job_parse(job, &settings->line.specs[settings->line.specs_count++], &err), 0);
    for (size_t a = 0; a < axes_count; a++)
        assert_int_equal(sweep_axis_parse(axes[a], &settings->line, &settings->axes[a], &err), 0);
    settings->axes_count = axes_count;
    f->state = hash_mix(f->state);
}

/* Measure the grid. */
static void measure_grid(struct fixture *f)
{
    struct err err = {""};
    size_t *all;

    if (sweep_init(&f->sweep, &f->settings, &err) < 0)
        fail_msg("%s", err.text);
    f->sweep.measure = measure;
    f->sweep.progress = &f->progress;
    all = calloc(f->sweep.cells_count + 1, sizeof *all);
    assert_non_null(all);
    for (size_t i = 0; i < f->sweep.cells_count; i++)
        all[i] = i;
    assert_int_equal(measure(&f->sweep, all, f->sweep.cells_count, false, &err), 0);
    free(all);
}

/* Throughput: of threads 100, of tasks the more the nearer the axis is to its beginning. */
static int share_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    double x = cell->point[0], value = 100;

    if (strcmp(cell->cell.model->name, "tasks") == 0)
        value *= exp(2 * (f->at - x));
    run->figures.values[FIGURE_THROUGHPUT] = value * noisy(f);
    return 0;
}

static void find_crossovers(struct fixture *f, struct sweep_crossover **list, size_t *count)
{
    struct err err = {""};

    measure_grid(f);
    if (sweep_crossovers_find(&f->sweep, list, count, &err) < 0)
        fail_msg("%s", err.text);
}

static const char *const shares[] = {"cpu=0%..100%:+20%"};

static void test_crossover(void **state)
{
    struct fixture f = {.at = 0.38, .noise = 0.001, .value = share_value};
    struct sweep_crossover *list;
    size_t count;

    (void)state;
    begin(&f, "tasks,threads", "mixed", shares, 1);
    find_crossovers(&f, &list, &count);
    assert_int_equal(count, 1);
    assert_true(fabs(list[0].at - 0.38) < 0.01);
    assert_true(list[0].ci_low <= 0.38 && list[0].ci_high >= 0.38);
    assert_true(list[0].ci_high - list[0].ci_low <= 0.06);
    assert_string_equal(f.sweep.series[list[0].from].label, "tasks");
    assert_string_equal(f.sweep.series[list[0].to].label, "threads");
    assert_non_null(strstr(list[0].sentence, "threads overtake tasks in throughput above 38% CPU "
                                             "share; 95% interval "));
    assert_true(f.measured < ROUNDS * 2 * (6 + 6));
    free(list);
    sweep_deinit(&f.sweep);
}

/* The better one is the one below also where less is better. */
static int latency_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    int r = share_value(f, cell, run);

    run->figures.values[FIGURE_P99] = 1e9 / run->figures.values[FIGURE_THROUGHPUT];
    return r;
}

static void test_crossover_in_latency(void **state)
{
    struct fixture f = {.at = 0.71, .noise = 0.01, .value = latency_value};
    struct sweep_crossover *list;
    size_t count;

    (void)state;
    f.settings.has_metric = true;
    f.settings.metric = FIGURE_P99;
    begin(&f, "threads,tasks", "mixed", shares, 1);
    find_crossovers(&f, &list, &count);
    assert_int_equal(count, 1);
    assert_true(fabs(list[0].at - 0.71) < 0.02);
    assert_string_equal(f.sweep.series[list[0].to].label, "threads");
    assert_non_null(strstr(list[0].sentence, "in latency p99"));
    free(list);
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
        struct fixture f = {.at = 0.45, .noise = 0.1, .value = share_value, .state = t + 1};
        struct sweep_crossover *list;
        size_t count;

        begin(&f, "tasks,threads", "mixed", shares, 1);
        find_crossovers(&f, &list, &count);
        found += count > 0;
        held += count > 0 && list[0].ci_low <= 0.45 && list[0].ci_high >= 0.45;
        free(list);
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
        struct fixture f = {.at = ats[i], .noise = 0.05, .value = share_value};
        struct sweep_crossover *list;
        size_t count;

        begin(&f, "tasks,threads", "mixed", shares, 1);
        find_crossovers(&f, &list, &count);
        assert_int_equal(count, 0);
        assert_int_equal(f.measured, ROUNDS * 2 * 6);
        free(list);
        sweep_deinit(&f.sweep);
    }
}

static int equal_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    (void)cell;
    run->figures.values[FIGURE_THROUGHPUT] = 100 * noisy(f);
    return 0;
}

/* Two that are the same: whoever happens to be in front now and then is no news. */
static void test_noise_is_no_crossover(void **state)
{
    enum { TRIALS = 40 };
    unsigned found = 0;

    (void)state;
    for (unsigned t = 0; t < TRIALS; t++) {
        struct fixture f = {.noise = 0.1, .value = equal_value, .state = t + 1};
        struct sweep_crossover *list;
        size_t count;

        begin(&f, "tasks,threads", "mixed", shares, 1);
        find_crossovers(&f, &list, &count);
        found += count > 0;
        free(list);
        sweep_deinit(&f.sweep);
    }
    print_message("something found in %u of %u\n", found, TRIALS);
    assert_true(found <= TRIALS / 10);
}

/* pool overtakes tasks, which have no pool, from 6 threads on; at each number of jobs. */
static int threads_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    double threads = cell->point[1];

    run->figures.values[FIGURE_THROUGHPUT] = (isnan(threads) ? 55 : 10 * threads) * noisy(f);
    return 0;
}

static void test_an_axis_that_one_of_them_lacks(void **state)
{
    static const char *const axes[] = {"jobs=10,20", "threads=1..64:x4"};
    struct fixture f = {.noise = 0.001, .value = threads_value};
    struct sweep_crossover *list;
    size_t count;

    (void)state;
    begin(&f, "tasks,pool", "sleep", axes, 2);
    find_crossovers(&f, &list, &count);
    assert_int_equal(f.sweep.cells_count > 2 + 2 * 4, true);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list[i].axis, 1);
        assert_true(list[i].where[0] == (i == 0 ? 10 : 20));
        assert_true(list[i].at > 5 && list[i].at < 6);
        assert_non_null(strstr(list[i].sentence, "pool overtakes tasks"));
        assert_non_null(
            strstr(list[i].sentence, i == 0 ? ", at 10 jobs at once" : ", at 20 jobs at once"));
    }
    free(list);
    sweep_deinit(&f.sweep);
}

static int interrupted_value(struct fixture *f, const struct sweep_cell *cell,
                             struct sweep_run *run)
{
    return f->measured < ROUNDS * 2 * 6 ? share_value(f, cell, run) : -EINTR;
}

static void test_interrupted(void **state)
{
    struct fixture f = {.at = 0.38, .noise = 0.001, .value = interrupted_value};
    struct sweep_crossover *list;
    struct err err = {""};
    size_t count;

    (void)state;
    begin(&f, "tasks,threads", "mixed", shares, 1);
    measure_grid(&f);
    assert_int_equal(sweep_crossovers_find(&f.sweep, &list, &count, &err), -EINTR);
    free(list);
    sweep_deinit(&f.sweep);
}

static void test_no_time_to_search(void **state)
{
    struct fixture f = {.at = 0.38, .noise = 0.001, .value = share_value};
    struct sweep_crossover *list;
    struct err err = {""};
    size_t count;

    (void)state;
    begin(&f, "tasks,threads", "mixed", shares, 1);
    measure_grid(&f);
    f.sweep.search_end_ns = 0;
    assert_int_equal(sweep_crossovers_find(&f.sweep, &list, &count, &err), 0);
    assert_int_equal(f.measured, ROUNDS * 2 * 6);
    assert_int_equal(count, 1);
    assert_true(list[0].ci_low <= 0.2 && list[0].ci_high >= 0.4);
    free(list);
    sweep_deinit(&f.sweep);
}

/* An M/M/1 queue with room for `at` jobs a second: latencies are exponential with mean 1 / (at -
 * rate), so that p99 is ln 100 times that. */
static int queue_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    double rate = cell->cell.load.rate_per_s;

    run->figures.values[FIGURE_P99] =
        rate < f->at ? log(100) / (f->at - rate) * 1e9 * noisy(f) : 1e12;
    run->figures.lost = rate < f->at ? 0 : 0.3;
    return 0;
}

static void find_knees(struct fixture *f, double bound_s, struct sweep_knee **list, size_t *count)
{
    struct err err = {""};

    f->settings.has_slo = true;
    f->settings.slo = FIGURE_P99;
    f->settings.slo_bound_ns = bound_s * 1e9;
    measure_grid(f);
    if (sweep_knees_find(&f->sweep, list, count, &err) < 0)
        fail_msg("%s", err.text);
}

/* The rate at which p99 is the bound. */
static double knee_of(const struct fixture *f, double bound_s)
{
    return f->at - log(100) / bound_s;
}

static void test_knee_in_a_grid(void **state)
{
    static const char *const rates[] = {"rate=100..2000:x1.5"};
    struct fixture f = {.at = 1000, .value = queue_value};
    struct sweep_knee *list;
    size_t count;

    (void)state;
    begin(&f, "tasks", "sleep", rates, 1);
    find_knees(&f, 0.02, &list, &count);
    assert_int_equal(count, 1);
    assert_true(list[0].rate <= knee_of(&f, 0.02) && list[0].ci_high > knee_of(&f, 0.02));
    assert_true(list[0].ci_low == list[0].rate && list[0].ci_high / list[0].ci_low <= 1.051);
    assert_true(f.measured <= ROUNDS * (8 + 4));
    assert_non_null(strstr(list[0].sentence, "tasks keep latency p99 under 20.0 ms up to "));
    assert_non_null(strstr(list[0].sentence, "95% interval"));
    free(list);
    sweep_deinit(&f.sweep);
}

/* Whatever the first guess is, the stretch grows to both sides. */
static void test_knee_without_a_grid(void **state)
{
    static const double capacities[] = {400, 700, 5000, 90000};

    (void)state;
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        struct fixture f = {.at = capacities[i], .value = queue_value};
        struct sweep_knee *list;
        size_t count;

        begin(&f, "pool", "sleep:duration=1ms", NULL, 0);
        sweep_axis_rate(&f.settings.axes[f.settings.axes_count++]);
        find_knees(&f, 0.05, &list, &count);
        assert_int_equal(count, 1);
        assert_true(list[0].rate <= knee_of(&f, 0.05) && list[0].ci_high > knee_of(&f, 0.05));
        assert_true(f.measured <= ROUNDS * 24);
        free(list);
        sweep_deinit(&f.sweep);
    }
}

static void test_knee_in_noise(void **state)
{
    enum { TRIALS = 40 };
    unsigned held = 0;

    (void)state;
    for (unsigned t = 0; t < TRIALS; t++) {
        struct fixture f = {.at = 1000, .noise = 0.2, .value = queue_value, .state = t + 1};
        struct sweep_knee *list;
        size_t count;

        begin(&f, "tasks", "sleep", NULL, 0);
        sweep_axis_rate(&f.settings.axes[f.settings.axes_count++]);
        find_knees(&f, 0.02, &list, &count);
        assert_int_equal(count, 1);
        assert_true(list[0].ci_low <= list[0].rate && list[0].rate <= list[0].ci_high);
        held += list[0].ci_low <= knee_of(&f, 0.02) && list[0].ci_high >= knee_of(&f, 0.02);
        free(list);
        sweep_deinit(&f.sweep);
    }
    print_message("held in %u of %u\n", held, TRIALS);
    assert_true(held >= TRIALS * 85 / 100);
}

static int never_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    (void)cell;
    run->figures.values[FIGURE_P99] = f->at;
    return 0;
}

static void test_knee_that_is_not_there(void **state)
{
    struct fixture never = {.at = 1e9, .value = never_value},
                   always = {.at = 1, .value = never_value};
    struct sweep_knee *list;
    size_t count;

    (void)state;
    begin(&never, "tasks", "sleep", NULL, 0);
    sweep_axis_rate(&never.settings.axes[never.settings.axes_count++]);
    find_knees(&never, 0.02, &list, &count);
    assert_true(isnan(list[0].rate) && isnan(list[0].ci_low));
    assert_non_null(strstr(list[0].sentence, "at no rate"));
    free(list);
    sweep_deinit(&never.sweep);
    begin(&always, "tasks", "sleep", NULL, 0);
    sweep_axis_rate(&always.settings.axes[always.settings.axes_count++]);
    find_knees(&always, 0.02, &list, &count);
    assert_true(list[0].rate > 1e4 && isnan(list[0].ci_high));
    assert_non_null(strstr(list[0].sentence, "at least"));
    free(list);
    sweep_deinit(&always.sweep);
}

static void test_what_keeps_a_bound(void **state)
{
    static const char *const rates[] = {"rate=100"};
    struct fixture f = {.at = 1000, .value = queue_value};
    struct sweep_cell *cell;
    struct sweep_knee *list;
    size_t count;
    int sure;
    bool kept;

    (void)state;
    begin(&f, "tasks", "sleep", rates, 1);
    f.settings.width = 1;
    find_knees(&f, 0.02, &list, &count);
    free(list);
    cell = &f.sweep.cells[0];
    assert_true(sweep_knee_verdict(&f.sweep, cell, &sure, &kept) && kept && sure == -1);
    cell->runs[0].figures.lost = 0.0011; /* one of six: kept, but not surely */
    assert_true(sweep_knee_verdict(&f.sweep, cell, &sure, &kept) && kept && sure == 0);
    cell->runs[1].figures.late_ns = 2e6;
    cell->runs[2].figures.values[FIGURE_P99] = NAN;
    strcpy(cell->runs[3].failure.text, "it failed");
    assert_true(sweep_knee_verdict(&f.sweep, cell, &sure, &kept) && !kept && sure == 0);
    cell->runs[4].figures.values[FIGURE_P99] = cell->runs[5].figures.values[FIGURE_P99] = 2.1e7;
    assert_true(sweep_knee_verdict(&f.sweep, cell, &sure, &kept) && !kept && sure == 1);
    sweep_deinit(&f.sweep);
}

/* By the law itself, with lambda 100, sigma 0.05 and kappa 0.001: the peak is at 30.8. */
static int scaling_value(struct fixture *f, const struct sweep_cell *cell, struct sweep_run *run)
{
    double n = cell->point[0];

    run->figures.values[FIGURE_THROUGHPUT] =
        100 * n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1)) * noisy(f);
    return 0;
}

static void test_scalability(void **state)
{
    static const char *const clients[] = {"clients=1..128:x2"};
    struct fixture f = {.noise = 0.001, .value = scaling_value};
    struct sweep_scalability *list;
    struct err err = {""};
    size_t count;

    (void)state;
    begin(&f, "tasks,pool", "sleep", clients, 1);
    measure_grid(&f);
    assert_int_equal(sweep_scalability_fit(&f.sweep, &list, &count, &err), 0);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(list[i].series, i);
        assert_true(fabs(list[i].law.sigma - 0.05) < 0.002);
        assert_true(fabs(list[i].law.kappa - 0.001) < 0.0001);
        assert_true(fabs(list[i].law.peak - 30.8) < 1);
    }
    free(list);
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
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_no_time_to_search),
        cmocka_unit_test(test_knee_in_a_grid),
        cmocka_unit_test(test_knee_without_a_grid),
        cmocka_unit_test(test_knee_in_noise),
        cmocka_unit_test(test_knee_that_is_not_there),
        cmocka_unit_test(test_what_keeps_a_bound),
        cmocka_unit_test(test_scalability),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
