/* The inside of io_fake, shared by its parts: io_fake.c (descriptors, clock, faults),
 * io_fake_stream.c (sockets and their peers), io_fake_file.c (files) and io_fake_http.c (HTTP). */
#ifndef TVA_TESTS_IO_FAKE_INTERNAL_H
#define TVA_TESTS_IO_FAKE_INTERNAL_H

#include "base/list.h"
#include "support/fake_stream.h"
#include "support/io_fake.h"

#include <stdbool.h>

#define IO_FAKE_FAULTS_MAX 32

enum io_fake_kind { KIND_CLOSED, KIND_SOCKET, KIND_STREAM, KIND_LISTENER, KIND_FILE };

/* An open descriptor, or one that was closed. */
struct io_fake_entry {
    enum io_fake_kind kind;
    struct fake_stream incoming; /* KIND_STREAM */
    io_fake_peer *peer;          /* KIND_STREAM, KIND_LISTENER; may be NULL */
    void *peer_arg;
    uint64_t arrival_ns;    /* KIND_LISTENER: of the connection; NO_DEADLINE once accepted */
    struct fake_file *file; /* KIND_FILE */
    int access;             /* O_RDONLY, O_WRONLY or O_RDWR */
};

struct io_fake_fault {
    enum io_op op;
    unsigned call; /* the call that fails, counted from the beginning; 0: no fault */
    int error;
};

struct io_fake {
    struct io io; /* first */
    uint64_t now_ns;
    struct io_fake_entry **entries; /* in the order they were opened; they never move */
    size_t n_entries;
    struct list files, ports, http_ports;
    struct io_fake_fault faults[IO_FAKE_FAULTS_MAX];
    unsigned calls[IO_OP_COUNT];
    size_t limits[IO_OP_COUNT]; /* bytes a transfer; 0: none */
};

static inline struct io_fake *io_fake_of(const struct io *io)
{
    return (struct io_fake *)io;
}

/* Every operation begins here: counts the call; 0, the fault that is due, or -ETIMEDOUT. */
int io_fake_begin(struct io_fake *f, enum io_op op, uint64_t deadline_ns);

/* Let the clock run until event_ns, at most until the deadline. 0, -ETIMEDOUT or -EDEADLK. */
int io_fake_wait_until(struct io_fake *f, uint64_t event_ns, uint64_t deadline_ns);

/* The open descriptor fd, NULL when it is not one. */
struct io_fake_entry *io_fake_find(struct io_fake *f, int fd);

/* A new descriptor of that kind, or -ENOMEM. */
int io_fake_add(struct io_fake *f, enum io_fake_kind kind, struct io_fake_entry **out);

/* How many of `len` bytes one call of op may move. */
size_t io_fake_limit(const struct io_fake *f, enum io_op op, size_t len);

/* Entries of io_ops; contracts: io/io.h. */
int io_fake_socket(struct io *io, int domain, int type, int protocol);
int io_fake_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                    uint64_t deadline_ns);
int io_fake_accept(struct io *io, int fd, uint64_t deadline_ns);
ssize_t io_fake_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns);
ssize_t io_fake_write(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns);
int io_fake_wait_fd(struct io *io, int fd, short events, uint64_t deadline_ns);
int io_fake_open(struct io *io, const char *path, int flags, mode_t mode, uint64_t deadline_ns);
ssize_t io_fake_pread(struct io *io, int fd, void *buf, size_t len, off_t offset,
                      uint64_t deadline_ns);
ssize_t io_fake_pwrite(struct io *io, int fd, const void *buf, size_t len, off_t offset,
                       uint64_t deadline_ns);
int io_fake_fsync(struct io *io, int fd, uint64_t deadline_ns);
int io_fake_http_get(struct io *io, const struct io_http_request *request,
                     struct io_http_response *response, uint64_t deadline_ns);

/* Free what the parts keep in f->ports, f->files and f->http_ports. */
void io_fake_free_ports(struct io_fake *f);
void io_fake_free_files(struct io_fake *f);
void io_fake_free_http_ports(struct io_fake *f);

#endif
