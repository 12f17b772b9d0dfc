/* Calling an async function runs nothing: it gives a coroutine object. Awaiting that runs it, in
 * the current task.
 *
 *     async def greet():
 *         print("greet runs")
 *         await asyncio.sleep(0.5)
 *
 *     async def main():
 *         coro = greet()              # <coroutine object greet>: nothing has run
 *         await asyncio.sleep(0.5)    # and time does not help
 *         await coro                  # now it runs
 *         try:
 *             await coro
 *         except RuntimeError as error:
 *             print(error)            # cannot reuse already awaited coroutine
 *         greet()                     # RuntimeWarning: coroutine 'greet' was never awaited
 */
#include "demo_run.h"

#include <errno.h>
#include <string.h>

struct greeting {
    struct demo_run *d;
    unsigned row;
    int count;
    struct task *task; /* that it ran in */
};

static int greet(void *arg)
{
    struct greeting *g = arg;
    int err;

    g->count++;
    g->task = task_current();
    demo_say(g->d, "greet", "runs, in the task '%s'", task_name(g->task));
    recorder_enter(g->d->recorder, g->row, SPAN_WAITING, "sleep");
    err = task_sleep(demo_scaled(g->d, NS_PER_S / 2));
    recorder_leave(g->d->recorder, g->row);
    return err;
}

/* Make a coroutine object, and do not await it: what is said about it, in buf. */
static int forget(struct greeting *g, char *buf, size_t size)
{
    struct coro *coro = coro_create(greet, g);
    struct demo_capture capture;
    int err = demo_capture_begin(&capture);

    if (coro == NULL || err < 0) {
        coro_destroy(coro);
        return err < 0 ? err : -ENOMEM;
    }
    coro_destroy(coro);
    demo_capture_end(&capture, buf, size);
    return 0;
}

static int await_it(struct demo_run *d, struct greeting *g, struct coro *coro)
{
    int result, again;

    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "sleep");
    result = task_sleep(demo_scaled(d, NS_PER_S / 2));
    if (result < 0)
        return result;
    demo_say(d, "main", "slept; greet() has run %d times", g->count);
    demo_check(d, g->count == 0, "the call ran nothing, however long main slept");

    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await coro");
    demo_say(d, "main", "awaits the object");
    result = coro_await(coro);
    demo_say(d, "main", "awaited; greet() has run %d time", g->count);
    demo_check(d, g->count == 1 && g->task == task_current(),
               "awaiting it ran it once, in the task that awaited it");

    again = coro_await(coro);
    demo_say(d, "main", "awaits it again: %s", again == -EALREADY ? "refused (-EALREADY)" : "?");
    demo_check(d, again == -EALREADY && g->count == 1, "it cannot be awaited twice");
    return result;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct greeting g = {.d = d, .row = recorder_row(d->recorder, "greet")};
    struct coro *coro = coro_create(greet, &g);
    char warning[160] = "";
    int err;

    if (coro == NULL)
        return -ENOMEM;
    demo_say(d, "main", "called greet(): a coroutine object; greet() has run %d times", g.count);
    recorder_enter(d->recorder, g.row, SPAN_CREATED, "a coroutine object");
    err = await_it(d, &g, coro);
    coro_destroy(coro);
    if (err < 0)
        return err;

    demo_say(d, "main", "calls greet() once more, and drops the object");
    err = forget(&g, warning, sizeof warning);
    if (err < 0)
        return err;
    demo_say(d, "stderr", "%s", warning);
    demo_check(d, strstr(warning, "'greet' was never awaited") != NULL && g.count == 1,
               "never awaiting one is warned about");
    demo_expected(d, "1 of 2 calls ran");
    demo_measured(d, "%d of 2 calls ran", g.count);
    demo_expect(d, NS_PER_S, "main's own sleep of {500ms}, and that of the one call it awaited");
    return 0;
}

const struct demo demo_call_vs_await = {
    .name = "call-vs-await",
    .summary = "an async function is called, later awaited, and once forgotten",
    .lesson = "a call makes a coroutine object; await runs it, in the current task",
    .model = "sequential",
    .main = main_coro,
};
