/* Counts per job of a plan's cells. Counts repeat exactly where times do not.
 *
 * Each cell runs with N and with 2N jobs, so that the cost of starting drops out of the slope. One
 * tool after the other counts (count_proc.h), and each repeats under changed conditions: another
 * environment block, pinned to a CPU or not. All runs have the same seed and no heartbeat. One
 * thread. */
#ifndef TVA_BENCH_COUNT_H
#define TVA_BENCH_COUNT_H

#include "count/count_proc.h"
#include "harness/interrupt.h"
#include "harness/progress.h"
#include "plan/plan.h"
#include "result/metric.h"

#include <jansson.h>

enum count_metric {
    COUNT_SYSCALLS,
    COUNT_ALLOCATIONS,
    COUNT_ALLOCATED_BYTES,
    COUNT_INSTRUCTIONS,
    COUNT_PAGES,
    COUNT_WAKEUPS,
    COUNT_MEMORY_CALLS,
    COUNT_CONTEXT_SWITCHES,
    COUNT_METRICS
};

/* A count is repeated, each time under other conditions, until COUNT_AGREE repeats agree. So one
 * unusual repeat on a busy machine, such as a reply that came before the job waited for it, does
 * not spoil the others. */
#define COUNT_AGREE   3
#define COUNT_REPEATS 9
#define COUNT_SEED    1

/* The totals of whole processes with N and 2N jobs. */
struct count_series {
    uint64_t jobs;    /* N */
    unsigned repeats; /* 0: not counted */
    uint64_t totals[COUNT_REPEATS][2];
};

/* The instructions a job that a function makes itself; of those that make one at least, the most.
 */
#define COUNT_FUNCTIONS 40

struct count_function {
    char name[64];
    double instructions;
};

struct count_cell {
    struct count_series metrics[COUNT_METRICS];
    uint64_t calls[COUNT_SYSCALLS_MAX][2]; /* calls of work by number, in the first repeat */
    struct count_function functions[COUNT_FUNCTIONS]; /* in the first repeat; "": no more */
    char libcurl[RUN_LIBCURL_SIZE]; /* that its jobs used; "" when they used none */
    bool complete;                  /* no signal came before its end */
    struct err failure;             /* "" when this machine counted all that it can */
};

/* Count each cell of the plan into cells[plan->count]. Progress says once which tool does not work
 * on this machine; its counts are left out. 0, even when cells failed; -EINTR when a signal came.
 * No process is left in any case. */
int count_measure(const struct plan *plan, uint64_t timeout_ns, struct interrupt *interrupt,
                  struct progress *progress, struct count_cell *cells);

/* N for a cell: few enough jobs to be over soon, and enough to keep all of its threads or clients
 * at work; more for a tool whose noise does not grow with the jobs. The cell alone decides it, so
 * it is the same on each machine. 0 when the jobs cannot be doubled, as in a load by time. */
uint64_t count_jobs(const struct cell *cell, enum count_tool tool);

/* How many repeats share the most common slope; *slope gets that slope, of N jobs. */
unsigned count_agreeing(const struct count_series *s, int64_t *slope);

/* Per job: the slope that COUNT_AGREE repeats share, else the median one. Threads that wait for
 * each other add to a total and never take from it: there (METRIC_THREADS), the slope between the
 * least totals. */
double count_value(const struct count_series *s, enum metric_kind kind);

/* Do the two least totals of N jobs differ by at most a fiftieth, and those of 2N jobs, too? */
bool count_least_agree(const struct count_series *s);

/* How exact a metric of this cell can be at best, by what the cell is. */
enum metric_kind count_kind_by_design(const struct cell *cell, enum count_metric metric);

/* Add "counts" to a cell of the result (format: results/schema.json). A failure makes the cell
 * invalid. A cell that cannot be counted, or a count that differs although it should not, gets a
 * warning. 0 or -ENOMEM. */
int count_add(json_t *result_cell, const struct cell *cell, const struct count_cell *counted);

#endif
