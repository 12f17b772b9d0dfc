/* The promise: advice follows from the runs alone. What surely keeps the bound is advised, what
 * bears more is preferred, and where runs contradict each other, are too few, or leave models
 * apart by nothing, the text says so. */
#include "advise/advise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The question: 300/s with p99 under 100 ms, jobs of 22 ms of which 2 ms are CPU, two cores. */
static struct advice asked(void)
{
    return (struct advice){
        .metric = metric_named("p99"),
        .bound_s = 0.1,
        .bound_given = true,
        .job = "tcp:delay=20ms + cpu:time=2ms",
        .cores = 2,
        .rate_per_s = 300,
        .work_per_s = 300,
        .service_s = 0.022,
        .cpu_s = 0.002,
        .little = 6.6,
        .goetz = 22,
        .limit_s = 60,
        .elapsed_s = 50,
    };
}

static struct advise_candidate *add_candidate(struct advice *a, const char *model, unsigned threads)
{
    struct advise_candidate *c = &a->candidates[a->candidates_count++];

    *c = (struct advise_candidate){.model = model_find(model, NULL), .threads = threads};
    c->ceiling_per_s = c->limit_per_s = INFINITY;
    snprintf(c->label, sizeof c->label, threads > 0 ? "%s(%u)" : "%s", model, threads);
    return c;
}

/* `n` runs at this rate, each with this metric in ms. */
static void add_runs(struct advise_candidate *c, size_t n, double rate, double poison, double ms)
{
    for (size_t i = 0; i < n; i++)
        c->runs[c->runs_count++] = (struct advise_run){
            .rate_per_s = rate,
            .poison = poison,
            .outcome = ms <= 100 ? TRUST_KEPT : TRUST_BROKEN,
            .value_s = ms / 1e3,
            .cpu_s = 0.0022,
            .memory_bytes = 4 << 20,
            .target_cores = NAN,
        };
}

/* Kept at 300/s with room, kept at one rate and surely broken at another. */
static void add_bracket(struct advise_candidate *c, double kept_per_s, double broken_per_s)
{
    add_runs(c, 3, 300, 0, 25);
    add_runs(c, 1, kept_per_s, 0, 40);
    add_runs(c, 1, broken_per_s, 0, 400);
}

/* The text of the advice, to be freed. */
static char *text_of(struct advice *a)
{
    char *text = calloc(1, ADVISE_TEXT_SIZE);

    advise_judge(a);
    return advise_text(a, text, ADVISE_TEXT_SIZE);
}

static void assert_text(struct advice *a, const char *expected)
{
    char *text = text_of(a);

    assert_string_equal(text, expected);
    free(text);
}

static void test_chance_is_the_sign_test(void **state)
{
    (void)state;
    assert_true(advise_chance(0, 0) == 1 && advise_chance(1, 0) == 0.5);
    assert_true(advise_chance(2, 0) == 0.25 && advise_chance(5, 0) == 1.0 / 32);
    assert_true(fabs(advise_chance(3, 1) - 5.0 / 16) < 1e-12);
    assert_true(fabs(advise_chance(4, 1) - 6.0 / 32) < 1e-12);
}

static void assert_bracket(const struct advice *a, const struct advise_candidate *c, double kept,
                           double broken)
{
    struct advise_bracket b = advise_bracket_of(a, c);

    assert_true(b.kept_per_s == kept && b.broken_per_s == broken);
}

static void test_a_bracket_is_where_the_fewest_runs_contradict(void **state)
{
    struct advice a = asked();
    struct advise_candidate *c = add_candidate(&a, "tasks", 0);

    (void)state;
    assert_bracket(&a, c, 0, INFINITY);
    add_runs(c, 1, 200, 0, 30);
    assert_bracket(&a, c, 200, INFINITY);
    add_runs(c, 1, 300, 0, 300);
    assert_bracket(&a, c, 200, 300);
    add_runs(c, 1, 400, 0, 40); /* one of the two was chance */
    assert_bracket(&a, c, 200, INFINITY);
    add_runs(c, 1, 600, 0, 600);
    assert_bracket(&a, c, 200, 600);
    add_runs(c, 1, 300, 0, 30);
    add_runs(c, 1, 300, 0, 30);
    assert_bracket(&a, c, 400, 600);
    add_runs(c, 1, 100, ADVISE_POISON, 600); /* blocking calls are another question */
    assert_bracket(&a, c, 400, 600);
}

