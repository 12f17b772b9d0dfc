/* Models: how jobs are run. One file each; the registry table is in model.c.
 *
 * A model at work is a service (service.h), to which the load hands jobs one by one: all at once,
 * in a closed loop or by a schedule. The model decides who calls the job function, when, and
 * through which io. */
#ifndef TVA_MODEL_MODEL_H
#define TVA_MODEL_MODEL_H

#include "base/err.h"
#include "model/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* io_async, io_ring, io_blocking. */
enum model_io { MODEL_IO_ASYNC, MODEL_IO_RING, MODEL_IO_BLOCKING };

struct loop;

/* How many of N jobs can wait at the same time. */
enum model_lanes { MODEL_LANES_ONE, MODEL_LANES_POOL, MODEL_LANES_JOBS }; /* 1, P, N */

struct model {
    const char *name, *summary;
    const char *queue; /* its name in queueing theory, e.g. "M/G/1" */
    enum model_io io;
    enum model_lanes lanes;
    bool on_threads;     /* each lane is an OS thread; else event loops run the jobs */
    bool has_loops;      /* P loops run the jobs, a thread each; else the driver's loop does */
    bool uses_threads;   /* --threads sets P, the size of its pool or the number of its loops */
    bool any_thread;     /* submit may be called on any thread, not only on the loop's */
    bool lane_is_thread; /* a sample's lane is the thread that ran the job */
    bool on_request;     /* no command runs it unless it was asked for */
    const struct model *on_ring; /* the same with io_ring in the place of io_async; NULL: none */

    /* What service_open(), _submit(), _submit_all(), _cancel(), _each_loop() and _close() do, as
     * documented there; all but submit may be NULL. For each job handed over, the model calls
     * service_run_job() once and then service_job_ended(); if it cannot run the job, only the
     * latter. */
    int (*open)(struct service *s, struct err *err);
    int (*submit)(struct service *s, size_t i);
    int (*submit_all)(struct service *s, size_t first, size_t end, uint64_t wanted_ns);
    void (*cancel)(struct service *s);
    int (*each_loop)(struct service *s, int (*fn)(void *arg, unsigned loop), void *arg);
    void (*close)(struct service *s);
};

/* How many of `jobs` jobs can wait at once with a pool of `threads`. */
uint64_t model_lanes(const struct model *m, uint64_t jobs, unsigned threads);

/* How many jobs can compute at once on `cores` cores. */
uint64_t model_cpu_lanes(const struct model *m, unsigned threads, unsigned cores);

/* P unless --threads says otherwise: Python's size of a pool, or a loop for each core that this
 * process may use. */
unsigned model_threads_default(const struct model *m);

/* How many OS threads it starts for `jobs` jobs; 0 when the driver's loop runs them. */
uint64_t model_os_threads(const struct model *m, uint64_t jobs, unsigned threads);

/* Can this system run it? 0, or a negative errno with *err set. Any thread. */
int model_check(const struct model *m, struct err *err);

/* Make an io of the model's kind for jobs on `loop`, on its thread. 0, or a negative errno with
 * *err set. */
int model_create_io(const struct model *m, struct loop *loop, struct io **out, struct err *err);

/* The registry, in the order in which they are shown. */
extern const struct model *const models[];
extern const size_t models_count;

/* The model of that name. NULL with *err naming the valid ones and the nearest. */
const struct model *model_find(const char *name, struct err *err);

/* One a file, for the table in model.c. */
extern const struct model model_sequential, model_tasks, model_pool, model_blocking, model_threads,
    model_offload, model_loops, model_uring, model_loops_uring;

#endif
