/* A count of what is in the system: jobs that have not ended, and the generator or clients that may
 * bring in more. Others enter and leave on any thread. The driver's task waits for news of them,
 * and in the end for a count of 0. Who wakes it makes a system call only when it sleeps (libuv:
 * uv_async_t).
 *
 *     for (;;) {
 *         in_system_arm(&s);              // from here on no news is missed
 *         if (there_is_news()) { ...; continue; }
 *         if (in_system_count(&s) == 0) break;
 *         in_system_wait(&s, deadline_ns);
 *     }
 *
 * What there_is_news() looks at must be written, before in_system_wake(), with
 * memory_order_seq_cst. */
#ifndef TVA_LOAD_IN_SYSTEM_H
#define TVA_LOAD_IN_SYSTEM_H

#include "async/loop.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct in_system {
    uv_async_t async;
    struct loop *loop;
    struct task *waiting; /* on the loop's thread */
    atomic_bool armed;    /* news are to wake the task */
    atomic_size_t count;
    atomic_bool left; /* the last one has left, and no longer touches this struct */
    bool shared;      /* several threads enter and leave */
};

/* In the caller's storage, with one in the system: the caller itself. On the running loop. 0 or a
 * negative errno. */
int in_system_init(struct in_system *s, bool shared);

/* From a task, when the count is 0: wait until the thread of the last one no longer touches the
 * struct; then begin again with one in the system, or end, when libuv no longer uses it either. */
void in_system_reset(struct in_system *s);
void in_system_deinit(struct in_system *s);

/* Called by the task before it waits: from here on news wake it. */
void in_system_arm(struct in_system *s);

/* Wait for news since in_system_arm(). 0, sometimes without any; -ETIMEDOUT, -ECANCELED, -ENOMEM.
 */
int in_system_wait(struct in_system *s, uint64_t deadline_ns);

/* Wake the task, if it is armed. Any thread; never waits, never allocates. */
void in_system_wake(struct in_system *s);

/* `n` more. Only while the count is above 0. */
static inline void in_system_enter(struct in_system *s, size_t n)
{
    if (s->shared)
        atomic_fetch_add(&s->count, n);
    else
        atomic_store_explicit(&s->count, atomic_load_explicit(&s->count, memory_order_relaxed) + n,
                              memory_order_relaxed);
}

/* Wake the task, after the last one has left. */
void in_system_leave_last(struct in_system *s);

/* `n` less. After the last one has left, *s may be gone on return. */
static inline void in_system_leave_all(struct in_system *s, size_t n)
{
    size_t left;

    if (s->shared) {
        left = atomic_fetch_sub(&s->count, n) - n;
    } else {
        left = atomic_load_explicit(&s->count, memory_order_relaxed) - n;
        atomic_store_explicit(&s->count, left, memory_order_relaxed);
    }
    if (left == 0)
        in_system_leave_last(s);
}

static inline void in_system_leave(struct in_system *s)
{
    in_system_leave_all(s, 1);
}

/* How many there are now. */
static inline size_t in_system_count(const struct in_system *s)
{
    return atomic_load(&s->count);
}

#endif
