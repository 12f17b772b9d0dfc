/* Runs a load, a batch unless the caller says otherwise, under a model, with the heartbeat beside
 * it, and watches what the model does. */
#ifndef TVA_TEST_ASYNC_BATCH_H
#define TVA_TEST_ASYNC_BATCH_H

#include "load/load_run.h"
#include "measure/heartbeat.h"
#include "model/model.h"

#include <pthread.h>
#include <stdatomic.h>

#define TEST_ASYNC_BATCH_MAX      256   /* indexes that the probe knows; higher ones wrap */
#define TEST_ASYNC_BATCH_CAPACITY 10000 /* jobs that a load may have */

/* What the probe job sees; it is the job of a batch unless another is put in its place. */
struct test_async_probe {
    uint64_t span_ns;          /* how long each job sleeps */
    uint64_t fails;            /* index of the job that fails with -EIO */
    bool meet;                 /* each job waits for the others at the barrier */
    pthread_barrier_t meeting; /* the caller's */
    pthread_t loop_thread;     /* who the loop runs on */
    struct io *async;          /* the io that suspends; NULL: none does */
    atomic_uint runs[TEST_ASYNC_BATCH_MAX];
    atomic_bool loop_held[TEST_ASYNC_BATCH_MAX]; /* the job was to block on the loop's thread */
    atomic_int running, most;                    /* at the same time */
};

struct test_async_batch {
    const struct model *model;
    struct job job;
    struct load load; /* all 0: a batch */
    size_t jobs;      /* 0 where the load has a duration */
    unsigned threads;
    size_t warmup;            /* jobs before them, which have the indexes after theirs */
    uint64_t cancel_after_ns; /* cancel the task that runs the model; 0: do not */
    struct test_async_probe probe;

    struct sample *samples; /* of the measured jobs */
    struct sample *all_samples;
    size_t count;             /* of them */
    struct job_ledger ledger; /* of them */
    struct load_run run;      /* what the driver has to tell */
    uint64_t unserved;
    uint64_t begin_ns, end_ns; /* of the measured part */
    int running_at_end;        /* jobs that the model left behind */
    struct beat *beats;
    size_t beats_count;
};

/* A batch of probe jobs; to be freed by deinit, and not to be moved. */
void test_async_batch_init(struct test_async_batch *b, const struct model *model, size_t jobs);

/* 0, or the first error of any part. */
int test_async_batch_run(struct test_async_batch *b);

void test_async_batch_deinit(struct test_async_batch *b);

#endif
