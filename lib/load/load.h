/* Load models: when jobs are wanted.
 *
 * batch: all at once. closed loop: C clients, each wants its next job when its last has ended. open
 * loop: at times that a schedule fixes beforehand and that wait for nobody, so that what a stall
 * delays is counted in full (Schroeder, Wierman and Harchol-Balter, "Open Versus Closed: A
 * Cautionary Tale", NSDI 2006). */
#ifndef TVA_LOAD_LOAD_H
#define TVA_LOAD_LOAD_H

#include "base/err.h"
#include "model/service.h"

#include <stddef.h>
#include <stdint.h>

enum load_kind { LOAD_BATCH, LOAD_CLOSED, LOAD_OPEN };

enum load_arrivals { LOAD_POISSON, LOAD_CONSTANT };

struct load {
    enum load_kind kind;
    enum load_arrivals arrivals; /* open */
    double rate_per_s;           /* open: arrivals; 0 otherwise */
    uint64_t clients;            /* closed; 0 otherwise */
    uint64_t duration_ns;        /* open, closed: how long jobs are wanted; 0: by their number */
    uint64_t warmup_ns;          /* open, closed: run before that and not counted; 0: by number */
    uint64_t limit;              /* open: jobs in the system at most, others are refused; 0: none */
    uint64_t drain_ns;           /* open: how long after the last arrival jobs may still begin;
                                    NO_DEADLINE: as long as it takes */
    double poison;               /* share of the jobs, 0 to 1, that block the loop */
};

/* One load upon one service. */
struct load_run {
    const struct load *load;
    struct service *service; /* open, and set up by load_prepare(); its `done` is the driver's */
    /* Called in the calling task when warm-up is over and the measured part begins. 0, or a
     * negative errno, with which the run ends. */
    int (*measure)(void *arg);
    void *arg;

    /* Planned by load_prepare(). */
    size_t capacity;      /* samples there are: warm-up included */
    size_t warmup;        /* the first of them; a closed loop by time counts them at its end */
    uint64_t measured_ns; /* from the first moment to the measured part; open, closed by time */

    /* What came of it. */
    size_t count;              /* samples that are filled in: jobs that were wanted */
    uint64_t begin_ns, end_ns; /* of the measured part: until the last job was seen to end */
    uint64_t refused;          /* measured arrivals that found load->limit jobs in the system */
    uint64_t in_flight_max;    /* most jobs in the system at once, warm-up included */
    struct service_area area;  /* of the measured jobs that ended */
};

/* Plan the load: allocate the samples of r->service (to be freed with free()), fill in what is
 * known of them, and touch their memory where its size is known. `warmup` and `jobs` by number,
 * where the load does not say a time; at most `max` samples. 0, or a negative errno with *err set:
 * -ENOMEM, -ERANGE. */
int load_prepare(struct load_run *r, uint64_t warmup, uint64_t jobs, size_t max, struct err *err);

/* Carry it out: returns when all jobs that were wanted have ended, or will not begin. In a task of
 * the running loop. 0, or a negative errno when the model or the driver failed (the jobs' own
 * failures are in their samples); all jobs have ended then, too. When the task is canceled: the
 * load ends, jobs that have not begun and those that tasks run are canceled, the others waited
 * for: -ECANCELED. */
int load_carry_out(struct load_run *r);

#endif
