/* The promise: what the network dropped is read from the kernel's text by its names, and a child
 * that a signal stopped is noticed, with the time that it took; a SIGCONT alone is no stop. */
#include "measure/disturbance.h"

#include "base/clock.h"
#include "support/records.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct disturbance netstat(const char *text)
{
    char *root = records_make_directory(), path[512];
    struct disturbance d = {0};
    FILE *f;

    snprintf(path, sizeof path, "%s/netstat", root);
    f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    disturbance_read_network(path, &d);
    records_remove_directory(root);
    return d;
}

static void test_counts_are_found_by_name(void **state)
{
    struct disturbance d =
        netstat("TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeoutsOther TCPTimeouts\n"
                "TcpExt: 1 20 21 4 33\n"
                "IpExt: InNoRoutes ListenDrops\nIpExt: 8 9\n");

    (void)state;
    assert_int_equal(d.listen_drops, 21);
    assert_int_equal(d.tcp_timeouts, 33);
}

static void test_what_is_not_there_is_0(void **state)
{
    static const char *const texts[] = {"", "TcpExt: ListenDrops\n",
                                        "TcpExt: A ListenDrops\nTcpExt: 1\n",
                                        "IpExt: ListenDrops\nIpExt: 9\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(netstat(texts[i]).listen_drops, 0);
}

static void test_this_machine_can_be_read(void **state)
{
    struct disturbance before = {0}, after = {.stops = 2, .stopped_ns = 5}, d;

    (void)state;
    disturbance_read(&before);
    disturbance_read(&after);
    d = disturbance_since(&before, &after);
    assert_true(before.at_ns > 0 && d.at_ns == after.at_ns - before.at_ns);
    assert_true(d.suspended_ns < NS_PER_S);
    assert_int_equal(d.stops, 2);
    assert_int_equal(d.stopped_ns, 5);
}

static pid_t waiting_child(void)
{
    pid_t child = fork();

    if (child == 0)
        for (;;)
            pause();
    assert_true(child > 0);
    return child;
}

static void end_child(pid_t child)
{
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void pass_ms(unsigned ms)
{
    usleep(ms * 1000);
}

static void test_a_stop_is_seen_with_its_length(void **state)
{
    struct disturbance_watch w = {.stopped_ns = 0};
    struct disturbance d = {0};
    pid_t child = waiting_child();

    (void)state;
    kill(child, SIGSTOP);
    while (w.stopped_ns == 0)
        disturbance_watch(&w, child, &d);
    assert_int_equal(d.stops, 0); /* it is not over */
    pass_ms(30);
    kill(child, SIGCONT);
    while (d.stops == 0)
        disturbance_watch(&w, child, &d);
    assert_true(d.stopped_ns >= 30 * NS_PER_MS);
    end_child(child);
}

/* Who watches may have been stopped with the child. */
static void test_a_stop_that_is_over_is_seen(void **state)
{
    struct disturbance_watch w = {.stopped_ns = 0};
    struct disturbance d = {0};
    pid_t child = waiting_child();
    siginfo_t info;

    (void)state;
    kill(child, SIGSTOP);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT), 0);
    kill(child, SIGCONT);
    while (d.stops == 0)
        disturbance_watch(&w, child, &d);
    assert_int_equal(d.stops, 1);
    end_child(child);
}

static void test_a_sigcont_alone_is_no_stop(void **state)
{
    struct disturbance_watch w = {.stopped_ns = 0};
    struct disturbance d = {0};
    pid_t child = waiting_child();

    (void)state;
    kill(child, SIGCONT);
    pass_ms(20);
    disturbance_watch(&w, child, &d);
    assert_int_equal(d.stops, 0);
    kill(child, SIGKILL);
    pass_ms(20);
    disturbance_watch(&w, child, &d);
    assert_int_equal(waitpid(child, NULL, 0), child); /* its end is still to be waited for */
    assert_int_equal(d.stops, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_found_by_name),
        cmocka_unit_test(test_what_is_not_there_is_0),
        cmocka_unit_test(test_this_machine_can_be_read),
        cmocka_unit_test(test_a_stop_is_seen_with_its_length),
        cmocka_unit_test(test_a_stop_that_is_over_is_seen),
        cmocka_unit_test(test_a_sigcont_alone_is_no_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
