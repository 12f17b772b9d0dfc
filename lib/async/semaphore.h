/* Semaphores for tasks (asyncio.Semaphore): at most so many at once. The struct is the caller's;
 * treat its fields as private. On the loop's thread. */
#ifndef TVA_ASYNC_SEMAPHORE_H
#define TVA_ASYNC_SEMAPHORE_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct semaphore {
    struct list waiters; /* empty while value > 0 */
    unsigned value;      /* how many may still enter */
};

/* Make one through which `value` tasks may pass. Nothing to free; no task may wait when it goes. */
void semaphore_init(struct semaphore *s, unsigned value);

/* Enter, waiting in line while nothing is left; does not yield otherwise. From a task. 0, or
 * -ETIMEDOUT or -ECANCELED: then nothing was taken. */
int semaphore_acquire(struct semaphore *s, uint64_t deadline_ns);

/* Leave: the first in line enters, if there is one. */
void semaphore_release(struct semaphore *s);

/* Would acquire wait (asyncio: locked)? */
bool semaphore_locked(const struct semaphore *s);

#endif
