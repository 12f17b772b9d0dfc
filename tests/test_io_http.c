/* The promise: requests at the same time have a connection each and no more, which are all used
 * again; one that is canceled, late or not to be watched gives up its own connection and nothing
 * else; destroying the io closes all; and a task's stack of the size that the http job asks for
 * holds a blocking one. */
#include "io/io_async.h"
#include "io/io_blocking.h"

#include "async/gather.h"
#include "job/job.h"
#include "support/http_peers.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY     40u
#define PATIENCE (20 * NS_PER_S)

/* What a loop's main task works with. */
struct world {
    struct http_peers *peers;
    struct io *io;
    size_t fds; /* open before */
    int (*body)(struct world *w);
};

struct call {
    struct world *w;
    const char *path;
    uint64_t span_ns; /* 0: patience */
    struct io_http_response response;
    int result;
};

static int get(void *arg)
{
    struct call *c = arg;
    char url[128];
    struct io_http_request request = {.url = url};

    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", http_peers_port(c->w->peers), c->path);
    c->result = io_http_get(c->w->io, &request, &c->response,
                            clock_now_ns() + (c->span_ns ? c->span_ns : PATIENCE));
    return 0;
}

/* n tasks that GET the path at the same time. How many failed. */
static int get_all(struct world *w, struct call *calls, size_t n, const char *path)
{
    struct awaitable *tasks[MANY];
    int failed = 0;

    for (size_t i = 0; i < n; i++) {
        calls[i] = (struct call){.w = w, .path = path};
        tasks[i] = task_awaitable(task_create(coro_create(get, &calls[i])));
    }
    task_gather(tasks, n, NULL);
    for (size_t i = 0; i < n; i++) {
        failed += calls[i].result < 0;
        task_release(task_from_awaitable(tasks[i]));
    }
    return failed;
}

static int run_world(void *arg)
{
    struct world *w = arg;
    int r = io_http_open(w->io, NULL);

    if (r == 0)
        r = w->body(w);
    io_destroy(w->io);
    return r;
}

/* The body in a task, over io_async; 0 unless it says otherwise. */
static int in_loop(int (*body)(struct world *w))
{
    struct world w = {.peers = http_peers_start(), .body = body};
    struct loop *loop;
    int r;

    assert_non_null(w.peers);
    assert_int_equal(loop_create(NULL, &loop), 0);
    w.fds = test_async_open_fds();
    w.io = io_async_create(loop);
    assert_non_null(w.io);
    r = loop_run(loop, coro_create(run_world, &w));
    loop_destroy(loop);
    http_peers_stop(w.peers);
    return r;
}

/* The number of the line that failed, so that what runs in a task need not jump out of it. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

static int overlap(struct world *w)
{
    struct call calls[MANY];
    uint64_t begin_ns = clock_now_ns();

    REQUIRE(get_all(w, calls, MANY, "/late/10") == 0);
    REQUIRE(http_peers_connections(w->peers) == MANY);
    REQUIRE(clock_now_ns() - begin_ns >= HTTP_PEERS_LATE_NS);
    REQUIRE(get_all(w, calls, MANY, "/ok/5000") == 0);
    REQUIRE(get_all(w, calls, MANY, "/late/10") == 0);
    REQUIRE(http_peers_connections(w->peers) == MANY);
    for (size_t i = 0; i < MANY; i++)
        REQUIRE(calls[i].response.reused && calls[i].response.body_bytes == 10);
    return 0;
}

static void test_requests_of_tasks_overlap_on_a_connection_each(void **state)
{
    (void)state;
    assert_int_equal(in_loop(overlap), 0);
}

/* Refuses a third of the descriptors that are new to it while `refusing`; libuv tries each new one
 * before it takes it, and would abort if one were refused later. */
static bool refusing;

int epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
    static bool seen[1024];
    static unsigned count;

    if (refusing && op == EPOLL_CTL_ADD && fd < 1024 && !seen[fd]) {
        seen[fd] = ++count % 3 != 0;
        if (!seen[fd]) {
            errno = ENOSPC;
            return -1;
        }
    }
    return (int)syscall(SYS_epoll_ctl, epoll, op, fd, event);
}

static int refuse_watches(struct world *w)
{
    struct call calls[MANY];
    int failed;

    task_sleep(NS_PER_MS); /* the loop watches its own descriptors by now */
    refusing = true;
    failed = get_all(w, calls, MANY, "/late/10");
    refusing = false;
    REQUIRE(failed == MANY / 3);
    for (size_t i = 0; i < MANY; i++)
        REQUIRE(calls[i].result == 0 || calls[i].result == -ENOSPC);
    REQUIRE(get_all(w, calls, MANY, "/ok/5000") == 0);
    return 0;
}

static void test_a_socket_that_cannot_be_watched_fails_its_request_alone(void **state)
{
    (void)state;
    assert_int_equal(in_loop(refuse_watches), 0);
}

static int cancel_one(struct world *w)
{
    struct call hung = {.w = w, .path = "/silent"}, late = {.w = w, .path = "/late/10"};
    struct call unsent = {.w = w, .path = "/ok/1"}, after = {.w = w, .path = "/ok/7"};
    struct task *a = task_create(coro_create(get, &hung)),
                *b = task_create(coro_create(get, &late));
    struct task *c;

    while (http_peers_connections(w->peers) < 2)
        task_sleep(NS_PER_MS);
    c = task_create(coro_create(get, &unsent));
    task_yield(); /* it has asked, and the loop has not yet come to it */
    REQUIRE(task_cancel(a) && task_cancel(c));
    REQUIRE(task_await(a) == 0 && hung.result == -ECANCELED);
    REQUIRE(task_await(c) == 0 && unsent.result == -ECANCELED);
    REQUIRE(task_await(b) == 0 && late.result == 0 && late.response.body_bytes == 10);
    get(&after);
    REQUIRE(after.result == 0 && after.response.body_bytes == 7 && after.response.reused);
    /* A loop that is slow looks at its descriptors after each step, so it may have come to
     * `unsent`. */
    REQUIRE(http_peers_connections(w->peers) <= 3);
    task_release(a);
    task_release(b);
    task_release(c);
    return 0;
}

