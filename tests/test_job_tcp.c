/* The promise: the tcp job counts a reply only when it is the one that was asked for, held for as
 * long as was asked for; anything else is the job's error; and it keeps or closes connections as
 * asked. */
#include "job/job.h"

#include "support/io_fake.h"
#include "support/test_async_jobs.h"
#include "support/test_async_process.h"
#include "support/test_async_target.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define JOBS 8

static struct test_async_jobs parse(const char *text)
{
    struct test_async_jobs jobs = {.n = JOBS};

    if (job_parse(text, &jobs.job, &jobs.err) != 0)
        fail_msg("%s: %s", text, jobs.err.text);
    job_set_seed(&jobs.job, 7);
    return jobs;
}

/* Run against a target with that fault; *seen is the target afterwards. */
static int run(struct test_async_jobs *j, int backend, enum test_async_fault fault,
               struct test_async_target *seen)
{
    size_t before = test_async_open_fds();
    int r = test_async_target_start(seen, fault);

    assert_int_equal(r, 0);
    job_set_target(&j->job, &seen->addr);
    r = test_async_jobs_run(j, (enum test_async_backend)backend);
    test_async_target_stop(seen);
    if (backend == TEST_ASYNC_BLOCKING)
        assert_int_equal(test_async_open_fds(), before);
    return r;
}

static void test_requests_are_answered_and_counted(void **state)
{
    const struct {
        const char *text;
        unsigned requests, connections;
        uint64_t bytes_out, bytes_in;
    } cases[] = {
        {"tcp", 8, 1, 8 * 64, 8 * 64},
        {"tcp:keep=off", 8, 8, 8 * 64, 8 * 64},
        {"tcp:bytes=24", 8, 1, 8 * 24, 8 * 24},
        {"tcp:bytes=1000,reply=24,requests=3", 24, 1, 24 * 1000, 24 * 24},
        {"tcp:bytes=100,reply=1000,requests=2,keep=off", 16, 8, 16 * 100, 16 * 1000},
        {"tcp:bytes=300k,reply=1M", 8, 1, 8 * 300 * 1024, 8 << 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct job_ledger sums[TEST_ASYNC_BACKENDS];

        for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
            struct test_async_jobs j = parse(cases[i].text);
            struct test_async_target seen;

            assert_int_equal(run(&j, backend, TEST_ASYNC_NO_FAULT, &seen), 0);
            assert_int_equal(seen.requests, cases[i].requests);
            assert_int_equal(seen.connections, cases[i].connections);
            assert_int_equal(j.sum.operations, cases[i].requests);
            assert_int_equal(j.sum.bytes_out, cases[i].bytes_out);
            assert_int_equal(j.sum.bytes_in, cases[i].bytes_in);
            sums[backend] = j.sum;
        }
        assert_true(sums[0].checksum == sums[1].checksum);
    }
}

static void test_the_delay_is_waited_for(void **state)
{
    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = parse("tcp:delay=2ms,requests=2");
        struct test_async_target seen;

        assert_int_equal(run(&j, backend, TEST_ASYNC_NO_FAULT, &seen), 0);
        assert_true(j.shortest_ns >= 4 * NS_PER_MS);
        assert_true(job_wait_ns(&j.job, 0) == 4 * NS_PER_MS);
    }
}

/* This target says that it held each reply for exactly the delay. A reply at once is not split. */
static void test_lateness_is_split_within_the_time_it_took(void **state)
{
    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs held = parse("tcp:delay=2ms,requests=2"), plain = parse("tcp");
        struct test_async_target seen;
        uint64_t begin_ns = clock_now_ns(), spent_ns;

        assert_int_equal(run(&held, backend, TEST_ASYNC_NO_FAULT, &seen), 0);
        spent_ns = clock_now_ns() - begin_ns;
        assert_true(held.sum.timer_ns == 0 && held.sum.wake_up_ns > 0);
        assert_true(held.sum.wake_up_ns + JOBS * 4 * NS_PER_MS <= spent_ns);
        assert_int_equal(run(&plain, backend, TEST_ASYNC_NO_FAULT, &seen), 0);
        assert_true(plain.sum.timer_ns == 0 && plain.sum.wake_up_ns == 0);
    }
}

/* The target proves that each reply was held for what that request drew. */
static void test_drawn_delays_are_waited_for(void **state)
{
    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = parse("tcp:delay=2ms,dist=exp,requests=2");
        struct test_async_target seen;
        uint64_t shortest_ns = UINT64_MAX;

        for (uint64_t i = 0; i < JOBS; i++) {
            uint64_t ns = job_wait_ns(&j.job, i);

            shortest_ns = ns < shortest_ns ? ns : shortest_ns;
        }
        assert_int_equal(run(&j, backend, TEST_ASYNC_NO_FAULT, &seen), 0);
        assert_true(j.shortest_ns >= shortest_ns);
        assert_int_equal(j.sum.operations, 2 * JOBS);
        assert_int_equal(run(&j, backend, TEST_ASYNC_SHORT_HOLD, &seen), -EBADMSG);
    }
}

