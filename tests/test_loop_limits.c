/* The promise: a loop that cannot be made says so, and whether made or not, leaves no descriptor
 * behind; one that cannot set its timer works all the same. */
#include "async/loop.h"

#include "support/test_async_loop.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

static int return_arg(void *arg)
{
    return *(int *)arg;
}

static void test_a_stack_size_out_of_range_is_refused(void **state)
{
    struct loop_options options = {.stack_size = 1};
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_create(&options, &loop), -EINVAL);
    options.stack_size = SIZE_MAX;
    assert_int_equal(loop_create(&options, &loop), -EINVAL);
}

enum { CREATED, REFUSED, REFUSED_BY_LIBUV, LEAKED, WRONG_ERROR };

/* In a child: make a loop with so few descriptors. Where libuv's own part of it fails, nothing is
 * said about leaks: libuv 1.44 keeps an epoll descriptor then. */
static void create_with_few_descriptors(void *arg)
{
    const struct rlimit *limit = arg;
    size_t before = test_async_open_fds();
    struct rlimit enough;
    struct loop *loop;
    uv_loop_t uv;
    int err, uv_err;

    if (getrlimit(RLIMIT_NOFILE, &enough) != 0 || setrlimit(RLIMIT_NOFILE, limit) != 0)
        _exit(WRONG_ERROR);
    err = loop_create(NULL, &loop);
    if (err == 0)
        _exit(CREATED);
    if (err != -EMFILE)
        _exit(WRONG_ERROR);
    uv_err = uv_loop_init(&uv);
    if (uv_err == 0)
        uv_loop_close(&uv);
    setrlimit(RLIMIT_NOFILE, &enough);
    if (uv_err != 0)
        _exit(REFUSED_BY_LIBUV);
    _exit(test_async_open_fds() == before ? REFUSED : LEAKED);
}

static void test_a_loop_that_lacks_descriptors_leaks_none(void **state)
{
    int results[WRONG_ERROR + 1] = {0};
    struct rlimit limit;
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_create(NULL, &loop), 0); /* libuv opens some for good */
    loop_destroy(loop);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 3;
    while (results[CREATED] == 0 && limit.rlim_cur < 200) {
        int result = -test_async_fork(create_with_few_descriptors, &limit);

        assert_in_range(result, CREATED, WRONG_ERROR);
        results[result]++;
        limit.rlim_cur++;
    }
    assert_int_equal(results[CREATED], 1);
    assert_true(results[REFUSED_BY_LIBUV] > 0 && results[REFUSED] > 0);
    assert_true(results[LEAKED] == 0 && results[WRONG_ERROR] == 0);
}

static void test_a_destroyed_loop_leaves_no_descriptors(void **state)
{
    size_t before = test_async_open_fds();
    int value = 1;

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(test_async_run(return_arg, &value), 1);
    assert_int_equal(test_async_open_fds(), before);
}

static bool refusing;

int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
    if (refusing) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_timerfd_settime, fd, flags, value, old);
}

static int nap(void *arg)
{
    int r;

    (void)arg;
    refusing = true;
    r = task_sleep(3 * NS_PER_MS);
    refusing = false;
    return r;
}

/* It stays awake then. */
static void test_a_loop_whose_timer_cannot_be_set_wakes_its_tasks_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(nap, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stack_size_out_of_range_is_refused),
        cmocka_unit_test(test_a_loop_that_lacks_descriptors_leaks_none),
        cmocka_unit_test(test_a_destroyed_loop_leaves_no_descriptors),
        cmocka_unit_test(test_a_loop_whose_timer_cannot_be_set_wakes_its_tasks_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
