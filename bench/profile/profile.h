/* Where the time of a cell goes: a run of its own after the measured ones, under perf or callgrind,
 * and its flame graph, an SVG beside the result. One thread. */
#ifndef TVA_BENCH_PROFILE_H
#define TVA_BENCH_PROFILE_H

#include "harness/interrupt.h"
#include "harness/progress.h"
#include "harness/run_proc.h"
#include "plan/plan.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* ---- profile_tree.c: what was found, by chain of calls ---- */

struct profile_frame {
    char *name;                   /* printable ASCII */
    int64_t total;                /* with what it called */
    struct profile_frame *called; /* in the order in which they were added */
    size_t count, capacity;
};

/* Add `weight` to the root, which is all zero before, and to the chain names[n] below it, outermost
 * first. 0 or -ENOMEM. */
int profile_tree_add(struct profile_frame *root, const char *const names[], size_t n,
                     int64_t weight);

/* Let no frame have made less than nothing, and each have what it made and what it called. Call it
 * after weights below 0 were added. */
void profile_tree_settle(struct profile_frame *frame);

/* Free all below the root, which is empty then. */
void profile_tree_clear(struct profile_frame *root);

/* ---- profile_perf.c, profile_callgrind.c: two ways to find it. `run` as for run_proc_execute(),
 * errors as there; and -ENOTSUP with *err set where the tool is missing or forbidden, or cannot run
 * the cell ---- */

/* Samples of the CPU time, kernel included where the system allows that. */
int profile_by_perf(const struct run_proc *run, struct profile_frame *root, struct err *err);

/* Instructions outside of the kernel. Of a cell by a number of jobs N, at most PROFILE_JOBS, those
 * that 2 N jobs make more than N: without those of the process's start. It takes 50 times as long
 * as the jobs. Callgrind takes what a task does after a wait for a call from the loop. */
#define PROFILE_JOBS 100
int profile_by_callgrind(const struct run_proc *run, struct profile_frame *root, struct err *err);

/* ---- profile_svg.c ---- */

struct profile_texts {
    const char *title, *unit; /* of what is counted: "samples" */
    const char *how;          /* follows: "of CPU time, by perf" */
};

/* Draw it: the root at the bottom, a frame as wide as its share, its name, count and percentage in
 * its <title>. */
void profile_svg_write(const struct profile_frame *root, const struct profile_texts *texts,
                       FILE *out);

/* ---- profile.c ---- */

/* Profile each cell of the plan, and write its flame graph beside the document at json_path, whose
 * cells[i] is the plan's cell number i: export_cell_path(), of kind "flame". Says on stderr where
 * they are, and which cells have none and why. 0, or -EINTR when a signal came. timeout_ns: of a
 * run; 0 is 120 s. */
int profile_cells(const struct plan *plan, const json_t *result, const char *json_path,
                  uint64_t timeout_ns, struct interrupt *interrupt, struct progress *progress);

#endif
