/* Where results go. A command checks this before it measures anything. One thread. */
#ifndef TVA_BENCH_OUTPUT_H
#define TVA_BENCH_OUTPUT_H

#include "base/err.h"

/* Where results go unless -o says otherwise. */
#define OUTPUT_LATEST_RUN   "results/latest/run.json"
#define OUTPUT_LATEST_SWEEP "results/latest/sweep.json"

/* Make the folder of these files. 0 or a negative errno with *err set. */
int output_make_latest(struct err *err);

/* Can this file be written? 0 or a negative errno with *err set. */
int output_check(const char *path, struct err *err);

#endif
