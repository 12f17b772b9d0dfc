/* A task is a future: it has done(), result() and callbacks. What it adds is that it runs a
 * coroutine, and sets its own result.
 *
 *     async def answer():
 *         await asyncio.sleep(1)
 *         return 42
 *
 *     async def main():
 *         task = asyncio.create_task(answer())
 *         print("is a future:", isinstance(task, asyncio.Future))
 *         print("done:", task.done())             # False; task.result() raises InvalidStateError
 *         task.add_done_callback(lambda t: print("callback:", t.result()))
 *         print("awaited:", await task)
 *         print("done:", task.done(), task.result())
 *         print("awaited again:", await task)     # a coroutine cannot be
 */
#include "demo_run.h"

#include <errno.h>
#include <string.h>

struct answer {
    struct demo_run *d;
    unsigned row;
};

static int answer(void *arg)
{
    struct answer *a = arg;
    char span[32];
    int err;

    recorder_enter(a->d->recorder, a->row, SPAN_WAITING, "sleep(%s)",
                   demo_span(a->d, NS_PER_S, span, sizeof span));
    err = task_sleep(demo_scaled(a->d, NS_PER_S));
    recorder_leave(a->d->recorder, a->row);
    return err < 0 ? err : 42;
}

struct told {
    struct demo_run *d;
    int times, result;
    int awaited; /* what a wait in the callback came to */
    char warning[160];
};

/* A callback is no task: it must not wait. In Python await does not compile here. */
static void tell(struct future *f, void *arg)
{
    struct told *t = arg;
    struct demo_capture capture;

    t->times++;
    t->result = future_result(f);
    demo_say(t->d, "callback", "result() is %d; tries to await", t->result);
    if (demo_capture_begin(&capture) < 0)
        return;
    t->awaited = task_yield();
    demo_capture_end(&capture, t->warning, sizeof t->warning);
    demo_say(t->d, "stderr", "%s", t->warning);
}

static void check(struct demo_run *d, const struct told *told, int first, int again)
{
    demo_check(d, first == 42 && again == 42, "awaiting it gave the result, and so it did again");
    demo_check(d, told->times == 1 && told->result == 42, "the callback was told, once");
    demo_check(d, told->awaited == -EPERM && strstr(told->warning, "outside of a task") != NULL,
               "a wait outside of a task was refused, with a warning");
    demo_expected(d, "result 42");
    demo_measured(d, "result %d", first);
    demo_expect(d, NS_PER_S, "the task's own sleep");
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct answer a = {.d = d, .row = recorder_row(d->recorder, "answer")};
    struct task *task = task_create(coro_create(answer, &a));
    struct told told = {.d = d};
    struct done_callback callback;
    struct future *future;
    int first, again;

    if (task == NULL)
        return -ENOMEM;
    future = task_future(task);
    demo_say(d, "main", "made a task; done() is %d", future_done(future));
    demo_check(d, !future_done(future) && future_result(future) == -EINPROGRESS,
               "before: done() is false, and result() is an error");
    future_add_done_callback(future, &callback, tell, &told);
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await task");
    first = future_await(future);
    recorder_leave(d->recorder, DEMO_MAIN);
    demo_say(d, "main", "awaited it: %d; done() is %d, result() is %d", first, future_done(future),
             future_result(future));
    again = future_await(future);
    demo_say(d, "main", "awaited it again: %d", again);
    demo_end_tasks(&task, 1);
    if (first < 0)
        return first;
    check(d, &told, first, again);
    return 0;
}

const struct demo demo_task_is_future = {
    .name = "task-is-future",
    .summary = "a task is asked, told about and awaited as a future is",
    .lesson = "a task is a future that runs a coroutine and sets its own result",
    .model = "tasks",
    .main = main_coro,
};
