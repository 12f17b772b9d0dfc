#include "load/generator.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#define STACK_BYTES (128 * 1024)

void generator_settle(void)
{
    prctl(PR_SET_TIMERSLACK, 1);
}

bool generator_sleep_until(sem_t *stop, uint64_t deadline_ns)
{
    struct timespec deadline = clock_timespec(deadline_ns);

    while (sem_clockwait(stop, CLOCK_MONOTONIC, &deadline) != 0)
        if (errno == ETIMEDOUT)
            return true;
    return false;
}

/* Stamp all that is due by now; how many arrivals there are then. */
static size_t stamp_due(struct generator *g, size_t i)
{
    uint64_t now_ns = clock_now_ns();

    for (; i < g->count && g->begin_ns + g->samples[i].intended_ns <= now_ns; i++) {
        g->samples[i].intended_ns += g->begin_ns;
        g->samples[i].submitted_ns = now_ns;
    }
    return i;
}

static void *generate(void *arg)
{
    struct generator *g = arg;
    size_t arrived = 0;
    bool going = true;

    generator_settle();
    while (going && arrived < g->count) {
        size_t due = stamp_due(g, arrived);

        if (due > arrived) {
            going = g->arrive(g->arg, arrived, due) >= 0 && sem_trywait(&g->stop) != 0;
            arrived = due;
        } else {
            going = generator_sleep_until(&g->stop, g->begin_ns + g->samples[due].intended_ns);
        }
    }
    g->over(g->arg, arrived);
    return NULL;
}

int generator_start(struct generator *g)
{
    sigset_t all;
    pthread_attr_t attr;
    int err;

    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setsigmask_np(&attr, &all);
    sem_init(&g->stop, 0, 0);
    err = pthread_create(&g->thread, &attr, generate, g);
    pthread_attr_destroy(&attr);
    if (err != 0)
        sem_destroy(&g->stop);
    return -err;
}

void generator_stop(struct generator *g)
{
    sem_post(&g->stop);
}

void generator_join(struct generator *g)
{
    pthread_join(g->thread, NULL);
    sem_destroy(&g->stop);
}
