/* The messages of the tcp job and the target, in network byte order.
 *
 * A request is a header and payload, `request_bytes` in all. The target holds the reply for
 * delay_ns after the whole request has arrived, then sends a header and the payload again (cut, or
 * repeated to length; zeros when there was none), `reply_bytes` in all. held_ns in the reply is how
 * long the target really held it, by its own clock: this proves the delay. */
#ifndef TVA_JOB_TCP_WIRE_H
#define TVA_JOB_TCP_WIRE_H

#include <stdint.h>

#define TCP_WIRE_MAGIC     0x74766131u /* "tva1" */
#define TCP_WIRE_BYTES_MIN 24u         /* both headers have this size */
#define TCP_WIRE_BYTES_MAX (1u << 20)

struct tcp_request_header {
    uint32_t magic;
    uint32_t request_bytes;
    uint32_t reply_bytes;
    uint32_t reserved;
    uint64_t delay_ns;
};

struct tcp_reply_header {
    uint32_t magic;
    uint32_t reply_bytes;
    uint64_t held_ns;
    uint64_t reserved;
};

#endif
