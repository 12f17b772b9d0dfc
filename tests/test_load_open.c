/* The promise: an open loop follows its schedule whatever the model does, a blocked loop included;
 * every arrival is accounted for: run once, refused, or unserved; and the jobs that are to block
 * the loop do. */
#include "load/load_run.h"

#include "load/schedule.h"
#include "support/test_async_batch.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct model *find(const char *name)
{
    const struct model *model = model_find(name, NULL);

    assert_non_null(model);
    return model;
}

/* Jobs at so many a second; seed 5. */
static void begin(struct test_async_batch *b, const struct model *model, double rate_per_s,
                  size_t jobs)
{
    test_async_batch_init(b, model, jobs);
    b->threads = 4;
    job_set_seed(&b->job, 5);
    b->load = (struct load){.kind = LOAD_OPEN,
                            .arrivals = LOAD_POISSON,
                            .rate_per_s = rate_per_s,
                            .drain_ns = NO_DEADLINE};
}

static void run(struct test_async_batch *b)
{
    assert_int_equal(test_async_batch_run(b), 0);
}

static void test_every_model_gets_the_same_schedule_and_runs_each_job_once(void **state)
{
    uint64_t first[200];

    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 2000, 200);
        run(&b);
        assert_int_equal(b.count, 200);
        assert_int_equal(b.ledger.operations, 200);
        for (size_t i = 0; i < 200; i++) {
            const struct sample *s = &b.samples[i];

            assert_int_equal(b.probe.runs[i], 1);
            assert_int_equal(s->result, 0);
            assert_true(s->intended_ns <= s->submitted_ns && s->submitted_ns <= s->started_ns);
            assert_true(s->started_ns <= s->finished_ns && s->finished_ns <= b.end_ns);
            if (m == 0)
                first[i] = s->intended_ns - b.samples[0].intended_ns;
            assert_true(s->intended_ns - b.samples[0].intended_ns == first[i]);
        }
        assert_true(b.begin_ns <= b.samples[0].intended_ns);
        assert_int_equal(b.run.refused + b.unserved, 0);
        test_async_batch_deinit(&b);
    }
}

/* Jobs are handed over in the midst of one that holds the loop. */
static void test_a_blocked_loop_does_not_delay_the_schedule(void **state)
{
    struct test_async_batch b;
    size_t in_the_midst = 0;

    (void)state;
    begin(&b, find("blocking"), 1000, 100);
    b.probe.span_ns = 10 * NS_PER_MS;
    run(&b);
    for (size_t i = 0; i + 1 < b.count; i++) {
        uint64_t middle_ns = b.samples[i].started_ns + b.probe.span_ns / 2;

        in_the_midst += b.samples[i + 1].submitted_ns < middle_ns;
        assert_true(b.samples[i + 1].started_ns >= b.samples[i].finished_ns);
    }
    assert_true(in_the_midst > 50);
    assert_true(b.samples[99].submitted_ns < b.samples[50].started_ns);
    test_async_batch_deinit(&b);
}

/* The loop has its turn between two jobs, as it would between two callbacks. */
static void test_a_server_in_turn_lets_the_loop_have_its_turn(void **state)
{
    struct test_async_batch b;

    (void)state;
    begin(&b, find("blocking"), 10000, 20);
    b.probe.span_ns = 5 * NS_PER_MS;
    run(&b);
    assert_true(b.beats_count >= 10);
    test_async_batch_deinit(&b);
}

/* The driver's accounts against the samples. The sum of the stamps is equal; the driver's own clock
 * adds how soon it learns of an end. */
