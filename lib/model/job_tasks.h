/* A task for each job, created when it comes in: what `tasks` and `offload` have in common. They
 * differ in what a task does with its job. */
#ifndef TVA_MODEL_JOB_TASKS_H
#define TVA_MODEL_JOB_TASKS_H

#include "model/job_call.h"

struct job_tasks {
    struct list running; /* those that have not ended */
};

void job_tasks_init(struct job_tasks *tasks);

/* Create a task for job i, which calls fn with its struct job_call. On the loop's thread. 0 or
 * -ENOMEM. */
int job_tasks_create(struct job_tasks *tasks, struct service *s, size_t i, coro_fn *fn);

/* Cancel all that have not ended. */
void job_tasks_cancel(struct job_tasks *tasks);

#endif
