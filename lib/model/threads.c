#include "base/signals.h"
#include "model/model.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

/* Enough for any job by blocking calls, HTTP included; small enough for thousands. */
#define STACK_BYTES (256 * 1024)

struct threads {
    pthread_attr_t attr;
    unsigned long timer_slack_ns;       /* the loop's; the thread that submits may have another */
    _Atomic(struct job_thread *) ended; /* the last thread that has ended; NULL: none yet */
    _Atomic uint64_t alive;
};

struct job_thread {
    struct service_job job;
    pthread_t thread;
};

static void join(struct job_thread *t)
{
    pthread_join(t->thread, NULL);
    free(t);
}

/* A thread that ends joins the one that ended before it, so that threads do not pile up and neither
 * the loop nor the generator has to join them. It takes its place in `ended` before it reports the
 * end of its job, so that close finds the last thread of all, and joins with it all others. */
static void *run_job(void *arg)
{
    struct job_thread *t = arg, *before;
    struct service_job job = t->job;
    struct threads *threads = job.service->state;

    prctl(PR_SET_TIMERSLACK, threads->timer_slack_ns);
    t->thread = pthread_self(); /* pthread_create() may not have stored it yet */
    service_job_run(&job);
    before = atomic_exchange(&threads->ended, t);
    service_job_ended(job.service, job.i, 0);
    if (before != NULL)
        join(before);
    atomic_fetch_sub_explicit(&threads->alive, 1, memory_order_relaxed);
    return NULL;
}

/* Signals are for the thread that runs the loop. */
static int open_threads(struct service *s, struct err *err)
{
    struct threads *threads = malloc(sizeof *threads);
    sigset_t others;
    int slack_ns;

    if (threads == NULL)
        return err_set(err, -ENOMEM, "no memory for the model's threads");
    signals_for_others(&others);
    pthread_attr_init(&threads->attr);
    pthread_attr_setstacksize(&threads->attr, STACK_BYTES);
    pthread_attr_setsigmask_np(&threads->attr, &others);
    slack_ns = prctl(PR_GET_TIMERSLACK);
    threads->timer_slack_ns = slack_ns > 0 ? (unsigned long)slack_ns : 0; /* 0: the default */
    atomic_init(&threads->ended, NULL);
    atomic_init(&threads->alive, 0);
    s->state = threads;
    return 0;
}

static int submit(struct service *s, size_t i)
{
    struct threads *threads = s->state;
    struct job_thread *t = malloc(sizeof *t);
    pthread_t thread;
    uint64_t alive;
    int err;

    if (t == NULL)
        return -ENOMEM;
    alive = atomic_fetch_add_explicit(&threads->alive, 1, memory_order_relaxed) + 1;
    if (alive > s->threads_max)
        s->threads_max = alive;
    t->job = (struct service_job){.service = s, .i = i};
    err = pthread_create(&thread, &threads->attr, run_job, t);
    if (err != 0) {
        atomic_fetch_sub_explicit(&threads->alive, 1, memory_order_relaxed);
        free(t);
    }
    return -err;
}

static void close_threads(struct service *s)
{
    struct threads *threads = s->state;
    struct job_thread *last = atomic_load(&threads->ended);

    if (last != NULL)
        join(last);
    pthread_attr_destroy(&threads->attr);
    free(threads);
}

const struct model model_threads = {
    .name = "threads",
    .summary = "an OS thread for every job, which the loop makes when the job is wanted",
    .queue = "M/G/inf",
    .io = MODEL_IO_BLOCKING,
    .lanes = MODEL_LANES_JOBS,
    .on_threads = true,
    .any_thread = true,
    .open = open_threads,
    .submit = submit,
    .close = close_threads,
};
