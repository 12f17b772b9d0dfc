#include "async/thread_pool.h"

#include "base/signals.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct worker {
    struct thread_pool *pool;
    unsigned index;
    pthread_t thread;
};

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t work_or_end;
    struct work *head, *tail; /* under lock; tail is meaningful while head != NULL */
    unsigned idle;            /* threads in pthread_cond_wait; under lock */
    unsigned waking;          /* of them, those that a signal is on its way to; under lock */
    bool ending;              /* under lock */
    unsigned count;
    struct worker workers[];
};

unsigned thread_pool_cores(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

unsigned thread_pool_default_size(void)
{
    unsigned cores = thread_pool_cores();

    return cores + 4 < 32 ? cores + 4 : 32;
}

/* Waits for work: the oldest piece, NULL when the pool ends and the queue is empty. */
static struct work *next_work(struct thread_pool *pool)
{
    struct work *work;

    pthread_mutex_lock(&pool->lock);
    while (pool->head == NULL && !pool->ending) {
        pool->idle++;
        pthread_cond_wait(&pool->work_or_end, &pool->lock);
        pool->idle--;
        pool->waking -= pool->waking > 0; /* 0: it woke by itself */
    }
    work = pool->head;
    if (work != NULL)
        pool->head = work->next;
    pthread_mutex_unlock(&pool->lock);
    return work;
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct work *work;

    while ((work = next_work(worker->pool)) != NULL)
        work->fn(work, worker->index);
    return NULL;
}

static void end_threads(struct thread_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work_or_end);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++)
        pthread_join(pool->workers[i].thread, NULL);
}

static int start_thread(struct thread_pool *pool, const pthread_attr_t *attr)
{
    struct worker *worker = &pool->workers[pool->count];
    int err;

    *worker = (struct worker){.pool = pool, .index = pool->count};
    err = pthread_create(&worker->thread, attr, worker_main, worker);
    pool->count += err == 0;
    return -err;
}

/* What is short when there are no more threads: each also needs address space for its stack, and
 * pthread_create() returns EAGAIN for want of either. */
static const char *short_limit(void)
{
    struct rlimit space;

    return getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY
               ? "address space (ulimit -v)"
               : "processes (ulimit -u)";
}

int thread_pool_create(unsigned threads, size_t stack_size, struct thread_pool **out,
                       struct err *err)
{
    struct thread_pool *pool = calloc(1, sizeof *pool + threads * sizeof(struct worker));
    pthread_attr_t attr;
    sigset_t others;
    int r;

    if (threads == 0 || pool == NULL) {
        free(pool);
        return threads == 0 ? err_set(err, -EINVAL, "a pool needs at least one thread")
                            : err_set(err, -ENOMEM, "no memory for a pool of %u threads", threads);
    }
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work_or_end, NULL);
    pthread_attr_init(&attr);
    signals_for_others(&others); /* signals are for the thread that runs the loop */
    r = -pthread_attr_setsigmask_np(&attr, &others);
    if (r == 0 && stack_size > 0)
        r = -pthread_attr_setstacksize(&attr, stack_size);
    while (r == 0 && pool->count < threads)
        r = start_thread(pool, &attr);
    pthread_attr_destroy(&attr);
    if (r < 0) {
        unsigned started = pool->count;

        thread_pool_destroy(pool);
        return err_set(
            err, r,
            "the system gave %u of %u thread%s (%s): ask for fewer, or raise the limit on "
            "%s",
            started, threads, TEXT_S(threads), strerror(-r), short_limit());
    }
    *out = pool;
    return 0;
}

void thread_pool_submit_all(struct thread_pool *pool, struct work *first, struct work *last,
                            size_t n)
{
    unsigned wakes;

    last->next = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->head == NULL)
        pool->head = first;
    else
        pool->tail->next = first;
    pool->tail = last;
    wakes = pool->idle - pool->waking;
    wakes = n < wakes ? (unsigned)n : wakes;
    pool->waking += wakes;
    pthread_mutex_unlock(&pool->lock);
    while (wakes-- > 0)
        pthread_cond_signal(&pool->work_or_end);
}

void thread_pool_submit(struct thread_pool *pool, struct work *work)
{
    thread_pool_submit_all(pool, work, work, 1);
}

bool thread_pool_cancel(struct thread_pool *pool, struct work *work)
{
    struct work **link = &pool->head, *before = NULL;
    bool found;

    pthread_mutex_lock(&pool->lock);
    while (*link != NULL && *link != work) {
        before = *link;
        link = &before->next;
    }
    found = *link != NULL;
    if (found) {
        *link = work->next;
        if (pool->tail == work)
            pool->tail = before;
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}

void thread_pool_destroy(struct thread_pool *pool)
{
    if (pool == NULL)
        return;
    end_threads(pool);
    pthread_cond_destroy(&pool->work_or_end);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
