/* One job of a batch as a call to be made: what coroutines, tasks and threads of the models run. */
#ifndef TVA_MODEL_JOB_CALL_H
#define TVA_MODEL_JOB_CALL_H

#include "model/model.h"

struct job_call {
    struct batch *batch;
    size_t i;      /* which of the batch's jobs */
    uint32_t lane; /* for its sample */
};

/* Run the job of the struct job_call at `arg`; always 0: the job's own result is in its sample.
 * Fits a coroutine as well as loop_run_in_executor(). */
int job_call_run(void *arg);

#endif
