/* Models: how jobs are run. One file each; the registry table is in model.c.
 *
 * A model is at work as a service (service.h), to which jobs are handed one by one: all at once, in
 * a closed loop or by a schedule, which is not the model's concern. It decides who calls the job
 * function, when, and through which io. */
#ifndef TVA_MODEL_MODEL_H
#define TVA_MODEL_MODEL_H

#include "async/loop.h"
#include "math/theory.h"
#include "model/service.h"

#include <stdbool.h>

enum model_io { MODEL_IO_ASYNC, MODEL_IO_BLOCKING };

struct model {
    const char *name, *summary;
    enum model_io io;
    bool uses_threads;   /* has a pool, whose size --threads sets */
    bool any_thread;     /* submit may be called on any thread, not only on the loop's */
    bool lane_is_thread; /* a sample's lane is the thread that ran the job */
    const char *queue;   /* its name in queueing theory, e.g. "M/G/1" */

    /* What service_open(), _submit(), _submit_all(), _cancel() and _close() do, as documented
     * there; all but submit may be NULL. For each job handed over, the model calls
     * service_run_job() once, then service_job_ended(); or only that, when it cannot run it. */
    int (*open)(struct service *s, struct err *err);
    int (*submit)(struct service *s, size_t i);
    int (*submit_all)(struct service *s, size_t first, size_t end);
    void (*cancel)(struct service *s);
    void (*close)(struct service *s);
    /* How many of n jobs can wait at once, and how many can compute at once on `cores` cores. */
    uint64_t (*lanes)(uint64_t jobs, unsigned threads);
    uint64_t (*cpu_lanes)(unsigned threads, unsigned cores);
    /* How many OS threads it starts for n jobs; NULL: none. */
    uint64_t (*os_threads)(uint64_t jobs, unsigned threads);
};

/* The registry, in the order in which they are shown. */
extern const struct model *const models[];
extern const size_t models_count;

/* The model of that name. NULL with *err naming the valid ones, the nearest offered. */
const struct model *model_find(const char *name, struct err *err);

#endif
