/* What the echo contenders have in common: the request, and how many of them. */
#ifndef TVA_MICRO_ECHO_H
#define TVA_MICRO_ECHO_H

#include "job/wire.h"

#include <stdint.h>

#define ECHO_BYTES    64
#define ECHO_REQUESTS 60000 /* over all connections of one measurement */

/* Requests that each of n connections makes. */
static inline uint64_t echo_requests_each(uint64_t n)
{
    return ECHO_REQUESTS / n;
}

/* A request of ECHO_BYTES without delay, answered by as many bytes. */
void echo_request(char *buf);

/* Note requests a second, and this process's CPU time a request, since the last echo_begin(). */
struct echo_clock {
    uint64_t wall_ns, cpu_ns;
};

struct micro_output;
struct echo_clock echo_begin(void);
void echo_end(struct echo_clock begin, uint64_t n, struct micro_output *out);

#endif
