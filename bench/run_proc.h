/* One run of one cell in a process of its own, seen from the harness. */
#ifndef TVA_BENCH_RUN_PROC_H
#define TVA_BENCH_RUN_PROC_H

#include "interrupt.h"
#include "run/run.h"
#include "target/target_proc.h"

struct run_proc {
    const struct cell *cell;
    uint64_t timeout_ns;
    struct interrupt *interrupt;      /* ends it early */
    const struct target_proc *target; /* NULL when the job needs none; its death ends the run too */
};

/* Start the process, wait for its end and take its record; whatever happens, no process is left. 0
 * with *out filled in (free it with run_record_deinit()); -EINTR when a signal came; -ECONNRESET
 * when the target died; -ETIMEDOUT, or another negative errno, with *err set. */
int run_proc_execute(const struct run_proc *run, struct run_record *out, struct err *err);

#endif
