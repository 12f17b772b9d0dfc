/* Task groups: tasks that do not outlive a scope (asyncio.TaskGroup; libdill: bundles).
 *
 *     struct task_group g;
 *
 *     task_group_init(&g);
 *     task_group_create(&g, coro_create(fetch, &a));
 *     task_group_create(&g, coro_create(fetch, &b));
 *     err = task_group_wait(&g);       // leaving the scope
 *
 * The struct is the caller's, and must stay until the scope is left; treat its fields as private.
 * On the loop's thread. Any task may add members while the group is waited for; one task waits.
 *
 * Unlike in asyncio, an error of a member does not interrupt other waits of the group's owner: the
 * owner learns of it when it adds a member or leaves the scope. */
#ifndef TVA_ASYNC_TASK_GROUP_H
#define TVA_ASYNC_TASK_GROUP_H

#include "async/task.h"

struct task_group {
    struct list members; /* one for each unfinished task */
    struct list waiters; /* tasks that leave the scope; woken when the last member has ended */
    int error;           /* the first of a member; 0 while there is none */
    bool canceled;       /* the members are canceled, and new ones refused */
};

/* An empty group. */
void task_group_init(struct task_group *g);

/* Start a task in the group, which owns it (asyncio: create_task of the group). When a member ends
 * with an error, the others are canceled at once; the end of a canceled member is not an error. 0,
 * or -ENOMEM, or -ECANCELED when the group was canceled before, or -EALREADY when the coroutine was
 * awaited before; the coroutine is consumed in any case. */
int task_group_create(struct task_group *g, struct coro *coro);

/* Leave the scope: wait for every member, also those that are added meanwhile. From a task. 0, or
 * the first error of a member. When the caller is canceled, it cancels the members, waits for their
 * end and returns -ECANCELED; if a member ended with an error as well, that error, and the
 * cancellation is kept for the caller's next wait. The group is empty then, and may be used again.
 * -EDEADLK when the caller is a member itself. */
int task_group_wait(struct task_group *g);

/* Leave the scope at once: cancel every member and wait for their end. From a task. Errors of
 * members are dropped; a cancellation of the caller meanwhile is kept for its next wait. A member
 * that calls this is canceled too, and does not wait. */
void task_group_cancel(struct task_group *g);

#endif
