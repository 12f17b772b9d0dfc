/* What the http job and the target agree on: the keys of a query.
 *
 * GET /?size=1k&delay=10ms&dist=exp&seed=7&status=200 gets `size` bytes of body after `delay`, with
 * this status. With a dist other than fixed the target draws the delay, the same for the same seed.
 * The job never asks for that: it draws the delay itself. A draw above HTTP_WIRE_DELAY_MAX is cut
 * to it. The answer's header HTTP_WIRE_HELD says for how many ns the target really held the answer,
 * by its own clock: this proves the delay. */
#ifndef TVA_JOB_HTTP_WIRE_H
#define TVA_JOB_HTTP_WIRE_H

#include "base/clock.h"

#define HTTP_WIRE_HELD      "X-Held-Ns"
#define HTTP_WIRE_SIZE      64u /* unless the query says otherwise */
#define HTTP_WIRE_SIZE_MAX  (64u << 20)
#define HTTP_WIRE_DELAY_MAX (60 * NS_PER_S)

#endif
