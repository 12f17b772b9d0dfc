/* The HTTP request of the demos, and the counter beside it. The request is for a page that the
 * server holds for a second, or for a page of somebody's own. The same call blocks its thread or
 * suspends its task: its io decides.
 */
#ifndef TVA_DEMOS_HTTP_REQUEST_H
#define TVA_DEMOS_HTTP_REQUEST_H

#include "demo_run.h"
#include "io/io.h"

/* The article's counter: ten sleeps of a millisecond, and how long each of them took. It is what
 * suffers when something else holds the loop.
 *
 *     import sys, urllib.request
 *
 *     def get(url):
 *         return urllib.request.urlopen(url).status
 *
 *     async def counter():
 *         for i in range(10):
 *             begin = time.perf_counter()
 *             await asyncio.sleep(0.001)
 *             print("beat", i, time.perf_counter() - begin)
 */
#define COUNTER_BEATS 10

struct counter {
    struct demo_run *d;
    unsigned row;
    int beats; /* made so far */
    uint64_t took_ns[COUNTER_BEATS];
};

/* The body of the coroutine; arg is a struct counter. 0 or -ECANCELED. */
int counter(void *arg);

/* The longest of its beats from the one given (counted from 0), and their mean, in ns. */
uint64_t counter_longest_ns(const struct counter *c, int from);
double counter_mean_ns(const struct counter *c, int from);

struct http_request {
    struct demo_run *d;
    struct io *io;
    struct counter counter; /* runs beside it */
    struct task *counting;
    uint64_t took_ns; /* the call */
    int status;       /* or a negative errno */
    int beats;        /* of the counter, before the answer */
};

/* Make this io, which may be NULL when there was no memory for it, ready for HTTP, and start the
 * counter. 0, or a negative errno after it has said why; then the io is gone. */
int http_request_begin(struct http_request *r, struct demo_run *d, struct io *io);

/* GET the page. tva's server holds the answer for 1 s at the demo's scale. The status, or a
 * negative errno. Its argument is a struct http_request: it can be called, made a coroutine, or
 * given to an executor. */
int http_request(void *arg);

/* Keep and say the status that the request returned. */
void http_request_answered(struct http_request *r, int status);

/* Wait for the counter, and destroy the io. 0, or what failed: the counter or the request; -EAGAIN,
 * after it has said so, where a page of somebody's own came too soon to show anything. */
int http_request_end(struct http_request *r);

/* Claim the status: 200 of tva's server; of another, that there is one. Say how long the demo
 * should take, which of another server nobody knows. */
void http_request_check(const struct http_request *r, const char *why);

/* Claim that the request left the loop free: beats of the counter came before the answer, and none
 * was late by it. */
void http_request_check_unnoticed(const struct http_request *r);

#endif
