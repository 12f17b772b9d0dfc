/* Echo of small messages by tasks, one a connection, by plain libuv callbacks, and by epoll or
 * io_uring alone; at once, or held by the target. */
#include "async/loop.h"
#include "job/job.h"
#include "job/wire.h"
#include "micro/micro.h"
#include "run/run.h"
#include "summary/run_values.h"

#include <endian.h>
#include <errno.h>
#ifdef TVA_URING
#include <liburing.h>
#endif
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ECHO_BYTES    64
#define HELD_DELAY_NS (100 * NS_PER_MS)
#define HELD_WARMUP   2 /* requests for each held connection before those that are measured */

static uint64_t requests_each(const struct micro_input *in)
{
    return in->n > 0 ? in->operations / in->n : 0;
}

/* A request of ECHO_BYTES, answered by as many bytes after the delay. */
static void make_request(char *buf, uint64_t delay_ns)
{
    struct tcp_request_header header = {
        .magic = htobe32(TCP_WIRE_MAGIC),
        .request_bytes = htobe32(ECHO_BYTES),
        .reply_bytes = htobe32(ECHO_BYTES),
        .delay_ns = htobe64(delay_ns),
    };

    memset(buf, 'x', ECHO_BYTES);
    memcpy(buf, &header, sizeof header);
}

/* ---- By tasks, in direct style. echo_tva does what echo_uv does and no more; echo_job runs the
 * suite's own tcp job, which also makes and checks each payload ---- */

struct task_client {
    const struct micro_input *in;
    struct micro_output *out;
    struct io *io;
    struct job job; /* echo_job only */
};

struct task_connection {
    struct task_client *client;
    uint64_t index;
    int fd;
};

static int connect_task(struct task_client *client)
{
    int fd = io_socket(client->io, AF_INET, SOCK_STREAM, 0), one = 1, err;

    if (fd < 0)
        return fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    err = io_connect(client->io, fd, (const struct sockaddr *)&client->in->target,
                     sizeof client->in->target, NO_DEADLINE);
    return err < 0 ? err : fd;
}

static int exchange(void *arg)
{
    struct task_connection *c = arg;
    char request[ECHO_BYTES], reply[ECHO_BYTES];

    make_request(request, 0);
    for (uint64_t left = requests_each(c->client->in); left > 0; left--) {
        ssize_t n = io_write_full(c->client->io, c->fd, request, sizeof request, NO_DEADLINE);

        if (n >= 0)
            n = io_read_full(c->client->io, c->fd, reply, sizeof reply, NO_DEADLINE);
        if (n != sizeof reply)
            return n < 0 ? (int)n : -ECONNRESET;
    }
    return 0;
}

static int run_job(void *arg)
{
    struct task_connection *c = arg;
    struct job_ledger ledger = {0};

    return job_run(&c->client->job, c->client->io, c->index, &ledger);
}

/* The connections of echo_tva stand before the clock starts, and close with the process; those of
 * echo_job are the job's. */
static int client_main(void *arg)
{
    struct task_client *client = arg;
    uint64_t n = client->in->n;
    bool by_job = client->job.count > 0;
    struct task_connection *connections = calloc(n, sizeof *connections);
    struct micro_moment begin;
    int err = connections == NULL ? -ENOMEM
              : by_job            ? job_prepare(&client->job, client->io, NULL)
                                  : 0;

    for (uint64_t i = 0; i < n && err == 0; i++) {
        connections[i] = (struct task_connection){client, i, by_job ? -1 : connect_task(client)};
        if (!by_job && connections[i].fd < 0)
            err = connections[i].fd;
    }
    if (err == 0) {
        begin = micro_now();
        err = micro_gather(client->io->ops->lends ? task_create : task_create_parkable, n,
                           by_job ? run_job : exchange, connections, sizeof *connections);
        micro_note_rate(begin, client->in->operations, client->out);
        if (by_job)
            job_finish(&client->job, client->io);
    }
    free(connections);
    return err;
}

