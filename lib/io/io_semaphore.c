#include "io/io_semaphore.h"

#include "async/wait.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct io_semaphore {
    pthread_mutex_t lock;
    struct list waiters; /* under lock; empty while value > 0 */
    unsigned value;      /* permits left; under lock */
};

/* One in line: a task, or else a thread. A release gives the permit to the first in line, not back
 * to `value`, so nobody can overtake. */
struct waiter {
    struct list link; /* until the permit is granted, or given up; under lock */
    bool is_task;     /* which of the two below wakes it */
    struct wait_remote remote;
    pthread_cond_t cond;
};

struct io_semaphore *io_semaphore_create(unsigned permits)
{
    struct io_semaphore *s = malloc(sizeof *s);

    if (s == NULL)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    list_init(&s->waiters);
    s->value = permits;
    return s;
}

/* Under lock, which it gives up while it waits. */
static int wait_in_thread(struct io_semaphore *s, uint64_t deadline_ns)
{
    struct waiter w = {.cond = PTHREAD_COND_INITIALIZER};
    struct timespec until = clock_timespec(deadline_ns);
    int err = 0;

    list_append(&s->waiters, &w.link);
    while (list_linked(&w.link) && err == 0) {
        if (deadline_ns == NO_DEADLINE)
            pthread_cond_wait(&w.cond, &s->lock);
        else
            err = -pthread_cond_clockwait(&w.cond, &s->lock, CLOCK_MONOTONIC, &until);
    }
    if (list_linked(&w.link))
        list_remove(&w.link);
    else
        err = 0;
    pthread_mutex_unlock(&s->lock);
    pthread_cond_destroy(&w.cond);
    return err;
}

/* The same. The waiter is not on the task's stack, which may be parked. A task that has come to its
 * deadline, or is canceled, just when it was given a permit passes that on. */
static int wait_in_task(struct io_semaphore *s, uint64_t deadline_ns)
{
    struct waiter *w = malloc(sizeof *w);
    bool granted;
    int err;

    if (w == NULL) {
        pthread_mutex_unlock(&s->lock);
        return -ENOMEM;
    }
    w->is_task = true;
    wait_remote_init(&w->remote);
    list_append(&s->waiters, &w->link);
    pthread_mutex_unlock(&s->lock);

    err = wait_suspend(deadline_ns);

    pthread_mutex_lock(&s->lock);
    granted = !list_linked(&w->link);
    if (!granted)
        list_remove(&w->link);
    pthread_mutex_unlock(&s->lock);
    if (granted)
        wait_remote_outwait(&w->remote);
    free(w);
    if (granted && err < 0)
        io_semaphore_release(s);
    return err;
}

int io_semaphore_acquire(struct io_semaphore *s, struct io *io, uint64_t deadline_ns)
{
    if (deadline_ns != NO_DEADLINE && io_now(io) >= deadline_ns)
        return -ETIMEDOUT;
    pthread_mutex_lock(&s->lock);
    if (s->value == 0)
        return io->ops->suspends ? wait_in_task(s, deadline_ns) : wait_in_thread(s, deadline_ns);
    s->value--;
    pthread_mutex_unlock(&s->lock);
    return 0;
}

/* A thread may go on, and its waiter be gone, as soon as the lock is free; a task outwaits its
 * wake. */
void io_semaphore_release(struct io_semaphore *s)
{
    struct waiter *w = NULL;
    struct list *first;

    pthread_mutex_lock(&s->lock);
    first = list_take_first(&s->waiters);
    if (first == NULL) {
        s->value++;
    } else {
        w = container_of(first, struct waiter, link);
        if (!w->is_task) {
            pthread_cond_signal(&w->cond);
            w = NULL;
        }
    }
    pthread_mutex_unlock(&s->lock);
    if (w != NULL)
        wait_remote_wake(&w->remote);
}

void io_semaphore_destroy(struct io_semaphore *s)
{
    if (s == NULL)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s);
}
