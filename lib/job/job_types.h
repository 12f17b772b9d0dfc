/* The job types, one a file; job.c lists them. */
#ifndef TVA_JOB_JOB_TYPES_H
#define TVA_JOB_JOB_TYPES_H

#include "job/job.h"

extern const struct job_type job_sleep, job_file, job_tcp, job_http, job_cpu, job_mixed, job_null;

#endif
