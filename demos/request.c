#include "request.h"

#include <errno.h>

int request(void *arg)
{
    struct request *r = arg;
    struct demo_run *d = r->d;
    char span[32];
    int err;

    r->started_ns = loop_now();
    demo_say(d, r->name, "starts");
    recorder_enter(d->recorder, r->row, SPAN_WAITING, "sleep(%s)",
                   demo_span(d, NS_PER_S, span, sizeof span));
    err = task_sleep(demo_scaled(d, NS_PER_S));
    recorder_leave(d->recorder, r->row);
    if (err < 0)
        return err;
    r->done_ns = loop_now();
    demo_say(d, r->name, "done");
    return r->number;
}

int requests_call(struct request requests[REQUESTS], struct coro *coros[REQUESTS],
                  struct demo_run *d)
{
    for (int i = 0; i < REQUESTS; i++) {
        struct request *r = &requests[i];

        *r = (struct request){.d = d, .number = i + 1};
        snprintf(r->name, sizeof r->name, "request %d", r->number);
        r->row = recorder_row(d->recorder, r->name);
        recorder_enter(d->recorder, r->row, SPAN_CREATED, "created");
        coros[i] = coro_create(request, r);
        if (coros[i] == NULL) {
            while (i-- > 0)
                coro_destroy(coros[i]);
            return -ENOMEM;
        }
    }
    return 0;
}

struct requests_count requests_count(const struct request requests[REQUESTS])
{
    struct requests_count n = {0};

    for (int i = 0; i < REQUESTS; i++) {
        n.started += requests[i].started_ns != 0;
        n.done += requests[i].done_ns != 0;
    }
    return n;
}

void requests_check_results(struct demo_run *d, const int results[REQUESTS])
{
    bool right = true;

    for (int i = 0; i < REQUESTS; i++)
        right = right && results[i] == i + 1;
    demo_say(d, "main", "results: %d %d %d %d %d", results[0], results[1], results[2], results[3],
             results[4]);
    demo_check(d, right, "the results are 1 to 5, in order");
}
