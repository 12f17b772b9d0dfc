#include "support/io_fake_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

struct port {
    struct list link;
    uint16_t number;
    bool ignores; /* never answers a connect */
    io_fake_peer *peer;
    void *peer_arg;
};

int io_fake_socket(struct io *io, int domain, int type, int protocol)
{
    struct io_fake *f = io_fake_of(io);
    struct io_fake_entry *e;
    int r = io_fake_begin(f, IO_OP_SOCKET, NO_DEADLINE);

    (void)protocol;
    if (r < 0)
        return r;
    if (domain != AF_INET)
        return -EAFNOSUPPORT;
    if ((type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != SOCK_STREAM)
        return -EPROTONOSUPPORT;
    return io_fake_add(f, KIND_SOCKET, &e);
}

static struct port *find_port(struct io_fake *f, uint16_t number)
{
    for (struct list *l = f->ports.next; l != &f->ports; l = l->next) {
        struct port *p = container_of(l, struct port, link);

        if (p->number == number)
            return p;
    }
    return NULL;
}

int io_fake_connect(struct io *io, int fd, const struct sockaddr *addr, socklen_t len,
                    uint64_t deadline_ns)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)addr;
    struct io_fake *f = io_fake_of(io);
    int r = io_fake_begin(f, IO_OP_CONNECT, deadline_ns);
    struct io_fake_entry *e = io_fake_find(f, fd);
    struct port *p;

    if (r < 0)
        return r;
    if (e == NULL)
        return -EBADF;
    if (e->kind == KIND_STREAM)
        return -EISCONN;
    if (e->kind != KIND_SOCKET)
        return -ENOTSOCK;
    if (len < sizeof *in || in->sin_family != AF_INET)
        return -EINVAL;
    p = find_port(f, ntohs(in->sin_port));
    if (p == NULL || in->sin_addr.s_addr != htonl(INADDR_LOOPBACK))
        return -ECONNREFUSED;
    if (p->ignores)
        return io_fake_wait_until(f, NO_DEADLINE, deadline_ns);
    e->kind = KIND_STREAM;
    e->peer = p->peer;
    e->peer_arg = p->peer_arg;
    return 0;
}

int io_fake_accept(struct io *io, int fd, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    int r = io_fake_begin(f, IO_OP_ACCEPT, deadline_ns);
    struct io_fake_entry *listener = io_fake_find(f, fd), *e;

    if (r < 0)
        return r;
    if (listener == NULL)
        return -EBADF;
    if (listener->kind != KIND_LISTENER)
        return listener->kind == KIND_FILE ? -ENOTSOCK : -EINVAL;
    r = io_fake_wait_until(f, listener->arrival_ns, deadline_ns);
    if (r == 0)
        r = io_fake_add(f, KIND_STREAM, &e);
    if (r < 0)
        return r;
    e->peer = listener->peer;
    e->peer_arg = listener->peer_arg;
    listener->arrival_ns = NO_DEADLINE;
    return r;
}

/* What read and write begin with: the stream behind fd. */
static int begin_stream(struct io_fake *f, enum io_op op, int fd, uint64_t deadline_ns,
                        struct io_fake_entry **out)
{
    int r = io_fake_begin(f, op, deadline_ns);
    struct io_fake_entry *e = io_fake_find(f, fd);

    if (r < 0)
        return r;
    if (e == NULL)
        return -EBADF;
    if (e->kind == KIND_FILE)
        return -EINVAL;
    *out = e;
    return e->kind == KIND_STREAM ? 0 : -ENOTCONN;
}

ssize_t io_fake_read(struct io *io, int fd, void *buf, size_t len, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    struct io_fake_entry *e;
    int r = begin_stream(f, IO_OP_READ, fd, deadline_ns, &e);

    if (r == 0)
        r = io_fake_wait_until(f, fake_stream_next_ns(&e->incoming), deadline_ns);
    if (r < 0)
        return r;
    return (ssize_t)fake_stream_take(&e->incoming, f->now_ns, buf,
                                     io_fake_limit(f, IO_OP_READ, len));
}

