/* Await blocks the task that awaits, and not the loop: both at once.
 *
 *     async def ticker():
 *         for tick in range(1, 5):
 *             await asyncio.sleep(0.2)
 *             print("tick", tick)
 *
 *     async def main():
 *         task = asyncio.create_task(ticker())
 *         print("request", await request(1))      # main is here for a second
 *         await task
 */
#include "request.h"

#include <errno.h>

#define TICKS 4

struct ticker {
    struct demo_run *d;
    unsigned row;
    int ticks;
};

static int ticker(void *arg)
{
    struct ticker *t = arg;
    char span[32];
    int err = 0;

    demo_span(t->d, NS_PER_S / 5, span, sizeof span);
    for (int i = 0; i < TICKS && err == 0; i++) {
        recorder_enter(t->d->recorder, t->row, SPAN_WAITING, "sleep(%s)", span);
        err = task_sleep(demo_scaled(t->d, NS_PER_S / 5));
        if (err == 0)
            demo_say(t->d, "ticker", "tick %d", ++t->ticks);
    }
    recorder_leave(t->d->recorder, t->row);
    return err;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct request one = {.d = d, .number = 1, .name = "request 1"};
    struct ticker t = {.d = d, .row = recorder_row(d->recorder, "ticker")};
    struct coro *coro;
    struct task *task;
    uint64_t begin_ns = loop_now();
    int result, before, err;

    one.row = recorder_row(d->recorder, one.name);
    coro = coro_create(request, &one);
    task = task_create(coro_create(ticker, &t));
    if (task == NULL || coro == NULL) {
        demo_end_tasks(&task, 1);
        coro_destroy(coro);
        return -ENOMEM;
    }
    demo_say(d, "main", "awaits a request, and goes on when that is done");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await request(1)");
    result = coro_await(coro);
    coro_destroy(coro);
    before = t.ticks;
    demo_say(d, "main", "has the answer: %d; meanwhile the ticker ticked %d times", result, before);
    demo_check(d, result == 1 && loop_now() - begin_ns >= demo_scaled(d, NS_PER_S),
               "await blocked main for as long as the request took");
    demo_check(d, before > 0, "it did not block the loop: the ticker ticked meanwhile");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await ticker");
    err = task_await(task);
    demo_end_tasks(&task, 1);
    demo_expected(d, "4 ticks meanwhile");
    demo_measured(d, "%d ticks meanwhile", before);
    demo_expect(d, NS_PER_S, "the request; the ticker's sleeps of {200ms} lie within it");
    return result < 0 ? result : err;
}

const struct demo demo_await_blocks_caller = {
    .name = "await-blocks-caller",
    .summary = "main awaits a request of {1s} while a ticker sleeps {200ms} four times",
    .lesson = "await blocks the task that awaits, and not the loop",
    .model = "tasks",
    .main = main_coro,
};
