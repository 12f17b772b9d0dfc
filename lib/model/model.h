/* Models: how a batch of jobs is run. One file each; the registry table is in model.c.
 *
 * A model decides who calls the job function, when, and through which io. It must call it by
 * sample_run_job() exactly once for each job, and return when all have finished. */
#ifndef TVA_MODEL_MODEL_H
#define TVA_MODEL_MODEL_H

#include "async/loop.h"
#include "measure/sample.h"
#include "measure/theory.h"

#include <stdbool.h>

enum model_io { MODEL_IO_ASYNC, MODEL_IO_BLOCKING };

/* A batch of jobs, all of them wanted at the same time: a closed load. */
struct batch {
    struct job *job;
    struct io *io;
    uint64_t first_index; /* of the batch's first job */
    size_t jobs;
    struct sample *samples; /* jobs of them, intended_ns filled in */
    unsigned threads;       /* for models that use OS threads */
    void *state;            /* the model's own, from open to close */
};

struct model {
    const char *name, *summary;
    enum model_io io;
    bool uses_threads; /* has a pool, whose size --threads sets */
    const char *queue; /* its name in queueing theory, e.g. "M/G/1" */

    /* Get ready before warm-up (start threads); may be NULL. 0, or a negative errno with *err set.
     */
    int (*open)(struct batch *batch, struct err *err);
    /* Run every job of the batch; in a task of the running loop. 0, or a negative errno when the
     * model itself failed (the jobs' own failures are in their samples). */
    int (*run)(struct batch *batch);
    /* Undo open; may be NULL. */
    void (*close)(struct batch *batch);
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
