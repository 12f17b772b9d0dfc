/* The promise: never more tasks inside than the semaphore lets pass; they enter in the order they
 * came; and no permit is lost or doubled, whenever one of them is canceled or late. */
#include "async/semaphore.h"
#include "async/wait.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define N 12

struct visitor {
    struct semaphore *semaphore;
    struct task *task;
    uint64_t deadline_ns, stay_ns;
    int *inside, *most, *entered;
    int result, place;
};

static int visit(void *arg)
{
    struct visitor *v = arg;

    v->result = semaphore_acquire(v->semaphore, v->deadline_ns);
    if (v->result < 0)
        return v->result;
    v->place = ++*v->entered;
    if (++*v->inside > *v->most)
        *v->most = *v->inside;
    v->result = task_sleep(v->stay_ns);
    --*v->inside;
    semaphore_release(v->semaphore);
    return v->result;
}

struct scene {
    struct semaphore semaphore;
    struct visitor visitors[N];
    size_t n;
    int inside, most, entered;
};

static void start(struct scene *s, unsigned value, size_t n)
{
    *s = (struct scene){.n = n};
    semaphore_init(&s->semaphore, value);
    for (size_t i = 0; i < n; i++) {
        s->visitors[i] = (struct visitor){.semaphore = &s->semaphore,
                                          .deadline_ns = NO_DEADLINE,
                                          .stay_ns = NS_PER_MS,
                                          .inside = &s->inside,
                                          .most = &s->most,
                                          .entered = &s->entered};
        s->visitors[i].task = task_create(coro_create(visit, &s->visitors[i]));
    }
}

static void join(struct scene *s)
{
    for (size_t i = 0; i < s->n; i++) {
        task_await(s->visitors[i].task);
        task_release(s->visitors[i].task);
    }
}

/* Exactly `value` permits are left, and nobody waits. */
static int holds(struct semaphore *s, unsigned value)
{
    for (unsigned i = 0; i < value; i++)
        EXPECT(semaphore_acquire(s, 0) == 0);
    EXPECT(semaphore_acquire(s, 0) == -ETIMEDOUT);
    for (unsigned i = 0; i < value; i++)
        semaphore_release(s);
    return 0;
}

static int crowd(void *arg)
{
    unsigned value = *(unsigned *)arg;
    struct scene s;

    start(&s, value, N);
    join(&s);
    EXPECT(s.most == (int)value && s.entered == N && s.inside == 0);
    for (int i = 0; i < N; i++)
        EXPECT(s.visitors[i].place == i + 1);
    return holds(&s.semaphore, value);
}

static void test_so_many_at_once_and_first_come_first_served(void **state)
{
    (void)state;
    for (unsigned value = 1; value <= 4; value++)
        assert_int_equal(test_async_run(crowd, &value), 0);
}

static int overtake(void *arg)
{
    struct scene s;
    uint64_t switches;

    (void)arg;
    start(&s, 0, 1);
    EXPECT(task_yield() == 0 && s.entered == 0);
    semaphore_release(&s.semaphore);
    /* the permit is the visitor's, who has not run yet */
    EXPECT(semaphore_acquire(&s.semaphore, 0) == -ETIMEDOUT);
    join(&s);
    EXPECT(s.entered == 1);
    switches = loop_switches(loop_running());
    EXPECT(semaphore_acquire(&s.semaphore, NO_DEADLINE) == 0);
    EXPECT(loop_switches(loop_running()) == switches);
    return 0;
}

static void test_nobody_overtakes_who_was_woken(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(overtake, NULL), 0);
}

static int miss_deadlines(void *arg)
{
    struct scene s;
    uint64_t deadline_ns = clock_now_ns() + 2 * NS_PER_MS;

    (void)arg;
    start(&s, 0, 2);
    s.visitors[0].deadline_ns = deadline_ns;
    s.visitors[1].deadline_ns = deadline_ns;
    join(&s);
    EXPECT(clock_now_ns() >= deadline_ns);
    EXPECT(s.visitors[0].result == -ETIMEDOUT && s.visitors[1].result == -ETIMEDOUT);
    return holds(&s.semaphore, 0);
}

static void test_a_deadline_takes_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(miss_deadlines, NULL), 0);
}

static int hold_the_loop(void *arg)
{
    while (clock_now_ns() <= *(uint64_t *)arg)
        continue;
    return 0;
}

/* Timers of the releaser and of the first visitor are found due at once, so the permit comes after
 * the visitor's wait has timed out and before it runs. */
static int release_when_late(void *arg)
{
    struct scene s;
    uint64_t deadline_ns = clock_now_ns() + 3 * NS_PER_MS;
    struct task *hog;

    (void)arg;
    start(&s, 0, 2);
    s.visitors[0].deadline_ns = deadline_ns;
    EXPECT(task_yield() == 0);
    hog = task_create(coro_create(hold_the_loop, &deadline_ns));
    EXPECT(wait_suspend(deadline_ns - 1) == -ETIMEDOUT);
    EXPECT(task_await(hog) == 0 && clock_now_ns() > deadline_ns);
    semaphore_release(&s.semaphore);
    task_release(hog);
    join(&s);
    EXPECT(s.visitors[0].result == -ETIMEDOUT && s.visitors[1].place == 1);
    return holds(&s.semaphore, 1);
}

static void test_a_permit_for_one_who_was_late_goes_on(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(release_when_late, NULL), 0);
}

static int cancel_anywhere(void *arg)
{
    struct scene s;

    (void)arg;
    start(&s, 0, 4);
    EXPECT(task_cancel(s.visitors[3].task)); /* before its start */
    EXPECT(task_yield() == 0);
    EXPECT(task_cancel(s.visitors[0].task)); /* while it waits */
    EXPECT(task_yield() == 0 && s.visitors[0].result == -ECANCELED);
    semaphore_release(&s.semaphore);
    EXPECT(task_cancel(s.visitors[1].task)); /* after the wake, before its step */
    join(&s);
    EXPECT(s.visitors[1].result == -ECANCELED && s.visitors[1].place == 0);
    EXPECT(s.visitors[2].result == 0 && s.visitors[2].place == 1);
    EXPECT(s.entered == 1);
    EXPECT(holds(&s.semaphore, 1) == 0);

    EXPECT(task_cancel(task_current()) && semaphore_acquire(&s.semaphore, NO_DEADLINE) == 0);
    EXPECT(semaphore_acquire(&s.semaphore, NO_DEADLINE) == -ECANCELED); /* its first wait */
    semaphore_release(&s.semaphore);
    return holds(&s.semaphore, 1);
}

static void test_no_permit_is_lost_to_a_cancellation(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(cancel_anywhere, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_many_at_once_and_first_come_first_served),
        cmocka_unit_test(test_nobody_overtakes_who_was_woken),
        cmocka_unit_test(test_a_deadline_takes_nothing),
        cmocka_unit_test(test_a_permit_for_one_who_was_late_goes_on),
        cmocka_unit_test(test_no_permit_is_lost_to_a_cancellation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
