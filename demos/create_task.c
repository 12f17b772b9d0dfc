/* A task is scheduled when it is created, and runs as soon as the loop gets control.
 *
 *     async def main():
 *         tasks = [asyncio.create_task(request(i)) for i in range(1, 6)]
 *         print("Number of tasks:", len(asyncio.all_tasks()))
 *         await asyncio.sleep(2)
 *         print("results:", await asyncio.gather(*tasks))
 */
#include "async/gather.h"
#include "request.h"

#include <errno.h>

/* Those that cannot be made stay NULL. */
static int create_tasks(struct coro *coros[REQUESTS], struct task *tasks[REQUESTS],
                        struct awaitable *awaitables[REQUESTS])
{
    int err = 0;

    for (int i = 0; i < REQUESTS; i++) {
        tasks[i] = task_create(coros[i]);
        if (tasks[i] == NULL)
            err = -ENOMEM;
        else
            awaitables[i] = task_awaitable(tasks[i]);
    }
    return err;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct request requests[REQUESTS];
    struct coro *coros[REQUESTS];
    struct task *tasks[REQUESTS];
    struct awaitable *awaitables[REQUESTS];
    int results[REQUESTS], done, err = requests_call(requests, coros, d);
    uint64_t switches;
    size_t count;
    char span[32];

    if (err < 0)
        return err;
    err = create_tasks(coros, tasks, awaitables);
    if (err < 0)
        goto release;
    count = loop_all_tasks(d->loop, NULL, 0);
    demo_say(d, "main", "%d tasks made; number of tasks: %zu", REQUESTS, count);

    demo_span(d, 2 * NS_PER_S, span, sizeof span);
    demo_say(d, "main", "sleeps %s", span);
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "sleep(%s)", span);
    err = task_sleep(demo_scaled(d, 2 * NS_PER_S));
    if (err < 0)
        goto release;

    done = requests_count(requests).done;
    demo_say(d, "main", "woke up: %d of them are done; gathers them", done);
    switches = loop_switches(d->loop);
    err = task_gather(awaitables, REQUESTS, results);
    if (err < 0)
        goto release;
    requests_check_results(d, results);
    demo_check(d, count == REQUESTS + 1, "there were six tasks: the five and main");
    demo_check(d, requests[4].started_ns < requests[0].done_ns, "all five ran at the same time");
    demo_check(d, done == REQUESTS, "all five were done when main woke up");
    demo_check(d, loop_switches(d->loop) == switches, "gather had nothing left to wait for");
    demo_expected(d, "6 tasks");
    demo_measured(d, "%zu tasks", count);
    demo_expect(d, 2 * NS_PER_S, "the tasks ran while main slept");
release:
    demo_end_tasks(tasks, REQUESTS);
    return err;
}

const struct demo demo_create_task = {
    .name = "create-task",
    .summary = "five tasks made, main sleeps {2s}, then gathers them",
    .lesson = "a task starts by itself, as soon as the loop gets control: its wait is for free",
    .article = "2.002 s, \"Number of tasks: 6\"",
    .model = "tasks",
    .main = main_coro,
};
