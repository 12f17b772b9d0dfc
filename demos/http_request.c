#include "http_request.h"

#include "base/units.h"

#include <errno.h>

#define URL_MAX    2048
#define TELLING_NS (20 * NS_PER_MS) /* a request that takes less has hardly a beat beside it */

int http_request_begin(struct http_request *r, struct demo_run *d, struct io *io)
{
    struct err why = {"out of memory"};
    int err = io != NULL ? io_http_open(io, &why) : -ENOMEM;

    *r = (struct http_request){.d = d, .io = io};
    if (err == 0) {
        r->counter = (struct counter){.d = d, .row = recorder_row(d->recorder, "counter")};
        r->counting = task_create(coro_create(counter, &r->counter));
        err = r->counting != NULL ? 0 : -ENOMEM;
    }
    if (err < 0) {
        demo_say(d, "main", "cannot make requests: %s", why.text);
        io_destroy(io);
    }
    return err;
}

int http_request(void *arg)
{
    struct http_request *r = arg;
    struct io_http_response response;
    uint64_t begin_ns;
    char url[URL_MAX];
    int err;

    if (r->d->server_is_own)
        snprintf(url, sizeof url, "%s", r->d->server);
    else
        snprintf(url, sizeof url, "%s/?size=64&delay=%lluns", r->d->server,
                 (unsigned long long)demo_scaled(r->d, NS_PER_S));
    begin_ns = clock_now_ns();
    err = io_http_get(r->io, &(struct io_http_request){.url = url}, &response, NO_DEADLINE);
    r->took_ns = clock_now_ns() - begin_ns;
    return err < 0 ? err : response.status;
}

void http_request_answered(struct http_request *r, int status)
{
    r->status = status;
    r->beats = r->counter.beats;
    demo_say(r->d, "main", "status %d", status);
}

int http_request_end(struct http_request *r)
{
    int err = task_await(r->counting);

    task_release(r->counting);
    io_destroy(r->io);
    if (r->status >= 0 && err == 0 && r->d->server_is_own && r->took_ns < TELLING_NS) {
        demo_say(r->d, "main",
                 "the answer came too soon to show anything: name a page that takes "
                 "%d ms or more",
                 (int)(TELLING_NS / NS_PER_MS));
        err = -EAGAIN;
    }
    return r->status < 0 ? r->status : err;
}

void http_request_check(const struct http_request *r, const char *why)
{
    bool own = r->d->server_is_own;

    demo_check(r->d, own ? r->status > 0 : r->status == 200, "the status is %d", r->status);
    demo_expect(r->d, own ? DEMO_NO_TIME : NS_PER_S, why);
}

void http_request_check_unnoticed(const struct http_request *r)
{
    const struct counter *c = &r->counter;
    struct demo_run *d = r->d;
    char mean[32], longest[32], span[32];

    units_format_duration(counter_mean_ns(c, 0), mean, sizeof mean);
    units_format_duration((double)counter_longest_ns(c, 0), longest, sizeof longest);
    demo_check(d, r->beats > 0, "%d of %d beats came before the answer", r->beats, COUNTER_BEATS);
    demo_check(d, counter_longest_ns(c, 0) < r->took_ns, "no beat was held up: the longest took %s",
               longest);
    demo_expected(d, "beats: just over %s", demo_span(d, NS_PER_MS, span, sizeof span));
    demo_measured(d, "beats: %s", mean);
}

int counter(void *arg)
{
    struct counter *c = arg;
    struct demo_run *d = c->d;
    char span[32], took[32];
    int err = 0;

    demo_span(d, NS_PER_MS, span, sizeof span);
    for (int i = 0; i < COUNTER_BEATS && err == 0; i++) {
        uint64_t begin_ns = loop_now();

        recorder_enter(d->recorder, c->row, SPAN_WAITING, "sleep(%s)", span);
        err = task_sleep(demo_scaled(d, NS_PER_MS));
        c->took_ns[i] = loop_now() - begin_ns;
        c->beats += err == 0;
        demo_say(d, "counter", "sleep(%s) number %d took %s", span, i + 1,
                 units_format_duration((double)c->took_ns[i], took, sizeof took));
    }
    recorder_leave(d->recorder, c->row);
    recorder_mark(d->recorder, c->row, "%d done", c->beats);
    return err;
}

uint64_t counter_longest_ns(const struct counter *c, int from)
{
    uint64_t longest_ns = 0;

    for (int i = from; i < COUNTER_BEATS; i++)
        longest_ns = c->took_ns[i] > longest_ns ? c->took_ns[i] : longest_ns;
    return longest_ns;
}

double counter_mean_ns(const struct counter *c, int from)
{
    double sum_ns = 0;

    for (int i = from; i < COUNTER_BEATS; i++)
        sum_ns += (double)c->took_ns[i];
    return sum_ns / (COUNTER_BEATS - from);
}
