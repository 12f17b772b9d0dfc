/* The promise: a run settles its process as asked, and measures that of its target even when this
 * one dies meanwhile. */
#include "run/run.h"

#include "support/records.h"
#include "support/test_async_process.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void settle(void *arg)
{
    struct cell c = records_cell("sequential", "null", 1);
    struct run_record r;
    cpu_set_t set;

    (void)arg;
    sched_getaffinity(0, sizeof set, &set);
    for (c.cpu = 0; !CPU_ISSET((size_t)c.cpu, &set);)
        c.cpu++;
    c.timer_slack_ns = 12345;
    if (run_execute(&c, 0, &r) != 0)
        _exit(1);
    if (r.timer_slack_ns != 12345 || prctl(PR_GET_TIMERSLACK) != 12345)
        _exit(2);
    sched_getaffinity(0, sizeof set, &set);
    if (CPU_COUNT(&set) != 1 || !CPU_ISSET((size_t)c.cpu, &set))
        _exit(3);
    run_record_deinit(&r);
}

static void test_slack_and_cpu_are_set_as_asked(void **state)
{
    (void)state;
    assert_int_equal(test_async_fork(settle, NULL), 0);
}

/* A process that has used some CPU time and ends when the pipe is closed. */
static pid_t start_process(int hold[2])
{
    pid_t pid;

    assert_int_equal(pipe(hold), 0);
    pid = fork();
    if (pid == 0) {
        char byte;

        close(hold[1]);
        while (clock() < CLOCKS_PER_SEC / 50)
            continue;
        byte = read(hold[0], &byte, 1) == 0;
        _exit(byte - 1);
    }
    assert_true(pid > 0);
    close(hold[0]);
    return pid;
}

static void *end_process(void *arg)
{
    usleep(60 * 1000);
    close(*(int *)arg);
    return NULL;
}

static void test_a_target_that_dies_meanwhile_used_no_absurd_time(void **state)
{
    struct cell c = records_cell("sequential", "sleep:duration=200ms", 1);
    struct run_record r;
    pthread_t thread;
    int hold[2];
    pid_t pid;

    (void)state;
    signal(SIGCHLD, SIG_IGN); /* nobody waits for it, so that it is gone at once */
    pid = start_process(hold);
    c.warmup = 0;
    usleep(30 * 1000);
    assert_int_equal(pthread_create(&thread, NULL, end_process, &hold[1]), 0);
    assert_int_equal(run_execute(&c, pid, &r), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    signal(SIGCHLD, SIG_DFL);
    assert_true(r.target_cpu_ns < 10 * NS_PER_S);
    run_record_deinit(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slack_and_cpu_are_set_as_asked),
        cmocka_unit_test(test_a_target_that_dies_meanwhile_used_no_absurd_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
