/* A coroutine object does nothing until it is awaited or made a task.
 *
 *     async def main():
 *         coros = [request(i) for i in range(1, 6)]
 *         print("Number of tasks:", len(asyncio.all_tasks()))
 *         await asyncio.sleep(2)
 *         print("results:", await asyncio.gather(*coros))
 */
#include "async/gather.h"
#include "base/text.h"
#include "request.h"

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct request requests[REQUESTS];
    struct coro *coros[REQUESTS];
    struct awaitable *awaitables[REQUESTS];
    int results[REQUESTS], err = requests_call(requests, coros, d);
    size_t tasks;
    char span[32];

    if (err < 0)
        return err;
    for (int i = 0; i < REQUESTS; i++)
        awaitables[i] = coro_awaitable(coros[i]);
    tasks = loop_all_tasks(d->loop, NULL, 0);
    demo_say(d, "main", "%d coroutine objects; number of tasks: %zu", REQUESTS, tasks);

    demo_span(d, 2 * NS_PER_S, span, sizeof span);
    demo_say(d, "main", "sleeps %s", span);
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "sleep(%s)", span);
    err = task_sleep(demo_scaled(d, 2 * NS_PER_S));
    if (err < 0)
        return err;

    demo_say(d, "main", "woke up: %d of them have started; gathers them",
             requests_count(requests).started);
    demo_check(d, tasks == 1, "the only task was main");
    demo_check(d, requests_count(requests).started == 0,
               "nothing had started before it was gathered");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "gather");
    err = task_gather(awaitables, REQUESTS, results);
    if (err < 0)
        return err;
    requests_check_results(d, results);
    demo_check(d, requests[4].started_ns < requests[0].done_ns,
               "once gathered, all five ran at the same time");
    demo_expected(d, "1 task");
    demo_measured(d, "%zu task%s", tasks, TEXT_S(tasks));
    demo_expect(d, 3 * NS_PER_S, "the sleep of {2s}, and only then all requests at once, {1s}");
    return 0;
}

const struct demo demo_lazy_coroutines = {
    .name = "lazy-coroutines",
    .summary = "five coroutine objects made, main sleeps {2s}, then gathers them",
    .lesson = "a coroutine object is a call not yet made: nothing runs before it is awaited",
    .article = "3.004 s, \"Number of tasks: 1\", results 1..5",
    .model = "sequential",
    .main = main_coro,
};
