/* A task is canceled in its sleep and cleans up; wait_for does the same after a time. wait and
 * shield leave the task alone.
 *
 *     async def worker():
 *         try:
 *             await asyncio.sleep(10)
 *         except asyncio.CancelledError:
 *             await asyncio.sleep(0.2)        # cleans up
 *             raise
 *
 *     async def main():
 *         task = asyncio.create_task(worker())
 *         await asyncio.sleep(1)
 *         task.cancel()
 *         try:
 *             await task
 *         except asyncio.CancelledError:
 *             print("canceled")
 *         try:
 *             await asyncio.wait_for(worker(), 1)
 *         except asyncio.TimeoutError:
 *             print("timed out")
 *
 *         task = asyncio.create_task(worker())
 *         await asyncio.wait([task], timeout=0.3)             # it goes on
 *         try:
 *             await asyncio.wait_for(asyncio.shield(task), 0.3)
 *         except asyncio.TimeoutError:
 *             print("goes on:", not task.done())
 *         task.cancel()
 */
#include "async/gather.h"
#include "demo_run.h"

#include <errno.h>

struct worker {
    struct demo_run *d;
    const char *name;
    unsigned row;
    bool cleaned_up, finished;
};

static int worker(void *arg)
{
    struct worker *w = arg;
    struct recorder *recorder = w->d->recorder;
    char span[32];
    int err;

    demo_span(w->d, 10 * NS_PER_S, span, sizeof span);
    demo_say(w->d, w->name, "sleeps %s", span);
    recorder_enter(recorder, w->row, SPAN_WAITING, "sleep(%s)", span);
    err = task_sleep(demo_scaled(w->d, 10 * NS_PER_S));
    if (err == -ECANCELED) {
        demo_say(w->d, w->name, "is canceled in its sleep, and cleans up");
        recorder_enter(recorder, w->row, SPAN_WAITING, "clean");
        task_sleep(demo_scaled(w->d, NS_PER_S / 5));
        w->cleaned_up = true;
        recorder_leave(recorder, w->row);
        recorder_mark(recorder, w->row, "canceled");
        return err;
    }
    w->finished = true;
    return err;
}

static int cancel(struct demo_run *d, struct worker *w)
{
    struct task *task = task_create(coro_create(worker, w));
    int err;

    if (task == NULL)
        return -ENOMEM;
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "sleep");
    err = task_sleep(demo_scaled(d, NS_PER_S));
    if (err < 0)
        goto release;
    demo_say(d, "main", "cancels it: %s", task_cancel(task) ? "asked" : "was done already");
    demo_check(d, !task_done(task), "cancel() only asks: the task has not ended yet");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await");
    err = task_await(task);
    demo_say(d, "main", "awaited it: %s", err == -ECANCELED ? "canceled (-ECANCELED)" : "?");
    demo_check(d, err == -ECANCELED && w->cleaned_up && !w->finished,
               "the task woke up from its sleep, cleaned up, and ended canceled");
    err = 0;
release:
    demo_end_tasks(&task, 1);
    return err;
}

static int time_out(struct demo_run *d, struct worker *w)
{
    struct coro *coro = coro_create(worker, w);
    char span[32];
    int err;

    if (coro == NULL)
        return -ENOMEM;
    demo_span(d, NS_PER_S, span, sizeof span);
    demo_say(d, "main", "waits for another one, at most %s", span);
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "wait_for(worker(), %s)", span);
    err = task_wait_for(coro_awaitable(coro), demo_scaled(d, NS_PER_S));
    demo_say(d, "main", "wait_for: %s", err == -ETIMEDOUT ? "timed out (-ETIMEDOUT)" : "?");
    demo_check(d, err == -ETIMEDOUT && w->cleaned_up && !w->finished,
               "wait_for timed out: it canceled the task, and waited until it had cleaned up");
    return 0;
}

static int shield(void *arg)
{
    return task_shield(task_awaitable(arg));
}

static int leave_alone(struct demo_run *d, struct worker *w)
{
    uint64_t patience_ns = demo_scaled(d, 3 * NS_PER_S / 10);
    struct task *task = task_create(coro_create(worker, w));
    int waited, shielded, err;

    if (task == NULL)
        return -ENOMEM;
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "wait");
    waited = task_wait(&task, 1, TASK_WAIT_ALL, clock_add_ns(clock_now_ns(), patience_ns));
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "shield");
    shielded = task_wait_for(coro_awaitable(coro_create(shield, task)), patience_ns);
    demo_say(d, "main", "wait and a shielded wait_for %s",
             waited == -ETIMEDOUT && shielded == -ETIMEDOUT ? "timed out (-ETIMEDOUT)" : "?");
    demo_check(d, waited == -ETIMEDOUT && shielded == -ETIMEDOUT && !w->cleaned_up,
               "wait and shield timed out, and left the task alone");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "end");
    task_cancel(task);
    err = task_await(task);
    task_release(task);
    return err == -ECANCELED && w->cleaned_up ? 0 : err;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct worker first = {
        .d = d, .name = "worker 1", .row = recorder_row(d->recorder, "worker 1")};
    struct worker second = {
        .d = d, .name = "worker 2", .row = recorder_row(d->recorder, "worker 2")};
    struct worker third = {
        .d = d, .name = "worker 3", .row = recorder_row(d->recorder, "worker 3")};
    int err = cancel(d, &first);

    if (err == 0)
        err = time_out(d, &second);
    if (err == 0)
        err = leave_alone(d, &third);
    if (err < 0)
        return err;
    demo_check(d, loop_all_tasks(d->loop, NULL, 0) == 1, "no task but main is left");
    demo_expected(d, "canceled, timed out");
    demo_measured(d, "%s, %s", first.cleaned_up ? "canceled" : "not canceled",
                  second.cleaned_up ? "timed out" : "not timed out");
    demo_expect(d, 16 * NS_PER_S / 5,
                "no sleep of {10s}: twice {1s} and once {600ms}, and {200ms} each to clean up");
    return 0;
}

const struct demo demo_cancel_and_timeout = {
    .name = "cancel-and-timeout",
    .summary = "a task is canceled in its sleep and cleans up; wait_for times out; shield",
    .lesson = "a wait can be canceled; the task learns of it there, cleans up, and ends",
    .model = "tasks",
    .main = main_coro,
};
