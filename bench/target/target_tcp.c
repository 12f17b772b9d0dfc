#include "target/target_tcp.h"

#include "job/wire.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES TARGET_TCP_FIRST

_Static_assert(sizeof(struct tcp_request_header) == HEADER_BYTES, "wire format");
_Static_assert(sizeof(struct tcp_reply_header) == HEADER_BYTES, "wire format");

struct connection {
    struct io *io;
    int fd;
    uint64_t idle_ns;
    struct target_hold *hold;
    char *buf; /* request, then reply. Freed after each, it would go back to the system and come as
                  new pages, which costs more than the exchange */
    size_t capacity;
};

static int reserve(struct connection *c, size_t size)
{
    char *buf;

    if (size <= c->capacity)
        return 0;
    buf = realloc(c->buf, size);
    if (buf == NULL)
        return -ENOMEM;
    c->buf = buf;
    c->capacity = size;
    return 0;
}

static uint64_t deadline(const struct connection *c)
{
    return clock_add_ns(io_now(c->io), c->idle_ns);
}

static bool valid_size(uint32_t bytes)
{
    return bytes >= TCP_WIRE_BYTES_MIN && bytes <= TCP_WIRE_BYTES_MAX;
}

/* Read one request into c->buf, of which `got` bytes are there; its header in host byte order.
 * `expected`: bytes of the request before, so that a peer whose requests have one size costs one
 * read each. 1; 0 at the end of the stream, or a negative errno. */
static int read_request(struct connection *c, size_t got, size_t expected,
                        struct tcp_request_header *header)
{
    uint64_t deadline_ns = deadline(c);
    ssize_t n;
    int err;

    while (got < HEADER_BYTES) {
        n = io_read(c->io, c->fd, c->buf + got, expected - got, deadline_ns);
        if (n <= 0)
            return (int)n;
        got += (size_t)n;
    }
    memcpy(header, c->buf, sizeof *header);
    header->request_bytes = be32toh(header->request_bytes);
    header->reply_bytes = be32toh(header->reply_bytes);
    header->delay_ns = be64toh(header->delay_ns);
    if (be32toh(header->magic) != TCP_WIRE_MAGIC || !valid_size(header->request_bytes) ||
        !valid_size(header->reply_bytes) || got > header->request_bytes ||
        header->delay_ns > WIRE_DELAY_MAX)
        return -EPROTO;
    err = reserve(c, header->request_bytes > header->reply_bytes ? header->request_bytes
                                                                 : header->reply_bytes);
    if (err < 0)
        return err;
    n = io_read_full(c->io, c->fd, c->buf + got, header->request_bytes - got, deadline_ns);
    if (n < 0)
        return (int)n;
    return got + (size_t)n == header->request_bytes;
}

/* Cut the payload or repeat it to length, in place. */
static void extend_payload(char *buf, size_t have, size_t want)
{
    char *payload = buf + HEADER_BYTES;

    have -= HEADER_BYTES;
    want -= HEADER_BYTES;
    if (have == 0)
        memset(payload, 0, want);
    for (size_t at = have; have > 0 && at < want; at += have)
        memcpy(payload + at, payload, want - at < have ? want - at : have);
}

static int reply(struct connection *c, const struct tcp_request_header *request,
                 uint64_t arrived_ns)
{
    struct tcp_reply_header header = {.magic = htobe32(TCP_WIRE_MAGIC),
                                      .reply_bytes = htobe32(request->reply_bytes)};
    uint64_t now_ns;
    ssize_t n;

    extend_payload(c->buf, request->request_bytes, request->reply_bytes);
    now_ns = io_now(c->io);
    header.held_ns = htobe64(now_ns - arrived_ns);
    header.sent_ns = htobe64(now_ns);
    memcpy(c->buf, &header, sizeof header);
    n = io_write_full(c->io, c->fd, c->buf, request->reply_bytes, deadline(c));
    return n < 0 ? (int)n : 0;
}

static int exchange(struct connection *c, size_t got, size_t *expected)
{
    struct tcp_request_header request;
    uint64_t arrived_ns;
    int r = reserve(c, *expected);

    if (r < 0)
        return r;
    r = read_request(c, got, *expected, &request);
    if (r <= 0)
        return r;
    arrived_ns = io_now(c->io);
    if (!request.is_ping)
        r = target_hold(c->hold, c->io, c->fd, arrived_ns, request.delay_ns);
    if (r >= 0)
        r = reply(c, &request, arrived_ns);
    if (r < 0)
        return r;
    *expected = request.request_bytes;
    return 1;
}

void target_tcp_serve(struct target_hold *hold, struct io *io, int fd, uint64_t idle_ns,
                      const char *first, size_t first_len, uint64_t *requests)
{
    struct connection c = {.io = io, .fd = fd, .idle_ns = idle_ns, .hold = hold};
    size_t expected = HEADER_BYTES;

    if (first_len > HEADER_BYTES || reserve(&c, HEADER_BYTES) < 0)
        return;
    memcpy(c.buf, first, first_len);
    for (; exchange(&c, first_len, &expected) > 0; first_len = 0)
        ++*requests;
    free(c.buf);
}
