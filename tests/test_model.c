/* The promise: every model runs every job exactly once and stamps it truthfully, does the same work
 * as every other, and is what its name says: one after the other, all at once, on P threads, or
 * blocked. */
#include "model/model.h"

#include "base/hash.h"
#include "support/test_async_batch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void begin(struct test_async_batch *b, const struct model *model, size_t jobs)
{
    test_async_batch_init(b, model, jobs);
    b->threads = 4;
}

static void run(struct test_async_batch *b)
{
    assert_int_equal(test_async_batch_run(b), 0);
}

static const struct model *find(const char *name)
{
    const struct model *model = model_find(name, NULL);

    assert_non_null(model);
    return model;
}

static void test_the_registry_has_the_models(void **state)
{
    const char *const names[] = {"sequential", "tasks", "pool",  "blocking",   "threads",
                                 "offload",    "loops", "uring", "loops-uring"};
    struct err err = {""};

    (void)state;
    assert_int_equal(models_count, sizeof names / sizeof *names);
    for (size_t i = 0; i < models_count; i++) {
        bool has_loops = strncmp(names[i], "loops", 5) == 0;
        bool on_ring = strstr(names[i], "uring") != NULL;
        bool has_pool = strcmp(names[i], "pool") == 0 || strcmp(names[i], "offload") == 0;

        assert_string_equal(models[i]->name, names[i]);
        assert_ptr_equal(model_find(names[i], &err), models[i]);
        assert_true(models[i]->uses_threads == (has_pool || has_loops));
        assert_true(models[i]->has_loops == has_loops);
        assert_true((models[i]->io == MODEL_IO_ASYNC) == (i < 2 || i == 6));
        assert_true(models[i]->on_request == (i == 8));
        assert_true((models[i]->io == MODEL_IO_RING) == on_ring);
        assert_true(models[i]->on_ring == NULL || models[i]->on_ring->io == MODEL_IO_RING);
    }
    assert_ptr_equal(model_tasks.on_ring, &model_uring);
    assert_ptr_equal(model_loops.on_ring, &model_loops_uring);
    assert_string_equal(err.text, "");
    assert_null(model_find("task", &err));
    assert_non_null(strstr(err.text, "unknown model \"task\"; did you mean \"tasks\"?"));
    assert_non_null(strstr(
        err.text,
        "valid: sequential, tasks, pool, blocking, threads, offload, loops, uring, loops-uring"));
    assert_null(model_find("", NULL));
}

static void test_lanes_are_those_of_the_theory(void **state)
{
    (void)state;
    assert_int_equal(model_lanes(find("sequential"), 100, 6), 1);
    assert_int_equal(model_lanes(find("blocking"), 100, 6), 1);
    assert_int_equal(model_lanes(find("tasks"), 100, 6), 100);
    assert_int_equal(model_lanes(find("pool"), 100, 6), 6);
    assert_int_equal(model_lanes(find("offload"), 100, 6), 6);
    assert_int_equal(model_lanes(find("threads"), 100, 6), 100);
    assert_int_equal(model_lanes(find("loops"), 100, 6), 100);
    for (size_t i = 0; i < models_count; i++)
        assert_int_equal(model_cpu_lanes(models[i], 6, 2),
                         models[i]->on_threads || models[i]->has_loops ? 2 : 1);
    assert_int_equal(model_cpu_lanes(find("pool"), 2, 8), 2);
    assert_int_equal(model_cpu_lanes(find("offload"), 2, 8), 2);
    assert_int_equal(model_cpu_lanes(find("threads"), 2, 8), 8);
    assert_int_equal(model_cpu_lanes(find("loops"), 2, 8), 2);
    assert_int_equal(model_os_threads(find("tasks"), 100, 6), 0);
    assert_int_equal(model_os_threads(find("loops"), 100, 6), 6);
    assert_int_equal(model_os_threads(find("pool"), 100, 6), 6);
    assert_int_equal(model_os_threads(find("offload"), 100, 6), 6);
    assert_int_equal(model_os_threads(find("threads"), 100, 6), 100);
}

static void test_each_job_runs_exactly_once(void **state)
{
    const size_t sizes[] = {0, 1, 3, 200};

    (void)state;
    for (size_t m = 0; m < models_count; m++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct test_async_batch b;
            uint64_t checksum = 0;

            begin(&b, models[m], sizes[s]);
            b.warmup = 30;
            run(&b);
            for (size_t i = 0; i < TEST_ASYNC_BATCH_MAX; i++)
                assert_int_equal(b.probe.runs[i], i < sizes[s] + 30);
            for (size_t i = 0; i < sizes[s]; i++) {
                checksum += hash_mix(i);
                assert_int_equal(b.samples[i].result, 0);
            }
            assert_true(b.ledger.checksum == checksum);
            assert_int_equal(b.ledger.operations, sizes[s]);
            test_async_batch_deinit(&b);
        }
}

