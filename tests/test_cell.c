/* The promise: a cell has a name that tells what it is, an ideal that follows from its model and
 * job, and what it needs is held against the limits of the system before it runs. */
#include "run/cell.h"

#include "async/thread_pool.h"
#include "job/wire.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

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

static void test_cells_have_names(void **state)
{
    struct cell c = make("pool", "sleep", 100), d = make("tasks", "tcp:delay=5ms", 1000000);
    char buf[320];

    (void)state;
    assert_string_equal(cell_group(&c, buf, sizeof buf), "sleep:duration=10ms x 100");
    assert_string_equal(cell_name(&c, buf, sizeof buf), "pool(4) sleep:duration=10ms x 100");
    assert_string_equal(cell_group(&d, buf, sizeof buf), "tcp:bytes=64,delay=5ms x 1000000");
    assert_string_equal(cell_name(&d, buf, sizeof buf), "tasks tcp:bytes=64,delay=5ms x 1000000");
}

static void test_loads_are_in_the_name_and_have_no_ideal(void **state)
{
    struct cell c = make("pool", "sleep", 0);
    char buf[CELL_NAME_SIZE];

    (void)state;
    c.load = (struct load){.kind = LOAD_OPEN, .rate_per_s = 500, .duration_ns = 2 * NS_PER_S};
    c.load.drain_ns = 2 * NS_PER_S;
    assert_string_equal(cell_name(&c, buf, sizeof buf),
                        "pool(4) sleep:duration=10ms @ 500/s poisson 2s");
    assert_int_equal(cell_ideal_ns(&c, 0, 2), 0);
    assert_int_equal(cell_expected_ns(&c), 4 * NS_PER_S);
    assert_int_equal(cell_in_flight(&c), 5); /* 500/s x 10 ms */
    c.load.limit = 3;
    assert_int_equal(cell_in_flight(&c), 3);
    c.load = (struct load){.kind = LOAD_CLOSED, .clients = 8};
    c.jobs = 100;
    assert_string_equal(cell_group(&c, buf, sizeof buf), "sleep:duration=10ms, 8 clients x 100");
    assert_int_equal(cell_in_flight(&c), 8);
    assert_int_equal(cell_warmup_jobs(&c), 10);
    assert_int_equal(cell_expected_ns(&c), 28 * 10 * NS_PER_MS); /* 110 jobs by 4 lanes */
}

static void test_ideals_follow_from_the_model(void **state)
{
    const struct {
        const char *model;
        uint64_t ideal_ms;
    } cases[] = {{"sequential", 1000}, {"tasks", 10}, {"pool", 250}, {"blocking", 1000}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct cell c = make(cases[i].model, "sleep", 100);

        assert_true(cell_ideal_ns(&c, 999, 2) == cases[i].ideal_ms * NS_PER_MS);
        c = make(cases[i].model, "cpu", 100);
        assert_true(cell_ideal_ns(&c, 1000, 2) == (i == 2 ? 50000 : 100000));
    }
}

/* Each job waits and computes for the sum of its parts; measured ones take 1 ms together. Tasks
 * compute one after the other, behind the first 15 ms and before the last 5 ms. */
static void test_ideals_of_sums_add_their_parts_up(void **state)
{
    const struct {
        const char *model;
        uint64_t ideal_ms;
    } cases[] = {{"sequential", 2400}, {"tasks", 420}, {"pool", 600}, {"blocking", 2400}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct cell c =
            make(cases[i].model, "sleep:ms=15 + cpu:time=3ms + file + cpu + sleep:ms=5", 100);

        assert_true(cell_ideal_ns(&c, NS_PER_MS, 2) == cases[i].ideal_ms * NS_PER_MS);
        assert_true(cell_ideal_job_ns(&c, NS_PER_MS) == 24 * NS_PER_MS);
    }
}