static bool area_is_in_bounds(const struct model *model)
{
    struct test_async_batch b;
    uint64_t sum_ns = 0, most_ns = 0, in_flight_ns;

    begin(&b, model, 1000, 100);
    b.probe.span_ns = 2 * NS_PER_MS;
    b.warmup = 20;
    run(&b);
    assert_int_equal(b.count, 100);
    for (size_t i = 0; i < b.count; i++) {
        sum_ns += sample_latency_ns(&b.samples[i]);
        most_ns += b.end_ns - b.samples[i].intended_ns;
    }
    in_flight_ns = (b.end_ns - b.begin_ns) * b.run.in_flight_max;
    assert_int_equal(b.run.area.stamped_ns, sum_ns);
    assert_in_range(b.run.area.driver_ns, sum_ns, most_ns);
    assert_in_range(b.run.in_flight_max, 1, 120);
    test_async_batch_deinit(&b);
    return b.run.area.driver_ns <= in_flight_ns;
}

/* Jobs are in the area from when they were wanted, and in flight when they were handed over: where
 * the machine stopped in between, the one may be more than the other allows. Then again. */
static void test_the_area_is_that_of_the_samples(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        int attempt = 0;

        while (attempt < 20 && !area_is_in_bounds(models[m]))
            attempt++;
        assert_in_range(attempt, 0, 19);
    }
}

static void test_arrivals_beyond_the_limit_are_refused_and_counted(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;
        uint64_t refused = 0, ran = 0;

        begin(&b, models[m], 5000, 200);
        b.load.limit = 3;
        b.probe.span_ns = 20 * NS_PER_MS;
        run(&b);
        assert_int_equal(b.count, 200);
        for (size_t i = 0; i < b.count; i++) {
            const struct sample *s = &b.samples[i];

            refused += s->result == SAMPLE_REFUSED;
            ran += s->result == 0;
            assert_int_equal(b.probe.runs[i], s->result == 0);
            assert_true(s->intended_ns <= s->started_ns && s->started_ns <= s->finished_ns);
        }
        assert_true(refused > 0 && refused + ran == 200);
        assert_int_equal(b.run.refused, refused);
        assert_int_equal(b.ledger.operations, ran);
        assert_int_equal(b.run.in_flight_max, 3);
        assert_true(b.probe.most <= 3);
        test_async_batch_deinit(&b);
    }
}

/* A hundred jobs, of which one thread has time for a few. A machine that stops for as long
 * leaves none: then again. */
static void run_too_many(struct test_async_batch *b, const char *name)
{
    for (int attempt = 0; attempt < 20; attempt++) {
        begin(b, find(name), 10000, 100);
        b->threads = 1;
        b->load.drain_ns = 50 * NS_PER_MS;
        b->probe.span_ns = 20 * NS_PER_MS;
        b->warmup = 1;
        run(b);
        if (b->ledger.operations > 0)
            return;
        test_async_batch_deinit(b);
    }
    fail_msg("%s never served a job", name);
}

static void test_jobs_that_have_not_begun_in_time_are_unserved(void **state)
{
    const char *const names[] = {"sequential", "blocking", "pool", "offload"};

    (void)state;
    for (size_t m = 0; m < 4; m++) {
        struct test_async_batch b;
        uint64_t unserved = 0;

        run_too_many(&b, names[m]);
        for (size_t i = 0; i < b.count; i++) {
            const struct sample *s = &b.samples[i];

            unserved += s->result == SAMPLE_UNSERVED;
            assert_int_equal(b.probe.runs[i], s->result == 0);
            if (s->result == SAMPLE_UNSERVED)
                assert_true(s->started_ns == s->finished_ns && s->started_ns > s->intended_ns);
        }
        assert_true(unserved > 0 && unserved < 100);
        assert_int_equal(b.unserved, unserved);
        assert_int_equal(b.ledger.operations, 100 - unserved);
        test_async_batch_deinit(&b);
    }
}

static void test_the_warm_up_is_not_counted_and_changes_no_work(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch without, with;

        begin(&without, models[m], 4000, 50);
        run(&without);
        begin(&with, models[m], 4000, 50);
        with.warmup = 30;
        run(&with);
        assert_int_equal(with.run.warmup, 30);
        assert_int_equal(with.count, 50);
        assert_memory_equal(&with.ledger, &without.ledger, sizeof with.ledger);
        assert_true(with.begin_ns == with.samples[0].intended_ns);
        for (size_t i = 0; i < 80; i++)
            assert_int_equal(with.probe.runs[i], 1);
        test_async_batch_deinit(&with);
        test_async_batch_deinit(&without);
    }
}

