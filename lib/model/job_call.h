/* One job of a service as a call to be made: what coroutines and threads of the models run. */
#ifndef TVA_MODEL_JOB_CALL_H
#define TVA_MODEL_JOB_CALL_H

#include "model/model.h"

struct job_call {
    struct service *service;
    size_t i; /* which of the service's jobs */
};

/* Run the job of the struct job_call at `arg`; always 0: the job's own result is in its sample.
 * Fits a coroutine as well as loop_run_in_executor(). */
int job_call_run(void *arg);

#endif
