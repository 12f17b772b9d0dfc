/* Carrying out a load: one load upon one service. */
#ifndef TVA_LOAD_LOAD_RUN_H
#define TVA_LOAD_LOAD_RUN_H

#include "base/share.h"
#include "load/load.h"
#include "model/service.h"

struct load_run {
    const struct load *load;
    struct service *service; /* open, and set up by load_prepare(); its `done` is the driver's */
    /* Called in the calling task between warm-up and the measured part. 0, or a negative errno,
     * which ends the run. */
    int (*measure)(void *arg);
    void *arg;
    /* Of several processes that carry out one load together: which part of it is this one's, and
     * what tells when all begin. It returns that moment, or 0 where the run is over; called once,
     * by a loop before its first moment and by a batch between warm-up and measured part. NULL: at
     * once. */
    struct share share;
    uint64_t (*meet)(void *arg);

    /* Planned by load_prepare(): of this share. */
    size_t capacity;         /* number of samples, warm-up included */
    size_t warmup;           /* so many come first; a closed loop by time counts them at its end */
    uint64_t measured_ns;    /* from the first moment to the measured part; open, closed by time */
    uint64_t last_ns;        /* from the first moment to the last arrival of all shares; open */
    uint64_t clients, limit; /* the load's */

    /* What came of it. */
    size_t count;              /* jobs that were wanted: samples that are filled in */
    uint64_t begin_ns, end_ns; /* of the measured part; it ends when the driver saw the last end */
    uint64_t told_ns, late_ns; /* what meet() returned, and by how much it was missed */
    uint64_t first_end_ns;     /* of a batch: when its warm-up had ended; 0 without one */
    uint64_t refused;          /* measured arrivals that found load->limit jobs in the system */
    uint64_t in_flight_max;    /* most jobs in the system at once, warm-up included */
    struct service_area area;  /* of the measured jobs that ended */
};

/* Plan the share of the load: allocate the samples of r->service (the caller frees them with
 * free()), fill in what is known of them, and touch their memory if its size is known. `warmup` and
 * `jobs` are numbers of jobs of all shares, for a load that does not give a time; at most `max`
 * samples. 0, or -ENOMEM or -ERANGE with *err set. */
int load_prepare(struct load_run *r, uint64_t warmup, uint64_t jobs, size_t max, struct err *err);

/* Carry it out, in a task of the running loop: returns when all jobs that were wanted have ended or
 * will not begin. 0, or a negative errno when the model or the driver failed; a job's own failure
 * is in its sample. When the task is canceled, the load ends: jobs that have not begun and jobs
 * that tasks run are canceled, the call waits for the others and returns -ECANCELED. */
int load_carry_out(struct load_run *r);

/* ---- The drivers, one a file ---- */

/* A loop's driver saw at now_ns that this job had ended. A stamp that lies after now_ns is wrong;
 * it counts as now_ns, so that the sum of the samples then differs from the driver's. */
static inline struct service_area load_area(const struct sample *s, uint64_t now_ns)
{
    uint64_t finished_ns = s->finished_ns < now_ns ? s->finished_ns : now_ns;

    return (struct service_area){now_ns - s->intended_ns, finished_ns - s->intended_ns};
}

/* Ask when all processes begin, if there are several. 0, or -ECANCELED when the run is over. */
int load_meet(struct load_run *r);

/* From a task: sleep until that moment, and return when it is. */
uint64_t load_begin(struct load_run *r);

/* load_carry_out() of one kind of load. */
int load_batch(struct load_run *r);
int load_closed(struct load_run *r);
int load_open(struct load_run *r);

#endif
