/* Code of others is called in a child process first: a crash there, an exit or an endless loop ends
 * the child alone. */
#ifndef TVA_JOB_TRIAL_H
#define TVA_JOB_TRIAL_H

#include "base/err.h"

/* Keeps *step at what it calls, as "check()", for the sentence. */
typedef void trial_fn(const void *arg, const char *volatile *step);

/* Call fn(arg, step), which calls the code of this plugin, in a child. 0 when it returned, -EINVAL
 * with *err set when it did not within 5 s, or a negative errno with *err set when there can be no
 * child. What it writes to standard output is lost. While the process has one thread. */
int trial_run(trial_fn *fn, const void *arg, const char *plugin, struct err *err);

#endif
