/* A task that waits for news from other threads. A sender makes a system call only when the task
 * sleeps (libuv: uv_async_t).
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

/* Wait until libuv no longer uses it. From a task; no thread may send any more. */
void wakeup_deinit(struct wakeup *w);

/* Called by the task before it waits: from here on a send wakes it. */
void wakeup_arm(struct wakeup *w);

/* Wait for a send since wakeup_arm(). 0, sometimes without a send; -ETIMEDOUT, -ECANCELED, -ENOMEM.
 */
int wakeup_wait(struct wakeup *w, uint64_t deadline_ns);

/* Wake the task, if it is armed. Any thread; never waits, never allocates. */
void wakeup_send(struct wakeup *w);

#endif
