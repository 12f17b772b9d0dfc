/* A service: a model at work. A load's driver hands jobs to it one by one, and the service reports
 * the end of each.
 *
 * Jobs are numbered 0, 1, 2, ... in the order in which they are wanted; number i has samples[i].
 * The driver hands them over in that order, each once; where the model has loops, in that order on
 * each thread. It leaves out those whose sample says SAMPLE_REFUSED. */
#ifndef TVA_MODEL_SERVICE_H
#define TVA_MODEL_SERVICE_H

#include "base/clock.h"
#include "measure/inject.h"
#include "measure/sample.h"

#include <stdatomic.h>
#include <stddef.h>

struct model;
struct service_sums;

struct service {
    /* To be set before service_open(). */
    const struct model *model;
    struct job *job;
    struct io *io;          /* of the model's kind */
    unsigned threads;       /* P, for models that use threads */
    size_t stack_size;      /* bytes a task, on loops that the model makes; 0: the default */
    bool one_go;            /* the jobs are one piece of work: a server that takes them in turn
                               does not yield to the loop between two of them */
    double poison;          /* share of the jobs that block the loop; 0: the next two are unused */
    struct job *poison_job; /* the same job, prepared through poison_io */
    struct io *poison_io;   /* one that blocks */
    struct inject *inject;  /* faults planted in the jobs; NULL: none */

    /* To be set before the first job is handed over; may be changed while no job is in the service.
     */
    struct sample *samples; /* the driver fills in intended_ns and submitted_ns */
    size_t warmup;          /* so many jobs come first and are not counted */
    /* Job i is that of index base + i * (1 + others) among the jobs of all shares (base/share.h);
     * those of the warm-up have a base of their own. */
    uint64_t others, base_of_warmup, base_of_counted;
    size_t at_once;         /* so many are in the service at the same time at most, as far as the
                               load tells; 0: that is not known */
    uint64_t count_from_ns; /* nor are jobs counted that were intended before */
    /* Called once for each job that was handed over, when it has ended: on the loop's thread, or if
     * model->any_thread on the thread that ran it, with the service of that loop where it is one of
     * several. */
    void (*done)(struct service *s, size_t i);
    void *driver; /* for done */

    /* Jobs that would begin after this end unserved, or canceled when it is 0. */
    _Atomic uint64_t begin_until_ns;

    uint64_t threads_max; /* at once, where the model makes a thread for each job */

    uint32_t lane; /* of its samples, where a model runs it as one of several loops */
    struct service *parts, *next; /* the services of these loops, in a list */
    size_t held;                  /* in such a part: jobs that have not ended, */
    size_t ended;           /* and those that have and of which its driver does not know yet; */
    size_t ended_late;      /* of these, jobs that are not in its accounts yet, */
    uint64_t ended_late_ns; /* and their stamped_ns there */

    void *state; /* the model's own, from open to close */
    struct service_sums *sums;
    unsigned sums_count;
};

/* Start what the model needs (threads, a server task). In a task of the running loop. 0, or a
 * negative errno with *err set. */
int service_open(struct service *s, struct err *err);

/* Undo open. All jobs must have ended. In a task of the same loop. */
void service_close(struct service *s);

/* Hand over job i. On the loop's thread, in a task or not; if model->any_thread, on any thread, one
 * at a time, or if model->has_loops, one at a time on each thread. Returns without waiting for the
 * job. 0, or a negative errno (-ENOMEM; -EAGAIN: no thread for it): then the job was not handed
 * over, and the driver must hand over no other. */
int service_submit(struct service *s, size_t i);

/* Hand over jobs first .. end - 1, all wanted at wanted_ns, which the service writes to their
 * samples; *handed gets how many were handed over. Else as service_submit(), which is called for
 * each of them when the model has no submit_all. A queue that is filled job by job while threads
 * empty it runs dry again and again, and waking a thread for each job costs many times a short job.
 */
int service_submit_all(struct service *s, size_t first, size_t end, uint64_t wanted_ns,
                       size_t *handed);

/* For models. What a driver would have written to the samples of these jobs. */
void service_wanted(struct service *s, size_t first, size_t end, uint64_t wanted_ns);

/* Let no job begin any more, and cancel the jobs that tasks run; they end with -ECANCELED. Jobs
 * that OS threads run go on to their end. The caller still waits for all jobs. On the loop's
 * thread. */
void service_cancel(struct service *s);

/* On how many loops the jobs run. */
unsigned service_loops(const struct service *s);

/* Call fn(arg, k) in a task of each loop k on which jobs run, on all at once, and wait for all.
 * From a task of the driver's loop. 0, the first error of any, or -ECANCELED when the caller is
 * canceled meanwhile. */
int service_each_loop(struct service *s, int (*fn)(void *arg, unsigned loop), void *arg);

/* True when job i is one of those that block the loop: by the seed and its index alone. */
bool service_draws_poison(const struct service *s, size_t i);
static inline bool service_is_poisoned(const struct service *s, size_t i)
{
    return s->poison > 0 && service_draws_poison(s, i);
}

/* For models. Run job i and fill in its sample; any thread. */
void service_run_job(struct service *s, size_t i, uint32_t lane);

/* The same as a function of one argument, a struct service_job: for coroutines and threads. Returns
 * 0; the job's own result is in its sample. */
struct service_job {
    struct service *service;
    size_t i;
};
int service_job_run(void *arg);

/* For models. Job i has ended; with error < 0 it was not run. On the thread that service->done is
 * for. */
static inline void service_job_ended(struct service *s, size_t i, int error)
{
    if (error < 0)
        sample_give_up(&s->samples[i], error);
    s->done(s, i);
}

/* How long jobs were in the system, summed over jobs: two accounts of one driver. */
struct service_area {
    uint64_t driver_ns;  /* until the driver had learned of the end and looked at its clock */
    uint64_t stamped_ns; /* until finished_ns, as the driver found it in the sample then */
};

/* The driver has learned that a job has ended. Add to its accounts, in the slot of job `i`; on the
 * thread that `done` is called on. */
void service_add_area(struct service *s, size_t i, struct service_area area);

/* Sums over the jobs; complete when all have ended. */
struct service_totals {
    struct job_ledger ledger; /* what the counted jobs did that ended without error */
    uint64_t unserved;        /* counted jobs */
    struct service_area area;
};
struct service_totals service_totals(const struct service *s);

#endif
