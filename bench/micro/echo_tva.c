/* Echo by tasks: one a connection, in direct style. echo_tva does what echo_uv does and no more;
 * echo_job runs the suite's own tcp job, which also makes and checks each payload. */
#include "micro/echo.h"

#include "async/loop.h"
#include "io/io_async.h"
#include "job/job.h"
#include "micro/micro.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct client {
    const struct micro_input *in;
    struct micro_output *out;
    struct io *io;
    struct job job; /* echo_job only */
};

struct connection {
    struct client *client;
    uint64_t index;
    int fd;
};

static int connect_one(struct client *client)
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
    struct connection *c = arg;
    char request[ECHO_BYTES], reply[ECHO_BYTES];

    echo_request(request);
    for (uint64_t i = 0; i < echo_requests_each(c->client->in->n); i++) {
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
    struct connection *c = arg;
    struct job_ledger ledger = {0};

    return job_run(&c->client->job, c->client->io, c->index, &ledger);
}

/* The connections of echo_tva stand before the clock starts, and close with the process; those of
 * echo_job are the job's. */
static int client_main(void *arg)
{
    struct client *client = arg;
    uint64_t n = client->in->n;
    bool by_job = client->job.type != NULL;
    struct connection *connections = calloc(n, sizeof *connections);
    struct echo_clock begin;
    int err = connections == NULL ? -ENOMEM
              : by_job            ? job_prepare(&client->job, client->io, NULL)
                                  : 0;

    for (uint64_t i = 0; i < n && err == 0; i++) {
        connections[i] = (struct connection){client, i, by_job ? -1 : connect_one(client)};
        if (!by_job && connections[i].fd < 0)
            err = connections[i].fd;
    }
    if (err == 0) {
        begin = echo_begin();
        err = micro_gather(n, by_job ? run_job : exchange, connections, sizeof *connections);
        echo_end(begin, n, client->out);
        if (by_job)
            job_finish(&client->job, client->io);
    }
    free(connections);
    return err;
}

static int run_client(struct client *client)
{
    struct loop *loop;
    int err = loop_create(NULL, &loop);

    if (err < 0)
        return err;
    client->io = io_async_create(loop);
    err = client->io == NULL ? -ENOMEM : loop_run(loop, coro_create(client_main, client));
    io_destroy(client->io);
    loop_destroy(loop);
    return err;
}

int echo_tva(const struct micro_input *in, struct micro_output *out)
{
    struct client client = {.in = in, .out = out};

    return run_client(&client);
}

int echo_job(const struct micro_input *in, struct micro_output *out)
{
    struct client client = {.in = in, .out = out};
    char spec[64];

    snprintf(spec, sizeof spec, "tcp:bytes=%d,requests=%llu", ECHO_BYTES,
             (unsigned long long)echo_requests_each(in->n));
    if (job_parse(spec, &client.job, NULL) < 0)
        return -EINVAL;
    client.job.target = in->target;
    return run_client(&client);
}
