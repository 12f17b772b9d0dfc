/* The promise: when memory runs out, at whichever allocation, each call of the runtime says so,
 * ends what it has begun, and leaks nothing; and the loop goes on. So it does for a task that
 * cannot be parked. */
#include "async/fiber_tools.h"
#include "async/gather.h"
#include "async/queue.h"
#include "async/task_group.h"

#include "support/failing_memory.h"
#include "support/test_async_loop.h"
#include "support/test_async_part.h"
#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct awaitable *part(struct test_async_part *p)
{
    return coro_awaitable(coro_create(test_async_part_run, p));
}

static int gather_parts(bool or_error)
{
    struct test_async_part parts[3] = {{.sleep_ns = 1000}, {.result = 2}, {.result = 3}};
    struct awaitable *awaitables[3];
    int results[3], err;

    for (int i = 0; i < 3; i++)
        awaitables[i] = part(&parts[i]);
    if (!or_error)
        return task_gather(awaitables, 3, results);
    err = task_gather_or_error(awaitables, 3, results);
    while (loop_all_tasks(loop_running(), NULL, 0) > 1) /* the others go on, here in our frame */
        task_yield();
    return err;
}

static int gather_all(void)
{
    return gather_parts(false);
}

static int gather_or_error(void)
{
    return gather_parts(true);
}

static int wait_for_tasks(void)
{
    struct test_async_part parts[2] = {{.sleep_ns = 1000}, {.result = 2}};
    struct task *tasks[2] = {NULL, NULL};
    int err = 0;

    for (int i = 0; i < 2; i++) {
        tasks[i] = task_create(coro_create(test_async_part_run, &parts[i]));
        if (tasks[i] == NULL)
            err = -ENOMEM;
    }
    if (err == 0)
        err = task_wait(tasks, 2, TASK_WAIT_ALL, clock_now_ns() + 10 * NS_PER_S);
    for (int i = 0; i < 2; i++) {
        if (tasks[i] != NULL)
            task_await(tasks[i]);
        task_release(tasks[i]);
    }
    return err;
}

static int wait_with_a_limit(void)
{
    struct test_async_part p = {.sleep_ns = 1000, .result = 1},
                           late = {.sleep_ns = 3600 * NS_PER_S};
    int r = task_wait_for(part(&p), 10 * NS_PER_S);

    if (r != 1)
        return r;
    r = task_wait_for(part(&late), 1000);
    return r == -ETIMEDOUT ? 0 : r;
}

static int shield(void)
{
    struct test_async_part p = {.result = 1};
    int r = task_shield(part(&p));

    return r == 1 ? 0 : r;
}

static int group(void)
{
    struct test_async_part parts[3] = {{.sleep_ns = 1000}, {.result = 2}, {.result = 3}};
    struct task_group g;
    int err = 0, waited;

    task_group_init(&g);
    for (int i = 0; i < 3 && err == 0; i++)
        err = task_group_create(&g, coro_create(test_async_part_run, &parts[i]));
    waited = task_group_wait(&g);
    return err < 0 ? err : waited;
}

static int fill_a_queue(void)
{
    struct queue *q = queue_create(0);
    int err = q == NULL ? -ENOMEM : 0;
    size_t n = 0;
    void *item;

    while (n < 40 && err == 0)
        if ((err = queue_put(q, &n, NO_DEADLINE)) == 0)
            n++;
    EXPECT(q == NULL || queue_size(q) == n);
    while (n > 0 && queue_get(q, &item, NO_DEADLINE) == 0)
        n--;
    queue_destroy(q);
    return n == 0 ? err : -EBADE;
}

static int add_one(void *arg)
{
    return ++*(int *)arg;
}

static int offload(void)
{
    int count = 0, r = loop_run_in_executor(loop_running(), NULL, add_one, &count);

    return r == 1 ? 0 : r;
}

static void set_result(void *arg)
{
    future_set_result(arg, 1);
}

static int call_soon(void)
{
    struct future f;
    int err;

    future_init(&f);
    err = loop_call_soon(loop_running(), set_result, &f);
    return err < 0 || future_await(&f) == 1 ? err : -EBADE;
}

static int (*const scenes[])(void) = {gather_all,        gather_or_error, wait_for_tasks,
                                      wait_with_a_limit, shield,          group,
                                      fill_a_queue,      offload,         call_soon};

struct attempt {
    int (*scene)(void);
    long allowed; /* allocations before the one that fails */
    int result, again;
    bool failed; /* there was one to fail */
};

/* In a loop that stands already: the scene with the failure, and once more without. */
static int attempt(void *arg)
{
    struct attempt *a = arg;

    failing_memory_after(a->allowed);
    a->result = a->scene();
    a->failed = failing_memory_end();
    a->again = a->scene();
    return loop_all_tasks(loop_running(), NULL, 0) == 1 ? 0 : -EBADE;
}

static void run_attempt(void *arg)
{
    int err = test_async_run(attempt, arg);

    if (err < 0)
        ((struct attempt *)arg)->again = err;
}

