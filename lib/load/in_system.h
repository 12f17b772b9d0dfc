/* A count of what is in the system: jobs that have not ended, and the generator or clients that may
 * bring in more. The driver's task waits until the count is 0; others enter and leave on any
 * thread.
 */
#ifndef TVA_LOAD_IN_SYSTEM_H
#define TVA_LOAD_IN_SYSTEM_H

#include "load/wakeup.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct in_system {
    struct wakeup wakeup; /* sent when the last leaves; others may send it too */
    atomic_size_t count;
    atomic_bool left; /* the last one has left, and no longer touches this struct */
    bool shared;      /* several threads enter and leave */
};

/* In the caller's storage, with one in the system: the caller itself. On the running loop. 0 or a
 * negative errno. */
int in_system_init(struct in_system *s, bool shared);

/* From a task, when the count is 0: wait until the thread of the last one no longer touches the
 * struct; then begin again with one in the system, or end. */
void in_system_reset(struct in_system *s);
void in_system_deinit(struct in_system *s);

/* `n` more. Only while the count is above 0. */
static inline void in_system_enter(struct in_system *s, size_t n)
{
    if (s->shared)
        atomic_fetch_add(&s->count, n);
    else
        atomic_store_explicit(&s->count, atomic_load_explicit(&s->count, memory_order_relaxed) + n,
                              memory_order_relaxed);
}

/* One less. After the last one has left, *s may be gone on return. */
void in_system_leave_last(struct in_system *s);

static inline void in_system_leave(struct in_system *s)
{
    size_t left;

    if (s->shared) {
        left = atomic_fetch_sub(&s->count, 1) - 1;
    } else {
        left = atomic_load_explicit(&s->count, memory_order_relaxed) - 1;
        atomic_store_explicit(&s->count, left, memory_order_relaxed);
    }
    if (left == 0)
        in_system_leave_last(s);
}

/* How many there are now. */
static inline size_t in_system_count(const struct in_system *s)
{
    return atomic_load(&s->count);
}

#endif
