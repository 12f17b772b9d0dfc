/* Bytes on their way to one side of a connection, each with its time of arrival: part of io_fake.
 */
#ifndef TVA_TESTS_FAKE_STREAM_H
#define TVA_TESTS_FAKE_STREAM_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fake_stream {
    struct list chunks; /* in order of arrival; times never decrease */
    uint64_t last_ns;   /* arrival of what was sent last */
    bool ended;         /* the end of the stream was sent, */
    uint64_t end_ns;    /* and arrives then */
};

void fake_stream_init(struct fake_stream *s);
void fake_stream_deinit(struct fake_stream *s);

/* Let a copy of `len` bytes arrive at arrival_ns, or with what was sent last if that is later; len
 * 0 is the end. 0, -EPIPE after the end, or -ENOMEM. */
int fake_stream_send(struct fake_stream *s, uint64_t arrival_ns, const void *data, size_t len);

/* When the next byte or the end arrives; NO_DEADLINE when nothing is on its way. */
uint64_t fake_stream_next_ns(const struct fake_stream *s);

/* Take at most `len` of the bytes that have arrived by now_ns. */
size_t fake_stream_take(struct fake_stream *s, uint64_t now_ns, void *buf, size_t len);

#endif
