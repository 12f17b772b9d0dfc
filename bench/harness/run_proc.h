/* One run of one cell in a process of its own, seen from the harness. */
#ifndef TVA_BENCH_RUN_PROC_H
#define TVA_BENCH_RUN_PROC_H

#include "cli/args.h"
#include "harness/interrupt.h"
#include "harness/target_proc.h"
#include "plan/plan.h"
#include "run/run.h"

struct run_proc {
    const char *program; /* NULL: this very one */
    const struct cell *cell;
    uint64_t timeout_ns;
    const char *timeout_option;  /* that sets it; NULL: none does */
    struct interrupt *interrupt; /* ends it early */
    struct target_proc *target;  /* NULL when the job needs none; its death ends the run too */
    /* NULL, or called while the process runs, at once when look_fd is readable: it returns after
     * how many ns it is to be called again, or a negative errno that ends the run. */
    int64_t (*look)(void *arg);
    void *look_arg;
    int look_fd;
};

/* Before a run: touch as much memory as it will need in a child process, where that is much, and
 * keep the target off the CPU that the run is pinned to. */
void run_proc_prepare(const struct run_proc *run);

/* Start the process, wait for its end and take its record; whatever happens, no process is left. 0
 * with *out filled in (free it with run_record_deinit()); -EINTR when a signal came; -ECONNRESET
 * when the target died; -EHOSTDOWN when it does not answer, -ETIMEDOUT, or another negative errno,
 * with *err set. */
int run_proc_execute(const struct run_proc *run, struct run_record *out, struct err *err);

/* The steps of it, for those that start the process in another way. Errors as above. */

/* The command line that carries out the run and leaves its record in report_fd. */
struct run_proc_args {
    struct args args;
    char options[PLAN_ARGS_SIZE], seed[32], report[32], target[32], pid[32];
};

int run_proc_args(const struct run_proc *run, int report_fd, struct run_proc_args *out,
                  struct err *err);

/* Wait until the process has ended, without reaping it: 0, -EINTR, -ECONNRESET, -EHOSTDOWN,
 * -ETIMEDOUT, or what run->look() returned. Adds the stops that it had to *seen. */
int run_proc_wait(const struct run_proc *run, const struct proc *p, struct disturbance *seen,
                  struct err *err);

/* Take the record that a process of this cell has left in report_fd; `ended` is its status. */
int run_proc_record(const struct cell *cell, int ended, int report_fd, struct run_record *out,
                    struct err *err);

#endif
