#include "async/wait_list.h"

#include "async/loop_internal.h"
#include "async/wait.h"

int wait_list_suspend(struct list *waiters, uint64_t deadline_ns, bool *woken)
{
    struct task *t = task_current();
    int err;

    list_append(waiters, &t->watcher.link);
    err = wait_suspend(deadline_ns);
    if (woken != NULL)
        *woken = !list_linked(&t->watcher.link);
    if (list_linked(&t->watcher.link))
        list_remove(&t->watcher.link);
    return err;
}

bool wait_list_wake_first(struct list *waiters)
{
    struct list *node = list_take_first(waiters);

    if (node != NULL)
        wait_wake(container_of(node, struct task, watcher.link), 0);
    return node != NULL;
}

void wait_list_wake_all(struct list *waiters)
{
    while (wait_list_wake_first(waiters))
        ;
}