/* The sum, the longest, and what lanes cannot do better than. */
static void test_ideals_of_jobs_that_differ_are_bounds(void **state)
{
    struct cell c = make("sequential", "sleep:duration=1s,dist=exp", 50);
    uint64_t sum = 0, longest = 0, quarter;

    (void)state;
    job_set_seed(&c.job, 3);
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t ns = job_wait_ns(&c.job, i);

        sum += ns;
        longest = ns > longest ? ns : longest;
    }
    assert_true(cell_ideal_ns(&c, 0, 2) == sum);
    c.model = model_find("tasks", NULL);
    assert_true(cell_ideal_ns(&c, 0, 2) == longest);
    c.model = model_find("pool", NULL); /* of 4 */
    quarter = (sum + 3) / 4;
    assert_true(cell_ideal_ns(&c, 0, 2) == (quarter > longest ? quarter : longest));
    c.jobs = 1;
    assert_true(cell_ideal_ns(&c, 0, 2) == job_wait_ns(&c.job, 0));
}

/* No job computes before the shortest first wait is over. */
static void test_ideals_hold_the_shortest_first_wait_of_jobs_that_differ(void **state)
{
    struct cell c = make("tasks", "sleep:duration=1s,dist=uniform + cpu:time=1s + sleep:ms=7", 50);
    uint64_t shortest = UINT64_MAX;

    (void)state;
    job_set_seed(&c.job, 3);
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t ns = job_wait_ns(&c.job, i);

        shortest = ns < shortest ? ns : shortest;
    }
    assert_true(cell_ideal_ns(&c, 0, 2) == shortest + 50 * NS_PER_S);
    c = make("tasks", "null + mixed:total=10ms,cpu=20% + sleep:ms=3", 100); /* it computes first */
    assert_true(cell_ideal_ns(&c, 0, 2) == (200 + 3) * NS_PER_MS);
}

/* 10 million jobs, and 100,000 of 1,000 requests: more than are looked at, and it takes no time. */
static void test_ideals_of_very_many_jobs_are_taken_from_some(void **state)
{
    struct cell c = make("sequential", "sleep:duration=1ms,dist=exp", 10000000);
    struct cell r = make("sequential", "tcp:delay=1ms,dist=exp,requests=1000", 100000);

    (void)state;
    assert_in_range(cell_ideal_ns(&c, 0, 2), 9980 * NS_PER_S, 10020 * NS_PER_S);
    assert_in_range(cell_ideal_ns(&r, 0, 2), 99800 * NS_PER_S, 100200 * NS_PER_S);
}

static void test_ideals_of_computing_that_differs(void **state)
{
    struct cell c = make("tasks", "cpu:rounds=1M,dist=uniform", 100);
    double shares = 0;
    uint64_t ideal;

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        shares += job_cpu_share(&c.job, i);
    ideal = cell_ideal_ns(&c, NS_PER_MS, 2);
    assert_true(ideal <= (uint64_t)(shares * 1e6) && ideal + 100 >= (uint64_t)(shares * 1e6));
    c.model = model_find("pool", NULL); /* on 2 cores */
    assert_in_range(cell_ideal_ns(&c, NS_PER_MS, 2), ideal / 2, ideal / 2 + 1);
}

static void test_stacks_are_as_large_as_asked_for_or_needed(void **state)
{
    struct cell tasks = make("tasks", "http", 10), blocking = make("blocking", "http", 10);
    struct cell sleeps = make("blocking", "sleep", 10);

    (void)state;
    assert_int_equal(cell_stack_size(&tasks), tasks.stack_size);
    assert_int_equal(cell_stack_size(&sleeps), sleeps.stack_size);
    assert_int_equal(cell_stack_size(&blocking), job_traits(&blocking.job).stack_blocking);
    assert_true(cell_stack_size(&blocking) > blocking.stack_size);
    blocking.stack_size = 1 << 20;
    assert_int_equal(cell_stack_size(&blocking), 1 << 20);
    tasks.load.poison = 0.5; /* blocking calls on a task's stack */
    assert_int_equal(cell_stack_size(&tasks), job_traits(&tasks.job).stack_blocking);
    tasks.load.poison = 0;
    tasks.stack_size = 0;
    assert_int_equal(cell_stack_size(&tasks), cell_default().stack_size);
}