static void test_a_late_generator_ends_a_bracket_as_the_machine(void **state)
{
    struct advice a = asked();
    struct advise_candidate *c = add_candidate(&a, "tasks", 0);

    (void)state;
    add_runs(c, 1, 200, 0, 30);
    add_runs(c, 1, 400, 0, 300);
    assert_false(advise_bracket_of(&a, c).by_machine);
    c->runs[1].outcome = TRUST_VOID;
    assert_bracket(&a, c, 200, 400);
    assert_true(advise_bracket_of(&a, c).by_machine);
}

/* By the line from one end to the other, in logarithms. */
static void test_a_model_likely_bears_what_meets_the_bound(void **state)
{
    struct advice a = asked();
    struct advise_candidate *c = add_candidate(&a, "tasks", 0);

    (void)state;
    assert_true(advise_bracket_of(&a, c).likely_per_s == 0);
    add_runs(c, 1, 200, 0, 50);
    assert_true(advise_bracket_of(&a, c).likely_per_s == 200);
    add_runs(c, 1, 800, 0, 200);
    assert_true(fabs(advise_bracket_of(&a, c).likely_per_s - 400) < 1e-9);
    c->runs[1].value_s = 0.4;
    assert_true(fabs(advise_bracket_of(&a, c).likely_per_s - 200 * cbrt(4)) < 1e-9);
    c->runs[0].value_s = a.bound_s;
    assert_true(advise_bracket_of(&a, c).likely_per_s == 200);
    c->runs[1].value_s = NAN; /* its jobs failed */
    assert_true(fabs(advise_bracket_of(&a, c).likely_per_s - 400) < 1e-9);
}

/* It keeps the bound for want of time to break it, which tells nothing. */
static void test_a_run_that_was_cut_short_moves_no_bracket(void **state)
{
    struct advice a = asked();
    struct advise_candidate *c = add_candidate(&a, "tasks", 0);
    char *text;

    (void)state;
    add_runs(c, 6, 300, 0, 30);
    for (size_t i = 2; i < c->runs_count; i++) {
        c->runs[i].outcome = TRUST_VOID;
        c->runs[i].cut = true;
    }
    assert_bracket(&a, c, 300, INFINITY);
    text = text_of(&a);
    assert_non_null(strstr(text, "It bears 300/s, the highest rate that was tried. "));
    assert_null(strstr(text, "a rate of 300/s or more"));
    free(text);
}

static double next_rate(struct advice *a, const struct advise_candidate *c)
{
    advise_judge(a);
    return advise_next_rate(a, c);
}

static void test_the_next_rate_decides_the_question_first(void **state)
{
    struct advice a = asked();
    struct advise_candidate *c = add_candidate(&a, "loops", 2);

    (void)state;
    c->ceiling_per_s = 1000;
    assert_true(next_rate(&a, c) == 700);
    add_runs(c, 1, 700, 0, 300);
    assert_true(next_rate(&a, c) == 300);
    add_runs(c, 1, 300, 0, 30);
    assert_true(next_rate(&a, c) == 467);
    add_runs(c, 1, 467, 0, 30);
    add_runs(c, 1, 540, 0, 300);
    assert_true(next_rate(&a, c) == 504);
    add_runs(c, 1, 504, 0, 30);
    assert_true(next_rate(&a, c) == 0);
    c->runs_count = 0;
    add_runs(c, 1, 700, 0, 30);
    assert_true(next_rate(&a, c) == 900);
    add_runs(c, 1, 900, 0, 30);
    assert_true(next_rate(&a, c) == 1120);
    add_runs(c, 1, 5000, 0, 30); /* far beyond what was asked for */
    assert_true(next_rate(&a, c) == 0);
}