static void test_a_share_of_the_jobs_blocks_the_loop(void **state)
{
    const char *const names[] = {"tasks", "sequential", "offload", "blocking", "pool", "threads"};
    bool chosen[200];
    size_t count = 0;

    (void)state;
    for (size_t m = 0; m < 6; m++) {
        struct test_async_batch b;

        begin(&b, find(names[m]), 4000, 200);
        b.load.poison = 0.25;
        b.probe.span_ns = NS_PER_MS / 4;
        run(&b);
        for (size_t i = 0; i < 200; i++) {
            bool held = b.probe.loop_held[i];

            if (m == 0) {
                chosen[i] = held;
                count += held;
            }
            /* seed and index choose the jobs; `blocking` blocks in all, threads in none */
            assert_int_equal(held, m < 3 ? chosen[i] : m == 3);
            assert_int_equal(b.samples[i].result, 0);
        }
        test_async_batch_deinit(&b);
    }
    assert_true(count > 30 && count < 70); /* 50 +- 3 standard deviations */
}

static void test_a_failed_job_is_in_its_sample_and_stops_nothing(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 5000, 20);
        b.probe.fails = 7;
        run(&b);
        for (size_t i = 0; i < b.count; i++)
            assert_int_equal(b.samples[i].result, i == 7 ? -EIO : 0);
        assert_int_equal(b.ledger.operations, 19);
        test_async_batch_deinit(&b);
    }
}

static void test_a_canceled_load_returns_after_its_jobs(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 10, 0);
        b.load.duration_ns = 300 * NS_PER_S;
        b.probe.span_ns = 30 * NS_PER_MS;
        b.cancel_after_ns = 20 * NS_PER_MS;
        assert_int_equal(test_async_batch_run(&b), -ECANCELED);
        assert_int_equal(b.running_at_end, 0);
        assert_true(b.end_ns - b.begin_ns < 100 * NS_PER_S);
        test_async_batch_deinit(&b);
    }
}

static void test_a_schedule_that_makes_no_sense_is_refused_in_a_sentence(void **state)
{
    struct service service = {.job = &(struct job){.count = 0}};
    struct load load = {.kind = LOAD_OPEN, .rate_per_s = 0.001, .duration_ns = NS_PER_MS};
    struct load_run r = {.load = &load, .service = &service};
    struct err err = {""};

    (void)state;
    assert_int_equal(load_prepare(&r, 0, 0, 1000, &err), -ERANGE);
    assert_non_null(strstr(err.text, "no job arrives"));
    load.rate_per_s = 1e9;
    assert_int_equal(load_prepare(&r, 0, 0, 1000, &err), -ERANGE);
    assert_non_null(strstr(err.text, "more than the 1000 arrivals"));
    load.kind = LOAD_BATCH;
    assert_int_equal(load_prepare(&r, 1, 1000, 1000, &err), -ERANGE);
    assert_null(service.samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model_gets_the_same_schedule_and_runs_each_job_once),
        cmocka_unit_test(test_a_blocked_loop_does_not_delay_the_schedule),
        cmocka_unit_test(test_a_server_in_turn_lets_the_loop_have_its_turn),
        cmocka_unit_test(test_the_area_is_that_of_the_samples),
        cmocka_unit_test(test_arrivals_beyond_the_limit_are_refused_and_counted),
        cmocka_unit_test(test_jobs_that_have_not_begun_in_time_are_unserved),
        cmocka_unit_test(test_the_warm_up_is_not_counted_and_changes_no_work),
        cmocka_unit_test(test_a_share_of_the_jobs_blocks_the_loop),
        cmocka_unit_test(test_a_failed_job_is_in_its_sample_and_stops_nothing),
        cmocka_unit_test(test_a_canceled_load_returns_after_its_jobs),
        cmocka_unit_test(test_a_schedule_that_makes_no_sense_is_refused_in_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
