#include "model/countdown.h"
#include "model/job_call.h"
#include "model/models.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Enough for any job by blocking calls, HTTP included; small enough for thousands. */
#define STACK_BYTES (256 * 1024)

struct thread_job {
    struct job_call call;
    struct countdown *countdown;
    pthread_t thread;
};

static void *run_job(void *arg)
{
    struct thread_job *job = arg;

    job_call_run(&job->call);
    countdown_arrive(job->countdown, 1);
    return NULL;
}

/* Start a thread for each job; how many were started. Signals are for the thread that runs the
 * loop. */
static size_t start_threads(struct batch *batch, struct thread_job *jobs,
                            struct countdown *countdown, int *err)
{
    sigset_t all, before;
    pthread_attr_t attr;
    size_t started = 0;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (*err = 0; started < batch->jobs && *err == 0; started += *err == 0) {
        struct thread_job *job = &jobs[started];

        job->call = (struct job_call){.batch = batch, .i = started};
        job->countdown = countdown;
        batch->samples[started].submitted_ns = clock_now_ns();
        *err = -pthread_create(&job->thread, &attr, run_job, job);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return started;
}

/* The loop stays free while the threads work; joining them afterwards does not wait for long. */
static int run(struct batch *batch)
{
    struct thread_job *jobs = malloc((batch->jobs + 1) * sizeof *jobs);
    struct countdown countdown;
    size_t started;
    int err;

    if (jobs == NULL)
        return -ENOMEM;
    countdown_init(&countdown, batch->jobs);
    started = start_threads(batch, jobs, &countdown, &err);
    if (started < batch->jobs) /* the missing ones will not arrive by themselves */
        countdown_arrive(&countdown, batch->jobs - started);
    countdown_wait(&countdown);
    for (size_t i = 0; i < started; i++)
        pthread_join(jobs[i].thread, NULL);
    free(jobs);
    return err;
}

static uint64_t lanes(uint64_t jobs, unsigned threads)
{
    (void)threads;
    return jobs;
}

static uint64_t cpu_lanes(unsigned threads, unsigned cores)
{
    (void)threads;
    return cores;
}

static uint64_t os_threads(uint64_t jobs, unsigned threads)
{
    (void)threads;
    return jobs;
}

const struct model model_threads = {
    .name = "threads",
    .summary = "an OS thread for every job, started at once; the loop stays free",
    .io = MODEL_IO_BLOCKING,
    .queue = "M/G/inf",
    .run = run,
    .lanes = lanes,
    .cpu_lanes = cpu_lanes,
    .os_threads = os_threads,
};
