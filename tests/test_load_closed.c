/* The promise: in a closed loop C clients are in the system at most, and as long as there is work,
 * each wanting its next job at the end of its last; it ends after the number or the time it was
 * given, and whatever fails, nothing hangs. */
#include "load/load_run.h"

#include "support/test_async_batch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void begin(struct test_async_batch *b, const struct model *model, uint64_t clients,
                  size_t jobs)
{
    test_async_batch_init(b, model, jobs);
    b->threads = 4;
    b->load = (struct load){.kind = LOAD_CLOSED, .clients = clients};
}

static void run(struct test_async_batch *b)
{
    assert_int_equal(test_async_batch_run(b), 0);
}

static int count_ended_by(const struct test_async_batch *b, uint64_t at_ns)
{
    int ended = 0;

    for (size_t i = 0; i < b->count; i++)
        ended += b->samples[i].finished_ns <= at_ns;
    return ended;
}

static int count_wanted_by(const struct test_async_batch *b, uint64_t at_ns)
{
    int wanted = 0;

    for (size_t i = 0; i < b->count; i++)
        wanted += b->samples[i].intended_ns <= at_ns;
    return wanted;
}

static void test_a_number_of_jobs_is_that_number(void **state)
{
    const size_t sizes[] = {1, 3, 5, 200};

    (void)state;
    for (size_t m = 0; m < models_count; m++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct test_async_batch b;

            begin(&b, models[m], 5, sizes[s]);
            b.warmup = 4;
            run(&b);
            assert_int_equal(b.count, sizes[s]);
            assert_int_equal(b.run.warmup, 4);
            assert_int_equal(b.ledger.operations, sizes[s]);
            for (size_t i = 0; i < TEST_ASYNC_BATCH_MAX; i++)
                assert_int_equal(b.probe.runs[i], i < sizes[s] + 4);
            assert_int_equal(count_wanted_by(&b, b.begin_ns - 1), 0);
            assert_true(count_wanted_by(&b, b.begin_ns) >= 1);
            assert_true(b.probe.most <= 5);
            test_async_batch_deinit(&b);
        }
}

static void test_the_next_job_is_wanted_when_one_has_ended(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;
        uint64_t sum_ns = 0;

        begin(&b, models[m], 4, 60);
        b.probe.span_ns = NS_PER_MS;
        run(&b);
        for (size_t i = 0; i < b.count; i++) {
            const struct sample *s = &b.samples[i];

            assert_true(s->intended_ns <= s->submitted_ns && s->submitted_ns <= s->started_ns);
            if (i < 4)
                assert_true(s->intended_ns == b.begin_ns);
            else /* not more than the clients were wanted and have not ended */
                assert_in_range(
                    count_wanted_by(&b, s->intended_ns) - count_ended_by(&b, s->intended_ns), 0, 4);
            sum_ns += sample_latency_ns(s);
        }
        assert_int_equal(b.run.in_flight_max, 4);
        assert_int_equal(b.run.area.stamped_ns, sum_ns);
        assert_true(b.run.area.driver_ns >= sum_ns);
        assert_true(b.run.area.driver_ns <= 4 * (b.end_ns - b.begin_ns));
        test_async_batch_deinit(&b);
    }
}

/* A busy machine may give a thread no turn while the others do all jobs: then again. */
static void test_clients_all_work_where_the_model_lets_them(void **state)
{
    const char *const names[] = {"tasks", "pool", "threads", "offload"};

    (void)state;
    for (size_t m = 0; m < 4; m++) {
        int most = 0;

        for (int attempt = 0; attempt < 20 && most < 4; attempt++) {
            struct test_async_batch b;

            begin(&b, model_find(names[m], NULL), 4, 40);
            b.probe.span_ns = 5 * NS_PER_MS;
            run(&b);
            most = (int)b.probe.most;
            test_async_batch_deinit(&b);
        }
        assert_int_equal(most, 4);
    }
}

/* One by time. A machine that stops for as long leaves nothing to measure: then again. */
static void run_by_time(struct test_async_batch *b, const struct model *model)
{
    for (int attempt = 0; attempt < 20; attempt++) {
        begin(b, model, 3, 0);
        b->load.duration_ns = 40 * NS_PER_MS;
        b->load.warmup_ns = 20 * NS_PER_MS;
        b->probe.span_ns = 3 * NS_PER_MS;
        run(b);
        if (b->count >= 1 && b->run.warmup >= 1)
            return;
        test_async_batch_deinit(b);
    }
    fail_msg("%s never ran a job in the time it was given", model->name);
}