static int run_client(struct task_client *client)
{
    struct loop *loop;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    err = model_create_io(client->in->model, loop, &client->io, NULL);
    if (err == 0)
        err = loop_run(loop, coro_create(client_main, client));
    io_destroy(client->io);
    loop_destroy(loop);
    return err;
}

int echo_tva(const struct micro_input *in, struct micro_output *out)
{
    struct task_client client = {.in = in, .out = out};

    return run_client(&client);
}

int echo_job(const struct micro_input *in, struct micro_output *out)
{
    struct task_client client = {.in = in, .out = out};
    char spec[64];

    snprintf(spec, sizeof spec, "tcp:bytes=%d,requests=%llu", ECHO_BYTES,
             (unsigned long long)requests_each(in));
    if (job_parse(spec, &client.job, NULL) < 0)
        return -EINVAL;
    job_set_target(&client.job, &in->target);
    return run_client(&client);
}

/* ---- By callbacks: uv_read_start, and uv_try_write for each request, which is the fastest that
 * libuv offers: 64 bytes always fit the empty buffer of a socket whose last request was answered
 * ---- */

struct client;

struct connection {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct client *client;
    uint64_t left;              /* requests still to be sent */
    size_t received;            /* bytes of the reply in progress */
    char reply[2 * ECHO_BYTES]; /* libuv asks again at once for what fills its buffer */
};

struct client {
    uv_loop_t loop;
    const struct micro_input *in;
    struct micro_output *out;
    uint64_t connected; /* and not served yet */
    struct connection *connections;
    struct micro_moment begin;
    char request[ECHO_BYTES];
    int err;
};

static void fail(struct client *client, int err)
{
    client->err = err;
    uv_stop(&client->loop);
}

static void send_request(struct connection *c)
{
    uv_buf_t buf = uv_buf_init(c->client->request, ECHO_BYTES);
    int n = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

    c->left--;
    c->received = 0;
    if (n != ECHO_BYTES)
        fail(c->client, n < 0 ? n : UV_EIO);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct connection *c = handle->data;

    (void)suggested;
    *buf = uv_buf_init(c->reply + c->received, (unsigned)(sizeof c->reply - c->received));
}

/* All are served: the clock stops before they close. */
static void finish(struct client *client)
{
    micro_note_rate(client->begin, client->in->operations, client->out);
    for (uint64_t i = 0; i < client->in->n; i++)
        uv_close((uv_handle_t *)&client->connections[i].tcp, NULL);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct connection *c = stream->data;

    (void)buf;
    if (n < 0) {
        fail(c->client, (int)n);
        return;
    }
    c->received += (size_t)n;
    if (c->received < ECHO_BYTES)
        return;
    if (c->left > 0)
        send_request(c);
    else if (--c->client->connected == 0)
        finish(c->client);
}

/* The clock starts when all connections stand. */
static void on_connected(uv_connect_t *req, int status)
{
    struct connection *c = req->data;
    struct client *client = c->client;

    if (status < 0) {
        fail(client, status);
        return;
    }
    if (++client->connected < client->in->n)
        return;
    client->begin = micro_now();
    for (uint64_t i = 0; i < client->in->n; i++) {
        c = &client->connections[i];
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
        send_request(c);
    }
}

static void connect_one(struct client *client, struct connection *c, const struct sockaddr *addr)
{
    int err;

    c->client = client;
    c->left = requests_each(client->in);
    uv_tcp_init(&client->loop, &c->tcp);
    c->tcp.data = c->connect.data = c;
    err = uv_tcp_connect(&c->connect, &c->tcp, addr, on_connected);
    if (err == 0)
        err = uv_tcp_nodelay(&c->tcp, 1);
    if (err < 0)
        fail(client, err);
}

int echo_uv(const struct micro_input *in, struct micro_output *out)
{
    struct client client = {
        .in = in, .out = out, .connections = calloc(in->n, sizeof(struct connection))};
    int err = client.connections == NULL ? UV_ENOMEM : uv_loop_init(&client.loop);

    if (err < 0)
        return err;
    make_request(client.request, 0);
    for (uint64_t i = 0; i < in->n && client.err == 0; i++)
        connect_one(&client, &client.connections[i], (const struct sockaddr *)&in->target);
    if (client.err == 0)
        uv_run(&client.loop, UV_RUN_DEFAULT);
    free(client.connections);
    return client.err;
}

