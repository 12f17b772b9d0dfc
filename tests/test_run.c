/* The promise: a run carries out one cell as asked with its warm-up apart,
 * and tells everything about it, or says in one sentence why it could not. */
#include "run/run.h"

#include "base/random.h"
#include "support/test_async_target.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cell make(const char *model, const char *job, uint64_t jobs)
{
    struct cell c = cell_default();
    struct err err = {""};

    c.model = model_find(model, &err);
    if (c.model == NULL || job_parse(job, &c.job, &err) != 0)
        fail_msg("%s", err.text);
    c.jobs = jobs;
    c.threads = 4;
    return c;
}

/* Those that the system can run: the kernel may refuse io_uring to the last one. */
static size_t models_here(void)
{
    size_t n = models_count;

    while (model_check(models[n - 1], NULL) < 0)
        n--;
    return n;
}

static void execute(const struct cell *c, struct run_record *out)
{
    if (run_execute(c, 0, out) != 0)
        fail_msg("%s: %s", c->model->name, out->failure.text);
    assert_string_equal(out->failure.text, "");
}

static void test_a_run_tells_everything_under_every_model(void **state)
{
    uint64_t checksum = 0;

    (void)state;
    for (size_t m = 0; m < models_here(); m++) {
        struct cell c = make(models[m]->name, "file:size=64k,op=write", 12);
        struct run_record r;

        execute(&c, &r);
        assert_int_equal(r.samples_count, 12);
        assert_true(r.beats_count >= 1);
        assert_int_equal(r.warmup_jobs, models[m]->lanes == MODEL_LANES_ONE ? 5 : 12);
        assert_int_equal(r.first_ns > 0, models[m]->lanes != MODEL_LANES_ONE);
        assert_int_equal(r.in_flight_max, 12);
        assert_int_equal(r.threads_max > 0, strcmp(models[m]->name, "threads") == 0);
        assert_true(r.threads_max <= 24); /* of the warm-up some may not have ended */
        assert_true(r.warmup_ns > 0 && r.solo_ns == 0 && r.target_cpu_ns == 0);
        assert_true(r.timer_slack_ns > 0);
        assert_true(r.usage.cpu_user_ns + r.usage.cpu_sys_ns > 0);
        assert_true(r.usage.rss_peak_bytes > 0 && r.opened.rss_bytes > 0);
        assert_string_not_equal(r.stack_guard, "");
        for (size_t i = 0; i < 12; i++) {
            assert_int_equal(r.samples[i].result, 0);
            assert_true(r.samples[i].intended_ns == r.begin_ns);
            assert_true(r.samples[i].finished_ns <= r.begin_ns + r.makespan_ns);
        }
        assert_true(m == 0 || r.ledger.checksum == checksum);
        checksum = r.ledger.checksum;
        run_record_deinit(&r);
        run_record_deinit(&r);
    }
}

static void test_no_makespan_is_below_the_ideal(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_here(); m++) {
        struct cell c = make(models[m]->name, "sleep:duration=3ms", 9);
        uint64_t ideal_ns = cell_ideal_ns(&c, 0, 2);
        struct run_record r;

        execute(&c, &r);
        assert_true(ideal_ns >= 3 * NS_PER_MS);
        assert_true(r.makespan_ns >= ideal_ns);
        run_record_deinit(&r);
    }
}

static void test_warm_up_is_as_asked_and_leaves_the_work_alone(void **state)
{
    const uint64_t warmups[] = {0, 2, 3, 20};
    uint64_t checksum = 0;

    (void)state;
    for (size_t i = 0; i < sizeof warmups / sizeof *warmups; i++) {
        struct cell c = make("tasks", "cpu:rounds=100", 2);
        struct run_record r;

        assert_int_equal(cell_warmup_jobs(&c), 2); /* automatic: 5, but not more than jobs */
        c.warmup = warmups[i];
        execute(&c, &r);
        assert_int_equal(r.warmup_jobs, warmups[i]);
        assert_int_equal(r.first_ns > 0, warmups[i] == 0 || warmups[i] == 2);
        assert_true(i > 0 || r.first_ns >= r.makespan_ns); /* it is the first */
        assert_true(r.solo_ns > 0);                        /* cpu jobs are timed alone */
        assert_true(i == 0 || r.ledger.checksum == checksum);
        checksum = r.ledger.checksum;
        run_record_deinit(&r);
    }
}

/* A job that remembers which indexes it was called with, in order. */
struct calls {
    uint64_t indexes[32];
    size_t n;
};

static int note_call(struct io *io, struct job_part *part, uint64_t index,
                     struct job_ledger *ledger)
{
    struct calls *calls = part->state;

    (void)io;
    ledger->operations = 1;
    calls->indexes[calls->n++] = index;
    return 0;
}

