#include "support/http_peers.h"

#include "base/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define LIFE_S          20 /* of a connection on which nothing comes */

struct connection {
    struct http_peers *peers;
    int fd; /* -1 once closed; under the lock, but for its own thread's reading */
    pthread_t thread;
};

struct http_peers {
    int listener;
    uint16_t port;
    pthread_t acceptor;
    pthread_mutex_t lock;
    atomic_uint accepted, requests;
    struct connection connections[CONNECTIONS_MAX];
    size_t started; /* the acceptor's, until it has ended */
};

static char body[HTTP_PEERS_BODY];
static pthread_once_t body_once = PTHREAD_ONCE_INIT;

static void fill_body(void)
{
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)('!' + i % 89);
}

const char *http_peers_body(void)
{
    pthread_once(&body_once, fill_body);
    return body;
}

static bool send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_text(int fd, const char *text)
{
    return send_all(fd, text, strlen(text));
}

static bool send_body(int fd, size_t n, const char *more)
{
    char head[256];

    snprintf(head, sizeof head,
             "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nx-TEST: \t%zu \r\n%s\r\n", n, n, more);
    return send_text(fd, head) && send_all(fd, http_peers_body(), n);
}

static bool send_pieces(int fd, size_t n)
{
    char size[16];
    size_t sent = 0;

    if (!send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
        return false;
    for (size_t piece = 1; sent < n; sent += piece, piece = piece * 2 + 1) {
        if (piece > n - sent)
            piece = n - sent;
        snprintf(size, sizeof size, "%zx\r\n", piece);
        if (!send_text(fd, size) || !send_all(fd, http_peers_body() + sent, piece) ||
            !send_text(fd, "\r\n"))
            return false;
    }
    return send_text(fd, "0\r\n\r\n");
}

/* Ends with a reset instead of an orderly close, even when all that came has been read. */
static bool reset(int fd)
{
    const struct linger now = {.l_onoff = 1};
    const struct timespec while_it_arrives = {.tv_nsec = 20 * NS_PER_MS};

    nanosleep(&while_it_arrives, NULL);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return false;
}

static bool send_status(int fd, int status)
{
    char head[128];

    snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\nContent-Length: 0\r\n%s\r\n", status,
             status == 302 ? "Location: /ok/5\r\n" : "");
    return send_text(fd, head);
}

/* False when the connection is to be closed. */
static bool answer(int fd, const char *path, size_t n)
{
    static const char hundred_of_thousand[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    const struct timespec late = {.tv_nsec = HTTP_PEERS_LATE_NS};

    if (strncmp(path, "/late/", 6) == 0)
        nanosleep(&late, NULL);
    if (strncmp(path, "/ok/", 4) == 0 || strncmp(path, "/late/", 6) == 0)
        return send_body(fd, n, "");
    if (strncmp(path, "/pieces/", 8) == 0)
        return send_pieces(fd, n);
    if (strncmp(path, "/close/", 7) == 0)
        return send_body(fd, n, "Connection: close\r\n") && false;
    if (strncmp(path, "/status/", 8) == 0)
        return send_status(fd, (int)n);
    if (strcmp(path, "/reset") == 0)
        return send_text(fd, hundred_of_thousand) && send_all(fd, http_peers_body(), 100) &&
               reset(fd);
    if (strcmp(path, "/short") == 0)
        return send_text(fd, hundred_of_thousand) && send_all(fd, http_peers_body(), 100) && false;
    if (strcmp(path, "/cut") == 0)
        return send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf") &&
               false;
    if (strcmp(path, "/half") == 0)
        return send_text(fd, "HTTP/1.1 200 OK\r\nX-Test: 1\r\nContent-Le") && false;
    if (strcmp(path, "/garbage") == 0)
        return send_text(fd, "this is no HTTP at all\r\n\r\n") && false;
    return strcmp(path, "/silent") == 0;
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    char head[4096], path[256], *number;
    size_t len = 0;
    ssize_t n;

    while (len + 1 < sizeof head && (n = recv(c->fd, head + len, sizeof head - 1 - len, 0)) > 0) {
        len += (size_t)n;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n") == NULL)
            continue;
        atomic_fetch_add(&c->peers->requests, 1);
        len = 0;
        if (sscanf(head, "GET %255s HTTP/1.1\r\n", path) != 1)
            break;
        number = strrchr(path, '/');
        if (!answer(c->fd, path, strtoul(number + 1, NULL, 10)))
            break;
    }
    pthread_mutex_lock(&c->peers->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&c->peers->lock);
    return NULL;
}

static void *accept_all(void *arg)
{
    const struct timeval life = {.tv_sec = LIFE_S};
    struct http_peers *p = arg;
    int one = 1, fd;

    while (p->started < CONNECTIONS_MAX &&
           (fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        struct connection *c = &p->connections[p->started];

        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &life, sizeof life);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        *c = (struct connection){.peers = p, .fd = fd};
        atomic_fetch_add(&p->accepted, 1);
        if (pthread_create(&c->thread, NULL, serve, c) != 0)
            break;
        p->started++;
    }
    return NULL;
}

struct http_peers *http_peers_start(void)
{
    struct http_peers *p = calloc(1, sizeof *p);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    if (p == NULL)
        return NULL;
    http_peers_body();
    pthread_mutex_init(&p->lock, NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (p->listener >= 0 && bind(p->listener, (struct sockaddr *)&address, size) == 0 &&
        listen(p->listener, CONNECTIONS_MAX) == 0 &&
        getsockname(p->listener, (struct sockaddr *)&address, &size) == 0 &&
        pthread_create(&p->acceptor, NULL, accept_all, p) == 0) {
        p->port = ntohs(address.sin_port);
        return p;
    }
    close(p->listener);
    pthread_mutex_destroy(&p->lock);
    free(p);
    return NULL;
}

uint16_t http_peers_port(const struct http_peers *p)
{
    return p->port;
}

unsigned http_peers_connections(const struct http_peers *p)
{
    return atomic_load(&p->accepted);
}

unsigned http_peers_requests(const struct http_peers *p)
{
    return atomic_load(&p->requests);
}

void http_peers_stop(struct http_peers *p)
{
    if (p == NULL)
        return;
    shutdown(p->listener, SHUT_RDWR); /* ends accept */
    pthread_join(p->acceptor, NULL);
    close(p->listener);
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->started; i++)
        if (p->connections[i].fd >= 0)
            shutdown(p->connections[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->started; i++)
        pthread_join(p->connections[i].thread, NULL);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
