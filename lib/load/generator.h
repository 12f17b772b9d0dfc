/* The generator of an open loop: an OS thread of its own that hands jobs over when the schedule
 * says so, whatever the loop and the model are doing. It stands for a world outside of the machine,
 * which does not wait for a CPU either: it is a real-time thread where that is permitted (root,
 * CAP_SYS_NICE, ulimit -r), else one with a timer slack of 1 ns and short slices. It blocks all
 * signals and touches no fresh memory; so what it is late by, submitted - intended, is the
 * machine's doing: timer_error.h says what that is when idle. */
#ifndef TVA_LOAD_GENERATOR_H
#define TVA_LOAD_GENERATOR_H

#include "measure/sample.h"

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

struct generator {
    /* To be set before generator_start(). */
    struct sample *samples; /* intended_ns counted from begin_ns; it adds that */
    size_t count;
    uint64_t begin_ns;
    /* Arrivals first .. end - 1 are due, and stamped. On the generator's thread; a negative errno
     * ends the schedule. */
    int (*arrive)(void *arg, size_t first, size_t end);
    /* There will be no more: `arrived` of them came. On the generator's thread. */
    void (*over)(void *arg, size_t arrived);
    void *arg;

    sem_t stop;
    pthread_t thread;
};

/* 0, or -EAGAIN when there is no thread for it. */
int generator_start(struct generator *g);

/* Let the schedule end here. Any thread, once. */
void generator_stop(struct generator *g);

/* Wait for its end, after `over` was called. */
void generator_join(struct generator *g);

/* How the generator waits: until deadline_ns, or until somebody posts `stop`: then false. */
bool generator_sleep_until(sem_t *stop, uint64_t deadline_ns);

/* Settle the calling thread as the generator's: scheduling and timer slack. */
void generator_settle(void);

#endif