static void test_the_four_stamps_are_in_order(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 20);
        b.probe.span_ns = NS_PER_MS / 2;
        run(&b);
        for (size_t i = 0; i < b.jobs; i++) {
            const struct sample *s = &b.samples[i];

            assert_true(s->intended_ns == b.begin_ns);
            assert_true(s->intended_ns <= s->submitted_ns && s->submitted_ns <= s->started_ns);
            assert_true(s->finished_ns - s->started_ns >= b.probe.span_ns);
            assert_true(s->finished_ns <= b.end_ns);
            assert_true(i == 0 || b.samples[i - 1].submitted_ns <= s->submitted_ns);
        }
        test_async_batch_deinit(&b);
    }
}

static void test_all_models_do_the_same_work(void **state)
{
    const char *const jobs[] = {"null",
                                "sleep:duration=100us",
                                "cpu:rounds=500",
                                "mixed:total=100us,cpu=30%",
                                "file:size=128k,blocks=3",
                                "file:size=128k,op=write,fsync=on",
                                "sleep:us=50,dist=exp + mixed:total=50us + null",
                                "sleep:us=50 + file:size=128k + cpu:time=10us + file:size=64k"};

    (void)state;
    for (size_t j = 0; j < sizeof jobs / sizeof *jobs; j++) {
        struct job_ledger first = {0};

        for (size_t m = 0; m < models_count; m++) {
            struct test_async_batch b;

            begin(&b, models[m], 25);
            assert_int_equal(job_parse(jobs[j], &b.job, NULL), 0);
            job_set_seed(&b.job, 5);
            run(&b);
            assert_true(b.ledger.operations >= 25);
            if (m == 0)
                first = b.ledger;
            assert_memory_equal(&b.ledger, &first, sizeof first);
            test_async_batch_deinit(&b);
        }
    }
}

static void test_sequential_and_blocking_take_one_after_the_other(void **state)
{
    const char *const names[] = {"sequential", "blocking"};

    (void)state;
    for (size_t m = 0; m < 2; m++) {
        struct test_async_batch b;

        begin(&b, find(names[m]), 15);
        b.probe.span_ns = NS_PER_MS;
        run(&b);
        assert_int_equal(b.probe.most, 1);
        for (size_t i = 0; i < b.jobs; i++) {
            assert_int_equal(b.samples[i].lane, 0);
            assert_true(i == 0 || b.samples[i].started_ns >= b.samples[i - 1].finished_ns);
        }
        assert_true(b.end_ns - b.begin_ns >= 15 * NS_PER_MS);
        test_async_batch_deinit(&b);
    }
}

static void test_tasks_all_wait_at_once(void **state)
{
    struct test_async_batch b;
    uint64_t last_start_ns = 0, first_finish_ns = UINT64_MAX;

    (void)state;
    begin(&b, find("tasks"), 200);
    b.probe.span_ns = 20 * NS_PER_MS;
    run(&b);
    assert_int_equal(b.probe.most, 200);
    for (size_t i = 0; i < b.jobs; i++) {
        const struct sample *s = &b.samples[i];

        assert_int_equal(s->lane, 0);
        assert_true(i == 0 || s->started_ns >= b.samples[i - 1].started_ns);
        last_start_ns = s->started_ns > last_start_ns ? s->started_ns : last_start_ns;
        first_finish_ns = s->finished_ns < first_finish_ns ? s->finished_ns : first_finish_ns;
    }
    assert_true(last_start_ns < first_finish_ns);
    test_async_batch_deinit(&b);
}

/* A job of this kind ends only when P run at the same time. */
static void test_the_pool_runs_on_all_its_threads_and_no_more(void **state)
{
    uint64_t lane_free_ns[4] = {0};
    struct test_async_batch b;
    unsigned lanes = 0;

    (void)state;
    begin(&b, find("pool"), 40);
    assert_int_equal(pthread_barrier_init(&b.probe.meeting, NULL, 4), 0);
    b.probe.meet = true;
    run(&b);
    pthread_barrier_destroy(&b.probe.meeting);
    assert_int_equal(b.probe.most, 4);
    for (size_t i = 0; i < b.jobs; i++) { /* the queue is first in, first out */
        const struct sample *s = &b.samples[i];

        assert_true(s->lane < 4);
        assert_true(s->started_ns >= lane_free_ns[s->lane]);
        lane_free_ns[s->lane] = s->finished_ns;
        lanes |= 1u << s->lane;
    }
    assert_int_equal(lanes, 0xf);
    test_async_batch_deinit(&b);
}

/* Here too: the meeting comes about only when so many run at once. */
static void test_offload_has_as_many_threads_and_threads_one_for_each_job(void **state)
{
    const struct {
        const char *name;
        size_t jobs;
        unsigned at_once;
    } cases[] = {{"offload", 40, 4}, {"threads", 24, 24}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct test_async_batch b;

        begin(&b, find(cases[i].name), cases[i].jobs);
        assert_int_equal(pthread_barrier_init(&b.probe.meeting, NULL, cases[i].at_once), 0);
        b.probe.meet = true;
        run(&b);
        pthread_barrier_destroy(&b.probe.meeting);
        assert_int_equal(b.probe.most, cases[i].at_once);
        test_async_batch_deinit(&b);
    }
}

/* Each loop gets its share of a batch, and runs it as `tasks` does. Where a machine gives a loop no
 * turn while the others run theirs, again. */
