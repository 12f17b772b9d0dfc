/* The promise: with the model `loops`, one loop that is blocked holds up its own jobs and no
 * others, jobs come to the loops in turn, and clients stay on their loop; of a batch, a loop takes
 * over what a blocked one has not begun. Whatever is wanted of it and whenever it is canceled, each
 * job runs once at most, has an end, and leaves nothing behind. */
#include "model/model.h"

#include "base/hash.h"
#include "base/random.h"
#include "support/test_async_batch.h"
#include "support/test_async_loop.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static void begin(struct test_async_batch *b, size_t jobs, unsigned threads)
{
    test_async_batch_init(b, &model_loops, jobs);
    b->threads = threads;
    job_set_seed(&b->job, 7);
}

static bool is_poisoned(const struct test_async_batch *b, size_t i)
{
    return random_uniform(job_seed(&b->job), RANDOM_POISON, i) < b->load.poison;
}

/* Does any job of loop `lane` start while job `long_one` runs? */
static bool one_starts_during(const struct test_async_batch *b, const struct sample *long_one,
                              unsigned lane)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct sample *s = &b->samples[i];

        if (s->lane == lane && s->started_ns > long_one->started_ns &&
            s->started_ns < long_one->finished_ns)
            return true;
    }
    return false;
}

/* A machine with one core may give the others no turn meanwhile, but it does at times. */
static void test_a_poisoned_job_blocks_its_own_loop_alone(void **state)
{
    struct test_async_batch b;
    size_t poisoned = 0;
    bool others = false;

    (void)state;
    begin(&b, 200, 2);
    b.load = (struct load){
        .kind = LOAD_OPEN, .rate_per_s = 2000, .drain_ns = NO_DEADLINE, .poison = 0.05};
    b.probe.span_ns = 5 * NS_PER_MS;
    assert_int_equal(test_async_batch_run(&b), 0);
    assert_int_equal(b.count, 200);
    for (size_t i = 0; i < b.count; i++)
        assert_int_equal(b.samples[i].lane, i % 2);
    for (size_t i = 0; i < b.count; i++)
        if (is_poisoned(&b, i)) {
            poisoned++;
            assert_false(one_starts_during(&b, &b.samples[i], b.samples[i].lane));
            others = others || one_starts_during(&b, &b.samples[i], 1 - b.samples[i].lane);
        }
    assert_true(poisoned > 2);
    assert_true(others);
    test_async_batch_deinit(&b);
}

/* 2 clients on 2 loops: jobs 0 and 1 are dealt out, and each loop has one client from then on. */
static void test_clients_stay_on_their_loop(void **state)
{
    struct test_async_batch b;

    (void)state;
    begin(&b, 60, 2);
    b.load = (struct load){.kind = LOAD_CLOSED, .clients = 2};
    b.probe.span_ns = NS_PER_MS;
    assert_int_equal(test_async_batch_run(&b), 0);
    for (unsigned lane = 0; lane < 2; lane++) {
        uint64_t free_ns = 0;
        size_t jobs = 0;

        for (size_t i = 0; i < b.count; i++)
            if (b.samples[i].lane == lane) {
                assert_true(b.samples[i].started_ns >= free_ns);
                free_ns = b.samples[i].finished_ns;
                jobs++;
            }
        assert_true(jobs > 1);
    }
    test_async_batch_deinit(&b);
}

/* The first CLIENTS jobs wait until CLIENTS jobs have begun; the others wait until all have. */
#define CLIENTS 100

struct meeting {
    atomic_uint begun;
    uint64_t until_ns; /* the test has failed */
    uint64_t span_ns;  /* how long the others wait, which a blocked job waits for */
};

static int meet(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    struct meeting *m = part->state;
    unsigned all = atomic_fetch_add(&m->begun, 1) < CLIENTS ? CLIENTS : 2 * CLIENTS;
    int err = 0;

    (void)index;
    while (atomic_load(&m->begun) < all && err == 0)
        err = clock_is_late(m->until_ns) ? -ETIMEDOUT : io_sleep(io, NS_PER_MS);
    ledger->operations = 1;
    return err;
}

/* The jobs of two loops end together, and each client has one more job to do. If a loop kept
 * numbers that its own clients do not need, clients of the other one would leave. */
static void test_no_client_leaves_while_there_are_jobs(void **state)
{
    static const struct job_type meeting_type = {.name = "meeting", .summary = "", .run = meet};
    struct meeting m = {.until_ns = clock_now_ns() + 20 * NS_PER_S};
    struct test_async_batch b;

    (void)state;
    begin(&b, 2 * CLIENTS, 2);
    b.job.parts[0].type = &meeting_type;
    b.job.parts[0].state = &m;
    b.load = (struct load){.kind = LOAD_CLOSED, .clients = CLIENTS};
    assert_int_equal(test_async_batch_run(&b), 0);
    assert_int_equal(b.ledger.operations, 2 * CLIENTS);
    test_async_batch_deinit(&b);
}