static void test_models_that_may_bear_most_run_at_the_same_rate(void **state)
{
    struct advice a = asked();
    struct advise_candidate *loops = add_candidate(&a, "loops", 2),
                            *pool = add_candidate(&a, "pool", 17),
                            *threads = add_candidate(&a, "threads", 0),
                            *tasks = add_candidate(&a, "tasks", 0);

    (void)state;
    add_runs(loops, 1, 500, 0, 81);
    add_runs(loops, 1, 640, 0, 109);
    add_runs(pool, 1, 640, 0, 50);
    add_runs(pool, 1, 960, 0, 200);
    add_runs(threads, 1, 640, 0, 50);
    add_runs(threads, 1, 960, 0, 400);
    add_runs(tasks, 1, 300, 0, 300);
    assert_true(next_rate(&a, pool) == 758); /* between 784, half of the way, and 733, a third */
    assert_true(next_rate(&a, threads) == 758);
    assert_true(next_rate(&a, loops) == 640); /* again: once may be chance */
    assert_true(next_rate(&a, tasks) == 0);
    tasks->runs_count = 0;
    add_runs(tasks, 1, 300, 0, 30);
    assert_true(next_rate(&a, tasks) == 758);
    tasks->limit_per_s = 500; /* by arithmetic it cannot bear as much */
    assert_true(next_rate(&a, tasks) == 0);
    add_runs(loops, 1, 640, 0, 109);
    assert_true(next_rate(&a, loops) == 0);
    add_runs(pool, 1, 760, 0, 70);
    add_runs(threads, 1, 760, 0, 130); /* below: pool alone is left */
    assert_true(next_rate(&a, pool) > 760 && next_rate(&a, threads) == 760);
    add_runs(pool, 1, 800, 0, 120);
    assert_true(next_rate(&a, pool) == 0);
    pool->runs_count = threads->runs_count = 0;
    add_runs(pool, 1, 5000, 0, 30); /* as far as anything is looked for */
    add_runs(threads, 1, 700, 0, 30);
    assert_true(next_rate(&a, pool) == 0 && next_rate(&a, threads) == 5000);
    pool->runs[0].rate_per_s = 720;
    threads->limit_per_s = 720; /* arithmetic ends its bracket: there is no rate to try again */
    assert_true(next_rate(&a, threads) == 0);
    a.rate_per_s = 0;
    pool->runs[0].rate_per_s = 200000; /* more is never tried, and this twice */
    assert_true(next_rate(&a, pool) == 200000);
    add_runs(pool, 1, 200000, 0, 30);
    assert_true(next_rate(&a, pool) == 0);
    pool->runs_count = 0;
    add_runs(pool, 1, 760, 0, 30); /* nor does one run of a narrow bracket say enough */
    add_runs(pool, 1, 800, 0, 300);
    assert_true(next_rate(&a, pool) == 760);
}

static void test_candidates_follow_from_arithmetic(void **state)
{
    static const struct plan_line none;
    struct advise_settings settings = {.line = none};
    struct advice a = asked();
    struct err err = {""};

    (void)state;
    plan_line_init(&settings.line);
    assert_int_equal(job_parse("sleep", &settings.line.specs[0], &err), 0);
    settings.line.cpu = 0; /* one core, whatever this machine has */
    settings.line.models[settings.line.models_count++] = model_find("tasks", &err);
    settings.line.models[settings.line.models_count++] = model_find("pool", &err);
    assert_int_equal(advise_candidates(&a, &settings, &err), 0);
    assert_true(fabs(a.little - 6.6) < 1e-9 && fabs(a.goetz - 11) < 1e-9);
    assert_int_equal(a.candidates_count, 2); /* 12 threads and 11 are one size */
    assert_string_equal(a.candidates[1].label, "pool(12)");
    assert_true(a.candidates[0].ceiling_per_s == 500 && !a.candidates[0].left_out);
    settings.line.threads[settings.line.threads_count++] = 3;
    assert_int_equal(advise_candidates(&a, &settings, &err), 0);
    assert_string_equal(a.candidates[1].label, "pool(3)");
    assert_true(fabs(a.candidates[1].ceiling_per_s - 3 / 0.022) < 1e-9);
}

/* Alone, a job takes more CPU than beside others that share its calls. */
static void test_only_what_no_run_can_beat_is_left_out(void **state)
{
    struct advise_settings settings = {.rate_per_s = 700};
    struct advice a = asked();
    struct err err = {""};

    (void)state;
    plan_line_init(&settings.line);
    settings.line.cpu = 0;
    settings.line.models[settings.line.models_count++] = model_find("tasks", &err);
    a.rate_per_s = 700; /* 500/s is what 2 ms of CPU let one core do */
    assert_int_equal(job_parse("tcp", &settings.line.specs[0], &err), 0);
    assert_int_equal(advise_candidates(&a, &settings, &err), 0);
    assert_true(a.candidates[0].ceiling_per_s == 500 && !a.candidates[0].left_out);
    a.rate_per_s = 7000;
    assert_int_equal(advise_candidates(&a, &settings, &err), 0);
    assert_true(a.candidates[0].ceiling_per_s == 5000 && a.candidates[0].left_out);
    a.rate_per_s = 700;
    assert_int_equal(job_parse("cpu:time=2ms", &settings.line.specs[0], &err), 0);
    assert_int_equal(advise_candidates(&a, &settings, &err), 0);
    assert_true(a.candidates[0].ceiling_per_s == 500 && a.candidates[0].left_out);
}