/* ---- By epoll alone: no less can be done for a request than this does. The connections close with
 * the process ---- */

struct raw_connection {
    int fd;
    uint64_t own;    /* requests still to be sent */
    uint64_t *left;  /* the same; or `left` of the client, where all send until there are enough */
    size_t received; /* bytes of the reply in progress */
};

struct raw_client {
    int epoll;     /* -1: another waits */
    uint64_t open; /* connections that are not served yet */
    uint64_t left;
    uint64_t counted; /* the clock starts with the first of the last so many of `left` */
    struct micro_moment begin;
    struct raw_connection *connections;
    char request[ECHO_BYTES], reply[ECHO_BYTES];
};

static int raw_send(struct raw_client *client, struct raw_connection *c)
{
    ssize_t n;

    if (*c->left == client->counted)
        client->begin = micro_now();
    n = write(c->fd, client->request, ECHO_BYTES);
    --*c->left;
    c->received = 0;
    return n == ECHO_BYTES ? 0 : n < 0 ? -errno : -EIO;
}

static int raw_receive(struct raw_client *client, struct raw_connection *c)
{
    ssize_t n = read(c->fd, client->reply, ECHO_BYTES - c->received);

    if (n <= 0)
        return n < 0 ? -errno : -ECONNRESET;
    c->received += (size_t)n;
    if (c->received < ECHO_BYTES)
        return 0;
    if (*c->left > 0)
        return raw_send(client, c);
    client->open--;
    return 0;
}

static int raw_connect(struct raw_client *client, struct raw_connection *c,
                       const struct micro_input *in)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    c->own = requests_each(in);
    c->left = client->left > 0 ? &client->left : &c->own;
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&in->target, sizeof in->target) < 0 ||
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
        (client->epoll >= 0 && epoll_ctl(client->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0))
        return -errno;
    client->open++;
    return 0;
}

/* Until all connections are served. */
static int raw_loop(struct raw_client *client)
{
    struct epoll_event events[1024]; /* as many as libuv asks for */
    int err = 0;

    while (client->open > 0 && err == 0) {
        int n = epoll_wait(client->epoll, events, 1024, -1);

        for (int i = 0; i < n && err == 0; i++)
            err = raw_receive(client, events[i].data.ptr);
        if (n < 0 && errno != EINTR)
            err = -errno;
    }
    return err;
}

int echo_epoll(const struct micro_input *in, struct micro_output *out)
{
    struct raw_client client = {.epoll = epoll_create1(EPOLL_CLOEXEC),
                                .connections = calloc(in->n, sizeof(struct raw_connection))};
    int err = client.connections == NULL ? -ENOMEM : client.epoll < 0 ? -errno : 0;

    make_request(client.request, 0);
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = raw_connect(&client, &client.connections[i], in);
    client.begin = micro_now();
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = raw_send(&client, &client.connections[i]);
    if (err == 0)
        err = raw_loop(&client);
    micro_note_rate(client.begin, in->operations, out);
    free(client.connections);
    return err;
}

/* ---- Held connections: a cell of `tva run`, by any model, and epoll alone ---- */

int held_cell(const struct micro_input *in, struct micro_output *out)
{
    struct cell cell = cell_default();
    struct run_values values;
    struct run_record run = {.failure.text = ""};
    int err = job_parse("tcp:delay=100ms", &cell.job, NULL);

    job_set_target(&cell.job, &in->target);
    cell.model = in->model;
    cell.jobs = in->operations;
    cell.warmup = HELD_WARMUP * in->n;
    cell.threads = 1; /* one loop for the one CPU */
    cell.load = (struct load){.kind = LOAD_CLOSED, .clients = in->n};
    if (err == 0)
        err = run_execute(&cell, 0, &run);
    if (err < 0)
        return err;
    err = run_values_of(&run, &cell, KERNEL_MEMORY_UNKNOWN, &values);
    out->of[MICRO_VALUE] = values.of[RUN_THROUGHPUT_PER_S];
    out->of[MICRO_CPU_NS] =
        (double)(run.usage.cpu_user_ns + run.usage.cpu_sys_ns) / (double)cell.jobs;
    run_record_deinit(&run);
    return err == 0 && values.failed > 0 ? -EIO : err;
}

