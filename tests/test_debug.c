/* The promise: debug mode names each task, and reports each callback of the loop or of libuv, that
 * holds the loop for longer than allowed, with the functions that it was in, and no task that only
 * waits. Without debug mode nothing is printed. */
#include "async/loop.h"
#include "async/stack.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define ALLOWED_NS (100 * NS_PER_MS) /* far above what a loaded machine does to a short step */
#define HELD_NS    (150 * NS_PER_MS)

static __attribute__((noinline)) void hold_the_loop(void *arg)
{
    uint64_t until_ns = clock_now_ns() + HELD_NS;

    (void)arg;
    while (clock_now_ns() < until_ns)
        continue;
}

#define TURNS 500 /* without debug mode, tasks have begun by then to hand on to each other */

static int take_turns(void)
{
    int err = 0;

    for (int i = 0; i < TURNS && err == 0; i++)
        err = task_yield();
    return err;
}

static int hog(void *arg)
{
    int err = take_turns();

    hold_the_loop(arg);
    return err;
}

static int innocent(void *arg)
{
    int err = take_turns();

    (void)arg;
    return err < 0 ? err : task_sleep(2 * HELD_NS);
}

struct scene {
    uint64_t slow_ns;
    coro_fn *main;
    int result;
};

static void run_scene(void *arg)
{
    struct scene *s = arg;
    struct loop_options options = {.slow_ns = s->slow_ns};
    struct loop *loop;

    s->result = loop_create(&options, &loop);
    if (s->result == 0) {
        s->result = loop_run(loop, coro_create_named(s->main, NULL, "main"));
        loop_destroy(loop);
    }
}

static char text[4096];

/* What a main task lets be said on stderr. */
static const char *said(uint64_t slow_ns, coro_fn *fn)
{
    struct scene s = {slow_ns, fn, 0};

    test_async_stderr(run_scene, &s, text, sizeof text);
    assert_int_equal(s.result, 0);
    return text;
}

static int lines(const char *s)
{
    int n = 0;

    for (; *s != '\0'; s++)
        n += *s == '\n';
    return n;
}

/* The same, where it is one line. A machine that stops in another's step makes that one as
 * late as the one that is meant, and so a second line: then again. */
static const char *said_once(uint64_t slow_ns, coro_fn *fn)
{
    said(slow_ns, fn);
    for (int again = 0; again < 10 && lines(text) > 1; again++)
        said(slow_ns, fn);
    assert_int_equal(lines(text), 1);
    return text;
}

/* The one line says this as well, and nothing of what made the step. A machine that stops the
 * watchdog's thread for a while lets it miss a step: then again. */
static void assert_names(coro_fn *fn, const char *part)
{
    said_once(ALLOWED_NS, fn);
#if !defined(__SANITIZE_THREAD__) /* whose runtime puts signals off: there is no watchdog */
    for (int again = 0; again < 10 && strstr(text, part) == NULL; again++)
        said_once(ALLOWED_NS, fn);
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, text);
    assert_null(strstr(text, "debug_"));
    assert_null(strstr(text, "task_begin"));
#else
    (void)part;
#endif
}

static int join(struct task *t)
{
    int result = task_await(t);

    task_release(t);
    return result;
}

static int run_hog_among_innocents(void *arg)
{
    struct task *a = task_create(coro_create(innocent, NULL));
    struct task *b = task_create(coro_create(hog, arg));

    return join(b) < 0 || join(a) < 0 ? -EBADE : 0;
}

static void test_it_names_the_task_and_nobody_else(void **state)
{
    (void)state;
    assert_names(run_hog_among_innocents, "hold_the_loop, hog\n");
    assert_non_null(strstr(text, "tva: task 'hog' held the loop for"));
}

/* On a stack with little left, and in a system call, which the signal ends. */
static __attribute__((noinline)) int wait_in_poll(void)
{
    struct pollfd nothing = {.fd = -1};
    int n = poll(&nothing, 1, HELD_NS / NS_PER_MS);

    return n < 0 && errno != EINTR ? -errno : 0;
}

static __attribute__((noinline)) int wait_below(size_t bytes)
{
    volatile char used[4096];

    used[0] = used[sizeof used - 1] = 0;
    return bytes > sizeof used ? wait_below(bytes - sizeof used) + used[0] : wait_in_poll();
}

static int block(void *arg)
{
    volatile int result = wait_below(STACK_SIZE_DEFAULT - 12 * 1024); /* no jump: a call */

    (void)arg;
    return result;
}

static int run_blocked(void *arg)
{
    return join(task_create(coro_create(block, arg)));
}