static void test_a_pool_that_bears_more_is_advised(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0),
                            *pool = add_candidate(&a, "pool", 22);

    (void)state;
    add_runs(tasks, 2, 300, 0, 40);
    add_runs(tasks, 1, 420, 0, 300);
    add_runs(tasks, 2, 300, ADVISE_POISON, 60);
    add_runs(pool, 3, 300, 0, 27);
    add_runs(pool, 1, 800, 0, 50);
    add_runs(pool, 1, 950, 0, 500);
    assert_text(
        &a, "Run it under pool(22): 22 threads. It kept latency p99 under 100 ms in 4 of 4 runs "
            "that count for 300/s (by chance alone once in 16); at 300/s it was 27.0 ms (75 % "
            "interval 27.0 ms to 27.0 ms). It bears "
            "800/s and breaks it at 950/s. A job alone takes 22.0 ms, 2.00 ms of it CPU; by "
            "Little's law 6.6 are in the system at 300/s; by Goetz's rule 22 threads keep 2 cores "
            "busy. At 300/s pool(22) needs 0.66 of 2 cores (2.20 ms a job) and 4.00 MiB of memory "
            "at most. One blocking call in fifty changes nothing there, since no job runs on a "
            "loop. One blocking call in fifty under tasks takes latency p99 from 40.0 ms to 60.0 "
            "ms at 300/s, and 2 of 2 runs kept the bound. What would change the answer: a rate "
            "of 950/s or more; a bound below 27.0 ms; more than 6.67 ms of CPU a job, which is all "
            "that "
            "2 cores have at 300/s; jobs of 73.3 ms, which keep 22 threads busy.");
    assert_int_equal(a.verdict, ADVISE_KEEPS);
    assert_int_equal(a.best, 1);
    assert_false(tasks->tied);
}

static void test_tasks_that_bear_more_are_advised(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0),
                            *pool = add_candidate(&a, "pool", 13),
                            *sequential = add_candidate(&a, "sequential", 0);

    (void)state;
    a.cpu_s = NAN;
    a.goetz = NAN;
    sequential->left_out = true;
    sequential->ceiling_per_s = 45.45;
    add_runs(tasks, 2, 300, 0, 25);
    add_runs(tasks, 1, 6000, 0, 30);
    add_runs(pool, 2, 300, 0, 26);
    add_runs(pool, 1, 600, 0, 700);
    a.left_out[a.left_out_count++] = "There was no time to try blocking calls.";
    assert_text(&a,
                "Run it under tasks: one event loop. It kept latency p99 under 100 ms in 3 of 3 "
                "runs that count for 300/s (by chance alone once in 8); at 300/s it was 25.0 "
                "ms (50 % interval 25.0 ms to 25.0 ms). It bears 6000/s, the highest rate that was "
                "tried. Arithmetic alone rules "
                "out sequential (at most 45/s). A job alone takes 22.0 ms; by Little's law 6.6 "
                "are in the system at 300/s. At 300/s tasks needs 0.66 of 2 cores (2.20 ms a "
                "job) and 4.00 MiB of memory at most. What would change the answer: a bound "
                "below 25.0 ms. There was no time to try blocking calls.");
    assert_int_equal(sequential->verdict, ADVISE_BREAKS);
}

static void test_brackets_that_overlap_are_a_tie(void **state)
{
    struct advice a = asked();
    struct advise_candidate *loops = add_candidate(&a, "loops", 2),
                            *pool = add_candidate(&a, "pool", 22);
    char *text;

    (void)state;
    add_bracket(loops, 850, 950);
    add_bracket(pool, 800, 900);
    text = text_of(&a);
    assert_int_equal(a.best, 0);
    assert_true(pool->tied && !loops->tied);
    assert_non_null(strstr(text, "pool(22) may bear as much or more: these runs cannot tell. "));
    free(text);
    pool->runs[pool->runs_count - 1].rate_per_s = 810; /* nearer than the search can tell */
    advise_judge(&a);
    assert_true(pool->tied);
    pool->runs[pool->runs_count - 2].rate_per_s = 600;
    pool->runs[pool->runs_count - 1].rate_per_s = 700;
    advise_judge(&a);
    assert_false(pool->tied);
    pool->runs_count--; /* nothing that it broke */
    advise_judge(&a);
    assert_true(pool->tied);
    pool->limit_per_s = 820; /* but arithmetic */
    advise_judge(&a);
    assert_false(pool->tied);
}

