#include "io/http_direct.h"

#include "base/list.h"
#include "io/http_answer.h"
#include "io/http_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BUFFER_BYTES (16u << 10) /* as libcurl's: bodies come in reads of the same size */
#define ADDRESSES    2

static const char get_slash[] = "GET /";

struct connection {
    struct list link; /* while idle */
    int fd;
    char buffer[BUFFER_BYTES]; /* the request, and then what is read of the answer */
};

struct address {
    socklen_t len;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
};

struct http_direct {
    char *origin; /* http://HOST:PORT */
    size_t origin_len;
    char *rest[2]; /* of a request, behind its path; [1] asks for the connection to be closed */
    size_t rest_len[2];
    struct address addresses[ADDRESSES]; /* in the order in which they are tried */
    size_t addresses_count;
    pthread_mutex_t lock;
    struct list idle; /* connections, the last used first */
};

/* Look a name or address up. 0 or -EHOSTUNREACH with *err set. */
static int add_host(struct http_direct *c, const char *host, uint16_t port, struct err *err)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found, *a;
    char service[8];
    int r;

    snprintf(service, sizeof service, "%u", port);
    r = getaddrinfo(host, service, &hints, &found);
    if (r != 0)
        return err_set(err, -EHOSTUNREACH, "host %s: %s", host, gai_strerror(r));
    for (a = found; a != NULL && c->addresses_count < ADDRESSES; a = a->ai_next) {
        struct address *to = &c->addresses[c->addresses_count];

        if (a->ai_addrlen > sizeof to->socket)
            continue;
        memcpy(&to->socket, a->ai_addr, a->ai_addrlen);
        to->len = a->ai_addrlen;
        c->addresses_count++;
    }
    freeaddrinfo(found);
    return 0;
}

/* localhost is both, as in libcurl. 0 or -EHOSTUNREACH with *err set. */
static int add_addresses(struct http_direct *c, const struct http_url *url, struct err *err)
{
    int r;

    if (strcasecmp(url->host, "localhost") != 0)
        return add_host(c, url->host, url->port, err);
    r = add_host(c, "::1", url->port, err);
    return r == 0 ? add_host(c, "127.0.0.1", url->port, err) : r;
}

/* What requests to the host have in common. 0 or -ENOMEM. */
static int write_requests(struct http_direct *c, const char *url, const struct http_url *parts)
{
    c->origin_len = (size_t)(parts->authority - url) + parts->authority_len;
    c->origin = strndup(url, c->origin_len);
    for (int close = 0; close < 2; close++) {
        int len = asprintf(&c->rest[close], " HTTP/1.1\r\nHost: %.*s\r\nAccept: */*\r\n%s\r\n",
                           (int)parts->authority_len, parts->authority,
                           close ? "Connection: close\r\n" : "");

        if (len < 0)
            c->rest[close] = NULL;
        c->rest_len[close] = len < 0 ? 0 : (size_t)len;
    }
    return c->origin != NULL && c->rest[0] != NULL && c->rest[1] != NULL ? 0 : -ENOMEM;
}

int http_direct_create(const char *url, bool remote, struct http_direct **out, struct err *err)
{
    struct http_direct *c;
    struct http_url parts;
    int r = http_url_parse(url, remote, &parts, err);

    if (r < 0)
        return r;
    if (parts.tls)
        return err_set(err, -EPROTONOSUPPORT, "\"%s\": https needs libcurl", url);
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    pthread_mutex_init(&c->lock, NULL);
    list_init(&c->idle);
    r = write_requests(c, url, &parts);
    if (r < 0)
        err_set(err, r, "out of memory");
    else
        r = add_addresses(c, &parts, err);
    if (r < 0) {
        http_direct_destroy(c, NULL);
        return r;
    }
    *out = c;
    return 0;
}

static void close_connection(struct io *io, struct connection *conn)
{
    io_close(io, conn->fd);
    free(conn);
}

void http_direct_destroy(struct http_direct *c, struct io *io)
{
    struct list *link;

    if (c == NULL)
        return;
    while ((link = list_take_first(&c->idle)) != NULL)
        close_connection(io, container_of(link, struct connection, link));
    pthread_mutex_destroy(&c->lock);
    free(c->rest[0]);
    free(c->rest[1]);
    free(c->origin);
    free(c);
}

static struct connection *take_idle(struct http_direct *c)
{
    struct list *link;

    pthread_mutex_lock(&c->lock);
    link = list_take_first(&c->idle);
    pthread_mutex_unlock(&c->lock);
    return link != NULL ? container_of(link, struct connection, link) : NULL;
}

