/* A synchronous request inside of the loop: everything else is blocked.
 *
 *     async def main():
 *         task = asyncio.create_task(counter())
 *         await asyncio.sleep(0)                  # let it start
 *         print("status", get(sys.argv[1]))       # blocks the thread, and with it the loop
 *         await task
 */
#include "base/units.h"
#include "http_request.h"
#include "io/io_blocking.h"

#include <string.h>

/* Debug mode reports what holds the loop for longer than this: asyncio's default is 0.1 s. */
#define SLOW_NS     (NS_PER_S / 10)
#define SLOW_OWN_NS (10 * NS_PER_MS)

/* What debug mode said of the task main. */
struct warning {
    bool named;
    char function[64]; /* that it waited in, the innermost; "" when that is not known */
};

static void judge(struct demo_run *d, const struct http_request *r, const struct warning *w)
{
    const struct counter *c = &r->counter;
    char first[32], rest[32], request[32], long_span[32], short_span[32];

    units_format_duration((double)r->took_ns, request, sizeof request);
    units_format_duration((double)c->took_ns[0], first, sizeof first);
    units_format_duration(counter_mean_ns(c, 1), rest, sizeof rest);
    http_request_check(r, "while the thread waits in the request, the loop cannot run");
    demo_check(d, r->beats == 0, "no beat came while the request was made");
    demo_check(d, c->took_ns[0] >= r->took_ns,
               "the first beat took as long as the request: %s and %s", first, request);
    demo_check(d, counter_longest_ns(c, 1) < c->took_ns[0], "every other beat was shorter");
    demo_check(d, w->named, "debug mode named the task that held the loop");
    if (w->function[0] != '\0')
        demo_check(d, true, "and the function that blocked it: %s", w->function);
    demo_expected(d, "beats: %s, then just over %s",
                  d->server_is_own ? "the request"
                                   : demo_span(d, NS_PER_S, long_span, sizeof long_span),
                  demo_span(d, NS_PER_MS, short_span, sizeof short_span));
    demo_measured(d, "beats: %s, then %s", first, rest);
}

/* Show the warnings of debug mode; on a slow machine other steps are long, too. */
static struct warning say_warnings(struct demo_run *d, char *warnings)
{
    static const char about_main[] = "task 'main' held the loop for";
    struct warning found = {false, ""};
    char *rest;

    for (char *w = strtok_r(warnings, "\n", &rest); w != NULL; w = strtok_r(NULL, "\n", &rest)) {
        const char *begin = strstr(w, about_main), *in = begin ? strstr(begin, " in ") : NULL;

        demo_say(d, "stderr", "%s", w);
        found.named = found.named || begin != NULL;
        if (in != NULL)
            snprintf(found.function, sizeof found.function, "%.*s", (int)strcspn(in + 4, ","),
                     in + 4);
    }
    return found;
}

static int main_coro(void *arg)
{
    struct demo_run *d = arg;
    struct http_request request;
    struct demo_capture capture;
    struct warning warning;
    char warnings[2048];
    int status, err = http_request_begin(&request, d, io_blocking_create());

    if (err < 0)
        return err;
    err = demo_capture_begin(&capture);
    if (err < 0) {
        http_request_end(&request);
        return err;
    }
    loop_set_debug(d->loop, d->server_is_own ? SLOW_OWN_NS : demo_scaled(d, SLOW_NS));
    task_yield(); /* debug mode begins with a task's next step */
    demo_say(d, "main", "makes a synchronous request; the counter has begun its first sleep");
    recorder_enter(d->recorder, DEMO_MAIN, SPAN_HOLDING, "blocking GET");
    status = http_request(&request);
    http_request_answered(&request, status);
    recorder_leave(d->recorder, DEMO_MAIN);
    err = http_request_end(&request);
    loop_set_debug(d->loop, 0); /* before anything may be written to the real standard error */
    warning = say_warnings(d, demo_capture_end(&capture, warnings, sizeof warnings));
    if (err == 0)
        judge(d, &request, &warning);
    return err;
}

const struct demo demo_blocked_loop = {
    .name = "blocked-loop",
    .summary = "a counter sleeps {1ms} ten times while main makes a synchronous HTTP request",
    .lesson = "a blocking call in the loop blocks every task on it",
    .article = "status 200, first beat as long as the request, the rest about 1.1 ms",
    .model = "blocking",
    .needs_server = true,
    .main = main_coro,
};