#define BATCH   200
#define CHUNK   13 /* an eighth of a loop's part: the jobs that begin with the one that waits */
#define TAKEN   (BATCH - CHUNK)
#define PATIENT (20 * NS_PER_S)

/* Job 0 blocks its loop until almost all others have ended. */
static int wait_for_others(struct io *io, struct job_part *part, uint64_t index,
                           struct job_ledger *ledger)
{
    struct meeting *m = part->state;
    int err = 0;

    while (index == 0 && atomic_load(&m->begun) < TAKEN)
        if (clock_is_late(m->until_ns))
            return -ETIMEDOUT;
    if (index != 0 && m->span_ns > 0)
        err = io_sleep(io, m->span_ns);
    atomic_fetch_add(&m->begun, 1);
    ledger->operations = 1;
    return err;
}

static void check_taken_over(uint64_t span_ns)
{
    static const struct job_type type = {.name = "others", .summary = "", .run = wait_for_others};
    struct meeting m = {.until_ns = clock_now_ns() + PATIENT, .span_ns = span_ns};
    struct test_async_batch b;

    begin(&b, BATCH, 2);
    b.job.parts[0].type = &type;
    b.job.parts[0].state = &m;
    assert_int_equal(test_async_batch_run(&b), 0);
    assert_int_equal(b.ledger.operations, BATCH);
    test_async_batch_deinit(&b);
}

static void test_a_loop_takes_over_what_a_blocked_one_has_not_begun(void **state)
{
    (void)state;
    check_taken_over(0);
}

/* The loop has begun all of its part, and its main task sleeps, when its last job ends. */
static void test_a_loop_whose_jobs_wait_takes_over_after_them(void **state)
{
    (void)state;
    check_taken_over(NS_PER_MS);
}

/* Loops draw numbers of short jobs many at a time, and have some left when the time is over. */
static void test_numbers_that_are_left_over_leave_no_gap(void **state)
{
    (void)state;
    for (int again = 0; again < 20; again++) {
        struct test_async_batch b;
        uint64_t counted = 0;

        begin(&b, 0, 3);
        b.load = (struct load){.kind = LOAD_CLOSED,
                               .clients = 8,
                               .duration_ns = NS_PER_MS / 2,
                               .warmup_ns = NS_PER_MS / 4,
                               .poison = again % 2 * 0.01};
        b.probe.span_ns = again % 4 < 2 ? 0 : 1;
        assert_int_equal(test_async_batch_run(&b), 0);
        for (size_t i = 0; i < b.run.count; i++) {
            const struct sample *s = &b.all_samples[i];

            assert_int_equal(s->result, 0);
            assert_true(sample_is_ordered(s) && s->lane < 3);
            assert_true((s->intended_ns < b.begin_ns) == (i < b.run.warmup));
            counted += s->intended_ns >= b.begin_ns;
        }
        assert_int_equal(b.ledger.operations, counted);
        test_async_batch_deinit(&b);
    }
}

static void test_a_cancellation_reaches_the_jobs_of_all_loops(void **state)
{
    struct test_async_batch b;

    (void)state;
    begin(&b, 20, 3);
    b.probe.span_ns = 1000 * NS_PER_S;
    b.cancel_after_ns = 5 * NS_PER_MS;
    assert_int_equal(test_async_batch_run(&b), -ECANCELED);
    for (size_t i = 0; i < b.count; i++)
        assert_int_equal(b.samples[i].result, -ECANCELED);
    test_async_batch_deinit(&b);
}

/* ---- A storm ---- */

static uint64_t next(uint64_t *random, uint64_t bound)
{
    *random = hash_mix(*random + 1);
    return *random % bound;
}

/* A load of some kind, that is canceled at some time or not. */
static void random_load(struct test_async_batch *b, uint64_t *random)
{
    size_t jobs = next(random, TEST_ASYNC_BATCH_MAX / 2);

    begin(b, jobs, 1 + (unsigned)next(random, 5));
    b->model = next(random, 2) == 0 ? &model_loops : &model_loops_uring;
    b->warmup = next(random, 3) * 10;
    b->load.poison = next(random, 3) == 0 ? 0.1 : 0;
    b->probe.span_ns = next(random, 4) * NS_PER_MS / 2;
    if (next(random, 2) == 0)
        b->cancel_after_ns = 1 + next(random, 4 * NS_PER_MS);
    switch (next(random, 3)) {
    case 0:
        b->load.kind = LOAD_CLOSED;
        b->load.clients = 1 + next(random, 50);
        break;
    case 1:
        b->jobs += jobs == 0; /* one at least arrives */
        b->load.kind = LOAD_OPEN;
        b->load.rate_per_s = 5e3 + (double)next(random, 100000);
        b->load.limit = next(random, 2) * 5;
        b->load.drain_ns = next(random, 2) == 0 ? NO_DEADLINE : NS_PER_MS;
    }
}