static void put_idle(struct http_direct *c, struct connection *conn)
{
    pthread_mutex_lock(&c->lock);
    list_prepend(&c->idle, &conn->link);
    pthread_mutex_unlock(&c->lock);
}

/* A socket connected to the first of the addresses that accepts. */
static int connect_to_server(const struct http_direct *c, struct io *io, uint64_t deadline_ns)
{
    int fd = -EADDRNOTAVAIL, one = 1;

    for (size_t i = 0; i < c->addresses_count; i++) {
        const struct address *a = &c->addresses[i];
        int r;

        fd = io_socket(io, a->socket.any.sa_family, SOCK_STREAM, 0);
        if (fd < 0)
            continue;
        r = io_connect(io, fd, &a->socket.any, a->len, deadline_ns);
        if (r == 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        io_close(io, fd);
        fd = r;
        if (r == -ECANCELED || r == -ETIMEDOUT)
            break;
    }
    return fd;
}

static int open_connection(const struct http_direct *c, struct io *io, uint64_t deadline_ns,
                           struct connection **out)
{
    struct connection *conn = malloc(sizeof *conn);

    if (conn == NULL)
        return -ENOMEM;
    conn->fd = connect_to_server(c, io, deadline_ns);
    if (conn->fd < 0) {
        int r = conn->fd;

        free(conn);
        return r;
    }
    *out = conn;
    return 0;
}

/* The path of a URL of this server, with its query, which ends after *len bytes; NULL when it is
 * none. */
static const char *find_path(const struct http_direct *c, const char *url, size_t *len)
{
    const char *path = url + c->origin_len, *end;

    if (strncmp(url, c->origin, c->origin_len) != 0 || strchr("/?#", *path) == NULL)
        return NULL;
    for (end = path; *end != '\0' && *end != '#'; end++)
        if ((unsigned char)*end <= ' ' || *end == 0x7f)
            return NULL;
    *len = (size_t)(end - path);
    return sizeof get_slash + *len + c->rest_len[1] <= BUFFER_BYTES ? path : NULL;
}

/* Write the request into the buffer: its length. */
static size_t write_request(const struct http_direct *c, const char *path, size_t path_len,
                            bool close, char *buffer)
{
    size_t len = sizeof get_slash - 1 - (*path == '/');

    memcpy(buffer, get_slash, len);
    memcpy(buffer + len, path, path_len);
    len += path_len;
    memcpy(buffer + len, c->rest[close], c->rest_len[close]);
    return len + c->rest_len[close];
}

/* Send `len` bytes of the buffer and take the answer in. */
static int exchange(struct io *io, struct connection *conn, size_t len, struct http_answer *answer,
                    uint64_t deadline_ns)
{
    ssize_t n = io_write_full(io, conn->fd, conn->buffer, len, deadline_ns);
    int r = 0;

    while (n >= 0 && r == 0) {
        n = io_read(io, conn->fd, conn->buffer, sizeof conn->buffer, deadline_ns);
        if (n >= 0)
            r = http_answer_take(answer, conn->buffer, (size_t)n);
    }
    if (n < 0)
        return n == -EPIPE ? -ECONNRESET : (int)n;
    return r < 0 ? r : 0;
}

int http_direct_get(struct http_direct *c, struct io *io, const struct io_http_request *request,
                    struct io_http_response *response, uint64_t deadline_ns)
{
    size_t path_len;
    const char *path = find_path(c, request->url, &path_len);
    struct connection *conn;
    struct http_answer answer;
    bool reused, stale;
    int r;

    if (path == NULL)
        return -EINVAL;
    if (deadline_ns != NO_DEADLINE && io_now(io) >= deadline_ns)
        return -ETIMEDOUT;
    do {
        conn = request->close ? NULL : take_idle(c);
        reused = conn != NULL;
        if (!reused) {
            r = open_connection(c, io, deadline_ns, &conn);
            if (r < 0)
                return r;
        }
        http_answer_init(&answer, request->header);
        r = exchange(io, conn, write_request(c, path, path_len, request->close, conn->buffer),
                     &answer, deadline_ns);
        stale = reused && r == -ECONNRESET && !answer.begun; /* closed while it was idle */
        if (r == 0 && answer.keep && !request->close)
            put_idle(c, conn);
        else
            close_connection(io, conn);
    } while (stale);
    if (r == 0) {
        *response = answer.response;
        response->reused = reused;
    }
    return r;
}
