/* One task that takes the jobs in their order: a coroutine for each, created and awaited in turn.
 * `sequential` and `blocking` run jobs this way, and differ only in the io that the jobs wait
 * through. */
#include "async/event.h"
#include "async/loop.h"
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>

struct in_turn {
    struct service *service;
    struct task *server;
    struct event news;   /* new jobs, or the service closes */
    size_t next, queued; /* jobs next .. queued - 1 are waiting */
    bool started; /* the server runs; a cancellation before that would keep it from serving */
    bool closing;
};

static void serve_one(struct service *s, size_t i)
{
    struct service_job job = {.service = s, .i = i};
    struct coro *coro = coro_create(service_job_run, &job);
    int err = coro == NULL ? -ENOMEM : coro_await(coro);

    coro_destroy(coro);
    service_job_ended(s, i, err);
}

/* The server task. It yields between two jobs, so that the loop gets control as after a callback;
 * unless the jobs are one piece of work. A cancellation ends only the wait of the job that it
 * meets.
 */
static int serve(void *arg)
{
    struct in_turn *t = arg;
    struct service *s = t->service;

    t->started = true;
    while (!t->closing) {
        for (; t->next < t->queued; t->next++) {
            if (s->samples[t->next].result == SAMPLE_REFUSED)
                continue;
            serve_one(s, t->next);
            if (!s->one_go)
                task_yield();
        }
        event_clear(&t->news);
        event_wait(&t->news, NO_DEADLINE);
    }
    return 0;
}

static int open_server(struct service *s, struct err *err)
{
    struct in_turn *t = calloc(1, sizeof *t);

    if (t == NULL)
        return err_set(err, -ENOMEM, "no memory for the server task");
    t->service = s;
    event_init(&t->news);
    t->server = task_create(coro_create(serve, t));
    if (t->server == NULL) {
        free(t);
        return err_set(err, -ENOMEM, "no memory for the server task");
    }
    s->state = t;
    return 0;
}

static int submit(struct service *s, size_t i)
{
    struct in_turn *t = s->state;

    if (t->next == t->queued) /* the server may be waiting */
        event_set(&t->news);
    t->queued = i + 1;
    return 0;
}

static void cancel(struct service *s)
{
    struct in_turn *t = s->state;

    if (t->started)
        task_cancel(t->server);
}

static void close_server(struct service *s)
{
    struct in_turn *t = s->state;

    t->closing = true;
    event_set(&t->news);
    while (!task_done(t->server))
        task_await(t->server);
    task_release(t->server);
    free(t);
}

#define IN_TURN                                                                                    \
    .queue = "M/G/1", .lanes = MODEL_LANES_ONE, .open = open_server, .submit = submit,             \
    .cancel = cancel, .close = close_server

const struct model model_sequential = {
    .name = "sequential",
    .summary = "one task awaits each job's coroutine in turn",
    .io = MODEL_IO_ASYNC,
    IN_TURN,
};

const struct model model_blocking = {
    .name = "blocking",
    .summary = "a coroutine makes blocking calls inside the loop, which is blocked meanwhile",
    .io = MODEL_IO_BLOCKING,
    IN_TURN,
};
