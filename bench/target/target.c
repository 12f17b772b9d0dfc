#include "target/target.h"

#include "async/loop.h"
#include "async/thread_pool.h"
#include "base/list.h"
#include "base/text.h"
#include "io/io_async.h"
#include "job/wire.h"
#include "target/target_http.h"
#include "target/target_tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* The acceptor pauses when there are no descriptors or memory for one more connection, or too many
 * connections on all loops together. */
#define PAUSE_NS (20 * NS_PER_MS)

/* The kernel cuts it to net.core.somaxconn. */
#define BACKLOG 16384

/* One of the target's loops, on a thread of its own. */
struct server {
    struct work work;
    struct target *target;
    struct loop *loop;
    struct io *io;
    int fd; /* listens; the kernel deals connections out to those of all loops */
    struct target_http http;
    struct future room; /* done when a connection of this loop has ended */
    uint64_t accepted, requests;
};

struct target {
    const struct target_options *options;
    struct thread_pool *threads;
    int stop_fd;               /* a semaphore that each loop takes once, and then ends */
    int failed_fd;             /* readable when a loop has failed, with failure != 0 */
    atomic_int failure;        /* the first error of any */
    atomic_size_t connections; /* those not yet ended */
    atomic_bool told_full;
    _Atomic uint64_t first_ns; /* when the first request came; 0: none yet */
    unsigned count;
    struct server *servers;
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
    atomic_fetch_sub(&s->target->connections, 1);
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
    atomic_fetch_add(&s->target->connections, 1);
    s->accepted++;
    task = task_create_parkable(coro_create(serve_connection, c));
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
    struct target *t = s->target;
    int fd, err;

    if (atomic_load(&t->connections) >= t->options->connections) {
        future_init(&s->room);
        err = future_await_until(&s->room, clock_now_ns() + PAUSE_NS);
        return err == -ETIMEDOUT ? 0 : err;
    }
    fd = io_accept(s->io, s->fd, NO_DEADLINE);
    if (fd >= 0)
        fd = adopt(s, fd);
    if (!is_shortage(fd))
        return fd;
    if (!atomic_exchange(&t->told_full, true))
        fprintf(stderr, "tva serve: no more than %zu connections at a time: %s\n",
                atomic_load(&t->connections), strerror(-fd));
    return io_sleep(s->io, PAUSE_NS);
}

static void fail(struct target *t, int err)
{
    int none = 0;

    if (atomic_compare_exchange_strong(&t->failure, &none, err))
        eventfd_write(t->failed_fd, 1);
}

static int accept_all(void *arg)
{
    struct server *s = arg;
    int err = 0;

    while (err >= 0)
        err = accept_one(s);
    if (err != -ECANCELED)
        fail(s->target, err);
    return 0;
}

/* A loop's main task: until the target has to end. The loop then cancels all other tasks and waits
 * for them. */
static int serve(void *arg)
{
    struct server *s = arg;
    struct task *acceptor = task_create(coro_create(accept_all, s));
    uint64_t one;
    ssize_t n;

    if (acceptor == NULL)
        return -ENOMEM;
    task_release(acceptor);
    n = io_read(s->io, s->target->stop_fd, &one, sizeof one, NO_DEADLINE);
    return n < 0 ? (int)n : 0;
}

static void run_loop(struct work *work, unsigned thread)
{
    struct server *s = container_of(work, struct server, work);
    int err = loop_create(NULL, &s->loop);

    (void)thread;
    if (err == 0) {
        s->io = io_async_create(s->loop);
        err = s->io != NULL ? loop_run(s->loop, coro_create(serve, s)) : -ENOMEM;
        io_destroy(s->io);
        loop_destroy(s->loop);
    }
    if (err < 0)
        fail(s->target, err);
}

/* ---- The target as a whole ---- */

/* A socket bound to the address, which gets a port when it has none. Descriptor or negative errno.
 */
