#include "job/service/server.h"

#include "base/address.h"
#include "io/io_semaphore.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct server {
    const struct server_ops *ops;
    struct io_semaphore *permits; /* one for each idle connection */
    pthread_mutex_t lock;
    size_t count;             /* of connections */
    size_t idle;              /* connections[0..idle) are idle; under lock */
    size_t broken;            /* and the last `broken` ones are broken; under lock */
    int error;                /* of the one that broke last; under lock */
    char said[JOB_SAID_SIZE]; /* by the server first; under lock while jobs run */
    void *connections[];
};

struct opening {
    struct server *s;
    void *arg;
    unsigned wanted;
    struct err *err;
};

static void *connect_all(void *arg)
{
    struct opening *o = arg;

    while (o->s->idle < o->wanted) {
        void *connection = o->s->ops->connect(o->arg, o->err);

        if (connection == NULL)
            break;
        o->s->connections[o->s->idle++] = connection;
    }
    return NULL;
}

int server_open(const struct server_ops *ops, void *arg, unsigned connections, struct server **out,
                struct err *err)
{
    struct server *s = calloc(1, sizeof *s + connections * sizeof *s->connections);
    struct opening opening = {s, arg, connections, err};
    pthread_t thread;
    int r = 0;

    if (s == NULL)
        return err_set(err, -ENOMEM, "no memory for %u connections", connections);
    s->ops = ops;
    s->count = connections;
    pthread_mutex_init(&s->lock, NULL);
    s->permits = io_semaphore_create(connections);
    if (s->permits == NULL)
        r = err_set(err, -ENOMEM, "no memory for %u connections", connections);
    if (r == 0)
        r = -pthread_create(&thread, NULL, connect_all, &opening);
    if (r == 0) {
        pthread_join(thread, NULL);
        r = s->idle < connections ? -ENOTCONN : 0;
    } else if (r != -ENOMEM) {
        err_set(err, r, "cannot start a thread that connects: %s", strerror(-r));
    }
    if (r < 0)
        server_close(s);
    else
        *out = s;
    return r;
}

/* Once no connection is left, each who waits finds that out, and wakes the next. */
static int take(struct server *s, struct io *io, void **connection)
{
    int r = io_semaphore_acquire(s->permits, io, NO_DEADLINE);

    if (r < 0)
        return r;
    pthread_mutex_lock(&s->lock);
    if (s->broken == s->count)
        r = s->error;
    else
        *connection = s->connections[--s->idle];
    pthread_mutex_unlock(&s->lock);
    if (r < 0)
        io_semaphore_release(s->permits);
    return r;
}

/* error: 0, or why it is broken: then nobody gets it again. */
static void give(struct server *s, void *connection, int error)
{
    bool useful;

    pthread_mutex_lock(&s->lock);
    if (error < 0) {
        s->connections[s->count - ++s->broken] = connection;
        s->error = error;
    } else {
        s->connections[s->idle++] = connection;
    }
    useful = error == 0 || s->broken == s->count;
    pthread_mutex_unlock(&s->lock);
    if (useful)
        io_semaphore_release(s->permits);
}

static struct server *server_of(const struct job_part *part)
{
    return *(struct server **)part->state;
}

int server_run(struct io *io, struct job_part *part, uint64_t index, struct job_ledger *ledger)
{
    struct server *s = server_of(part);
    int r = 0;

    (void)index;
    for (uint64_t i = 0; i < part->params[SERVER_REQUESTS] && r == 0; i++) {
        bool broken = false;
        void *connection = NULL;

        r = take(s, io, &connection);
        if (r < 0)
            return r;
        r = s->ops->ask(io, part, connection, ledger, &broken);
        give(s, connection, broken ? r : 0);
    }
    return r;
}

/* Cut between characters, as UTF-8 has them. */
void server_say(struct server *s, const char *words)
{
    size_t len = strcspn(words, "\r\n");

    if (len >= sizeof s->said)
        for (len = sizeof s->said - 1; len > 0 && ((unsigned char)words[len] & 0xc0) == 0x80;)
            len--;
    pthread_mutex_lock(&s->lock);
    if (s->said[0] == '\0')
        snprintf(s->said, sizeof s->said, "%.*s", (int)len, words);
    pthread_mutex_unlock(&s->lock);
}

const char *server_said(const struct job_part *part)
{
    return server_of(part)->said;
}

const char *server_why_unlike(const struct job_part *part)
{
    return part->params[SERVER_LEDGER] == SERVER_LEDGER_ALL
               ? "the server gives other answers from request to request; ledger=status compares "
                 "their status alone"
               : NULL;
}

const char *server_explain(int error)
{
    switch (error) {
    case -EREMOTEIO:
        return "server answered with an error";
    case -ECONNRESET:
        return "server closed the connection";
    default:
        return NULL;
    }
}

void server_close(struct server *s)
{
    if (s == NULL)
        return;
    while (s->idle > 0)
        s->ops->disconnect(s->connections[--s->idle]);
    while (s->broken > 0)
        s->ops->disconnect(s->connections[s->count - s->broken--]);
    io_semaphore_destroy(s->permits);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int server_check_host(const char *job, const char *host, struct err *err)
{
    if (*host == '\0' || *host == '/' || address_names_loopback(host))
        return 0;
    return err_set(err, -EINVAL, "job %s: host " ADDRESS_NOT_HERE, job, host);
}
