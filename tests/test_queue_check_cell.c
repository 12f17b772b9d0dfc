/* The promise: a result holds a queue against theory exactly where theory is exact, tells it the
 * durations that were asked for with what jobs took longer, and shows of several runs the worst. */
#include "summary/queue_check.h"

#include "result/result.h"
#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define JOBS      200
#define OVERSHOOT (100 * NS_PER_US)

/* A run in which jobs never wait, and sleep for what they have drawn and a little longer. */
static struct run_record run_of(const struct cell *cell, uint64_t wait_ns)
{
    struct run_record run = records_loop_run(cell, 5, JOBS, wait_ns, 1);

    run.area = (struct service_area){0};
    for (size_t i = 0; i < run.samples_count; i++) {
        struct sample *s = &run.samples[i];
        uint64_t index = i < 5 ? JOBS + i : i - 5;

        s->finished_ns = s->started_ns + OVERSHOOT + job_wait_ns(&cell->job, index);
        if (i >= 5)
            records_add_area(&run, sample_latency_ns(s));
    }
    return run;
}

static struct queue_check_cell check_all(const struct cell *cell,
                                         const struct run_record *const *runs, size_t count)
{
    struct cell_runs in = {.cell = cell, .runs = runs, .count = count, .cores = 2};
    struct queue_check_cell check;

    assert_int_equal(queue_check_of(&in, &check), 0);
    return check;
}

static struct queue_check_cell check_of(const struct cell *cell, struct run_record *run)
{
    const struct run_record *const runs[] = {run};
    struct queue_check_cell check = check_all(cell, runs, 1);

    run_record_deinit(run);
    return check;
}

static void theory_is_told_what_was_asked_for_and_what_it_took_longer(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=5ms,dist=exp", LOAD_OPEN);
    struct run_record run = run_of(&cell, 30 * NS_PER_US);
    struct queue_check_cell check = check_of(&cell, &run);

    (void)state;
    assert_string_equal(check.check.theory.name, "M/M/inf");
    assert_true(check.known && check.check.unlimited);
    assert_true(fabs(check.queue.service_s - 0.0051) < 1e-9);
    assert_true(fabs(check.check.expected - 0.51) < 1e-7);
    assert_true(fabs(check.check.hand_off_s - 30e-6) < 1e-12);
    assert_int_equal(check.check.jobs, JOBS);
}

static void servers_are_the_models(void **state)
{
    static const struct {
        const char *model, *queue;
    } cases[] = {{"pool", "M/M/6"}, {"sequential", "M/M/1"}, {"blocking", "M/M/1"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell cell =
            records_loop_cell(cases[i].model, "sleep:duration=5ms,dist=exp", LOAD_OPEN);
        struct run_record run = run_of(&cell, 0);
        struct queue_check_cell check = check_of(&cell, &run);

        assert_string_equal(check.check.theory.name, cases[i].queue);
        assert_true(check.known && !check.check.unlimited);
    }
}

static void elsewhere_there_is_none(void **state)
{
    struct cell cells[] = {
        records_loop_cell("pool", "sleep:duration=5ms", LOAD_OPEN),
        records_loop_cell("pool", "sleep:duration=5ms,dist=uniform", LOAD_OPEN),
        records_loop_cell("pool", "sleep:duration=5ms,dist=exp", LOAD_CLOSED),
        records_loop_cell("pool", "null", LOAD_OPEN),
        records_loop_cell("tasks", "sleep:duration=5ms,dist=exp", LOAD_OPEN),
        records_loop_cell("pool", "sleep:duration=5ms,dist=exp", LOAD_OPEN),
        records_loop_cell("blocking", "sleep:duration=20ms,dist=exp", LOAD_OPEN), /* unstable */
    };

    (void)state;
    cells[4].load.poison = 0.02;
    cells[5].load.arrivals = LOAD_CONSTANT;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct run_record run = run_of(&cells[i], 0);
        struct queue_check_cell check = check_of(&cells[i], &run);

        assert_false(check.known);
    }
}

static void a_refused_job_is_in_no_theory(void **state)
{
    struct cell cell = records_loop_cell("pool", "sleep:duration=5ms,dist=exp", LOAD_OPEN);
    struct run_record run = run_of(&cell, 0);
    struct queue_check_cell check;

    (void)state;
    run.samples[77].result = SAMPLE_REFUSED;
    check = check_of(&cell, &run);
    assert_false(check.known);
}

static void the_worst_run_is_shown(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=5ms,dist=exp", LOAD_OPEN);
    struct run_record good = run_of(&cell, 0), bad = run_of(&cell, 40 * NS_PER_MS);
    const struct run_record *const orders[][2] = {{&good, &bad}, {&bad, &good}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct queue_check_cell check = check_all(&cell, orders[i], 2);

        assert_true(fabs(check.check.hand_off_s - 0.04) < 1e-12);
        assert_int_equal(queue_check_mean_verdict(&check.check), QUEUE_OFF);
        assert_true(!check.ok);
    }
    run_record_deinit(&good);
    run_record_deinit(&bad);
}

static void a_broken_law_of_little_is_not_ok(void **state)
{
    struct cell cell = records_loop_cell("tasks", "sleep:duration=5ms,dist=exp", LOAD_OPEN);

    (void)state;
    for (int broken = 0; broken < 2; broken++) {
        struct run_record run = run_of(&cell, 0);
        struct queue_check_cell check;

        if (broken)
            run.area.stamped_ns += run.area.stamped_ns / 50;
        check = check_of(&cell, &run);
        assert_true((check.little_error > QUEUE_CHECK_LITTLE_MAX) == broken);
        if (broken)
            assert_true(!check.ok);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(theory_is_told_what_was_asked_for_and_what_it_took_longer),
        cmocka_unit_test(servers_are_the_models),
        cmocka_unit_test(elsewhere_there_is_none),
        cmocka_unit_test(a_refused_job_is_in_no_theory),
        cmocka_unit_test(the_worst_run_is_shown),
        cmocka_unit_test(a_broken_law_of_little_is_not_ok),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