static void test_warm_up_runs_other_jobs_than_the_measured_ones(void **state)
{
    const struct job_type type = {.name = "note", .summary = "notes calls", .run = note_call};
    const uint64_t expected[] = {4, 5, 6, 0, 1, 2, 3};
    struct cell c = make("sequential", "null", 4);
    struct calls calls = {.n = 0};
    struct run_record r;

    (void)state;
    c.job = (struct job){.parts = {{.type = &type, .state = &calls}}, .count = 1};
    c.warmup = 3;
    execute(&c, &r);
    assert_int_equal(calls.n, 7);
    assert_memory_equal(calls.indexes, expected, sizeof expected);
    run_record_deinit(&r);
}

static int note_resent(struct io *io, struct job_part *part, uint64_t index,
                       struct job_ledger *ledger)
{
    (void)index;
    ledger->operations = 1;
    *(bool *)part->state = io->resent != NULL;
    return 0;
}

/* Each close of a job that opens files would cost a system call more. */
static void test_only_jobs_with_connections_ask_what_tcp_sent_again(void **state)
{
    (void)state;
    for (unsigned sources = 0; sources < 2; sources++) {
        const struct job_type type = {
            .name = "note", .summary = "", .run = note_resent, .sources = sources};
        struct cell c = make("loops", "null", 1);
        struct run_record r;
        bool asks = sources == 0;

        c.job = (struct job){.parts = {{.type = &type, .state = &asks}}, .count = 1};
        execute(&c, &r);
        assert_int_equal(asks, sources > 0);
        run_record_deinit(&r);
    }
}

static void test_failed_jobs_are_in_the_samples_not_in_the_failure(void **state)
{
    struct test_async_target t;

    (void)state;
    for (size_t m = 0; m < models_here(); m++) {
        struct cell c = make(models[m]->name, "tcp", 6);
        struct run_record r;

        assert_int_equal(test_async_target_start(&t, TEST_ASYNC_CLOSE), 0);
        job_set_target(&c.job, &t.addr);
        execute(&c, &r);
        test_async_target_stop(&t);
        for (size_t i = 0; i < 6; i++)
            assert_int_equal(r.samples[i].result, -ECONNRESET);
        run_record_deinit(&r);
    }
}

/* One reading of the clock a job, and one for several jobs. */
static void test_a_batch_counts_who_is_in_it(void **state)
{
    static const uint64_t jobs[] = {1, 20, 500};

    (void)state;
    for (size_t m = 0; m < models_here(); m++)
        for (size_t k = 0; k < 3; k++) {
            struct cell c = make(models[m]->name, "null", jobs[k]);
            struct run_record r;
            uint64_t sum_ns = 0;

            execute(&c, &r);
            for (size_t i = 0; i < r.samples_count; i++)
                sum_ns += sample_latency_ns(&r.samples[i]);
            assert_int_equal(r.area.stamped_ns, sum_ns);
            assert_in_range(r.area.driver_ns, sum_ns, r.makespan_ns * jobs[k]);
            run_record_deinit(&r);
        }
}

/* With a warm-up and a measured part that have jobs. A machine that stops for as long as one
 * of them leaves it none: then again. */
static void execute_both_parts(const struct cell *c, struct run_record *out)
{
    bool warms_up = c->load.warmup_ns > 0;

    for (int attempt = 0; attempt < 20; attempt++) {
        execute(c, out);
        if (out->samples_count > out->warmup_samples && (out->warmup_samples > 0) == warms_up)
            return;
        run_record_deinit(out);
    }
    fail_msg("%s never ran a job in each part", c->model->name);
}

/* Open and closed: the warm-up is in the samples, in front, and in nothing else. */
static void test_a_load_is_measured_after_its_warm_up(void **state)
{
    const struct load loads[] = {
        {.kind = LOAD_OPEN, .rate_per_s = 1000, .drain_ns = NO_DEADLINE},
        {.kind = LOAD_CLOSED, .clients = 3},
    };

    (void)state;
    for (size_t m = 0; m < models_here(); m++)
        for (size_t k = 0; k < 4; k++) {
            struct cell c = make(models[m]->name, "sleep:duration=1ms", 0);
            struct run_record r;
            size_t measured;

            c.load = loads[k / 2];
            c.warmup = 0;
            c.load.duration_ns = 60 * NS_PER_MS;
            if (k % 2 == 0)
                c.load.warmup_ns = 40 * NS_PER_MS;
            execute_both_parts(&c, &r);
            measured = r.samples_count - r.warmup_samples;
            assert_int_equal(r.warmup_jobs, r.warmup_samples);
            assert_int_equal(r.ledger.operations, measured);
            assert_int_equal(r.refused + r.unserved, 0);
            assert_true(r.in_flight_max >= 1 && r.area.driver_ns > 0 && r.beats_count >= 1);
            for (size_t i = 0; i < r.samples_count; i++)
                assert_int_equal(r.samples[i].intended_ns >= r.begin_ns, i >= r.warmup_samples);
            assert_true(r.beats[0].due_ns >= r.begin_ns);
            assert_true(r.makespan_ns >= NS_PER_MS);
            run_record_deinit(&r);
        }
}

