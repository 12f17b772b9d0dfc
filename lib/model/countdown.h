/* A task waits until threads have done so many things: the loop stays free meanwhile. */
#ifndef TVA_MODEL_COUNTDOWN_H
#define TVA_MODEL_COUNTDOWN_H

#include "async/loop.h"

#include <stdatomic.h>

struct countdown {
    struct loop *loop;
    struct future over;
    atomic_size_t left;
};

/* For n arrivals at the running loop. From a task. The storage must stay until countdown_wait()
 * returns. */
void countdown_init(struct countdown *c, size_t n);

/* `n` of them, at once. Any thread; the countdown may be gone when the last arrival returns. */
void countdown_arrive(struct countdown *c, size_t n);

/* Wait for all arrivals, whatever happens: threads may still use the caller's memory. From a task.
 */
void countdown_wait(struct countdown *c);

#endif
