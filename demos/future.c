/* A future: a result that is not there yet.
 *
 *     async def wait_for_it(future):
 *         print("waiter got", await future)
 *
 *     def unwanted(future):
 *         print("unwanted")
 *
 *     async def main():
 *         future = asyncio.get_running_loop().create_future()
 *         future.add_done_callback(lambda f: print("callback:", f.result()))
 *         future.add_done_callback(unwanted)
 *         future.remove_done_callback(unwanted)
 *         task = asyncio.create_task(wait_for_it(future))
 *         await asyncio.sleep(1)
 *         print("done:", future.done())   # False; future.result() raises InvalidStateError
 *         future.set_result(42)
 *         print("done:", future.done(), future.result())
 *         await task
 */
#include "demo_run.h"

#include <errno.h>

struct waiter {
    struct demo_run *d;
    unsigned row;
    struct future *future;
    bool woke;
};

static int wait_for_it(void *arg)
{
    struct waiter *w = arg;
    int result;

    demo_say(w->d, "waiter", "awaits the future");
    recorder_enter(w->d->recorder, w->row, SPAN_WAITING, "await future");
    result = future_await(w->future);
    w->woke = true;
    recorder_leave(w->d->recorder, w->row);
    recorder_mark(w->d->recorder, w->row, "got %d", result);
    demo_say(w->d, "waiter", "got %d", result);
    return result;
}

/* What a callback has seen. */
struct told {
    struct demo_run *d;
    int times, result;
};

static void tell(struct future *f, void *arg)
{
    struct told *t = arg;

    t->times++;
    t->result = future_result(f);
    demo_say(t->d, "callback", "is called; result() is %d", t->result);
}

static void show(struct demo_run *d, struct future *f)
{
    int result = future_result(f);

    if (result == -EINPROGRESS)
        demo_say(d, "main", "done() is %d, result(): not there yet (-EINPROGRESS)", future_done(f));
    else
        demo_say(d, "main", "done() is %d, result() is %d", future_done(f), result);
}

/* Show the future before and after it is set. */
static void finish(struct demo_run *d, struct future *f, const struct waiter *w)
{
    int again;

    show(d, f);
    demo_check(d, !future_done(f) && future_result(f) == -EINPROGRESS,
               "before: done() is false, and result() is an error");
    demo_say(d, "main", "set_result(42)");
    recorder_leave(d->recorder, DEMO_MAIN);
    recorder_mark(d->recorder, DEMO_MAIN, "set_result(42)");
    future_set_result(f, 42);
    show(d, f);
    demo_check(d, future_done(f) && future_result(f) == 42,
               "after: done() is true, result() is 42");
    demo_check(d, !w->woke, "the waiter did not run at once: it became ready");
    again = future_set_result(f, 43);
    demo_check(d, again == -EALREADY && future_result(f) == 42, "a result is set only once");
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct future future;
    struct waiter w = {.d = d, .row = recorder_row(d->recorder, "waiter"), .future = &future};
    struct done_callback wanted, unwanted;
    struct told told = {.d = d}, not_told = {.d = d};
    struct task *task;
    int result, err;

    future_init(&future);
    future_add_done_callback(&future, &wanted, tell, &told);
    future_add_done_callback(&future, &unwanted, tell, &not_told);
    future_remove_done_callback(&unwanted);
    task = task_create(coro_create(wait_for_it, &w));
    if (task == NULL)
        return -ENOMEM;
    demo_say(d, "main", "made a future and a task that waits for it");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "sleep");
    err = task_sleep(demo_scaled(d, NS_PER_S));
    if (err == 0)
        finish(d, &future, &w);
    result = err == 0 ? task_await(task) : err;
    demo_end_tasks(&task, 1);
    if (result < 0)
        return result;
    demo_check(d, result == 42, "the waiter was given the result");
    demo_check(d, told.times == 1 && told.result == 42 && not_told.times == 0,
               "so was the callback, once; the one that was taken back was not called");
    demo_expected(d, "result 42");
    demo_measured(d, "result %d", result);
    demo_expect(d, NS_PER_S, "the waiter slept until main, after {1s}, set the result");
    return 0;
}

const struct demo demo_future = {
    .name = "future",
    .summary = "a task and a callback wait for a future, another task sets its result",
    .lesson = "a future is a result that is not there yet; setting it wakes those who wait",
    .model = "tasks",
    .main = main_coro,
};