static void test_it_names_the_function_that_waits(void **state)
{
    (void)state;
    assert_names(run_blocked, "poll, called by wait_in_poll, wait_below, block\n");
    assert_non_null(strstr(text, "tva: task 'block' held the loop for"));
}

static void test_without_it_nothing_is_said(void **state)
{
    (void)state;
    assert_string_equal(said(0, run_hog_among_innocents), "");
}

static int run_callback(void *arg)
{
    if (loop_call_soon(loop_running(), hold_the_loop, arg) < 0)
        return -ENOMEM;
    return task_yield() < 0 || task_yield() < 0 ? -EBADE : 0;
}

static void test_a_callback_is_reported(void **state)
{
    (void)state;
    assert_names(run_callback, "hold_the_loop");
    assert_non_null(strstr(text, "tva: a callback held the loop for"));
}

static void timer_hold(uv_timer_t *timer)
{
    hold_the_loop(NULL);
    uv_close((uv_handle_t *)timer, NULL);
}

static int run_uv_callback(void *arg)
{
    uv_timer_t timer;

    (void)arg;
    EXPECT(uv_timer_init(loop_uv(loop_running()), &timer) == 0);
    EXPECT(uv_timer_start(&timer, timer_hold, 10, 0) == 0);
    EXPECT(task_sleep(HELD_NS) == 0);
    while (!uv_is_closing((uv_handle_t *)&timer))
        EXPECT(task_sleep(NS_PER_MS) == 0);
    return task_sleep(NS_PER_MS);
}

static void test_a_libuv_callback_is_reported_and_sleep_is_not(void **state)
{
    (void)state;
    assert_names(run_uv_callback, "hold_the_loop, timer_hold, ");
    assert_non_null(strstr(text, "tva: a libuv callback held the loop for"));
}

/* As small as the system allows, with nothing below it that could be written. */
static void test_a_thread_has_its_signal_stack_back(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), frame = (size_t)sysconf(_SC_MINSIGSTKSZ);
    size_t size = frame > 2048 ? frame : 2048;
    char *pages = mmap(NULL, page + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t before, after, small = {.ss_sp = pages + page, .ss_size = size};

    (void)state;
    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages + page, size, PROT_READ | PROT_WRITE), 0);
    assert_int_equal(sigaltstack(&small, &before), 0);
    assert_names(run_hog_among_innocents, "hold_the_loop, hog\n");
    assert_int_equal(sigaltstack(&before, &after), 0);
    assert_ptr_equal(after.ss_sp, small.ss_sp);
    assert_int_equal(after.ss_size, size);
    munmap(pages, page + size);
}

static void test_the_program_has_its_signal_back(void **state)
{
    struct sigaction now;

    (void)state;
    said_once(ALLOWED_NS, run_callback);
    assert_int_equal(sigaction(SIGURG, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
}

static int switch_it(void *arg)
{
    struct loop *loop = loop_running();

    (void)arg;
    EXPECT(join(task_create(coro_create_named(hog, NULL, "before"))) == 0);
    loop_set_debug(loop, ALLOWED_NS);
    EXPECT(join(task_create(coro_create_named(hog, NULL, "while"))) == 0);
    loop_set_debug(loop, 0);
    EXPECT(join(task_create(coro_create_named(hog, NULL, "after"))) == 0);
    return 0;
}

static void test_it_can_be_switched_at_any_time(void **state)
{
    (void)state;
    said_once(0, switch_it);
    assert_non_null(strstr(text, "'while'"));
}

static int fail_slowly(void *arg)
{
    hold_the_loop(arg);
    return -EIO;
}

static int release_failing(void *arg)
{
    task_release(task_create(coro_create(fail_slowly, arg)));
    return task_yield() < 0 || task_yield() < 0 ? -EBADE : 0;
}

static void test_a_task_that_ends_is_reported_with_what_else_is_to_be_said(void **state)
{
    (void)state;
    said(ALLOWED_NS, release_failing);
    assert_non_null(strstr(text, "task 'fail_slowly' held the loop for"));
    assert_non_null(strstr(text, "error of task 'fail_slowly' was never retrieved"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_names_the_task_and_nobody_else),
        cmocka_unit_test(test_it_names_the_function_that_waits),
        cmocka_unit_test(test_without_it_nothing_is_said),
        cmocka_unit_test(test_a_callback_is_reported),
        cmocka_unit_test(test_a_libuv_callback_is_reported_and_sleep_is_not),
        cmocka_unit_test(test_a_thread_has_its_signal_stack_back),
        cmocka_unit_test(test_the_program_has_its_signal_back),
        cmocka_unit_test(test_it_can_be_switched_at_any_time),
        cmocka_unit_test(test_a_task_that_ends_is_reported_with_what_else_is_to_be_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