static int bind_to(struct sockaddr_in *address, int option)
{
    socklen_t len = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, err;

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, option, &one, sizeof one);
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
        getsockname(fd, (struct sockaddr *)address, &len) == 0)
        return fd;
    err = -errno;
    close(fd);
    return err;
}

/* A listening socket for each loop. A socket of its own asks first whether the port is free, for
 * two programs could share it by SO_REUSEPORT, and holds it until they listen. */
static int listen_on(struct target *t, struct sockaddr_in *address, struct err *err)
{
    int held = bind_to(address, SO_REUSEADDR), r = held;
    char text[ADDRESS_TEXT];

    for (unsigned k = 0; k < t->count && r >= 0; k++) {
        r = t->servers[k].fd = bind_to(address, SO_REUSEPORT);
        if (r >= 0 && listen(r, BACKLOG) < 0)
            r = -errno;
    }
    if (held >= 0)
        close(held);
    return r >= 0 ? 0
                  : err_set(err, r, "cannot listen on %s: %s",
                            address_format(address, text, sizeof text), strerror(-r));
}

static void say_served(const struct target *t, FILE *out)
{
    uint64_t requests = 0, accepted = 0;

    for (unsigned k = 0; k < t->count; k++) {
        requests += t->servers[k].requests;
        accepted += t->servers[k].accepted;
    }
    fprintf(out, "served %" PRIu64 " request%s on %" PRIu64 " connection%s\n", requests,
            TEXT_S(requests), accepted, TEXT_S(accepted));
}

/* Until the target has to end. All threads are there when it says that it is ready: who measures it
 * counts them. */
static int run_loops(struct target *t, const struct sockaddr_in *address, FILE *out,
                     struct err *err)
{
    char text[ADDRESS_TEXT];
    struct pollfd ends[] = {{.fd = t->options->stop_fd, .events = POLLIN},
                            {.fd = t->failed_fd, .events = POLLIN}};
    int r = thread_pool_create(t->count, 0, &t->threads, err);

    if (r < 0)
        return r;
    for (unsigned k = 0; k < t->count; k++)
        thread_pool_submit(t->threads, &t->servers[k].work);
    fprintf(out, "listening on %s\n", address_format(address, text, sizeof text));
    fflush(out);
    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        ;
    eventfd_write(t->stop_fd, t->count);
    thread_pool_destroy(t->threads);
    say_served(t, out);
    r = atomic_load(&t->failure);
    return r < 0 ? err_set(err, r, "the target cannot go on: %s", strerror(-r)) : 0;
}

int target_serve(const struct target_options *options, FILE *out, struct err *err)
{
    struct target t = {.options = options, .count = options->loops};
    struct sockaddr_in address = options->address;
    int r;

    t.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    t.failed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    t.servers = calloc(t.count, sizeof *t.servers);
    for (unsigned k = 0; t.servers != NULL && k < t.count; k++) {
        t.servers[k] = (struct server){.work.fn = run_loop, .target = &t, .fd = -1};
        future_init(&t.servers[k].room);
        target_http_init(&t.servers[k].http, options->idle_ns, options->read_ns);
        target_hold_misbehave(&t.servers[k].http.hold, &options->pathology, &t.first_ns);
    }
    if (t.servers == NULL || t.stop_fd < 0 || t.failed_fd < 0)
        r = err_set(err, -ENOMEM, "no memory or descriptors for the target's loops");
    else
        r = listen_on(&t, &address, err);
    if (r == 0)
        r = run_loops(&t, &address, out, err);
    for (unsigned k = 0; t.servers != NULL && k < t.count; k++)
        close(t.servers[k].fd);
    free(t.servers);
    close(t.failed_fd);
    close(t.stop_fd);
    return r;
}

static uint64_t descriptors_max(void)
{
    struct rlimit limit = {0};

    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

unsigned target_loops_default(void)
{
    return wire_target_loops(thread_pool_cores(), descriptors_max());
}

uint64_t target_connections_max(unsigned loops)
{
    uint64_t all = descriptors_max(), others = wire_target_fds(loops);

    return all > others ? all - others : 1;
}
