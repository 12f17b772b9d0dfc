/* Request and reply against the target, on a connection of the job's own or one kept open. */
#include "base/address.h"
#include "base/hash.h"
#include "job/job.h"
#include "job/pathology.h"
#include "job/wire.h"

#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES, REPLY, DELAY, DIST, REQUESTS, KEEP, TIMEOUT, PATHOLOGY };

static const char *const none[] = {"", NULL};

static const struct param params[] = {
    [BYTES] = {"bytes", PARAM_SIZE, 64, TCP_WIRE_BYTES_MIN, TCP_WIRE_BYTES_MAX, NULL,
               "size of a request"},
    [REPLY] = {"reply", PARAM_SIZE, 0, 0, TCP_WIRE_BYTES_MAX, NULL,
               "size of a reply (24 or more); 0: like the request"},
    [DELAY] = {"delay", PARAM_DURATION, 0, 0, WIRE_DELAY_MAX, NULL,
               "how long the target holds a reply"},
    [DIST] = {"dist", PARAM_CHOICE, DISTRIBUTION_FIXED, 0, 0, distribution_words,
              "how the delay of each reply is drawn, with delay as its mean"},
    [REQUESTS] = {"requests", PARAM_COUNT, 1, 1, 1000000, NULL,
                  "requests a job, one after the other"},
    [KEEP] = {"keep", PARAM_SWITCH, 1, 0, 1, NULL,
              "keep connections open for later jobs; off: one a job"},
    [TIMEOUT] = {"timeout", PARAM_DURATION, 0, 0, 3600 * NS_PER_S, NULL,
                 "give up a request after this time; 0: never"},
    [PATHOLOGY] = {"pathology", PARAM_TEXT, 0, 0, PATHOLOGY_TEXT_MAX, none,
                   "how the target that tva starts misbehaves, with + between: " PATHOLOGY_HELP},
};

/* An address has some ten thousand ports for the client's side, and the kernel searches long for a
 * free one when half of them are taken. So connections to loopback come from one address after the
 * other: 127.0.0.1 and those that follow it. */
#define SOURCES            250u
#define SOURCE_CONNECTIONS 1024u

/* Idle connections. Threads share them, hence the lock, which no job holds while it waits. */
struct state {
    pthread_mutex_t lock;
    int *idle;
    size_t count, capacity;
    uint64_t opened; /* connections so far, and to where the next address begins */
};

static size_t reply_bytes(const struct job_part *part)
{
    return part->params[REPLY] ? part->params[REPLY] : part->params[BYTES];
}

static int check(const struct job_part *part, struct err *err)
{
    if (reply_bytes(part) < TCP_WIRE_BYTES_MIN)
        return err_set(err, -EINVAL, "job tcp: reply=%llu is too small; use 0 or %u to %u",
                       (unsigned long long)part->params[REPLY], TCP_WIRE_BYTES_MIN,
                       TCP_WIRE_BYTES_MAX);
    return pathology_check(part, PATHOLOGY, err);
}

static int prepare(struct job_part *part, struct io *io, struct err *err)
{
    struct state *state = calloc(1, sizeof *state);

    (void)io;
    if (state == NULL)
        return err_set(err, -ENOMEM, "job tcp: out of memory");
    pthread_mutex_init(&state->lock, NULL);
    part->state = state;
    return 0;
}

static int take_idle(struct state *state)
{
    int fd;

    pthread_mutex_lock(&state->lock);
    fd = state->count ? state->idle[--state->count] : -1;
    pthread_mutex_unlock(&state->lock);
    return fd;
}

/* False when there is no memory to remember it. */
static bool put_idle(struct state *state, int fd)
{
    bool kept = true;

    pthread_mutex_lock(&state->lock);
    if (state->count == state->capacity) { /* from 64 on: one allocation for most runs */
        size_t capacity = state->capacity ? state->capacity * 2 : 64;
        int *idle = realloc(state->idle, capacity * sizeof *idle);

        kept = idle != NULL;
        if (kept) {
            state->idle = idle;
            state->capacity = capacity;
        }
    }
    if (kept)
        state->idle[state->count++] = fd;
    pthread_mutex_unlock(&state->lock);
    return kept;
}

