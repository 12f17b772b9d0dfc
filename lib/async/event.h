/* Events: a flag that tasks can wait for (asyncio.Event). The struct is the caller's; treat its
 * fields as private. On the loop's thread. */
#ifndef TVA_ASYNC_EVENT_H
#define TVA_ASYNC_EVENT_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct event {
    struct list waiters; /* empty while set */
    bool set;
};

/* Make one, not set. Nothing to free; no task may wait when it goes. */
void event_init(struct event *e);

/* Set it; every waiting task becomes ready, in order. It stays set. */
void event_set(struct event *e);

/* Clear it: later calls wait again. */
void event_clear(struct event *e);

/* Wait until it is set; does not yield when it is. From a task. 0, or -ETIMEDOUT, -ECANCELED or
 * -ENOMEM. */
int event_wait(struct event *e, uint64_t deadline_ns);

#endif