static void test_cpu_decides_only_between_equals(void **state)
{
    struct advice a = asked();
    struct advise_candidate *loops = add_candidate(&a, "loops", 2),
                            *pool = add_candidate(&a, "pool", 22);
    char *text;

    (void)state;
    add_bracket(loops, 850, 950);
    add_bracket(pool, 800, 894); /* like loops, at a rate lower by 6 % */
    for (size_t i = 0; i < pool->runs_count; i++)
        pool->runs[i].cpu_s /= 2;
    text = text_of(&a);
    assert_int_equal(a.best, 0); /* it bears more, though it costs more */
    assert_true(pool->tied && !loops->tied);
    assert_non_null(strstr(text, "pool(22) costs 50 % less CPU a job at 300/s, and bears 800/s. "));
    free(text);
    pool->runs[pool->runs_count - 2].rate_per_s = 830; /* by 3 % */
    pool->runs[0].cpu_s *= 1.9;                        /* not in every run */
    text = text_of(&a);
    assert_int_equal(a.best, 0);
    assert_null(strstr(text, "less CPU"));
    free(text);
    pool->runs[0].cpu_s /= 1.9;
    text = text_of(&a);
    assert_int_equal(a.best, 1);
    assert_true(loops->tied && !pool->tied);
    assert_null(strstr(text, "less CPU"));
    free(text);
}

/* Both kept the same rate and broke the same one: where between them they meet the bound decides,
 * in whatever order they are. */
static void test_at_the_same_rates_the_metric_decides(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct advice a = asked();
        struct advise_candidate *of[] = {add_candidate(&a, "loops", 2),
                                         add_candidate(&a, "pool", 22)};

        for (int i = 0; i < 2; i++) {
            add_runs(of[i], 2, 300, 0, 25);
            add_runs(of[i], 1, 700, 0, i == first ? 60 : 95);
            add_runs(of[i], 1, 840, 0, 300);
        }
        advise_judge(&a);
        assert_int_equal(a.best, first);
        assert_true(of[1 - first]->tied);
    }
}

static void test_nothing_bears_the_rate(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0),
                            *pool = add_candidate(&a, "pool", 22);
    char *text;

    (void)state;
    tasks->left_out = true;
    tasks->ceiling_per_s = 200;
    add_candidate(&a, "threads", 0);
    add_runs(&a.candidates[2], 1, 100, 0, 5); /* it likely bears more, but kept less */
    add_runs(&a.candidates[2], 2, 290, 0, 101);
    add_runs(pool, 1, 200, 0, 30);
    add_runs(pool, 2, 300, 0, 400);
    text = text_of(&a);
    assert_int_equal(a.verdict, ADVISE_BREAKS);
    assert_int_equal(a.best, SIZE_MAX);
    assert_non_null(strstr(text, "No model that was tried keeps latency p99 under 100 ms at 300/s. "
                                 "The most is 200/s, which pool(22) bears. Arithmetic alone rules "
                                 "out tasks (at most 200/s). "));
    free(text);
}

static void test_too_few_or_contrary_runs_tell_nothing(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0),
                            *pool = add_candidate(&a, "pool", 22);
    char *text = text_of(&a);

    (void)state;
    assert_int_equal(a.verdict, ADVISE_UNTOLD);
    assert_non_null(strstr(text, "Cannot tell whether a model keeps latency p99 under 100 ms at "
                                 "300/s: no run counts. A longer --time-limit than 60.0 s, "));
    free(text);
    add_runs(tasks, 1, 300, 0, 30);
    add_runs(pool, 2, 300, 0, 30);
    add_runs(pool, 1, 300, 0, 300);
    text = text_of(&a);
    assert_int_equal(a.verdict, ADVISE_UNTOLD);
    assert_non_null(strstr(text, "Cannot tell whether a model keeps latency p99 under 100 ms at "
                                 "300/s: tasks kept it in 1 of 1 run, pool(22) kept it in 2 of 3 "
                                 "runs. "));
    free(text);
    add_runs(tasks, 1, 900, 0, 30); /* a higher rate counts, too */
    advise_judge(&a);
    assert_int_equal(tasks->verdict, ADVISE_KEEPS);
}