static void check_storm(const struct test_async_batch *b)
{
    uint64_t good = 0;

    assert_int_equal(b->running_at_end, 0);
    for (size_t i = 0; i < TEST_ASYNC_BATCH_MAX; i++)
        assert_true(b->probe.runs[i] <= 1);
    for (size_t i = 0; i < b->count; i++) {
        const struct sample *s = &b->samples[i];

        assert_true(s->result == 0 || s->result == -ECANCELED || s->result == SAMPLE_REFUSED ||
                    s->result == SAMPLE_UNSERVED);
        assert_true(b->cancel_after_ns > 0 || s->result != -ECANCELED);
        good += s->result == 0 && s->finished_ns > 0; /* canceled warm-up: never wanted */
    }
    assert_int_equal(b->ledger.operations, good);
}

static void test_a_storm_of_loads_and_cancellations(void **state)
{
    uint64_t random = 1;

    (void)state;
    for (int i = 0; i < 60; i++) {
        struct test_async_batch b;
        int err;

        random_load(&b, &random);
        err = test_async_batch_run(&b);
        assert_true(err == 0 || (err == -ECANCELED && b.cancel_after_ns > 0));
        check_storm(&b);
        test_async_batch_deinit(&b);
    }
}

/* ---- What cannot be had ---- */

/* No descriptor is left from here on. */
static int open_without_descriptors(void *arg)
{
    struct job job = {.count = 0};
    struct service s = {.model = &model_loops, .job = &job, .threads = 3};
    struct rlimit before, none;
    int next = dup(STDOUT_FILENO), r;

    EXPECT(next >= 0 && close(next) == 0 && job_parse("null", &job, NULL) == 0);
    EXPECT(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = (struct rlimit){(rlim_t)next, before.rlim_max};
    EXPECT(setrlimit(RLIMIT_NOFILE, &none) == 0);
    r = service_open(&s, arg);
    setrlimit(RLIMIT_NOFILE, &before);
    return r;
}

static void test_a_loop_that_cannot_run_is_named(void **state)
{
    struct err err = {""};

    (void)state;
    assert_int_equal(test_async_run(open_without_descriptors, &err), -EMFILE);
    assert_string_equal(err.text, "cannot run loop 3 of 3: Too many open files");
}

/* More threads than fit into the address space that is left. */
static int open_without_threads(void *arg)
{
    struct job job = {.count = 0};
    struct service s = {.model = &model_loops, .job = &job, .threads = 40};
    struct rlimit before, little;
    char statm[64] = "";
    FILE *f = fopen("/proc/self/statm", "r");
    int r;

    EXPECT(f != NULL && fgets(statm, sizeof statm, f) != NULL && fclose(f) == 0);
    EXPECT(job_parse("null", &job, NULL) == 0 && getrlimit(RLIMIT_AS, &before) == 0);
    little = before;
    little.rlim_cur = strtoull(statm, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + (32 << 20);
    EXPECT(setrlimit(RLIMIT_AS, &little) == 0);
    mallopt(M_PERTURB, 0xa5); /* memory is full of something, as it is in a program of some age */
    r = service_open(&s, arg);
    mallopt(M_PERTURB, 0);
    setrlimit(RLIMIT_AS, &before);
    return r;
}

static void test_threads_that_cannot_be_had_are_named(void **state)
{
    const char *sanitizers = getenv("TVA_SANITIZE");
    struct err err = {""};

    (void)state;
    if (sanitizers != NULL && sanitizers[0] != '\0')
        skip(); /* they need more address space than a limit leaves */
    assert_int_equal(test_async_run(open_without_threads, &err), -EAGAIN);
    assert_non_null(strstr(err.text, " of 40 threads ("));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_poisoned_job_blocks_its_own_loop_alone),
        cmocka_unit_test(test_clients_stay_on_their_loop),
        cmocka_unit_test(test_no_client_leaves_while_there_are_jobs),
        cmocka_unit_test(test_a_loop_takes_over_what_a_blocked_one_has_not_begun),
        cmocka_unit_test(test_a_loop_whose_jobs_wait_takes_over_after_them),
        cmocka_unit_test(test_numbers_that_are_left_over_leave_no_gap),
        cmocka_unit_test(test_a_cancellation_reaches_the_jobs_of_all_loops),
        cmocka_unit_test(test_a_storm_of_loads_and_cancellations),
        cmocka_unit_test(test_a_loop_that_cannot_run_is_named),
        cmocka_unit_test(test_threads_that_cannot_be_had_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