static void test_each_call_survives_each_failure(void **state)
{
    char text[1024]; /* the warnings about coroutines that nothing awaited */

    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        struct attempt a = {.scene = scenes[i], .failed = true};
        long before = failing_memory_in_use();

        for (; a.failed; a.allowed++) {
            test_async_stderr(run_attempt, &a, text, sizeof text);
            assert_true(a.result == 0 || (a.failed && a.result == -ENOMEM));
            assert_int_equal(a.again, 0);
            assert_int_equal(failing_memory_in_use(), before);
        }
        assert_true(a.allowed > 1); /* something did fail */
    }
}

/* ---- A task that cannot be parked, because its home has another one and there is no memory ----
 */

/* How it came to its home: it began there; it was there alone and came back; it began where one
 * had ended. */
enum came { BEGAN, CAME_BACK, FOLLOWED, WAYS };

#define FIRST 500 /* yields: the loop looks at each of its first steps itself */

struct shortage {
    enum came came;
    struct task_group group;
    struct task *waiter;
    int slept, yielded, waited;
};

/* Deeper than it or another has waited there. */
static __attribute__((noinline)) int wait_without_memory(struct shortage *s)
{
    volatile char frame[4096];

    frame[0] = 1;
    failing_memory_all(true);
    s->slept = task_sleep(1);
    s->yielded = task_yield();
    s->waited = task_group_wait(&s->group);
    failing_memory_all(false);
    return frame[0] - 1;
}

static int come_and_wait(void *arg)
{
    struct shortage *s = arg;

    if (s->came == CAME_BACK)
        EXPECT(task_yield() == 0);
    return wait_without_memory(s);
}

static int end_at_once(void *arg)
{
    (void)arg;
    return 0;
}

static int sleep_for(void *arg)
{
    return task_sleep(*(uint64_t *)arg);
}

static int share_a_home(void *arg)
{
    uint64_t neighbour_ns = NS_PER_MS, member_ns = 5 * NS_PER_MS;
    struct shortage *s = arg;
    struct task *neighbour, *before = NULL;
    int err;

    for (int i = 0; i < FIRST; i++)
        EXPECT(task_yield() == 0);
    if (s->came == CAME_BACK)
        s->waiter = task_create_parkable(coro_create(come_and_wait, s));
    neighbour = task_create_parkable(coro_create(sleep_for, &neighbour_ns));
    task_group_init(&s->group);
    EXPECT(task_group_create(&s->group, coro_create(sleep_for, &member_ns)) == 0);
    if (s->came == FOLLOWED)
        before = task_create_parkable(coro_create(end_at_once, NULL));
    if (s->came != CAME_BACK)
        s->waiter = task_create_parkable(coro_create(come_and_wait, s));
    EXPECT(neighbour != NULL && s->waiter != NULL);
    err = task_await(s->waiter);
    EXPECT(task_await(neighbour) == 0); /* due meanwhile, it went on when the home was free */
    task_release(neighbour);
    task_release(before);
    task_release(s->waiter);
    return err;
}

static struct loop_options one_home(void)
{
    if (fiber_tools_present()) {
        print_message("sanitizers and Valgrind turn parking off\n");
        skip();
    }
    failing_memory_end();
    return (struct loop_options){.homes = 1};
}

static void test_a_task_that_cannot_be_parked(void **state)
{
    struct loop_options options = one_home();

    (void)state;
    for (enum came came = BEGAN; came < WAYS; came++) {
        struct shortage s = {.came = came, .waited = -1};
        struct loop *loop;

        assert_int_equal(loop_create(&options, &loop), 0);
        assert_int_equal(loop_run(loop, coro_create(share_a_home, &s)), 0);
        loop_destroy(loop);
        assert_int_equal(s.slept, -ENOMEM);
        assert_int_equal(s.yielded, -ENOMEM);
        assert_int_equal(s.waited, 0);
    }
}

/* ---- A task that need not be parked, because it is alone on its home: from the beginning, and
 * when it comes back to it ---- */

static int end_after_a_yield(void *arg)
{
    (void)arg;
    return task_yield();
}

static int wait_alone(void *arg)
{
    volatile char frame[4096]; /* deeper than it has waited */
    int err;

    (void)arg;
    frame[0] = 0;
    failing_memory_all(true);
    err = task_sleep(1) < 0 || task_yield() < 0 ? -EBADE : frame[0];
    failing_memory_all(false);
    return err;
}

static int come_back_and_wait(void *arg)
{
    EXPECT(task_yield() == 0);
    return wait_alone(arg);
}

static int have_a_home_alone(void *arg)
{
    struct task *first = task_create_parkable(coro_create(wait_alone, arg)), *second;

    EXPECT(task_await(first) == 0);
    task_release(first);
    first = task_create_parkable(coro_create(end_after_a_yield, arg));
    second = task_create_parkable(coro_create(come_back_and_wait, arg));
    EXPECT(task_await(first) == 0 && task_await(second) == 0);
    task_release(first);
    task_release(second);
    return 0;
}

static void test_a_task_alone_on_its_home_needs_no_memory(void **state)
{
    struct loop_options options = one_home();
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_create(&options, &loop), 0);
    assert_int_equal(loop_run(loop, coro_create(have_a_home_alone, NULL)), 0);
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_survives_each_failure),
        cmocka_unit_test(test_a_task_that_cannot_be_parked),
        cmocka_unit_test(test_a_task_alone_on_its_home_needs_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
