/* The delays that the requests of a job ask the target for: fixed, or drawn for each request from
 * the job's seed and the request's number, and so the same under every model. Pure functions, any
 * thread. */
#ifndef TVA_JOB_REQUEST_DELAYS_H
#define TVA_JOB_REQUEST_DELAYS_H

#include "job/job.h"
#include "math/distribution.h"

struct request_delays {
    enum distribution dist;
    uint64_t mean_ns;
    uint64_t max_ns;   /* the longest that the target accepts; longer draws are cut to it */
    uint64_t requests; /* of one job */
    uint64_t seed;     /* the job's */
};

/* The delay in ns of request number `number`, counted over all jobs. */
uint64_t request_delays_ns(struct request_delays d, uint64_t number);

/* What the requests of job number `index` wait in all: a job type's wait_ns. */
uint64_t request_delays_of_job_ns(struct request_delays d, uint64_t index);

/* How these waits differ between jobs: a job type's spread. A sum of r draws has 1 / r of their
 * squared coefficient of variation. */
struct job_spread request_delays_spread(struct request_delays d);

#endif
