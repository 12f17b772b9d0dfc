/* Counts per job of a plan's cells: what repeats exactly, where times do not.
 *
 * Each cell is run with N and with 2N jobs, so that what starting costs drops out of the slope, by
 * one tool after the other (count_tool.h), and repeatedly under changed conditions: another
 * environment block, pinned to a CPU or not. Always with the same seed, and without a heartbeat. */
#ifndef TVA_BENCH_COUNT_H
#define TVA_BENCH_COUNT_H

#include "count/count_proc.h"
#include "harness/interrupt.h"
#include "harness/progress.h"
#include "plan/plan.h"

#include <jansson.h>

enum count_metric {
    COUNT_SYSCALLS,
    COUNT_ALLOCATIONS,
    COUNT_ALLOCATED_BYTES,
    COUNT_INSTRUCTIONS,
    COUNT_WAKEUPS,
    COUNT_MEMORY_CALLS,
    COUNT_CONTEXT_SWITCHES,
    COUNT_METRICS
};

/* What a metric of a cell can be held to. */
enum count_kind {
    COUNT_EXACT,    /* repeats exactly: by what the cell is, and as repeats have shown */
    COUNT_NEARLY,   /* instructions, within 1 % */
    COUNT_SCHEDULED /* depends on when threads are woken */
};

/* A count is repeated, each time under other conditions, until as many as COUNT_AGREE have shown
 * the same: on a busy machine one that is not usual, as a reply that came before it was waited for,
 * does not spoil the others. */
#define COUNT_AGREE   3
#define COUNT_REPEATS 5
#define COUNT_SEED    1

/* The totals of whole processes with N and 2N jobs. */
struct count_series {
    uint64_t jobs;    /* N */
    unsigned repeats; /* 0: not counted */
    uint64_t totals[COUNT_REPEATS][2];
};

struct count_cell {
    struct count_series metrics[COUNT_METRICS];
    uint64_t calls[COUNT_SYSCALLS_MAX][2]; /* of work, by number, in the first repeat */
    char libcurl[RUN_LIBCURL_SIZE];        /* that its jobs used; "" when they used none */
    bool single_threaded;                  /* as seen; only together with syscalls */
    bool complete;                         /* the cell was reached, and no signal cut it short */
    struct err failure;                    /* "" when all was counted that can be here */
};

/* Count every cell of the plan into cells[plan->count]. What a tool cannot count on this machine is
 * left out, and said once through progress. 0, also when cells failed; -EINTR when a signal came.
 * In all cases no process is left. */
int count_measure(const struct plan *plan, uint64_t timeout_ns, struct interrupt *interrupt,
                  struct progress *progress, struct count_cell *cells);

/* N for a cell: as many jobs as are over soon, and enough that all of its threads or clients are at
 * work. By the cell alone, so it is the same on every machine; more where one of them has to stand
 * out of a noise that does not grow with them. 0 when its jobs cannot be doubled, as those of a
 * load by time. */
uint64_t count_jobs(const struct cell *cell, enum count_tool tool);

/* The number of repeats that share the most common slope, which goes to *slope (of N jobs). */
unsigned count_agreeing(const struct count_series *s, int64_t *slope);

/* Per job: the slope that COUNT_AGREE repeats share, else the median one. */
double count_value(const struct count_series *s);

/* The kind that a metric of this cell can have at best, from what the cell is. */
enum count_kind count_kind_by_design(const struct cell *cell, enum count_metric metric);

/* Add the schema's "counts" to a cell of the result. A failure makes the cell invalid; that it
 * cannot be counted at all, or that counts differ which should not, is a warning. 0 or -ENOMEM. */
int count_add(json_t *result_cell, const struct cell *cell, const struct count_cell *counted);

#endif
