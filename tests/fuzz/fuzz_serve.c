/* The promise: whatever a client sends to the target, in whatever pieces, is answered or ends the
 * connection: both protocols, with queries, delays and bodies; nothing crashes, hangs or leaks. The
 * first byte is the size of the pieces. The clock is virtual, so that no delay takes time. */
#include "fuzz_target.h"
#include "support/io_fake.h"
#include "target/target_http.h"
#include "target/target_tcp.h"

#include <stdlib.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    (void)seed;
    return LLVMFuzzerMutate(data, size, max_size);
}

/* A connection on which the input comes, and the end of the stream half a minute later. */
static int connect_with(struct io *io, const uint8_t *data, size_t size, size_t piece)
{
    int listener = io_fake_listener(io, 0, NULL, NULL), fd;

    if (listener < 0)
        abort();
    fd = io_accept(io, listener, NO_DEADLINE);
    if (fd < 0)
        abort();
    for (size_t at = 0; at < size; at += piece)
        if (io_fake_peer_send(io, fd, 0, data + at, size - at < piece ? size - at : piece) < 0)
            abort();
    if (io_fake_peer_send(io, fd, 30 * NS_PER_S, NULL, 0) < 0)
        abort();
    io_close(io, listener);
    return fd;
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    static struct target_http http;
    struct io *io = io_fake_create();
    char first[TARGET_TCP_FIRST];
    uint64_t requests = 0;
    ssize_t n;
    int fd;

    if (http.idle_ns == 0)
        target_http_init(&http, 60 * NS_PER_S, 10 * NS_PER_S);
    if (io == NULL)
        abort();
    fd = connect_with(io, data + (size > 0), size - (size > 0), size > 0 ? 1 + data[0] : 1);
    n = io_read(io, fd, first, sizeof first, NO_DEADLINE);
    if (n > 0 && first[0] != 't')
        target_http_serve(&http, io, fd, first, (size_t)n, &requests);
    else if (n > 0)
        target_tcp_serve(&http.hold, io, fd, http.idle_ns, first, (size_t)n, &requests);
    io_close(io, fd);
    if (io_fake_open_count(io) != 0)
        abort();
    io_destroy(io);
    return requests > 0;
}
