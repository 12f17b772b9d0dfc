/* The request through the loop: one thread, and nothing is blocked.
 *
 *     async def get_async(url):       # asyncio has no HTTP of its own
 *         host, path = url.removeprefix("http://").split("/", 1)
 *         reader, writer = await asyncio.open_connection(*host.split(":"))
 *         writer.write(f"GET /{path} HTTP/1.0\r\n\r\n".encode())
 *         answer = await reader.read()
 *         writer.close()
 *         return int(answer.split()[1])
 *
 *     async def main():
 *         task = asyncio.create_task(counter())
 *         print("status", await get_async(sys.argv[1]))
 *         await task
 */
#include "http_request.h"
#include "io/io_async.h"

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct http_request request;
    int status, err = http_request_begin(&request, d, io_async_create(d->loop));

    if (err < 0)
        return err;
    demo_say(d, "main", "makes the request through the loop");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_WAITING, "await GET");
    status = http_request(&request);
    recorder_leave(d->recorder, DEMO_MAIN);
    http_request_answered(&request, status);
    err = http_request_end(&request);
    if (err == 0)
        http_request_check_unnoticed(&request);
    http_request_check(&request,
                       "main waits in the loop for the server, as the counter for its timer");
    return err;
}

const struct demo demo_async_http = {
    .name = "async-http",
    .summary = "the same request made through the loop",
    .lesson = "what waits through the loop leaves it free, without any thread",
    .model = "tasks",
    .needs_server = true,
    .main = main_coro,
};
