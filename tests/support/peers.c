#include "support/peers.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIFETIME_NS     (60 * NS_PER_S)
#define CONNECTIONS_MAX 32
#define FILLERS_MAX     8
#define BLOCK           65536

struct connection {
    int fd;
    enum peer_kind kind;
    char *out; /* what is still to be sent: out[sent] to out[len] */
    size_t len, sent;
    uint64_t due_ns; /* when it may be sent */
};

struct peers {
    int listeners[PEER_SERVED];
    int refused, unanswered, fillers[FILLERS_MAX]; /* -1: none */
    int stop[2];                                   /* closing the second ends the thread */
    pthread_t server, caller;
    bool calling;
    struct sockaddr_in call_address;
    uint64_t call_at_ns;
    struct connection connections[CONNECTIONS_MAX]; /* the server's */
    size_t n_connections;
};

/* A socket bound to a free port of 127.0.0.1; -1 when it fails. */
static int bind_any(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && bind(fd, (struct sockaddr *)address, size) == 0 &&
        getsockname(fd, (struct sockaddr *)address, &size) == 0)
        return fd;
    close(fd);
    return -1;
}

int peers_listen(struct sockaddr_in *address)
{
    int fd = bind_any(address);

    if (fd >= 0 && listen(fd, 16) == 0)
        return fd;
    close(fd);
    return -1;
}

static void drop(struct peers *p, size_t i)
{
    close(p->connections[i].fd);
    free(p->connections[i].out);
    p->connections[i] = p->connections[--p->n_connections];
}

static void take(struct peers *p, enum peer_kind kind)
{
    int fd = accept4(p->listeners[kind], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0 && p->n_connections < CONNECTIONS_MAX)
        p->connections[p->n_connections++] = (struct connection){.fd = fd, .kind = kind};
    else
        close(fd);
}

static bool pending(const struct connection *c)
{
    return c->sent < c->len;
}

/* False when the connection is to be closed. */
static bool receive(struct connection *c)
{
    char *out = realloc(c->out, c->len + BLOCK);
    ssize_t n;

    if (out == NULL)
        return false;
    c->out = out;
    n = recv(c->fd, c->out + c->len, BLOCK, 0);
    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    if (c->kind == PEER_LATE && !pending(c))
        c->due_ns = clock_now_ns() + PEERS_LATE_NS;
    c->len += (size_t)n;
    return true;
}

/* The same. */
static bool transmit(struct connection *c)
{
    ssize_t n = send(c->fd, c->out + c->sent, c->len - c->sent, MSG_NOSIGNAL);

    if (n < 0)
        return errno == EAGAIN;
    c->sent += (size_t)n;
    return pending(c) || c->kind != PEER_CLOSING;
}

static short events_of(const struct connection *c, uint64_t now_ns)
{
    if (c->kind == PEER_SILENT)
        return 0;
    if (pending(c) && now_ns >= c->due_ns)
        return POLLIN | POLLOUT;
    return POLLIN;
}

/* Milliseconds until something is due, rounded up, so that a reply is never early. */
static int timeout_of(const struct peers *p, uint64_t now_ns, uint64_t end_ns)
{
    uint64_t next_ns = end_ns;

    for (size_t i = 0; i < p->n_connections; i++) {
        const struct connection *c = &p->connections[i];

        if (pending(c) && c->due_ns > now_ns && c->due_ns < next_ns)
            next_ns = c->due_ns;
    }
    return (int)((next_ns - now_ns) / NS_PER_MS) + 1;
}

