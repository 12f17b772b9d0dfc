#include "model/job_call.h"

int job_call_run(void *arg)
{
    struct job_call *call = arg;
    struct batch *batch = call->batch;

    sample_run_job(&batch->samples[call->i], batch->job, batch->io, batch->first_index + call->i,
                   call->lane);
    return 0;
}
