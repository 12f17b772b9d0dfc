/* Runs some jobs over one of the real backends, without any model. */
#ifndef TVA_TEST_ASYNC_JOBS_H
#define TVA_TEST_ASYNC_JOBS_H

#include "job/job.h"

enum test_async_backend { TEST_ASYNC_BLOCKING, TEST_ASYNC_LOOP, TEST_ASYNC_BACKENDS };

struct test_async_jobs {
    struct job job;        /* set by the caller */
    uint64_t n;            /* how many to run; set by the caller */
    struct job_ledger sum; /* of all of them */
    struct err err;        /* of prepare */
    uint64_t shortest_ns;  /* the fastest of them */
};

/* Prepare, run jobs 0..n-1 one after the other, finish. What prepare returned if that was an error,
 * else the first error of a job, else 0. */
int test_async_jobs_run(struct test_async_jobs *jobs, enum test_async_backend backend);

/* The same over an io of one's own. */
int test_async_jobs_run_over(struct test_async_jobs *jobs, struct io *io);

#endif
