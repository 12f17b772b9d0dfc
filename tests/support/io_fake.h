/* io for tests: a virtual clock, files and stream peers in memory, injected faults.
 *
 * Nothing waits for real. The clock moves only when an operation waits: a sleep moves it to the
 * deadline, a read moves it to the time at which the peer's bytes arrive. A wait that nothing would
 * ever end returns -EDEADLK instead of hanging. One thread.
 *
 * Stricter than a real system, so that more faults in jobs show: descriptors are never reused, read
 * and write are refused on files, pread, pwrite and fsync on streams. More lenient: a write always
 * has room, and files are known by their whole path, directories not at all. */
#ifndef TVA_TESTS_IO_FAKE_H
#define TVA_TESTS_IO_FAKE_H

#include "io/io.h"

enum io_op {
    IO_OP_SLEEP,
    IO_OP_OPEN,
    IO_OP_SOCKET,
    IO_OP_CONNECT,
    IO_OP_ACCEPT,
    IO_OP_READ,
    IO_OP_WRITE,
    IO_OP_PREAD,
    IO_OP_PWRITE,
    IO_OP_FSYNC,
    IO_OP_WAIT_FD,
    IO_OP_CLOSE,
    IO_OP_HTTP,
    IO_OP_COUNT
};

/* Make one; its clock starts at 1 s. NULL when out of memory. */
struct io *io_fake_create(void);

/* Let the nth call (1: the next one) of `op` from now on fail with `error` (a negative errno),
 * once, and do nothing else. Several may be pending; at most 32 (more abort). */
void io_fake_fail(struct io *io, enum io_op op, unsigned nth, int error);

/* Let every read, write, pread or pwrite move at most `max` bytes (0: no limit). */
void io_fake_short(struct io *io, enum io_op op, size_t max);

/* How many calls of `op` were made, failed ones included. */
unsigned io_fake_calls(const struct io *io, enum io_op op);

/* How many descriptors are open: 0 when a job has closed all that it got. */
unsigned io_fake_open_count(const struct io *io);

/* Move the clock forward by hand. */
void io_fake_advance(struct io *io, uint64_t span_ns);

/* The far end of a connection: called with what the job wrote; sends by io_fake_peer_send(). */
typedef void io_fake_peer(struct io *io, int fd, const void *data, size_t len, void *arg);

/* Accept connects to 127.0.0.1:port; every connection's writes go to peer(…, arg), nowhere when
 * peer is NULL. A port nobody listens on refuses. 0, -EADDRINUSE or -ENOMEM. */
int io_fake_listen(struct io *io, uint16_t port, io_fake_peer *peer, void *arg);

/* Let connects to 127.0.0.1:port wait for an answer that never comes. Errors as above. */
int io_fake_ignore(struct io *io, uint16_t port);

/* A listening descriptor on which one connection with that peer arrives after delay_ns; a negative
 * errno when out of memory. */
int io_fake_listener(struct io *io, uint64_t delay_ns, io_fake_peer *peer, void *arg);

/* From the peer, or from the test: let `len` bytes arrive at the job's side of fd after delay_ns,
 * but not before what was sent earlier. len 0 is the end of the stream: nothing can be sent after
 * it, and once it has arrived the job's writes fail with -EPIPE. 0, -EBADF, -EPIPE or -ENOMEM. */
int io_fake_peer_send(struct io *io, int fd, uint64_t delay_ns, const void *data, size_t len);

/* What a server answers to one request. */
struct io_fake_http_answer {
    int error; /* 0, or the negative errno that the request ends with instead */
    int status;
    const void *body; /* must stay until the server is asked again */
    size_t body_len;
    const char *header; /* value of the header that is asked for, whichever it is; NULL: none */
    uint64_t delay_ns;  /* until all of it is there; NO_DEADLINE: never */
    bool close;         /* the connection is not kept */
};

/* Asked with "/path?query"; *out is all 0 but for status 200. */
typedef void io_fake_http_server(const char *path, struct io_fake_http_answer *out, void *arg);

/* Answer GETs to 127.0.0.1:port; ports of io_fake_listen() know nothing of HTTP. 0 or -ENOMEM. */
int io_fake_http_listen(struct io *io, uint16_t port, io_fake_http_server *server, void *arg);

/* A peer that sends back what it gets. */
void io_fake_echo(struct io *io, int fd, const void *data, size_t len, void *arg);

#endif