/* As in a cell, who has an answer sends the next request there is, and the clock starts with the
 * first after the warm-up. */
int held_epoll(const struct micro_input *in, struct micro_output *out)
{
    struct raw_client client = {.epoll = epoll_create1(EPOLL_CLOEXEC),
                                .left = HELD_WARMUP * in->n + in->operations,
                                .counted = in->operations,
                                .connections = calloc(in->n, sizeof(struct raw_connection))};
    int err = client.connections == NULL ? -ENOMEM : client.epoll < 0 ? -errno : 0;

    make_request(client.request, HELD_DELAY_NS);
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = raw_connect(&client, &client.connections[i], in);
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = raw_send(&client, &client.connections[i]);
    if (err == 0)
        err = raw_loop(&client);
    micro_note_rate(client.begin, in->operations, out);
    free(client.connections);
    return err;
}

/* ---- By io_uring alone: a request is two entries, a reply one ---- */

#ifdef TVA_URING

static int ring_exchange(struct io_uring *ring, struct raw_client *client, struct raw_connection *c)
{
    struct io_uring_sqe *send = io_uring_get_sqe(ring), *receive = io_uring_get_sqe(ring);

    if (send == NULL || receive == NULL)
        return -EAGAIN;
    io_uring_prep_send(send, c->fd, client->request, ECHO_BYTES, MSG_NOSIGNAL);
    send->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data(send, c);
    io_uring_prep_recv(receive, c->fd, client->reply, ECHO_BYTES, MSG_WAITALL);
    receive->ioprio |= IORING_RECVSEND_POLL_FIRST;
    io_uring_sqe_set_data(receive, c);
    c->own--;
    return 0;
}

static int ring_take(struct io_uring *ring, struct raw_client *client,
                     const struct io_uring_cqe *cqe)
{
    struct raw_connection *c = io_uring_cqe_get_data(cqe);

    if (cqe->res != ECHO_BYTES)
        return cqe->res < 0 ? cqe->res : -ECONNRESET;
    if (c->own > 0)
        return ring_exchange(ring, client, c);
    client->open--;
    return 0;
}

static int ring_loop(struct io_uring *ring, struct raw_client *client)
{
    struct io_uring_cqe *cqe;
    int err = 0;

    while (client->open > 0 && err >= 0) {
        err = io_uring_submit_and_wait(ring, 1);
        while (err >= 0 && io_uring_peek_cqe(ring, &cqe) == 0) {
            err = ring_take(ring, client, cqe);
            io_uring_cqe_seen(ring, cqe);
        }
    }
    return err < 0 ? err : 0;
}

int echo_ring(const struct micro_input *in, struct micro_output *out)
{
    struct raw_client client = {.epoll = -1,
                                .connections = calloc(in->n, sizeof(struct raw_connection))};
    struct io_uring ring;
    struct micro_moment begin;
    int err = client.connections == NULL
                  ? -ENOMEM
                  : io_uring_queue_init(2 * (unsigned)in->n, &ring,
                                        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

    make_request(client.request, 0);
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = raw_connect(&client, &client.connections[i], in);
    begin = micro_now();
    for (uint64_t i = 0; i < in->n && err == 0; i++)
        err = ring_exchange(&ring, &client, &client.connections[i]);
    if (err == 0)
        err = ring_loop(&ring, &client);
    micro_note_rate(begin, in->operations, out);
    free(client.connections);
    return err;
}

#else

int echo_ring(const struct micro_input *in, struct micro_output *out)
{
    (void)in;
    (void)out;
    return -ENOSYS;
}

#endif
