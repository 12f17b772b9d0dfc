#include "target/target_http.h"

#include "job/wire.h"
#include "target/target_http_request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINE_BYTES 64u

/* A refused client may still be sending; if the connection were closed on that, the client might
 * never see the answer. So the target keeps reading for this time, up to this many bytes. */
#define LINGER_NS    NS_PER_S
#define LINGER_BYTES (256u << 10)

/* A connection, and the request that is being served. */
struct exchange {
    struct target_http *http;
    struct io *io;
    int fd;
    struct target_http_request request;
    uint64_t arrived_ns; /* when the request was whole */
    char in[2048], out[4096];
    size_t in_at, in_end; /* what was read ahead */
};

struct answer {
    int status;
    const char *text; /* the body; NULL: `size` bytes of text */
    size_t size;
};

void target_http_init(struct target_http *http, uint64_t idle_ns, uint64_t read_ns)
{
    static const char line[LINE_BYTES + 1] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+\n";

    http->idle_ns = idle_ns;
    http->read_ns = read_ns;
    for (size_t i = 0; i < TARGET_HTTP_BODY; i += LINE_BYTES)
        memcpy(http->body + i, line, LINE_BYTES);
}

static const char *date(struct target_http *http)
{
    time_t now = time(NULL);
    struct tm utc;

    if (now != http->date_s) {
        strftime(http->date, sizeof http->date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
        http->date_s = now;
    }
    return http->date;
}

static uint64_t deadline(const struct exchange *s, uint64_t span_ns)
{
    return clock_add_ns(io_now(s->io), span_ns);
}

/* Read until the request is whole or refused. 1; 0 when the client has ended, or a negative errno.
 */
static int read_request(struct exchange *s)
{
    uint64_t idle_ns = deadline(s, s->http->idle_ns), deadline_ns = idle_ns;
    struct target_http_request *p = &s->request;

    target_http_request_init(p);
    for (;;) {
        ssize_t n;

        if (s->in_at < s->in_end) {
            s->in_at += target_http_request_take(p, s->in + s->in_at, s->in_end - s->in_at);
            if (p->status != 0)
                return 1;
            if (deadline_ns == idle_ns)
                deadline_ns = deadline(s, s->http->read_ns);
        }
        n = io_read(s->io, s->fd, s->in, sizeof s->in, deadline_ns);
        if (n == -ETIMEDOUT && p->bytes > 0) {
            p->status = 408;
            return 1;
        }
        if (n <= 0)
            return (int)n;
        s->in_at = 0;
        s->in_end = (size_t)n;
    }
}

/* Send all. A slow client has to take some bytes within read_ns each time. */
static int send_all(struct exchange *s, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = io_write(s->io, s->fd, data, len, deadline(s, s->http->read_ns));

        if (n < 0)
            return (int)n;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* The head of an answer into s->out: its length. */
static size_t write_head(struct exchange *s, const struct answer *a)
{
    const struct target_http_request *p = &s->request;
    bool bodiless = a->status == 204 || a->status == 304;
    char length[48] = "";
    int n;

    if (!bodiless)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", a->size);
    n = snprintf(s->out, sizeof s->out,
                 "HTTP/1.1 %d %s\r\n"
                 "Date: %s\r\n"
                 "Content-Type: text/plain\r\n"
                 "%s%s%s" HTTP_WIRE_HELD ": %" PRIu64 "\r\n\r\n",
                 a->status, http_status_str((enum http_status)a->status), date(s->http), length,
                 a->status == 405 ? "Allow: GET, HEAD\r\n" : "",
                 !p->keep      ? "Connection: close\r\n"
                 : p->http_1_0 ? "Connection: keep-alive\r\n"
                               : "",
                 io_now(s->io) - s->arrived_ns);
    return (size_t)n;
}

static int send_answer(struct exchange *s, const struct answer *a)
{
    size_t len = write_head(s, a), room = sizeof s->out - len, sent;
    size_t size = s->request.head || a->status == 204 || a->status == 304 ? 0 : a->size;
    int r;

    sent = size < room ? size : room;
    memcpy(s->out + len, a->text != NULL ? a->text : s->http->body, sent);
    r = send_all(s, s->out, len + sent);
    while (r == 0 && sent < size) {
        size_t at = sent % TARGET_HTTP_BODY, n = TARGET_HTTP_BODY - at;

        if (n > size - sent)
            n = size - sent;
        r = send_all(s, s->http->body + at, n);
        sent += n;
    }
    return r;
}

static const char *explain(int status)
{
    switch (status) {
    case 405:
        return "only GET and HEAD are served\n";
    case 408:
        return "the request took too long\n";
    case 413:
        return "requests with a body are not served\n";
    case 414:
        return "the path and query are too long\n";
    case 431:
        return "the request line and headers are too long\n";
    case 505:
        return "only HTTP/1.1 and HTTP/1.0 are spoken\n";
    default:
        return "this is no HTTP request, or it has not exactly one Host\n";
    }
}

static int answer_request(struct exchange *s)
{
    struct target_http_query query = {0};
    struct answer a = {.status = s->request.status};
    struct err err = {""};
    int r;

    s->arrived_ns = io_now(s->io);
    if (a.status != 200) {
        a.text = explain(a.status);
    } else if (target_http_request_read_query(s->request.url, &query, &err) < 0) {
        strncat(err.text, "\n", sizeof err.text - strlen(err.text) - 1);
        a.status = 400;
        a.text = err.text;
    } else {
        a.status = query.status;
        a.size = query.size;
    }
    if (a.text != NULL)
        a.size = strlen(a.text);
    r = target_hold(&s->http->hold, s->io, -1, s->arrived_ns, query.delay_ns);
    return r == 0 ? send_answer(s, &a) : r;
}

static void linger(struct exchange *s)
{
    uint64_t deadline_ns = deadline(s, LINGER_NS);
    size_t bytes = 0;
    ssize_t n = 1;

    shutdown(s->fd, SHUT_WR);
    while (n > 0 && bytes < LINGER_BYTES) {
        n = io_read(s->io, s->fd, s->in, sizeof s->in, deadline_ns);
        bytes += n > 0 ? (size_t)n : 0;
    }
}

void target_http_serve(struct target_http *http, struct io *io, int fd, const char *first,
                       size_t first_len, uint64_t *requests)
{
    struct exchange *s = malloc(sizeof *s);
    int r = 1;

    if (s == NULL || first_len > sizeof s->in)
        goto out;
    s->http = http;
    s->io = io;
    s->fd = fd;
    s->in_at = 0;
    s->in_end = first_len;
    memcpy(s->in, first, first_len);
    while (r > 0) {
        r = read_request(s);
        if (r <= 0)
            break;
        r = answer_request(s);
        if (r < 0)
            break;
        ++*requests;
        r = s->request.keep;
    }
    if (r == 0 && s->request.status != 0 && s->request.status != 200)
        linger(s);
out:
    free(s);
}
