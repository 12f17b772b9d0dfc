/* Awaiting coroutines one after the other.
 *
 *     async def main():
 *         coros = [request(i) for i in range(1, 6)]
 *         print("results:", [await coro for coro in coros])
 */
#include "request.h"

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct request requests[REQUESTS];
    struct coro *coros[REQUESTS];
    int results[REQUESTS], err = requests_call(requests, coros, d);
    bool alone = true;

    if (err < 0)
        return err;
    demo_say(d, "main", "%d coroutine objects, number of tasks: %zu", REQUESTS,
             loop_all_tasks(d->loop, NULL, 0));
    for (int i = 0; i < REQUESTS; i++) {
        recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await %d", i + 1);
        results[i] = coro_await(coros[i]);
        coro_destroy(coros[i]);
        alone = alone && requests_count(requests).started == i + 1 &&
                requests_count(requests).done == i + 1;
    }
    demo_check(d, alone, "when a request was done, the next one had not started yet");
    requests_check_results(d, results);
    demo_expect(d, REQUESTS * NS_PER_S, "five waits, each begun after the one before it");
    return 0;
}

const struct demo demo_sequential_await = {
    .name = "sequential-await",
    .summary = "five requests of {1s}, each coroutine created, then awaited in turn",
    .lesson = "awaiting coroutines in turn takes as long as synchronous code",
    .article = "5.007 s",
    .model = "sequential",
    .main = main_coro,
};
