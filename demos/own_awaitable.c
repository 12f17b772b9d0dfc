/* An object with an await operation of its own.
 *
 *     class Countdown:
 *         def __init__(self, n):
 *             self.n = n
 *
 *         def __await__(self):
 *             while self.n > 0:
 *                 yield from asyncio.sleep(0.2).__await__()
 *                 self.n -= 1
 *             return 42
 *
 *     async def main():
 *         print(await Countdown(3))
 *         print(await asyncio.gather(Countdown(3), Countdown(2)))
 */
#include "async/gather.h"
#include "base/list.h"
#include "demo_run.h"

struct countdown {
    struct awaitable awaitable;
    struct demo_run *d;
    const char *name;
    unsigned row;
    int n, steps;
};

/* __await__ */
static int countdown_await(struct awaitable *self)
{
    struct countdown *c = container_of(self, struct countdown, awaitable);

    while (c->n > 0) {
        int err;

        recorder_enter(c->d->recorder, c->row, SPAN_WAITING, "sleep, %d", c->n);
        err = task_sleep(demo_scaled(c->d, NS_PER_S / 5));
        if (err < 0)
            return err;
        c->n--;
        c->steps++;
        demo_say(c->d, c->name, "%d", c->n);
    }
    recorder_leave(c->d->recorder, c->row);
    return 42;
}

static struct countdown countdown(struct demo_run *d, const char *name, int n)
{
    return (struct countdown){.awaitable.await = countdown_await,
                              .d = d,
                              .name = name,
                              .row = recorder_row(d->recorder, name),
                              .n = n};
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct countdown first = countdown(d, "first", 3), second = countdown(d, "second", 3),
                     third = countdown(d, "third", 2);
    struct awaitable *both[] = {&second.awaitable, &third.awaitable};
    int result, results[2] = {0}, err;

    demo_say(d, "main", "awaits an object of its own");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await Countdown(3)");
    result = await_on(&first.awaitable);
    if (result < 0)
        return result;
    demo_say(d, "main", "it returned %d", result);
    demo_check(d, result == 42 && first.steps == 3, "await ran the object's own operation");

    demo_say(d, "main", "gathers two more");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "gather(Countdown(3), Countdown(2))");
    err = task_gather(both, 2, results);
    if (err < 0)
        return err;
    demo_say(d, "main", "they returned %d and %d", results[0], results[1]);
    demo_check(d, results[0] == 42 && results[1] == 42 && second.steps == 3 && third.steps == 2,
               "gather takes them like coroutines and tasks");
    demo_expected(d, "result 42");
    demo_measured(d, "result %d", result);
    demo_expect(d, 6 * NS_PER_S / 5,
                "3 steps of {200ms} alone, then 3 and 2 steps at the same time");
    return 0;
}

const struct demo demo_own_awaitable = {
    .name = "own-awaitable",
    .summary = "an object with its own await operation is awaited, alone and in gather",
    .lesson = "whatever has an await operation can be awaited, like coroutines, futures and tasks",
    .model = "tasks",
    .main = main_coro,
};