ssize_t io_fake_write(struct io *io, int fd, const void *buf, size_t len, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    struct io_fake_entry *e;
    int r = begin_stream(f, IO_OP_WRITE, fd, deadline_ns, &e);

    if (r < 0)
        return r;
    if (e->incoming.ended && e->incoming.end_ns <= f->now_ns)
        return -EPIPE;
    len = io_fake_limit(f, IO_OP_WRITE, len);
    if (e->peer != NULL && len > 0)
        e->peer(io, fd, buf, len, e->peer_arg);
    return (ssize_t)len;
}

/* A stream, connected, has room at all times, and so has a file, which can also be read at all
 * times. */
int io_fake_wait_fd(struct io *io, int fd, short events, uint64_t deadline_ns)
{
    struct io_fake *f = io_fake_of(io);
    int r = io_fake_begin(f, IO_OP_WAIT_FD, deadline_ns), holds = 0;
    struct io_fake_entry *e = io_fake_find(f, fd);
    uint64_t in_ns;

    if (r < 0)
        return r;
    if (e == NULL)
        return -EBADF;
    if (e->kind == KIND_SOCKET)
        return (events & POLLOUT) | POLLHUP;
    in_ns = e->kind == KIND_FILE       ? 0
            : e->kind == KIND_LISTENER ? e->arrival_ns
                                       : fake_stream_next_ns(&e->incoming);
    if (e->kind != KIND_LISTENER)
        holds = events & POLLOUT;
    if (holds == 0)
        r = io_fake_wait_until(f, in_ns, deadline_ns);
    if (r < 0)
        return r;
    return in_ns <= f->now_ns ? holds | (events & POLLIN) : holds;
}

static int add_port(struct io_fake *f, struct port wanted)
{
    struct port *p;

    if (find_port(f, wanted.number) != NULL)
        return -EADDRINUSE;
    p = malloc(sizeof *p);
    if (p == NULL)
        return -ENOMEM;
    *p = wanted;
    list_append(&f->ports, &p->link);
    return 0;
}

int io_fake_listen(struct io *io, uint16_t port, io_fake_peer *peer, void *arg)
{
    return add_port(io_fake_of(io), (struct port){.number = port, .peer = peer, .peer_arg = arg});
}

int io_fake_ignore(struct io *io, uint16_t port)
{
    return add_port(io_fake_of(io), (struct port){.number = port, .ignores = true});
}

int io_fake_listener(struct io *io, uint64_t delay_ns, io_fake_peer *peer, void *arg)
{
    struct io_fake *f = io_fake_of(io);
    struct io_fake_entry *e;
    int fd = io_fake_add(f, KIND_LISTENER, &e);

    if (fd < 0)
        return fd;
    e->arrival_ns = clock_add_ns(f->now_ns, delay_ns);
    e->peer = peer;
    e->peer_arg = arg;
    return fd;
}

int io_fake_peer_send(struct io *io, int fd, uint64_t delay_ns, const void *data, size_t len)
{
    struct io_fake *f = io_fake_of(io);
    struct io_fake_entry *e = io_fake_find(f, fd);

    if (e == NULL || e->kind != KIND_STREAM)
        return -EBADF;
    return fake_stream_send(&e->incoming, clock_add_ns(f->now_ns, delay_ns), data, len);
}

void io_fake_echo(struct io *io, int fd, const void *data, size_t len, void *arg)
{
    (void)arg;
    /* An echo that got lost would look like a peer that never answers. */
    if (io_fake_peer_send(io, fd, 0, data, len) == -ENOMEM)
        abort();
}

void io_fake_free_ports(struct io_fake *f)
{
    struct list *link;

    while ((link = list_take_first(&f->ports)) != NULL)
        free(container_of(link, struct port, link));
}