static void *serve(void *arg)
{
    struct peers *p = arg;
    uint64_t now_ns = clock_now_ns(), end_ns = now_ns + LIFETIME_NS;
    struct pollfd polls[1 + PEER_SERVED + CONNECTIONS_MAX];
    struct pollfd *connections = polls + 1 + PEER_SERVED;

    for (; now_ns < end_ns; now_ns = clock_now_ns()) {
        polls[0] = (struct pollfd){.fd = p->stop[0], .events = POLLIN};
        for (size_t i = 0; i < PEER_SERVED; i++)
            polls[1 + i] = (struct pollfd){.fd = p->listeners[i], .events = POLLIN};
        for (size_t i = 0; i < p->n_connections; i++)
            connections[i] = (struct pollfd){.fd = p->connections[i].fd,
                                             .events = events_of(&p->connections[i], now_ns)};
        if (poll(polls, 1 + PEER_SERVED + p->n_connections, timeout_of(p, now_ns, end_ns)) < 0 ||
            polls[0].revents != 0)
            break;
        for (size_t i = p->n_connections; i-- > 0;) { /* downwards: drop() moves the last one */
            short r = connections[i].revents;

            if (((r & POLLIN) && !receive(&p->connections[i])) ||
                ((r & POLLOUT) && !transmit(&p->connections[i])) ||
                ((r & (POLLHUP | POLLERR)) && !(r & POLLIN)))
                drop(p, i);
        }
        for (size_t i = 0; i < PEER_SERVED; i++)
            if (polls[1 + i].revents != 0)
                take(p, (enum peer_kind)i);
    }
    while (p->n_connections > 0)
        drop(p, 0);
    return NULL;
}

struct peers *peers_start(void)
{
    struct peers *p = calloc(1, sizeof *p);
    struct sockaddr_in address;
    bool good;

    if (p == NULL)
        return NULL;
    p->refused = p->unanswered = -1;
    for (size_t i = 0; i < FILLERS_MAX; i++)
        p->fillers[i] = -1;
    good = pipe(p->stop) == 0;
    for (size_t i = 0; i < PEER_SERVED; i++) {
        p->listeners[i] = peers_listen(&address);
        good = good && p->listeners[i] >= 0;
    }
    if (good && pthread_create(&p->server, NULL, serve, p) == 0)
        return p;
    free(p); /* with its descriptors: the test program ends here anyway */
    return NULL;
}

/* A listener whose queue is full: the kernel then drops further requests to connect. */
static void fill_unanswered(struct peers *p, struct sockaddr_in *address)
{
    p->unanswered = bind_any(address);
    if (p->unanswered < 0 || listen(p->unanswered, 0) < 0)
        return;
    for (size_t i = 0; i < FILLERS_MAX; i++) {
        struct pollfd poll_connected = {.events = POLLOUT};

        p->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(p->fillers[i], (struct sockaddr *)address, sizeof *address) < 0 &&
            errno != EINPROGRESS)
            return;
        poll_connected.fd = p->fillers[i];
        if (poll(&poll_connected, 1, 50) == 0)
            return;
    }
}

struct sockaddr_in peers_address(struct peers *p, enum peer_kind kind)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int *fd = kind < PEER_SERVED     ? &p->listeners[kind]
              : kind == PEER_REFUSED ? &p->refused
                                     : &p->unanswered;

    if (kind == PEER_REFUSED && *fd < 0)
        *fd = bind_any(&address); /* stays bound, so that nobody else can listen there */
    else if (kind == PEER_UNANSWERED && *fd < 0)
        fill_unanswered(p, &address);
    else if (getsockname(*fd, (struct sockaddr *)&address, &size) < 0)
        address.sin_port = 0;
    return address;
}

static void *call(void *arg)
{
    struct peers *p = arg;
    struct timespec at = clock_timespec(p->call_at_ns);
    struct timeval limit = {.tv_sec = 5};
    char buf[256];
    ssize_t n = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&p->call_address, sizeof p->call_address) == 0)
        while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
            if (send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
                break;
    close(fd);
    return NULL;
}

static void end_call(struct peers *p)
{
    if (p->calling)
        pthread_join(p->caller, NULL);
    p->calling = false;
}

int peers_call(struct peers *p, const struct sockaddr_in *address, uint64_t delay_ns)
{
    end_call(p);
    p->call_address = *address;
    p->call_at_ns = clock_now_ns() + delay_ns;
    p->calling = pthread_create(&p->caller, NULL, call, p) == 0;
    return p->calling ? 0 : -1;
}

void peers_stop(struct peers *p)
{
    if (p == NULL)
        return;
    end_call(p);
    close(p->stop[1]);
    pthread_join(p->server, NULL);
    close(p->stop[0]);
    for (size_t i = 0; i < PEER_SERVED; i++)
        close(p->listeners[i]);
    for (size_t i = 0; i < FILLERS_MAX; i++)
        if (p->fillers[i] >= 0)
            close(p->fillers[i]);
    if (p->refused >= 0)
        close(p->refused);
    if (p->unanswered >= 0)
        close(p->unanswered);
    free(p);
}
