/* The promise: between many who put and many who get, some of them canceled in the midst of it, a
 * queue loses and doubles nothing. */
#include "async/queue.h"

#include "support/test_async_loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char items[512]; /* their addresses are what is queued */

#define PIPE_ITEMS 300

struct pipe_line {
    struct queue *queue;
    size_t in, out;
    unsigned char seen[PIPE_ITEMS];
};

static int produce(void *arg)
{
    struct pipe_line *p = arg;

    while (p->in < PIPE_ITEMS)
        EXPECT(queue_put(p->queue, &items[p->in++], NO_DEADLINE) == 0);
    return 0;
}

static int consume(void *arg)
{
    struct pipe_line *p = arg;
    void *item;
    int err = 0;

    while (err == 0) {
        err = queue_get(p->queue, &item, NO_DEADLINE);
        if (err == 0) {
            p->seen[(char *)item - items]++;
            p->out++;
        }
    }
    return err == -ECANCELED ? 0 : err;
}

static int run_pipe_line(void *arg)
{
    struct pipe_line p = {.queue = queue_create(3)};
    struct task *producers[3], *consumers[4];

    (void)arg;
    for (int i = 0; i < 4; i++)
        consumers[i] = task_create(coro_create(consume, &p));
    for (int i = 0; i < 3; i++)
        producers[i] = task_create(coro_create(produce, &p));
    EXPECT(task_yield() == 0);
    EXPECT(task_cancel(consumers[1])); /* in the midst of it */
    for (int i = 0; i < 3; i++) {
        EXPECT(task_await(producers[i]) == 0);
        task_release(producers[i]);
    }
    while (p.out < PIPE_ITEMS)
        EXPECT(task_yield() == 0);
    for (int i = 0; i < 4; i++) {
        task_cancel(consumers[i]);
        EXPECT(task_await(consumers[i]) == 0);
        task_release(consumers[i]);
    }
    for (int i = 0; i < PIPE_ITEMS; i++)
        EXPECT(p.seen[i] == 1);
    queue_destroy(p.queue);
    return 0;
}

static void test_many_on_both_sides_lose_and_double_nothing(void **state)
{
    (void)state;
    assert_int_equal(test_async_run(run_pipe_line, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_on_both_sides_lose_and_double_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