static void test_without_a_rate_the_most_is_what_counts(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0),
                            *pool = add_candidate(&a, "pool", 22);
    char *text;

    (void)state;
    a.rate_per_s = 0;
    a.little = NAN;
    a.bound_given = false;
    add_runs(tasks, 1, 300, 0, 25);
    add_runs(tasks, 1, 440, 0, 300);
    add_runs(pool, 1, 600, 0, 25);
    advise_judge(&a);
    assert_int_equal(a.verdict, ADVISE_UNTOLD); /* each has one run */
    add_runs(pool, 1, 800, 0, 25);
    a.work_per_s = 400;
    text = text_of(&a);
    assert_int_equal(a.best, 1);
    assert_non_null(strstr(
        text, "Run it under pool(22): 22 threads. It bears 800/s with latency p99 "
              "under 100 ms, the highest rate that was tried, by 2 runs of it. The bound is 5 "
              "times what a job takes alone, for want of --slo. "));
    free(text);
}

static void test_without_a_rate_a_bound_may_be_kept_at_none(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0);
    char *text;

    (void)state;
    a.rate_per_s = 0;
    a.little = NAN;
    a.service_s = 0.2;
    add_runs(tasks, 1, 300, 0, 200);
    advise_judge(&a);
    assert_int_equal(a.verdict, ADVISE_UNTOLD);
    add_runs(tasks, 1, 100, 0, 200);
    tasks->runs[1].failed = true;
    text = text_of(&a);
    assert_int_equal(a.verdict, ADVISE_BREAKS);
    assert_non_null(strstr(text, "No model that was tried keeps latency p99 under 100 ms at any "
                                 "rate that was tried. Jobs failed in 1 of 2 runs of tasks; 'tva "
                                 "run' tells why. A job alone takes 200 ms, longer than the "
                                 "bound, 2.00 ms of it CPU; "));
    free(text);
    add_runs(tasks, 1, 50, 0, 20);
    advise_judge(&a);
    assert_int_equal(a.verdict, ADVISE_UNTOLD);
}

static void test_the_document_has_what_the_text_says(void **state)
{
    struct advice a = asked();
    struct advise_candidate *tasks = add_candidate(&a, "tasks", 0);
    json_t *document;
    char *text;

    (void)state;
    add_runs(tasks, 3, 300, 0, 25);
    add_runs(tasks, 1, 300, ADVISE_POISON, 250);
    text = text_of(&a);
    document = advise_document(&a);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "text")), text);
    assert_string_equal(json_string_value(json_object_get(document, "verdict")), "keeps");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(document, "poison"), "label")), "tasks");
    assert_non_null(strstr(text,
                           "takes latency p99 from 25.0 ms to 250 ms at 300/s, and 0 of 1 run "
                           "kept the bound."));
    json_decref(document);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chance_is_the_sign_test),
        cmocka_unit_test(test_a_bracket_is_where_the_fewest_runs_contradict),
        cmocka_unit_test(test_a_late_generator_ends_a_bracket_as_the_machine),
        cmocka_unit_test(test_a_model_likely_bears_what_meets_the_bound),
        cmocka_unit_test(test_a_run_that_was_cut_short_moves_no_bracket),
        cmocka_unit_test(test_the_next_rate_decides_the_question_first),
        cmocka_unit_test(test_models_that_may_bear_most_run_at_the_same_rate),
        cmocka_unit_test(test_candidates_follow_from_arithmetic),
        cmocka_unit_test(test_only_what_no_run_can_beat_is_left_out),
        cmocka_unit_test(test_a_pool_that_bears_more_is_advised),
        cmocka_unit_test(test_tasks_that_bear_more_are_advised),
        cmocka_unit_test(test_brackets_that_overlap_are_a_tie),
        cmocka_unit_test(test_cpu_decides_only_between_equals),
        cmocka_unit_test(test_at_the_same_rates_the_metric_decides),
        cmocka_unit_test(test_nothing_bears_the_rate),
        cmocka_unit_test(test_too_few_or_contrary_runs_tell_nothing),
        cmocka_unit_test(test_without_a_rate_the_most_is_what_counts),
        cmocka_unit_test(test_without_a_rate_a_bound_may_be_kept_at_none),
        cmocka_unit_test(test_the_document_has_what_the_text_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
