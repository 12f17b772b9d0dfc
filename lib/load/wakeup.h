/* A task that waits for news from other threads, at the price of a system call only when it sleeps
 * (libuv: uv_async_t, of which there is one in each).
 *
 *     for (;;) {
 *         if (there_is_news()) { ...; continue; }
 *         wakeup_arm(&w);                 // from here on a send is not missed
 *         if (there_is_news()) continue;
 *         wakeup_wait(&w, deadline_ns);
 *     }
 *
 * What there_is_news() looks at must be written, before wakeup_send(), with memory_order_seq_cst.
 * One task waits. */
#ifndef TVA_LOAD_WAKEUP_H
#define TVA_LOAD_WAKEUP_H

#include "async/loop.h"

#include <stdatomic.h>

struct wakeup {
    uv_async_t async;
    struct loop *loop;
    struct task *waiting; /* on the loop's thread */
    atomic_bool armed;    /* a send is to wake the task */
};

/* In the caller's storage, on the running loop. 0 or a negative errno. */
int wakeup_init(struct wakeup *w);

/* Wait until libuv has let go of it. From a task; nobody may send any more. */
void wakeup_deinit(struct wakeup *w);

/* The task that will wait says so. */
void wakeup_arm(struct wakeup *w);

/* Wait for a send that came since arm. 0, also without one now and then; -ETIMEDOUT, -ECANCELED. */
int wakeup_wait(struct wakeup *w, uint64_t deadline_ns);

/* Wake the task, if it is armed. Any thread; never waits, never allocates. */
void wakeup_send(struct wakeup *w);

#endif
