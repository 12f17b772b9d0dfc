/* What the http job and the target agree on: the keys of a query, and how a delay is drawn.
 *
 * GET /?size=1k&delay=10ms&dist=exponential&seed=7&status=200 gets `size` bytes of body after
 * `delay`, with this status. The answer's header HTTP_WIRE_HELD says for how many ns the target
 * really held it, by its own clock: so the injected delay is proven, not assumed. */
#ifndef TVA_JOB_HTTP_WIRE_H
#define TVA_JOB_HTTP_WIRE_H

#include "base/clock.h"

#include <stdint.h>

#define HTTP_WIRE_HELD      "X-Held-Ns"
#define HTTP_WIRE_SIZE      64u /* unless the query says otherwise */
#define HTTP_WIRE_SIZE_MAX  (64u << 20)
#define HTTP_WIRE_DELAY_MAX (60 * NS_PER_S)

/* The words of dist=, by these numbers; NULL at the end. */
enum http_wire_dist { HTTP_WIRE_FIXED, HTTP_WIRE_EXPONENTIAL };
extern const char *const http_wire_dists[];

/* The delay of one request: delay_ns itself, or drawn from the exponential distribution with that
 * mean by inversion, the same for the same seed; at most 20 times the mean. */
uint64_t http_wire_delay_ns(uint64_t delay_ns, enum http_wire_dist dist, uint64_t seed);

#endif
