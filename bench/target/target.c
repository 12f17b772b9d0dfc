#include "target/target.h"

#include "async/loop.h"
#include "io/io_async.h"
#include "target/target_http.h"
#include "target/target_tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The acceptor pauses when there are no descriptors or memory for one more connection. */
#define PAUSE_NS (20 * NS_PER_MS)

/* Descriptors that are no connections: standard ones, the loop's, the listening one. */
#define OTHER_FDS 32

/* The kernel cuts it to net.core.somaxconn. */
#define BACKLOG 16384

struct server {
    const struct target_options *options;
    struct loop *loop;
    struct io *io;
    int fd;
    struct target_http http;
    size_t connections_count; /* those not yet ended */
    struct future room;       /* done when one has ended */
    uint64_t accepted, requests;
    struct task *main;
    int failure; /* the error that ends the server; 0 while there is none */
    bool told_full;
};

struct connection {
    struct server *server;
    int fd;
    struct done_callback ended; /* of its task */
};

static void close_connection(struct connection *c)
{
    struct server *s = c->server;

    io_close(s->io, c->fd);
    s->connections_count--;
    if (!future_done(&s->room))
        future_set_result(&s->room, 0);
    free(c);
}

/* However its task has ended, also before it began: canceled, or for want of a stack. */
static void connection_ended(struct future *task, void *arg)
{
    (void)task;
    close_connection(arg);
}

/* HTTP begins with a method, in upper case, or with an empty line before it. */
static bool is_http(char first)
{
    return (first >= 'A' && first <= 'Z') || first == '\r' || first == '\n';
}

/* Answer requests until the peer closes, breaks the protocol, or the task is canceled. The first
 * byte tells which of the two protocols the peer speaks. */
static int serve_connection(void *arg)
{
    struct connection *c = arg;
    struct server *s = c->server;
    char first[TARGET_TCP_FIRST];
    int one = 1;
    ssize_t n;

    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    n = io_read(s->io, c->fd, first, sizeof first, clock_add_ns(io_now(s->io), s->http.idle_ns));
    if (n > 0 && is_http(first[0]))
        target_http_serve(&s->http, s->io, c->fd, first, (size_t)n, &s->requests);
    else if (n > 0)
        target_tcp_serve(&s->http.hold, s->io, c->fd, s->http.idle_ns, first, (size_t)n,
                         &s->requests);
    return 0;
}

/* Make a task for an accepted connection; close it when that fails. */
static int adopt(struct server *s, int fd)
{
    struct connection *c = malloc(sizeof *c);
    struct task *task;

    if (c == NULL) {
        io_close(s->io, fd);
        return -ENOMEM;
    }
    *c = (struct connection){.server = s, .fd = fd};
    s->connections_count++;
    s->accepted++;
    task = task_create(coro_create(serve_connection, c));
    if (task == NULL) {
        close_connection(c);
        return -ENOMEM;
    }
    future_add_done_callback(task_future(task), &c->ended, connection_ended, c);
    task_release(task);
    return 0;
}

/* Does the error pass when others release something? */
static bool is_shortage(int err)
{
    return err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -ENOBUFS;
}

static int accept_one(struct server *s)
{
    int fd;

    if (s->connections_count >= s->options->connections) {
        future_init(&s->room);
        return future_await(&s->room);
    }
    fd = io_accept(s->io, s->fd, NO_DEADLINE);
    if (fd >= 0)
        fd = adopt(s, fd);
    if (!is_shortage(fd))
        return fd;
    if (!s->told_full)
        fprintf(stderr, "tva serve: no more than %zu connections at a time: %s\n",
                s->connections_count, strerror(-fd));
    s->told_full = true;
    return io_sleep(s->io, PAUSE_NS);
}

static int accept_all(void *arg)
{
    struct server *s = arg;
    int err = 0;

    while (err >= 0)
        err = accept_one(s);
    if (err != -ECANCELED) {
        s->failure = err;
        task_cancel(s->main);
    }
    return err;
}

/* Runs until the server has to end; the loop then cancels all other tasks and waits for them. */
static int serve(void *arg)
{
    struct server *s = arg;
    struct task *acceptor;
    char byte[256];
    ssize_t n;

    s->main = task_current();
    acceptor = task_create(coro_create(accept_all, s));
    if (acceptor == NULL)
        return -ENOMEM;
    task_release(acceptor);
    n = io_read(s->io, s->options->stop_fd, byte, sizeof byte, NO_DEADLINE);
    return s->failure ? s->failure : n < 0 ? (int)n : 0;
}

static int listen_on(struct server *s, FILE *out, struct err *err)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(s->options->port)};
    socklen_t len = sizeof addr;
    int one = 1;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->fd = io_socket(s->io, AF_INET, SOCK_STREAM, 0);
    if (s->fd < 0)
        return err_set(err, s->fd, "cannot make a socket: %s", strerror(-s->fd));
    setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s->fd, (const struct sockaddr *)&addr, sizeof addr) < 0 ||
        listen(s->fd, BACKLOG) < 0 || getsockname(s->fd, (struct sockaddr *)&addr, &len) < 0) {
        int cause = errno;

        io_close(s->io, s->fd);
        return err_set(err, -cause, "cannot listen on 127.0.0.1:%u: %s", s->options->port,
                       strerror(cause));
    }
    fprintf(out, "listening on 127.0.0.1:%u\n", ntohs(addr.sin_port));
    fflush(out);
    return 0;
}

int target_serve(const struct target_options *options, FILE *out, struct err *err)
{
    struct server s = {.options = options};
    struct coro *body;
    int r = loop_create(NULL, &s.loop);

    if (r < 0)
        return err_set(err, r, "cannot make an event loop: %s", strerror(-r));
    future_init(&s.room);
    s.io = io_async_create(s.loop);
    target_http_init(&s.http, options->idle_ns, options->read_ns);
    r = s.io != NULL ? listen_on(&s, out, err) : err_set(err, -ENOMEM, "out of memory");
    if (r < 0)
        goto out;
    body = coro_create(serve, &s);
    r = body ? loop_run(s.loop, body) : -ENOMEM;
    if (r < 0)
        err_set(err, r, "the target cannot go on: %s", strerror(-r));
    io_close(s.io, s.fd);
    fprintf(out, "served %llu requests on %llu connections\n", (unsigned long long)s.requests,
            (unsigned long long)s.accepted);
out:
    io_destroy(s.io);
    loop_destroy(s.loop);
    return r;
}

uint64_t target_connections_max(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= OTHER_FDS)
        return 1;
    return limit.rlim_cur - OTHER_FDS;
}
