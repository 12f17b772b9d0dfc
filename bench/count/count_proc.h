/* One process of one cell, counted by one tool.
 *
 * A third process, the counter, stands between the harness and the counted process. It traces when
 * calls are counted, waits for the end, and reports the counts. So the harness waits for one
 * descriptor as always, and when it kills the counter, the counted process ends too. */
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

/* The counts from the start of the process to its end, as far as the tool counts them. */
struct count_sums {
    struct count_trace trace;
    struct count_alloc alloc;
    uint64_t context_switches, faults; /* faults: of pages, without reading */
    uint64_t instructions;
    char libcurl[RUN_LIBCURL_SIZE]; /* as in the record of the run */
};

/* Count. 0 with *out filled in when each job was done without error. Otherwise as
 * run_proc_execute(), and -EPERM or -ENOSYS when processes cannot be traced. *err is set except for
 * -EINTR. No process is left in any case. */
int count_proc_execute(const struct count_proc *count, struct count_sums *out, struct err *err);

#endif