static void test_a_duration_ends_what_is_wanted_but_not_what_runs(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        run_by_time(&b, models[m]);
        assert_int_equal(b.ledger.operations, b.count);
        assert_true(b.all_samples[b.run.warmup - 1].intended_ns < b.begin_ns);
        for (size_t i = 0; i < b.count; i++) {
            assert_int_equal(b.samples[i].result, 0);
            assert_true(b.samples[i].intended_ns >= b.begin_ns);
            assert_true(b.samples[i].intended_ns < b.begin_ns + b.load.duration_ns);
            assert_true(b.samples[i].finished_ns <= b.end_ns);
        }
        test_async_batch_deinit(&b);
    }
}

static void test_more_clients_than_jobs_are_no_trouble(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 50, 10);
        run(&b);
        assert_int_equal(b.count, 10);
        assert_int_equal(b.run.in_flight_max, 10);
        test_async_batch_deinit(&b);
    }
}

static void test_a_failed_job_is_in_its_sample_and_stops_nothing(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 3, 20);
        b.probe.fails = 7;
        run(&b);
        for (size_t i = 0; i < b.count; i++)
            assert_int_equal(b.samples[i].result, i == 7 ? -EIO : 0);
        test_async_batch_deinit(&b);
    }
}

static void test_a_canceled_load_returns_after_its_jobs(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 3, 0);
        b.load.duration_ns = 300 * NS_PER_S;
        b.probe.span_ns = 10 * NS_PER_MS;
        b.cancel_after_ns = 25 * NS_PER_MS;
        assert_int_equal(test_async_batch_run(&b), -ECANCELED);
        assert_int_equal(b.running_at_end, 0);
        assert_true(b.end_ns - b.begin_ns < 100 * NS_PER_S);
        test_async_batch_deinit(&b);
    }
}

/* A model that can take no more after some jobs, as when there are no more threads to be had. */
struct failing {
    const struct model *model;
    size_t taken; /* at most */
    atomic_size_t asked;
};

static _Atomic(struct failing *) failing; /* of the test that runs */

static int submit_some(struct service *s, size_t i)
{
    struct failing *f = atomic_load(&failing);

    return atomic_fetch_add(&f->asked, 1) < f->taken ? f->model->submit(s, i) : -EAGAIN;
}

/* Clients of other loops may ask until they learn of it. */
static void test_a_submit_that_fails_ends_the_load_in_order(void **state)
{
    const struct load loads[] = {
        {.kind = LOAD_BATCH},
        {.kind = LOAD_CLOSED, .clients = 5},
        {.kind = LOAD_OPEN, .rate_per_s = 5000, .drain_ns = NO_DEADLINE},
    };

    (void)state;
    for (size_t m = 0; m < models_count; m++)
        for (size_t k = 0; k < 3 && model_check(models[m], NULL) == 0; k++)
            for (size_t taken = 0; taken < 20; taken += 9) {
                struct failing f = {.model = models[m], .taken = taken};
                bool loops = models[m]->has_loops && loads[k].kind == LOAD_CLOSED;
                struct model model = *models[m];
                struct test_async_batch b;
                unsigned runs = 0;

                model.submit = submit_some;
                model.submit_all = NULL;
                atomic_store(&failing, &f);
                begin(&b, &model, 0, 40);
                b.load = loads[k];
                b.probe.span_ns = NS_PER_MS;
                assert_int_equal(test_async_batch_run(&b), -EAGAIN);
                assert_int_equal(b.running_at_end, 0);
                for (size_t i = 0; i < TEST_ASYNC_BATCH_MAX; i++)
                    runs += b.probe.runs[i];
                assert_true(runs <= taken);
                assert_in_range(f.asked, taken + 1, taken + 1 + (loops ? b.threads : 0));
                test_async_batch_deinit(&b);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_of_jobs_is_that_number),
        cmocka_unit_test(test_the_next_job_is_wanted_when_one_has_ended),
        cmocka_unit_test(test_clients_all_work_where_the_model_lets_them),
        cmocka_unit_test(test_a_duration_ends_what_is_wanted_but_not_what_runs),
        cmocka_unit_test(test_more_clients_than_jobs_are_no_trouble),
        cmocka_unit_test(test_a_failed_job_is_in_its_sample_and_stops_nothing),
        cmocka_unit_test(test_a_canceled_load_returns_after_its_jobs),
        cmocka_unit_test(test_a_submit_that_fails_ends_the_load_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
