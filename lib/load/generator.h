/* The generator of an open loop: an OS thread of its own that hands jobs over when the schedule
 * says so, whatever the loop and the model do. It stands for the world outside of the machine,
 * which does not wait for a CPU either: so it is a real-time thread where that is permitted (root,
 * CAP_SYS_NICE, ulimit -r), else one with a timer slack of 1 ns and short slices. Where other
 * processes have generators on the same CPUs it is never real-time: a generator of many arrivals a
 * second sleeps so often that it needs most of a CPU, and several would leave none to the loops.
 * It leaves signals to others and touches no fresh memory; its lateness, submitted - intended, is
 * the machine's. */
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
    bool fair; /* take turns with all threads, even where real-time is permitted */
    /* Hand over arrivals first .. end - 1, which are due and stamped. On the generator's thread; a
     * negative errno ends the schedule. */
    int (*arrive)(void *arg, size_t first, size_t end);
    /* The schedule has ended after `arrived` arrivals. On the generator's thread. */
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

/* How late this machine wakes an idle generator: the lateness in an open loop that no model causes.
 * Sleeps n times for span_ns as the generator does, in a thread of its own, and notes by how much
 * each sleep was too long. Any thread; takes n x span_ns and more. 0, or -EAGAIN when there is no
 * thread for it. */
int generator_timer_errors(uint64_t *errors_ns, size_t n, uint64_t span_ns);

#endif