static void test_a_canceled_request_harms_no_other(void **state)
{
    (void)state;
    assert_int_equal(in_loop(cancel_one), 0);
}

/* Ends with a request given up of which libcurl does not know yet. */
static int leave_one(struct world *w)
{
    struct call hung = {.w = w, .path = "/silent", .span_ns = 10 * NS_PER_MS};

    get(&hung);
    REQUIRE(hung.result == -ETIMEDOUT);
    return 0;
}

static void test_io_may_go_right_after_a_late_request(void **state)
{
    (void)state;
    assert_int_equal(in_loop(leave_one), 0);
}

static int destroy_closes(struct world *w)
{
    struct call calls[MANY];

    REQUIRE(get_all(w, calls, MANY, "/late/1") == 0);
    REQUIRE(test_async_open_fds() > w->fds + MANY);
    return 0;
}

static void test_destroying_io_closes_its_connections(void **state)
{
    size_t before;

    (void)state;
    assert_int_equal(in_loop(leave_one), 0); /* what the first use in a process opens for good */
    before = test_async_open_fds();
    assert_int_equal(in_loop(destroy_closes), 0);
    assert_int_equal(test_async_open_fds(), before);
}

static void *get_in_thread(void *arg)
{
    for (int i = 0; i < 5; i++)
        get(arg);
    return NULL;
}

static void test_threads_share_a_blocking_io(void **state)
{
    struct world w = {.peers = http_peers_start(), .io = io_blocking_create()};
    pthread_t threads[MANY];
    struct call calls[MANY];

    (void)state;
    assert_true(w.peers != NULL && w.io != NULL);
    assert_int_equal(io_http_open(w.io, NULL), 0);
    for (size_t i = 0; i < MANY; i++) {
        calls[i] = (struct call){.w = &w, .path = "/ok/3000"};
        assert_int_equal(pthread_create(&threads[i], NULL, get_in_thread, &calls[i]), 0);
    }
    for (size_t i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(calls[i].result, 0);
        assert_int_equal(calls[i].response.body_bytes, 3000);
    }
    assert_true(http_peers_connections(w.peers) <= MANY);
    assert_int_equal(http_peers_requests(w.peers), 5 * MANY);
    io_destroy(w.io);
    http_peers_stop(w.peers);
}

static void test_a_stack_as_the_job_asks_for_is_enough(void **state)
{
    const struct loop_options options = {.stack_size = job_http.stack_blocking};
    const char *const paths[] = {"/ok/100000", "/pieces/100000", "/reset", "/garbage"};
    const int results[] = {0, 0, -ECONNRESET, -EPROTO};
    struct world w = {.peers = http_peers_start(), .io = io_blocking_create()};
    struct loop *loop;

    (void)state;
    assert_true(w.peers != NULL && w.io != NULL);
    assert_int_equal(io_http_open(w.io, NULL), 0);
    assert_int_equal(loop_create(&options, &loop), 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct call c = {.w = &w, .path = paths[i]};

        assert_int_equal(loop_run(loop, coro_create(get, &c)), 0);
        assert_int_equal(c.result, results[i]);
    }
    loop_destroy(loop);
    io_destroy(w.io);
    http_peers_stop(w.peers);
}

/* A task's stack is too small to load libraries on, so the loop does it; and nothing is asked of an
 * io that was not opened. */
static int open_twice(void *arg)
{
    struct io *io = arg;
    struct io_http_request request = {.url = "http://127.0.0.1:1/"};
    struct io_http_response response;

    REQUIRE(io_http_get(io, &request, &response, NO_DEADLINE) == -ENOTCONN);
    REQUIRE(io_http_open(io, NULL) == 0);
    REQUIRE(io_http_open(io, NULL) == 0);
    REQUIRE(io_http_get(io, &request, &response, NO_DEADLINE) == -ECONNREFUSED);
    return 0;
}

static void test_an_io_is_opened_for_http_from_a_small_stack(void **state)
{
    const struct loop_options options = {.stack_size = 16 << 10};
    struct loop *loop;
    struct io *io;

    (void)state;
    assert_int_equal(loop_create(&options, &loop), 0);
    io = io_async_create(loop);
    assert_int_equal(loop_run(loop, coro_create(open_twice, io)), 0);
    io_destroy(io);
    loop_destroy(loop);
    io = io_blocking_create();
    assert_int_equal(open_twice(io), 0); /* on this thread's own stack */
    io_destroy(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_an_io_is_opened_for_http_from_a_small_stack), /* first: it loads the module */
        cmocka_unit_test(test_requests_of_tasks_overlap_on_a_connection_each),
        cmocka_unit_test(test_a_socket_that_cannot_be_watched_fails_its_request_alone),
        cmocka_unit_test(test_a_canceled_request_harms_no_other),
        cmocka_unit_test(test_io_may_go_right_after_a_late_request),
        cmocka_unit_test(test_destroying_io_closes_its_connections),
        cmocka_unit_test(test_threads_share_a_blocking_io),
        cmocka_unit_test(test_a_stack_as_the_job_asks_for_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
