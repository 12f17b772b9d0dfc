/* Task groups: tasks that do not outlive a scope (asyncio.TaskGroup; libdill: bundles).
 *
 *     struct task_group g;
 *
 *     task_group_init(&g);
 *     task_group_create(&g, coro_create(fetch, &a));
 *     task_group_create(&g, coro_create(fetch, &b));
 *     err = task_group_wait(&g);       // leaving the scope
 *
 * The struct is the caller's; treat its fields as private. On the loop's thread, by the task that
 * made it. */
#ifndef TVA_ASYNC_TASK_GROUP_H
#define TVA_ASYNC_TASK_GROUP_H

#include "async/task.h"

struct task_group {
    struct list members; /* one for each task not yet waited for */
    int error;           /* the first of a member; 0 while there is none */
    bool canceled;       /* members are, and will be, canceled */
};

/* An empty group. */
void task_group_init(struct task_group *g);

/* Start a task in the group, which owns it. When one ends with an error, the others are canceled at
 * once (a member that was canceled is no error). 0, or -ENOMEM, or -ECANCELED when the group was
 * canceled already; the coroutine is consumed in any case. */
int task_group_create(struct task_group *g, struct coro *coro);

/* Leave the scope: wait for every member, those too that members create meanwhile. From a task. 0,
 * or the first error of a member, or -ECANCELED when the caller is canceled: then the members are,
 * and waited for, first. */
int task_group_wait(struct task_group *g);

/* Leave the scope at once: cancel every member, and wait for their end. From a task. Members'
 * errors are dropped. */
void task_group_cancel(struct task_group *g);

#endif
