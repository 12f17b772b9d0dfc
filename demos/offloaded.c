/* The synchronous request in a thread of an executor: the loop stays free.
 *
 *     async def main():
 *         task = asyncio.create_task(counter())
 *         loop = asyncio.get_running_loop()
 *         print("status", await loop.run_in_executor(None, get, sys.argv[1]))
 *         await task
 */
#include "http_request.h"
#include "io/io_blocking.h"

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct http_request request;
    int status, err = http_request_begin(&request, d, io_blocking_create());

    if (err < 0)
        return err;
    demo_say(d, "main", "leaves the synchronous request to a thread, and awaits it");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "run_in_executor(blocking GET)");
    status = loop_run_in_executor(d->loop, NULL, http_request, &request);
    recorder_leave(d->recorder, DEMO_MAIN);
    http_request_answered(&request, status);
    err = http_request_end(&request);
    if (err == 0)
        http_request_check_unnoticed(&request);
    http_request_check(&request, "the thread waits for the server, the loop for both");
    return err;
}

const struct demo demo_offloaded = {
    .name = "offloaded",
    .summary = "the same request in a thread: run_in_executor",
    .lesson = "blocking code belongs in an executor's thread: the loop does not notice it",
    .model = "offload",
    .needs_server = true,
    .main = main_coro,
};
