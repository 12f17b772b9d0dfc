/* What the tcp and http jobs and the target agree on: messages, queries, and for how long the
 * target holds an answer. */
#ifndef TVA_JOB_WIRE_H
#define TVA_JOB_WIRE_H

#include "base/clock.h"
#include "job/job.h"
#include "math/distribution.h"

#include <stdint.h>

/* The longest delay that the target accepts, of either protocol. */
#define WIRE_DELAY_MAX (60 * NS_PER_S)

/* Descriptors that the target has beside those of connections. */
static inline uint64_t wire_target_fds(unsigned loops)
{
    return 24 + 8 * (uint64_t)loops;
}

/* How many loops it has by default, where a process may have so many descriptors: half of them are
 * for connections. */
static inline unsigned wire_target_loops(unsigned cores, uint64_t fds)
{
    unsigned most = 16;

    while (most > 1 && wire_target_fds(most) > fds / 2)
        most--;
    return cores < most ? cores : most;
}

/* The messages of the tcp job and the target, in network byte order.
 *
 * A request is a header and payload, `request_bytes` in all. The target holds the reply for
 * delay_ns after the whole request has arrived, then sends a header and the payload again (cut, or
 * repeated to length; zeros when there was none), `reply_bytes` in all. held_ns in the reply is how
 * long the target really held it, by its own clock: this proves the delay. sent_ns is when it began
 * to write the reply, on that clock, which a client on the same machine reads as well. */
#define TCP_WIRE_MAGIC     0x74766131u /* "tva1" */
#define TCP_WIRE_BYTES_MIN 24u         /* both headers have this size */
#define TCP_WIRE_BYTES_MAX (1u << 20)

struct tcp_request_header {
    uint32_t magic;
    uint32_t request_bytes;
    uint32_t reply_bytes;
    uint32_t is_ping; /* not 0: nobody's job, so that a target that misbehaves does not on it */
    uint64_t delay_ns;
};

struct tcp_reply_header {
    uint32_t magic;
    uint32_t reply_bytes;
    uint64_t held_ns;
    uint64_t sent_ns; /* 0 from targets of earlier revisions */
};

/* The keys of an http job's query.
 *
 * GET /?size=1k&delay=10ms&dist=exp&seed=7&status=200 gets `size` bytes of body after `delay`, with
 * this status. With a dist other than fixed the target draws the delay, the same for the same seed.
 * The job never asks for that: it draws the delay itself. A draw above WIRE_DELAY_MAX is cut
 * to it. The answer's header HTTP_WIRE_HELD says for how many ns the target really held the answer,
 * by its own clock: this proves the delay. */
#define HTTP_WIRE_HELD     "X-Held-Ns"
#define HTTP_WIRE_SIZE     64u /* unless the query says otherwise */
#define HTTP_WIRE_SIZE_MAX (64u << 20)

/* The delays that the requests of a job ask the target for: fixed, or drawn for each request from
 * the job's seed and the request's number, and so the same under every model. Pure functions, any
 * thread. */
struct request_delays {
    enum distribution dist;
    uint64_t mean_ns;
    uint64_t requests; /* of one job */
    uint64_t seed;     /* the job's */
};

/* The delay in ns of request number `number`, counted over all jobs; WIRE_DELAY_MAX at most. */
uint64_t request_delays_ns(struct request_delays d, uint64_t number);

/* What the requests of job number `index` wait in all: a job type's wait_ns. */
uint64_t request_delays_of_job_ns(struct request_delays d, uint64_t index);

/* How these waits differ between jobs: a job type's spread. A sum of r draws has 1 / r of their
 * squared coefficient of variation. */
struct job_spread request_delays_spread(struct request_delays d);

#endif