/* Blocking io in a task, on a descriptor and a file of its own kind: both worlds in one run. */
static void test_poisoned_jobs_do_the_same_work(void **state)
{
    const char *const jobs[] = {"tcp", "file:size=64k,op=write"};
    struct test_async_target t;

    (void)state;
    assert_int_equal(test_async_target_start(&t, TEST_ASYNC_NO_FAULT), 0);
    for (size_t j = 0; j < 2; j++) {
        struct job_ledger healthy = {0};

        for (size_t m = 0; m < models_here(); m++)
            for (int poisoned = 0; poisoned < 2; poisoned++) {
                struct cell c = make(models[m]->name, jobs[j], 50);
                struct run_record r;

                job_set_target(&c.job, &t.addr);
                c.load = (struct load){.kind = LOAD_CLOSED, .clients = 4};
                c.load.poison = poisoned ? 0.3 : 0;
                execute(&c, &r);
                for (size_t i = 0; i < r.samples_count; i++)
                    assert_int_equal(r.samples[i].result, 0);
                if (m == 0 && !poisoned)
                    healthy = r.ledger;
                assert_memory_equal(&r.ledger, &healthy, sizeof healthy);
                run_record_deinit(&r);
            }
    }
    test_async_target_stop(&t);
}

/* Of three jobs, a loop each, one alone is poisoned. Where a machine stops another loop for half as
 * long, again. */
static void test_one_blocked_loop_has_a_long_lag_and_the_others_have_not(void **state)
{
    const char *const names[] = {"loops", "loops-uring"};

    (void)state;
    for (size_t m = 0; m < 2 && model_check(model_find(names[m], NULL), NULL) == 0; m++) {
        struct cell c = make(names[m], "sleep:duration=100ms", 3);
        size_t poisoned, bad = 0, good = 0;

        c.threads = 3;
        c.warmup = 0;
        c.load.poison = 0.3;
        do {
            job_set_seed(&c.job, job_seed(&c.job) + 1);
            poisoned = 0;
            for (size_t i = 0; i < 3; i++)
                if (random_uniform(job_seed(&c.job), RANDOM_POISON, i) < c.load.poison) {
                    poisoned++;
                    bad = i;
                }
        } while (poisoned != 1);
        for (int attempt = 0; attempt < 20 && good != 2; attempt++) {
            uint64_t shown_ns = 0;
            struct run_record r;

            execute(&c, &r);
            assert_int_equal(r.loops_count, 3);
            assert_true(r.lags_ns[bad] >= 98 * NS_PER_MS);
            good = 0;
            for (size_t k = 0; k < 3; k++)
                good += r.lags_ns[k] > 0 && r.lags_ns[k] < 50 * NS_PER_MS;
            for (size_t i = 0; i < r.beats_count; i++)
                if (run_beat_counts(&r, &r.beats[i]) && beat_lag_ns(&r.beats[i]) > shown_ns)
                    shown_ns = beat_lag_ns(&r.beats[i]);
            for (size_t k = 0; k < 3; k++)
                assert_true(r.lags_ns[k] <= shown_ns);
            run_record_deinit(&r);
        }
        assert_int_equal(good, 2);
    }
}

static void test_a_run_that_cannot_begin_says_why(void **state)
{
    const struct cell bad[] = {
        make("tasks", "file:size=64k", 3),
        make("sequential", "null", 3),
        make("pool", "null", 3),
        make("tasks", "null", 3),
    };
    struct cell cells[4];

    (void)state;
    memcpy(cells, bad, sizeof cells);
    cells[1].stack_size = 100;
    cells[2].cpu = 1000000;
    cells[3].cpu = 1023; /* a CPU that a mask can name, but hardly one that is there */
    setenv("TMPDIR", "/nonexistent/tva", 1);
    for (size_t i = 0; i < 4; i++) {
        struct run_record r;

        assert_true(run_execute(&cells[i], 0, &r) < 0);
        assert_string_not_equal(r.failure.text, "");
        assert_null(strchr(r.failure.text, '\n'));
        assert_int_equal(r.samples_count, 0);
        run_record_deinit(&r);
    }
    unsetenv("TMPDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_tells_everything_under_every_model),
        cmocka_unit_test(test_no_makespan_is_below_the_ideal),
        cmocka_unit_test(test_warm_up_is_as_asked_and_leaves_the_work_alone),
        cmocka_unit_test(test_warm_up_runs_other_jobs_than_the_measured_ones),
        cmocka_unit_test(test_only_jobs_with_connections_ask_what_tcp_sent_again),
        cmocka_unit_test(test_failed_jobs_are_in_the_samples_not_in_the_failure),
        cmocka_unit_test(test_a_batch_counts_who_is_in_it),
        cmocka_unit_test(test_a_load_is_measured_after_its_warm_up),
        cmocka_unit_test(test_poisoned_jobs_do_the_same_work),
        cmocka_unit_test(test_one_blocked_loop_has_a_long_lag_and_the_others_have_not),
        cmocka_unit_test(test_a_run_that_cannot_begin_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