static void check_limits(void *arg)
{
    const struct rlimit files = {100, 100};
    int loops = (int)wire_target_loops(thread_pool_cores(), 100);
    char needed[32];
    struct cell c = make("tasks", "tcp", 1000);
    struct err err = {""};

    (void)arg;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        _exit(1);
    if (cell_check_limits(&c, &err) != -EMFILE || strstr(err.text, "limit is 100") == NULL)
        _exit(2);
    c = make("sequential", "tcp", 1000); /* one at a time */
    if (cell_check_limits(&c, &err) != 0)
        _exit(3);
    c = make("pool", "http", 1000); /* of 4 threads */
    if (cell_check_limits(&c, &err) != 0)
        _exit(6);
    c.threads = 30; /* whose handles have three descriptors each */
    if (cell_check_limits(&c, &err) != -EMFILE || strstr(err.text, "needs 124") == NULL)
        _exit(7);
    c = make("tasks", "tcp + tcp + null", 34); /* two connections each */
    snprintf(needed, sizeof needed, "needs %d", loops == 1 ? 102 : 24 + 8 * loops + 1 + 68);
    if (cell_check_limits(&c, &err) != -EMFILE || strstr(err.text, needed) == NULL)
        _exit(12);
    c = make("tasks", "tcp",
             66); /* which this process has room for, and a target of several loops not */
    if (cell_check_limits(&c, &err) != (loops == 1 ? 0 : -EMFILE))
        _exit(13);
    c = make("loops", "null", 10);
    c.threads = 7; /* each loop has descriptors of its own */
    if (cell_check_limits(&c, &err) != -EMFILE || strstr(err.text, "needs 104") == NULL)
        _exit(11);
    c = make("pool", "null", 10);
    c.threads = 100000000;
    if (cell_check_limits(&c, &err) != -EAGAIN || strstr(err.text, "100000000") == NULL)
        _exit(4);
    c = make("threads", "null", 9999999);
    if (cell_check_limits(&c, &err) != -EAGAIN || strstr(err.text, "9999999") == NULL)
        _exit(6);
    c.load = (struct load){.kind = LOAD_CLOSED, .clients = 2}; /* of which 2 run at once */
    if (cell_check_limits(&c, &err) != 0)
        _exit(8);
    c = make("tasks", "tcp", 0);
    c.load = (struct load){.kind = LOAD_OPEN, .rate_per_s = 10, .limit = 1000};
    if (cell_check_limits(&c, &err) != -EMFILE || strstr(err.text, "limit is 100") == NULL)
        _exit(9);
    c.load.limit = 10;
    if (cell_check_limits(&c, &err) != 0)
        _exit(10);
    c.model = model_find("tasks", NULL); /* which has no use for threads */
    if (cell_check_limits(&c, &err) != 0)
        _exit(5);
}

static void test_limits_are_named_before_the_run(void **state)
{
    (void)state;
    assert_int_equal(test_async_fork(check_limits, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_have_names),
        cmocka_unit_test(test_loads_are_in_the_name_and_have_no_ideal),
        cmocka_unit_test(test_ideals_follow_from_the_model),
        cmocka_unit_test(test_ideals_of_sums_add_their_parts_up),
        cmocka_unit_test(test_ideals_of_jobs_that_differ_are_bounds),
        cmocka_unit_test(test_ideals_hold_the_shortest_first_wait_of_jobs_that_differ),
        cmocka_unit_test(test_ideals_of_very_many_jobs_are_taken_from_some),
        cmocka_unit_test(test_ideals_of_computing_that_differs),
        cmocka_unit_test(test_stacks_are_as_large_as_asked_for_or_needed),
        cmocka_unit_test(test_limits_are_named_before_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
