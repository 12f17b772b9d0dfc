/* The four stamps of a job, and what it did. Cache lines of its own each, so that threads that
 * write neighbouring samples do not slow each other. */
#ifndef TVA_MEASURE_SAMPLE_H
#define TVA_MEASURE_SAMPLE_H

#include "job/job.h"

#include <stdint.h>

struct sample {
    uint64_t intended_ns;  /* when the load model wanted it: the start of the batch */
    uint64_t submitted_ns; /* when the model was handed it */
    uint64_t started_ns;   /* when its function was entered */
    uint64_t finished_ns;  /* when its function had returned */
    struct job_ledger ledger;
    int32_t result; /* of the job function: 0 or a negative errno */
    uint32_t lane;  /* which OS thread of a pool ran it; 0 elsewhere */
} __attribute__((aligned(64)));

/* latency = finished - intended; wait = started - intended; service = finished - started */
static inline uint64_t sample_latency_ns(const struct sample *s)
{
    return s->finished_ns - s->intended_ns;
}

static inline uint64_t sample_wait_ns(const struct sample *s)
{
    return s->started_ns - s->intended_ns;
}

static inline uint64_t sample_service_ns(const struct sample *s)
{
    return s->finished_ns - s->started_ns;
}

/* Run the job and fill in the last two stamps, the ledger, result and lane. The one place from
 * which every model calls a job. */
static inline void sample_run_job(struct sample *s, struct job *job, struct io *io, uint64_t index,
                                  uint32_t lane)
{
    s->lane = lane;
    s->started_ns = clock_now_ns();
    s->result = job_run(job, io, index, &s->ledger);
    s->finished_ns = clock_now_ns();
}

/* One heartbeat: lag = woke - due. */
struct beat {
    uint64_t due_ns, woke_ns;
};

#endif
