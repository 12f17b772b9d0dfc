/* Awaiting gives control to the loop only when there is something to wait for.
 *
 *     async def other(pending):
 *         print("other starts")
 *         await asyncio.sleep(0.5)
 *         pending.set_result(2)
 *
 *     async def main():
 *         loop = asyncio.get_running_loop()
 *         finished, pending = loop.create_future(), loop.create_future()
 *         finished.set_result(1)
 *         task = asyncio.create_task(other(pending))
 *         loop.call_soon(print, "called")
 *         print("awaited", await finished)    # does not yield: neither has run
 *         print("awaited", await pending)     # does
 */
#include "demo_run.h"

#include <errno.h>

struct other {
    struct demo_run *d;
    unsigned row;
    struct future *pending; /* that it finishes */
    bool ran, called;
};

/* The callback. */
static void call(void *arg)
{
    struct other *o = arg;

    o->called = true;
    demo_say(o->d, "callback", "is called");
}

static int other(void *arg)
{
    struct other *o = arg;
    int err;

    o->ran = true;
    demo_say(o->d, "other", "starts: main has given up control");
    recorder_enter(o->d->recorder, o->row, SPAN_WAITING, "sleep");
    err = task_sleep(demo_scaled(o->d, NS_PER_S / 2));
    if (err < 0)
        return err;
    demo_say(o->d, "other", "finishes the pending future");
    recorder_leave(o->d->recorder, o->row);
    return future_set_result(o->pending, 2);
}

/* Await it, and tell how many task switches that took. */
static unsigned await_counted(struct demo_run *d, struct future *f, const char *which)
{
    uint64_t before = loop_switches(d->loop);
    unsigned switches;
    int result;

    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await the %s future", which);
    result = future_await(f);
    recorder_leave(d->recorder, DEMO_MAIN);
    switches = (unsigned)(loop_switches(d->loop) - before);
    demo_say(d, "main", "awaited the %s future: result %d, %u task switches", which, result,
             switches);
    return switches;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct future finished, pending;
    struct other o = {.d = d, .row = recorder_row(d->recorder, "other"), .pending = &pending};
    struct task *task = task_create(coro_create(other, &o));
    unsigned none, some;
    int err;

    if (task == NULL)
        return -ENOMEM;
    err = loop_call_soon(d->loop, call, &o);
    if (err < 0)
        goto release;
    recorder_enter(d->recorder, o.row, SPAN_CREATED, "created");
    future_init(&finished);
    future_init(&pending);
    future_set_result(&finished, 1);
    demo_say(d, "main",
             "made a task and a callback, ready to run, and two futures, one of them finished");

    none = await_counted(d, &finished, "finished");
    demo_check(d, none == 0 && !o.ran && !o.called,
               "awaiting a finished future did not yield: neither task nor callback had run");
    some = await_counted(d, &pending, "pending");
    demo_check(d, some > 0 && o.ran && o.called, "awaiting a pending one let both run");
    demo_check(d, some == 3, "three switches: other starts, other wakes up, main goes on");
    err = task_await(task);
    demo_expected(d, "0 and 3 switches");
    demo_measured(d, "%u and %u switches", none, some);
    demo_expect(d, NS_PER_S / 2, "only the pending future had to be waited for");
release:
    demo_end_tasks(&task, 1);
    return err;
}

const struct demo demo_await_may_not_yield = {
    .name = "await-may-not-yield",
    .summary = "a finished and a pending future awaited, the task switches counted",
    .lesson = "await yields only when it has to wait; a loop of such awaits starves the others",
    .model = "tasks",
    .main = main_coro,
};
