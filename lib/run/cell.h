/* A cell: one job x one model x their parameters. What is measured, compared and charted. */
#ifndef TVA_RUN_CELL_H
#define TVA_RUN_CELL_H

#include "job/job.h"
#include "model/model.h"

struct cell {
    const struct model *model;
    struct job job;
    uint64_t jobs;           /* N, in one batch */
    unsigned threads;        /* of models that use threads */
    size_t stack_size;       /* bytes a task, as asked for: see cell_stack_size() */
    uint64_t warmup;         /* jobs run before the measured ones; CELL_WARMUP_AUTO: see below */
    uint64_t timer_slack_ns; /* of the process (prctl); 0: leave the system's */
    int cpu;                 /* pin the process to this CPU; -1: no */
};

#define CELL_WARMUP_AUTO UINT64_MAX
#define CELL_JOBS_MAX    10000000ULL
#define CELL_THREADS_MAX 32768u

/* All defaults, without model and job: 100 jobs, default threads and stack, automatic warm-up. */
struct cell cell_default(void);

/* How many jobs warm-up runs: the number asked for, or min(jobs, 5) when automatic. */
uint64_t cell_warmup_jobs(const struct cell *c);

/* The bytes of a task's stack: those asked for, or what the job needs where a task runs it by
 * blocking calls, if that is more. */
size_t cell_stack_size(const struct cell *c);

/* Cells of one group do the same work under different models, so their ledgers must be equal and
 * their times can be compared. The key, e.g. "sleep:duration=10ms x 100"; returns buf. */
#define CELL_NAME_SIZE 640 /* enough for each of these two */
char *cell_group(const struct cell *c, char *buf, size_t size);

/* The cell's own name: the group's with the model in front, and its threads: "pool(6) sleep:... x
 * 100". */
char *cell_name(const struct cell *c, char *buf, size_t size);

/* Ideal makespan in ns; cpu_ns is what one job computes (0 unless its type is cpu_bound), the mean
 * one where jobs differ. Then each job is looked at, up to 4 million draws (0.1 s); those beyond
 * are taken to be like these on average. 0 when theory has nothing to say about this job. */
uint64_t cell_ideal_ns(const struct cell *c, uint64_t cpu_ns, unsigned cores);

/* Can this process's limits hold the cell (descriptors, threads)? 0, or -EMFILE or
 * -EAGAIN with *err naming the limit, its value and the count asked. */
int cell_check_limits(const struct cell *c, struct err *err);

#endif
