/* One process of one cell, counted by one tool.
 *
 * Between the harness and the counted process stands a third: it traces where calls are counted,
 * waits, and says how much was seen. So the harness waits for one descriptor as ever, and when it
 * ends the counter early, the counted process ends too. */
#ifndef TVA_BENCH_COUNT_PROC_H
#define TVA_BENCH_COUNT_PROC_H

#include "count/count_tool.h"
#include "count/count_trace.h"
#include "harness/run_proc.h"
#include "preload/count_alloc.h"

struct count_proc {
    struct run_proc run; /* its cell says how many jobs */
    enum count_tool tool;
    unsigned variation; /* below COUNT_VARIATIONS */
};

/* What was counted from the process's start to its end: what the tool counts. */
struct count_sums {
    struct count_trace trace;
    struct count_alloc alloc;
    uint64_t context_switches;
    uint64_t instructions;
    char libcurl[RUN_LIBCURL_SIZE]; /* as in the record of the run */
};

/* Count. 0 with *out filled in when every job was done without error; otherwise as
 * run_proc_execute(), and -EPERM or -ENOSYS where processes cannot be traced; *err is set but for
 * -EINTR. Whatever happens, no process is left. */
int count_proc_execute(const struct count_proc *count, struct count_sums *out, struct err *err);

#endif