/* Which address the next connection comes from. */
static unsigned take_source(struct state *state)
{
    uint64_t number;

    pthread_mutex_lock(&state->lock);
    number = state->opened++;
    pthread_mutex_unlock(&state->lock);
    return (unsigned)(number / SOURCE_CONNECTIONS % SOURCES);
}

/* No port is left at `source`: the connections that follow come from the next address. */
static void skip_source(struct state *state, unsigned source)
{
    pthread_mutex_lock(&state->lock);
    if (state->opened / SOURCE_CONNECTIONS % SOURCES == source)
        state->opened += SOURCE_CONNECTIONS - state->opened % SOURCE_CONNECTIONS;
    pthread_mutex_unlock(&state->lock);
}

/* The port is left to connect(2), which needs one that is free for this peer only. */
static int bind_to_source(int fd, unsigned source)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    int one = 1;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    return bind(fd, (const struct sockaddr *)&addr, sizeof addr) < 0 ? -errno : 0;
}

/* Source 0 is the kernel's own choice. */
static int connect_from(struct io *io, const struct job_part *part, unsigned source,
                        uint64_t deadline_ns)
{
    int fd = io_socket(io, AF_INET, SOCK_STREAM, 0), one = 1, err = 0;

    if (fd < 0)
        return fd;
    if (source > 0)
        err = bind_to_source(fd, source);
    if (err == 0)
        err = io_connect(io, fd, (const struct sockaddr *)&part->target, sizeof part->target,
                         deadline_ns);
    if (err < 0) {
        io_close(io, fd);
        return err;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static int connect_to_target(struct io *io, const struct job_part *part, uint64_t deadline_ns)
{
    int fd = -EADDRNOTAVAIL;

    if (!address_is_loopback(part->target.sin_addr))
        return connect_from(io, part, 0, deadline_ns);
    for (unsigned tries = 0; tries < SOURCES && fd == -EADDRNOTAVAIL; tries++) {
        unsigned source = take_source(part->state);

        fd = connect_from(io, part, source, deadline_ns);
        if (fd == -EADDRNOTAVAIL)
            skip_source(part->state, source);
    }
    return fd;
}

static struct request_delays delays_of(const struct job_part *part)
{
    return (struct request_delays){
        .dist = (enum distribution)part->params[DIST],
        .mean_ns = part->params[DELAY],
        .requests = part->params[REQUESTS],
        .seed = part->seed,
    };
}

static void write_request(const struct job_part *part, uint64_t key, uint64_t asked_ns, char *buf)
{
    size_t len = part->params[BYTES];
    struct tcp_request_header header = {
        .magic = htobe32(TCP_WIRE_MAGIC),
        .request_bytes = htobe32((uint32_t)len),
        .reply_bytes = htobe32((uint32_t)reply_bytes(part)),
        .delay_ns = htobe64(asked_ns),
    };

    memcpy(buf, &header, sizeof header);
    for (size_t i = sizeof header; i < len; i += sizeof key) {
        key = hash_mix(key);
        memcpy(buf + i, &key, len - i < sizeof key ? len - i : sizeof key);
    }
}

/* -EBADMSG unless the reply has the requested size, was held for the requested delay, and repeats
 * the payload. */
static int check_reply(const struct job_part *part, uint64_t asked_ns, const char *request,
                       const char *reply)
{
    size_t sent = part->params[BYTES] - sizeof(struct tcp_request_header);
    size_t got = reply_bytes(part) - sizeof(struct tcp_reply_header);
    struct tcp_reply_header header;

    memcpy(&header, reply, sizeof header);
    if (be32toh(header.magic) != TCP_WIRE_MAGIC ||
        be32toh(header.reply_bytes) != reply_bytes(part) || be64toh(header.held_ns) < asked_ns)
        return -EBADMSG;
    request += sizeof(struct tcp_request_header);
    reply += sizeof header;
    for (size_t i = 0; sent > 0 && i < got; i += sent)
        if (memcmp(reply + i, request, got - i < sent ? got - i : sent) != 0)
            return -EBADMSG;
    return 0;
}

/* Split how late a held reply was: the job wrote the request by written_ns, and had the reply at
 * read_ns. The target may have read the request before the job learned that it was written. */
static void add_late(const char *reply, uint64_t asked_ns, uint64_t written_ns, uint64_t read_ns,
                     struct job_ledger *ledger)
{
    struct tcp_reply_header header;
    uint64_t held_ns, sent_ns, arrived_ns;

    memcpy(&header, reply, sizeof header);
    held_ns = be64toh(header.held_ns);
    sent_ns = be64toh(header.sent_ns);
    arrived_ns = sent_ns - held_ns;
    if (sent_ns == 0 || read_ns < sent_ns)
        return;
    ledger->timer_ns += held_ns - asked_ns;
    ledger->wake_up_ns += read_ns - sent_ns;
    if (arrived_ns > written_ns)
        ledger->wake_up_ns += arrived_ns - written_ns;
}

/* Request number `number`. The job's buffer has room for the request and, behind it, the reply. */
static int exchange(struct io *io, const struct job_part *part, int fd, uint64_t number,
                    char *request, struct job_ledger *ledger)
{
    uint64_t key = hash_mix(part->seed + number),
             asked_ns = request_delays_ns(delays_of(part), number);
    char *reply = request + part->params[BYTES];
    uint64_t timeout_ns = part->params[TIMEOUT];
    uint64_t deadline_ns = timeout_ns ? clock_add_ns(io_now(io), timeout_ns) : NO_DEADLINE;
    bool splits = asked_ns > 0 && address_is_loopback(part->target.sin_addr) &&
                  *job_text(part, PATHOLOGY) == '\0'; /* which would count as a late timer */
    uint64_t written_ns, read_ns;
    ssize_t n;
    int err;

    write_request(part, key, asked_ns, request);
    n = io_write_full(io, fd, request, part->params[BYTES], deadline_ns);
    if (n < 0)
        return (int)n;
    written_ns = splits ? io_now(io) : 0;
    n = io_read_full(io, fd, reply, reply_bytes(part), deadline_ns);
    if (n < 0)
        return (int)n;
    read_ns = splits ? io_now(io) : 0;
    if ((size_t)n < reply_bytes(part))
        return -ECONNRESET;
    err = check_reply(part, asked_ns, request, reply);
    if (err < 0)
        return err;
    if (splits)
        add_late(reply, asked_ns, written_ns, read_ns, ledger);
    ledger->operations++;
    ledger->bytes_out += part->params[BYTES];
    ledger->bytes_in += reply_bytes(part);
    /* held_ns differs from reply to reply: the payload only */
    ledger->checksum += hash_bytes(key, reply + sizeof(struct tcp_reply_header),
                                   reply_bytes(part) - sizeof(struct tcp_reply_header));
    return 0;
}

static int run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    uint64_t timeout_ns = part->params[TIMEOUT];
    char *request = malloc(part->params[BYTES] + reply_bytes(part));
    int fd, err = 0;

    if (request == NULL)
        return -ENOMEM;
    fd = take_idle(part->state);
    if (fd < 0)
        fd = connect_to_target(io, part,
                               timeout_ns ? clock_add_ns(io_now(io), timeout_ns) : NO_DEADLINE);
    if (fd < 0) {
        free(request);
        return fd;
    }
    for (uint64_t i = 0; i < part->params[REQUESTS] && err == 0; i++)
        err = exchange(io, part, fd, index * part->params[REQUESTS] + i, request, ledger);
    if (err < 0 || !part->params[KEEP] || !put_idle(part->state, fd))
        io_close(io, fd);
    free(request);
    return err;
}

static void finish(struct job_part *part, struct io *io)
{
    struct state *state = part->state;

    while (state->count > 0)
        io_close(io, state->idle[--state->count]);
    pthread_mutex_destroy(&state->lock);
    free(state->idle);
    free(state);
    part->state = NULL;
}

static uint64_t wait_ns(const struct job_part *part, uint64_t index)
{
    return request_delays_of_job_ns(delays_of(part), index);
}

static struct job_spread spread(const struct job_part *part)
{
    return request_delays_spread(delays_of(part));
}

static bool pinned(const struct job_part *part, const struct io *io)
{
    (void)part;
    return io->ops->lends;
}

const struct job_type job_tcp = {
    .name = "tcp",
    .summary = "send a request to the target over loopback, and read its reply",
    .params = params,
    .n_params = sizeof params / sizeof *params,
    .needs_target = true,
    .keeps_open = true,
    .sources = SOURCES,
    .fds = 1,
    .check = check,
    .prepare = prepare,
    .run = run,
    .pinned = pinned,
    .finish = finish,
    .wait_ns = wait_ns,
    .spread = spread,
};
