/* One observation: a program of some revision measures one cell once, in a fresh process. One
 * thread.
 *
 * A program is started as `PROGRAM cell CELL --seed S --report-fd N`. That process carries the run
 * out, and its record is judged here, in the same way for all programs. A program whose records
 * have another form (run/run.h), such as that of an old revision, is started as `PROGRAM run
 * CELL --rounds 1 --seed S -o FILE`, which each revision knows; that takes one process more, and
 * the program judges by itself. A session starts all programs in the same way, with the same
 * argument vector and environment. */
#ifndef TVA_BENCH_PAIR_OBSERVE_H
#define TVA_BENCH_PAIR_OBSERVE_H

#include "harness/interrupt.h"
#include "harness/target_proc.h"
#include "math/stats.h"
#include "pair/pair_schedule.h"
#include "result/ledger.h"
#include "result/metric.h"

#include <jansson.h>

/* What is compared of each cell: metrics of the catalogue that are all better when lower. */
struct pair_metric {
    const char *name; /* in the catalogue */
    double worth;     /* a pass has to rule out that this share is added: see pair_decide.h */
};

#define PAIR_METRICS 5

extern const struct pair_metric pair_metrics[PAIR_METRICS];
const struct metric *pair_metric(size_t i);

/* Take all metrics from a cell of a result that has one run; NAN for a metric that it lacks, or
 * that is not above 0 and so has no ratio. */
void pair_metric_values(const json_t *cell, double values[PAIR_METRICS]);

struct pair_observer {
    struct interrupt *interrupt;           /* ends an observation early; the caller's */
    bool by_run;                           /* programs are asked for `run`, not for `cell` */
    struct target_proc targets[PAIR_ARMS]; /* of each arm's own revision, once a job needs it */
    const struct stats_distribution *timer_error; /* records are judged by; NULL: not measured */
    int messages_fd;                              /* what a program writes to its standard error */
    char *plugins;                                /* TVA_PLUGINS as it was; NULL: not set */
    char folder[256]; /* for the results of `run`; "": not needed so far */
};

struct pair_request {
    const char *program; /* path */
    enum pair_arm arm;   /* that it is of */
    const char *server;  /* program of that arm which serves; the same for all requests of an arm */
    const struct cell *cell; /* with its seed and the faults in its jobs */
};

struct pair_observed {
    double values[PAIR_METRICS];
    struct ledger ledger; /* equal where the same work was done */
};

/* Make one. timer_error: how late this machine's timers are, where there is an open loop. 0 or a
 * negative errno with *err set. */
int pair_observer_init(struct pair_observer *o, struct interrupt *interrupt,
                       const struct stats_distribution *timer_error, struct err *err);

/* End its targets, and remove what is left. */
void pair_observer_deinit(struct pair_observer *o);

/* Carry one out; no process but targets is left whatever happens. 0; -EINTR when a signal came;
 * -EIO when the run failed, and may do better the next time; -EPROTO when the program cannot be
 * asked for `cell`, never once o->by_run is set; -EINVAL when it does not know the options or its
 * result cannot be read; other negative errnos. *err names program and reason, save at -EINTR. */
int pair_observe(struct pair_observer *o, const struct pair_request *request,
                 struct pair_observed *out, struct err *err);

#endif
