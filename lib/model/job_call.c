#include "model/job_call.h"

int job_call_run(void *arg)
{
    struct job_call *call = arg;

    service_run_job(call->service, call->i, 0);
    return 0;
}
