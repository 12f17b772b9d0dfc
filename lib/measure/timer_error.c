#include "measure/timer_error.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>

struct probe {
    uint64_t *late_ns;
    unsigned sleeps;
};

static void *sleep_and_look(void *arg)
{
    struct probe *p = arg;

    prctl(PR_SET_TIMERSLACK, 1UL);
    for (unsigned i = 0; i < p->sleeps; i++) {
        uint64_t due_ns = clock_now_ns() + TIMER_ERROR_SLEEP_NS, woke_ns;
        struct timespec due = clock_timespec(due_ns);

        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
            continue;
        woke_ns = clock_now_ns();
        p->late_ns[i] = woke_ns > due_ns ? woke_ns - due_ns : 0;
    }
    return NULL;
}

int timer_error_measure(unsigned sleeps, struct stats_distribution *out)
{
    struct probe p = {.sleeps = sleeps};
    pthread_t thread;
    int err;

    p.late_ns = malloc((sleeps + 1) * sizeof *p.late_ns);
    if (p.late_ns == NULL)
        return -ENOMEM;
    err = -pthread_create(&thread, NULL, sleep_and_look, &p);
    if (err == 0) {
        pthread_join(thread, NULL);
        stats_distribution_of(p.late_ns, sleeps, out);
    }
    free(p.late_ns);
    return err;
}