/* Each job fails, none is counted, and none goes on over the connection of a failed one. */
static void test_a_wrong_reply_is_an_error(void **state)
{
    const struct {
        enum test_async_fault fault;
        int error;
    } cases[] = {
        {TEST_ASYNC_WRONG_MAGIC, -EBADMSG},   {TEST_ASYNC_WRONG_SIZE, -EBADMSG},
        {TEST_ASYNC_WRONG_PAYLOAD, -EBADMSG}, {TEST_ASYNC_SHORT_HOLD, -EBADMSG},
        {TEST_ASYNC_CUT_REPLY, -ECONNRESET},  {TEST_ASYNC_CLOSE, -ECONNRESET},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
            struct test_async_jobs j = parse("tcp:delay=10us,requests=2");
            struct test_async_target seen;

            assert_int_equal(run(&j, backend, cases[i].fault, &seen), cases[i].error);
            assert_int_equal(j.sum.operations, 0);
            assert_int_equal(seen.requests, JOBS);
            assert_int_equal(seen.connections, JOBS);
        }
}

static void test_a_silent_target_runs_into_the_timeout(void **state)
{
    (void)state;
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = parse("tcp:timeout=5ms");
        struct test_async_target seen;

        assert_int_equal(run(&j, backend, TEST_ASYNC_SILENT, &seen), -ETIMEDOUT);
        assert_true(j.shortest_ns >= 5 * NS_PER_MS);
    }
}

static void test_no_target_is_refused(void **state)
{
    struct test_async_jobs j = parse("tcp");
    struct test_async_target gone;

    (void)state;
    assert_int_equal(test_async_target_start(&gone, TEST_ASYNC_NO_FAULT), 0);
    job_set_target(&j.job, &gone.addr);
    test_async_target_stop(&gone);
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++)
        assert_int_equal(test_async_jobs_run(&j, (enum test_async_backend)backend), -ECONNREFUSED);
}

/* Over io_fake. The peer sends requests back as they are: where no delay is asked for and both
 * sizes are equal, the header of a request is also that of a valid reply. */
static int run_fake(const char *text, enum io_op op, unsigned nth, int error, size_t at_most,
                    struct job_ledger *sum)
{
    struct test_async_jobs j = parse(text);
    struct io *io = io_fake_create();
    int r;

    assert_non_null(io);
    assert_int_equal(io_fake_listen(io, 4000, io_fake_echo, NULL), 0);
    job_set_target(&j.job, &(struct sockaddr_in){.sin_family = AF_INET,
                                                 .sin_port = htons(4000),
                                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)});
    if (nth > 0)
        io_fake_fail(io, op, nth, error);
    io_fake_short(io, IO_OP_READ, at_most);
    io_fake_short(io, IO_OP_WRITE, at_most);
    r = test_async_jobs_run_over(&j, io);
    assert_int_equal(io_fake_open_count(io), 0);
    *sum = j.sum;
    io_destroy(io);
    return r;
}

static void test_faults_are_the_jobs_result_and_close_its_connection(void **state)
{
    const struct {
        enum io_op op;
        unsigned nth;
        int error;
        uint64_t operations;
    } cases[] = {
        {IO_OP_SOCKET, 1, -EMFILE, JOBS - 1},   {IO_OP_CONNECT, 1, -ETIMEDOUT, JOBS - 1},
        {IO_OP_WRITE, 1, -EPIPE, JOBS - 1},     {IO_OP_WRITE, 5, -ECONNRESET, JOBS - 1},
        {IO_OP_READ, 1, -ECONNRESET, JOBS - 1}, {IO_OP_READ, JOBS, -EIO, JOBS - 1},
    };
    struct job_ledger sum;

    (void)state;
    assert_int_equal(run_fake("tcp", IO_OP_READ, 0, 0, 0, &sum), 0);
    assert_int_equal(sum.operations, JOBS);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(run_fake("tcp", cases[i].op, cases[i].nth, cases[i].error, 0, &sum),
                         cases[i].error);
        assert_int_equal(sum.operations, cases[i].operations);
    }
}

static void test_short_reads_and_writes_change_nothing(void **state)
{
    struct job_ledger whole, parts;

    (void)state;
    assert_int_equal(run_fake("tcp:bytes=1000", IO_OP_READ, 0, 0, 0, &whole), 0);
    assert_int_equal(run_fake("tcp:bytes=1000", IO_OP_READ, 0, 0, 7, &parts), 0);
    assert_memory_equal(&whole, &parts, sizeof whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_answered_and_counted),
        cmocka_unit_test(test_the_delay_is_waited_for),
        cmocka_unit_test(test_lateness_is_split_within_the_time_it_took),
        cmocka_unit_test(test_drawn_delays_are_waited_for),
        cmocka_unit_test(test_a_wrong_reply_is_an_error),
        cmocka_unit_test(test_a_silent_target_runs_into_the_timeout),
        cmocka_unit_test(test_no_target_is_refused),
        cmocka_unit_test(test_faults_are_the_jobs_result_and_close_its_connection),
        cmocka_unit_test(test_short_reads_and_writes_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
