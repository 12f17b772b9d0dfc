/* A task for each job, created when the job is handed over. `tasks` runs the job in the task;
 * `offload` lets the task await a thread that runs it. */
#ifndef TVA_MODEL_TASKS_H
#define TVA_MODEL_TASKS_H

#include "async/coro.h"
#include "model/model.h"

struct tasks {
    struct job_task *free;       /* of tasks that have ended, for those to come */
    struct job_task_block *made; /* all there are */
};

/* None yet. deinit: all tasks have ended. */
void tasks_init(struct tasks *tasks);
void tasks_deinit(struct tasks *tasks);

/* Create a task for job i, which calls fn with its struct service_job. On the loop's thread. 0 or
 * -ENOMEM. */
int tasks_create(struct tasks *tasks, struct service *s, size_t i, coro_fn *fn);

/* Cancel all that have not ended. */
void tasks_cancel(struct tasks *tasks);

#endif
