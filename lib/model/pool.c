#include "async/thread_pool.h"
#include "base/list.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct worker {
    struct work work;
    struct pool *pool;
};

/* P threads and the queue of jobs that they take from. Jobs come in the order of their numbers, so
 * two numbers are the queue. */
struct pool {
    struct service *service;
    struct thread_pool *threads;
    pthread_mutex_t lock;
    pthread_cond_t more_or_end;
    size_t next, queued; /* jobs next .. queued - 1 are waiting; under lock */
    unsigned idle;       /* threads in pthread_cond_wait; under lock */
    bool closing;        /* under lock */
    struct worker workers[];
};

/* Wait for the next job. False when there will be none. */
static bool take(struct pool *p, size_t *i)
{
    const struct sample *samples = p->service->samples;
    bool taken;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->next < p->queued && samples[p->next].result == SAMPLE_REFUSED)
            p->next++;
        if (p->next < p->queued || p->closing)
            break;
        p->idle++;
        pthread_cond_wait(&p->more_or_end, &p->lock);
        p->idle--;
    }
    taken = p->next < p->queued;
    *i = p->next;
    p->next += taken;
    pthread_mutex_unlock(&p->lock);
    return taken;
}

/* On each of the pool's threads, from open to close. */
static void work(struct work *work, unsigned thread)
{
    struct pool *p = container_of(work, struct worker, work)->pool;
    size_t i;

    while (take(p, &i)) {
        service_run_job(p->service, i, thread);
        service_job_ended(p->service, i, 0);
    }
}

static void put(struct pool *p, size_t first, size_t end)
{
    size_t wake;

    pthread_mutex_lock(&p->lock);
    p->queued = end;
    wake = p->idle < end - first ? p->idle : end - first;
    pthread_mutex_unlock(&p->lock);
    for (; wake > 0; wake--)
        pthread_cond_signal(&p->more_or_end);
}

static int submit(struct service *s, size_t i)
{
    put(s->state, i, i + 1);
    return 0;
}

static int submit_all(struct service *s, size_t first, size_t end, uint64_t wanted_ns)
{
    service_wanted(s, first, end, wanted_ns);
    put(s->state, first, end);
    return 0;
}

static int open_pool(struct service *s, struct err *err)
{
    struct pool *p = calloc(1, sizeof *p + s->threads * sizeof p->workers[0]);
    int r;

    if (p == NULL)
        return err_set(err, -ENOMEM, "no memory for a pool of %u threads", s->threads);
    p->service = s;
    r = thread_pool_create(s->threads, 0, &p->threads, err);
    if (r < 0) {
        free(p);
        return r;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more_or_end, NULL);
    for (unsigned k = 0; k < s->threads; k++) {
        p->workers[k] = (struct worker){.work.fn = work, .pool = p};
        thread_pool_submit(p->threads, &p->workers[k].work);
    }
    s->state = p;
    return 0;
}

static void close_pool(struct service *s)
{
    struct pool *p = s->state;

    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->more_or_end);
    pthread_mutex_unlock(&p->lock);
    thread_pool_destroy(p->threads);
    pthread_cond_destroy(&p->more_or_end);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

const struct model model_pool = {
    .name = "pool",
    .summary = "OS threads take jobs from one queue; the loop stays free",
    .queue = "M/G/c",
    .io = MODEL_IO_BLOCKING,
    .lanes = MODEL_LANES_POOL,
    .on_threads = true,
    .uses_threads = true,
    .any_thread = true,
    .lane_is_thread = true,
    .open = open_pool,
    .submit = submit,
    .submit_all = submit_all,
    .close = close_pool,
};
