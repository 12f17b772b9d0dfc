/* Echo by plain libuv callbacks: uv_read_start, and uv_try_write for each request, which is the
 * fastest that libuv offers: 64 bytes always fit the empty buffer of a socket whose last request
 * was answered. */
#include "micro/echo.h"

#include "micro/micro.h"

#include <stdlib.h>
#include <uv.h>

struct client;

struct connection {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct client *client;
    uint64_t left;   /* requests still to be sent */
    size_t received; /* bytes of the reply in progress */
    char reply[ECHO_BYTES];
};

struct client {
    uv_loop_t loop;
    uint64_t n, connected;
    struct connection *connections;
    struct echo_clock begin;
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
    *buf = uv_buf_init(c->reply + c->received, (unsigned)(ECHO_BYTES - c->received));
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
    else
        uv_close((uv_handle_t *)&c->tcp, NULL);
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
    if (++client->connected < client->n)
        return;
    client->begin = echo_begin();
    for (uint64_t i = 0; i < client->n; i++) {
        c = &client->connections[i];
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
        send_request(c);
    }
}

static void connect_one(struct client *client, struct connection *c, const struct sockaddr *addr)
{
    int err;

    c->client = client;
    c->left = echo_requests_each(client->n);
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
    struct client client = {.n = in->n, .connections = calloc(in->n, sizeof(struct connection))};
    int err = client.connections == NULL ? UV_ENOMEM : uv_loop_init(&client.loop);

    if (err < 0)
        return err;
    echo_request(client.request);
    for (uint64_t i = 0; i < in->n && client.err == 0; i++)
        connect_one(&client, &client.connections[i], (const struct sockaddr *)&in->target);
    if (client.err == 0)
        uv_run(&client.loop, UV_RUN_DEFAULT);
    echo_end(client.begin, in->n, out);
    free(client.connections);
    return client.err;
}
