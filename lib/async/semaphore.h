/* Semaphores for tasks (asyncio.Semaphore): at most so many at once. The struct is the caller's;
 * treat its fields as private. On the loop's thread. */
#ifndef TVA_ASYNC_SEMAPHORE_H
#define TVA_ASYNC_SEMAPHORE_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct semaphore {
    struct list waiters; /* empty while value > 0 */
    unsigned value;      /* permits left */
};

/* Make one with `value` permits. Nothing to free; no task may wait when it goes. */
void semaphore_init(struct semaphore *s, unsigned value);

/* Take a permit, waiting in line while none is left; does not yield otherwise. From a task. 0, or
 * -ETIMEDOUT, -ECANCELED or -ENOMEM: then none was taken. */
int semaphore_acquire(struct semaphore *s, uint64_t deadline_ns);

/* Give a permit back: to the first in line, if there is one. */
void semaphore_release(struct semaphore *s);

#endif