static void test_loops_share_a_batch_and_all_wait_at_once(void **state)
{
    int most = 0;

    (void)state;
    for (int attempt = 0; attempt < 20 && most < 200; attempt++) {
        uint64_t last_start_ns[4] = {0};
        struct test_async_batch b;

        begin(&b, find("loops"), 200);
        b.probe.span_ns = 200 * NS_PER_MS;
        run(&b);
        most = b.probe.most;
        for (size_t i = 0; i < b.jobs; i++) {
            const struct sample *s = &b.samples[i];

            assert_int_equal(s->lane, i / 50);
            assert_true(s->started_ns >= last_start_ns[s->lane]);
            last_start_ns[s->lane] = s->started_ns;
        }
        test_async_batch_deinit(&b);
    }
    assert_int_equal(most, 200);
}

/* A loop that computes does not hold the others: the meeting needs all of them at once, and no loop
 * can take another's job before it has run its own. */
static void test_loops_run_at_the_same_time(void **state)
{
    struct test_async_batch b;

    (void)state;
    begin(&b, find("loops"), 4);
    assert_int_equal(pthread_barrier_init(&b.probe.meeting, NULL, 4), 0);
    b.probe.meet = true;
    run(&b);
    pthread_barrier_destroy(&b.probe.meeting);
    assert_int_equal(b.probe.most, 4);
    test_async_batch_deinit(&b);
}

static uint64_t longest_lag_ns(const struct test_async_batch *b)
{
    uint64_t most_ns = 0;

    for (size_t i = 0; i < b->beats_count; i++)
        if (b->beats[i].woke_ns - b->beats[i].due_ns > most_ns)
            most_ns = b->beats[i].woke_ns - b->beats[i].due_ns;
    return most_ns;
}

/* Jobs that take a tenth of a second together. How many beats the loop had meanwhile. */
static size_t run_beside_beats(struct test_async_batch *b, const struct model *model)
{
    size_t beats = 0;

    begin(b, model, model_lanes(model, 10, 1) == 10 ? 1 : 10);
    b->threads = 1;
    b->probe.span_ns = 100 * NS_PER_MS / b->jobs;
    run(b);
    for (size_t i = 0; i < b->beats_count; i++)
        beats += b->beats[i].woke_ns < b->end_ns;
    return beats;
}

/* Where a machine may have stopped for that time, it is done again; `blocking` blocks always.
 */
static void test_blocking_blocks_the_loop_and_the_others_do_not(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        bool blocks = strcmp(models[m]->name, "blocking") == 0;
        struct test_async_batch b;
        size_t beats = run_beside_beats(&b, models[m]);

        if (blocks)
            assert_true(longest_lag_ns(&b) >= (b.end_ns - b.begin_ns) * 9 / 10);
        for (int again = 0; !blocks && beats < 3 && again < 20; again++) {
            test_async_batch_deinit(&b);
            beats = run_beside_beats(&b, models[m]);
        }
        assert_true(blocks ? beats == 0 : beats >= 3);
        test_async_batch_deinit(&b);
    }
}

static void test_a_failed_job_is_in_its_sample_and_stops_nothing(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 20);
        b.probe.fails = 7;
        run(&b);
        for (size_t i = 0; i < b.jobs; i++)
            assert_int_equal(b.samples[i].result, i == 7 ? -EIO : 0);
        test_async_batch_deinit(&b);
    }
}

static void test_a_canceled_batch_returns_after_its_jobs(void **state)
{
    (void)state;
    for (size_t m = 0; m < models_count; m++) {
        struct test_async_batch b;

        begin(&b, models[m], 8);
        b.probe.span_ns = 20 * NS_PER_MS;
        b.cancel_after_ns = 5 * NS_PER_MS;
        test_async_batch_run(&b);
        assert_int_equal(b.running_at_end, 0);
        for (size_t i = 0; i < b.jobs; i++)
            assert_true(b.samples[i].finished_ns >= b.samples[i].started_ns);
        test_async_batch_deinit(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_registry_has_the_models),
        cmocka_unit_test(test_lanes_are_those_of_the_theory),
        cmocka_unit_test(test_each_job_runs_exactly_once),
        cmocka_unit_test(test_the_four_stamps_are_in_order),
        cmocka_unit_test(test_all_models_do_the_same_work),
        cmocka_unit_test(test_sequential_and_blocking_take_one_after_the_other),
        cmocka_unit_test(test_tasks_all_wait_at_once),
        cmocka_unit_test(test_the_pool_runs_on_all_its_threads_and_no_more),
        cmocka_unit_test(test_offload_has_as_many_threads_and_threads_one_for_each_job),
        cmocka_unit_test(test_loops_share_a_batch_and_all_wait_at_once),
        cmocka_unit_test(test_loops_run_at_the_same_time),
        cmocka_unit_test(test_blocking_blocks_the_loop_and_the_others_do_not),
        cmocka_unit_test(test_a_failed_job_is_in_its_sample_and_stops_nothing),
        cmocka_unit_test(test_a_canceled_batch_returns_after_its_jobs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
