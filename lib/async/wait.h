/* How a task waits: all that suspends a task is built on these calls. On the loop's thread.
 *
 * Protocol: the source of an event remembers task_current() and calls wait_suspend(). After that
 * has returned, the source must not call wait_wake() for this wait any more. */
#ifndef TVA_ASYNC_WAIT_H
#define TVA_ASYNC_WAIT_H

#include "async/task.h"

/* Suspend the current task until it is woken. Returns the value given to wait_wake(); -ETIMEDOUT
 * when deadline_ns passes first (NO_DEADLINE never does); -ECANCELED when the task is canceled
 * before it goes on, even if it was woken; -ENOMEM at once when there is no memory to park it
 * (task_create_parkable); what wait_refuse() returns outside of any task. */
int wait_suspend(uint64_t deadline_ns);

/* Outside of any task there is nothing to suspend (Python: "'await' outside function"): a warning
 * on stderr, and -EPERM for the caller. */
int wait_refuse(void);

/* wait_suspend() for a wait that nothing may cut short, because something still uses the caller's
 * memory. A cancellation that comes meanwhile is kept for the next wait. */
int wait_suspend_uncancelable(void);

/* Make a suspended task ready; its wait returns `value`. Only the first wake counts: a call for a
 * task that is ready does nothing. */
void wait_wake(struct task *t, int value);

/* ---- A wake from any thread ---- */

/* One wait that any thread may end, once. It must stay where it is until the wake has come, so it
 * is not on the stack of a parkable task, and the task outwaits a wake that was begun. */
struct wait_remote {
    struct ready ready; /* takes the wake to the loop */
    struct task *task;
    struct loop *loop; /* the task's */
    bool woken;        /* for the loop's thread: the wake has come */
};

/* Prepare one of the current task, which then calls wait_suspend(). */
void wait_remote_init(struct wait_remote *w);

/* Wake the task. Any thread; cheaper from the loop's own. */
void wait_remote_wake(struct wait_remote *w);

/* From the task: wait, whatever happens, until a wake that was begun has come. */
void wait_remote_outwait(const struct wait_remote *w);

/* ---- Tasks in line for one thing: an event, a permit, an item of a queue ---- */

/* Suspend the current task at the end of the line. 0 when woken, else -ETIMEDOUT, -ECANCELED or
 * -ENOMEM; the task has left the line then. *woken (may be NULL) tells whether it was woken, which
 * is possible for -ECANCELED too: the cancellation came between the wake and the task's next step.
 * The caller must then pass on what the wake stood for. */
int wait_list_suspend(struct list *line, uint64_t deadline_ns, bool *woken);

/* Wake the first in line, or all. False when the line is empty. */
bool wait_list_wake_first(struct list *line);
void wait_list_wake_all(struct list *line);

#endif
