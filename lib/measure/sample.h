/* The four stamps of a job and its result: 40 bytes, so that millions of them fit in memory and
 * percentiles are exact. Ledgers of jobs are summed up elsewhere. */
#ifndef TVA_MEASURE_SAMPLE_H
#define TVA_MEASURE_SAMPLE_H

#include "job/job.h"

#include <stdbool.h>
#include <stdint.h>

/* Results of jobs whose function was never called; no errno has these numbers. */
#define SAMPLE_REFUSED  (-100001) /* the arrival found the system full */
#define SAMPLE_UNSERVED (-100002) /* the job had not begun when the load was over */

struct sample {
    uint64_t intended_ns;  /* when the load wanted it */
    uint64_t submitted_ns; /* when the load handed it to the model, or would have */
    uint64_t started_ns;   /* when its function was called; never called: when it was given up */
    uint64_t finished_ns;  /* when its function had returned; never called: as started_ns */
    int32_t result;        /* of the job function: 0 or a negative errno; or one of the above */
    uint32_t lane;         /* the OS thread of a pool that ran it; 0 elsewhere */
};

/* True when the job's function was called. */
static inline bool sample_ran(const struct sample *s)
{
    return s->result != SAMPLE_REFUSED && s->result != SAMPLE_UNSERVED;
}

/* Was it called, and did it fail? */
static inline bool sample_failed(const struct sample *s)
{
    return sample_ran(s) && s->result != 0;
}

/* Are the stamps in the only possible order? No for a job that was never run. */
static inline bool sample_is_ordered(const struct sample *s)
{
    return s->intended_ns <= s->started_ns && s->started_ns <= s->finished_ns &&
           s->finished_ns != 0;
}

/* Does it enter the distribution of latencies? Jobs that were let in, with those that were given up
 * later, for as long as they had waited by then: more is not known of them, less it was not. */
static inline bool sample_has_latency(const struct sample *s)
{
    return s->result != SAMPLE_REFUSED && sample_is_ordered(s);
}

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

/* How late the load was: submitted - intended. */
static inline uint64_t sample_late_ns(const struct sample *s)
{
    return s->submitted_ns > s->intended_ns ? s->submitted_ns - s->intended_ns : 0;
}

/* Run the job and fill in the last two stamps, result and lane; *ledger, all 0 before, gets what it
 * did. Every model calls jobs from this one place. The sample is written at the end only, because
 * other threads may use its neighbours on the cache line. */
static inline void sample_run_job(struct sample *s, struct job *job, struct io *io, uint64_t index,
                                  uint32_t lane, struct job_ledger *ledger)
{
    uint64_t started_ns = clock_now_ns();
    int32_t result = job_run(job, io, index, ledger);

    s->finished_ns = clock_now_ns();
    s->started_ns = started_ns;
    s->result = result;
    s->lane = lane;
}

/* The job's function will not be called, for the reason `result`. */
static inline void sample_give_up(struct sample *s, int32_t result)
{
    s->started_ns = s->finished_ns = clock_now_ns();
    s->result = result;
    s->lane = 0;
}

/* One heartbeat: lag = woke - due. */
struct beat {
    uint64_t due_ns, woke_ns;
};

/* A beat as late as this is marked in charts and traces: something blocked the loop. */
#define BEAT_LATE_NS (2 * NS_PER_MS)

static inline uint64_t beat_lag_ns(const struct beat *b)
{
    return b->woke_ns > b->due_ns ? b->woke_ns - b->due_ns : 0;
}

#endif
