/* A cell: one job x one model x their parameters. What is measured, compared and charted. */
#ifndef TVA_RUN_CELL_H
#define TVA_RUN_CELL_H

#include "base/share.h"
#include "job/job.h"
#include "load/load.h"
#include "measure/inject.h"
#include "model/model.h"

#include <stdbool.h>

struct cell {
    const struct model *model;
    struct job job;
    struct load load;           /* when jobs are wanted; all 0: one batch */
    uint64_t jobs;              /* N; open and closed: 0 when load.duration_ns decides */
    unsigned threads;           /* of models that use threads */
    size_t stack_size;          /* bytes a task, as asked for: see cell_stack_size() */
    uint64_t warmup;            /* jobs run before the measured ones; CELL_WARMUP_AUTO: see below */
    uint64_t timer_slack_ns;    /* of the process (prctl); 0: leave the system's */
    int cpu;                    /* pin the process to this CPU; -1: no */
    struct inject_fault inject; /* faults planted in its jobs; all 0: none */
    bool no_heartbeat;  /* for counted runs: the number of beats differs from run to run. Nor
                         * does such a run ask sockets what TCP sent again */
    struct share share; /* the ranks that carry out a run together; see below */
    int meet_fd;        /* of a rank, a socket to its parent; -1: none (run.h) */
};

#define CELL_WARMUP_AUTO UINT64_MAX
#define CELL_JOBS_MAX    LOAD_JOBS_MAX
#define CELL_THREADS_MAX 32768u

/* All defaults, without model and job: 100 jobs, default threads and stack, automatic warm-up. */
struct cell cell_default(void);

/* How many jobs warm-up runs: the number asked for; when automatic, a tenth of the jobs of a loop,
 * and a whole batch before a batch, so that what is measured is a warm process; but 5 jobs a rank
 * where the model takes jobs in turn or is not chosen yet, and where theory expects a batch of more
 * than 1 s. 0 when load.warmup_ns decides instead. */
uint64_t cell_warmup_jobs(const struct cell *c);

/* Bytes of a task's stack: stack_size, or what the job needs when a task runs it by blocking calls,
 * if that is more. */
size_t cell_stack_size(const struct cell *c);

/* Several processes (ranks) may carry out a run together. Then the model, its threads and what is
 * set for a process are those of each of them, and jobs, load and warm-up those of all. The
 * functions here are about all ranks, unless they say otherwise. */
static inline unsigned cell_ranks(const struct cell *c)
{
    return c->share.count > 1 ? c->share.count : 1;
}

/* How many of `jobs` jobs can wait at once, and how many can compute on `cores` cores: as
 * model_lanes() and model_cpu_lanes(), of all ranks. */
uint64_t cell_lanes(const struct cell *c, uint64_t jobs);
uint64_t cell_cpu_lanes(const struct cell *c, unsigned cores);

/* Does each of several ranks have a queue of its own? Arrivals that are dealt out in turn come to
 * such a queue more evenly than Poisson's, so that no theory here is about it. */
static inline bool cell_has_queues(const struct cell *c)
{
    return cell_ranks(c) > 1 && c->model->lanes != MODEL_LANES_JOBS;
}

/* How many numbers of lanes each rank has in the samples of all ranks, which tell the rank by that:
 * lane / cell_rank_lanes(). */
static inline uint32_t cell_rank_lanes(const struct cell *c)
{
    return c->threads > 0 ? c->threads : 1;
}

/* Cells of one group do the same work under different models, so their ledgers must be equal and
 * their times can be compared. The key, e.g. "sleep:duration=10ms x 100" or
 * "sleep:duration=10ms @ 500/s poisson 10s"; returns buf. */
#define CELL_NAME_SIZE 1024 /* enough for each of these two */
char *cell_group(const struct cell *c, char *buf, size_t size);

/* The cell's own name: the group's with the model in front, and its threads: "pool(6) sleep:... x
 * 100". */
char *cell_name(const struct cell *c, char *buf, size_t size);

/* Ideal makespan of a batch in ns. solo_ns is what job_measured() of the cell's job takes alone,
 * the mean one where jobs differ; 0 where it has no parts. Where jobs differ it adds up job by job,
 * up to 4 million draws (0.1 s), and takes the rest to be like these on average. 0 when theory has
 * nothing to say about this job, and for loops, whose arrivals decide. */
uint64_t cell_ideal_ns(const struct cell *c, uint64_t solo_ns, unsigned cores);

/* Ideal of one job in ns: what it waits and computes by itself; solo_ns as above. 0 where theory
 * has nothing to say about this job, or jobs differ. */
uint64_t cell_ideal_job_ns(const struct cell *c, uint64_t solo_ns);

/* True when the load or the target changes while jobs run, on purpose: then nothing that takes them
 * for steady applies. */
bool cell_changes(const struct cell *c);

/* True when the number of jobs differs from run to run: a closed loop by time. */
bool cell_jobs_vary(const struct cell *c);

/* How many jobs of this rank to expect in the system at once: all of a batch; the clients of a
 * closed loop; the limit of an open loop, or without one its greatest rate x a job's time by its
 * parameters (Little's law), at least 1. */
uint64_t cell_in_flight(const struct cell *c);

/* How long a run should take, from theory: warm-up, load and drain. 0 when nothing is known. */
uint64_t cell_expected_ns(const struct cell *c);

/* Check that the system can run the cell's model (model_check()), and that this process's limits
 * allow this rank's share (descriptors, ports, threads), by cell_in_flight(). 0, or -EMFILE,
 * -EADDRNOTAVAIL or -EAGAIN with *err naming the limit, its value and the number needed, or the
 * model's error. */
int cell_check_limits(const struct cell *c, struct err *err);

#endif
