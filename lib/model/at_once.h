/* One task a job, all created at once, then gathered: what `tasks` and `offload` have in common.
 * They differ in what a task does with its job. */
#ifndef TVA_MODEL_AT_ONCE_H
#define TVA_MODEL_AT_ONCE_H

#include "model/job_call.h"

/* Run fn with a struct job_call for each job of the batch, each in a task of its own. A model's
 * run. */
int at_once_run(struct batch *batch, coro_fn *fn);

#endif
