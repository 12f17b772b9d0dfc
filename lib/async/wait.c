#include "async/wait.h"

#include "async/loop_internal.h"

#include <errno.h>
#include <stdio.h>

__attribute__((cold, noinline)) int wait_refuse(void)
{
    fputs("tva: a wait outside of a task: only what loop_run() or task_create() runs can wait\n",
          stderr);
    return -EPERM;
}

int wait_suspend(uint64_t deadline_ns)
{
    struct task *t = task_running();

    if (t == NULL)
        return wait_refuse();
    t->flags.wait_canceled = false;
    if (!t->flags.cancel_requested) {
        int err = task_secure(t);

        if (err < 0)
            return err;
        fiber_control_read(&t->fiber.control);
        if (deadline_ns != NO_DEADLINE)
            timer_start(&loop_of_thread->timers, &t->timer, deadline_ns);
        t->flags.state = TASK_SUSPENDED;
        task_suspend(loop_of_thread, t);
        if (deadline_ns != NO_DEADLINE)
            timer_stop(&t->timer);
    }
    t->flags.wait_canceled = t->flags.cancel_requested;
    t->flags.cancel_requested = false;
    return t->flags.wait_canceled ? -ECANCELED : t->wake_value;
}

int wait_suspend_uncancelable(void)
{
    struct task *t = task_running();

    task_secure(t); /* without memory it keeps its home: see home.h */
    fiber_control_read(&t->fiber.control);
    t->flags.state = TASK_UNCANCELABLE;
    task_suspend(loop_of_thread, t);
    return t->wake_value;
}

void wait_wake(struct task *t, int value)
{
    if (t->flags.state == TASK_READY)
        return;
    t->wake_value = value;
    t->awaited = NULL; /* a cancellation is for t itself from now on */
    loop_make_ready(t);
}

/* On the loop's thread. */
static void remote_wake_came(struct ready *ready)
{
    struct wait_remote *w = container_of(ready, struct wait_remote, ready);

    w->woken = true;
    wait_wake(w->task, 0);
}

void wait_remote_init(struct wait_remote *w)
{
    *w = (struct wait_remote){
        .ready.run = remote_wake_came, .task = task_running(), .loop = loop_of_thread};
}

void wait_remote_wake(struct wait_remote *w)
{
    if (loop_of_thread == w->loop)
        remote_wake_came(&w->ready);
    else
        loop_push_remote(w->loop, &w->ready);
}

void wait_remote_outwait(const struct wait_remote *w)
{
    while (!w->woken)
        wait_suspend_uncancelable();
}

int wait_list_suspend(struct list *line, uint64_t deadline_ns, bool *woken)
{
    struct task *t = task_running();
    int err;

    if (woken != NULL)
        *woken = false;
    if (t == NULL)
        return wait_refuse();
    list_append(line, &t->watcher.link);
    err = wait_suspend(deadline_ns);
    if (woken != NULL)
        *woken = !list_linked(&t->watcher.link);
    if (list_linked(&t->watcher.link))
        list_remove(&t->watcher.link);
    return err;
}

bool wait_list_wake_first(struct list *line)
{
    struct list *node = list_take_first(line);

    if (node != NULL)
        wait_wake(container_of(node, struct task, watcher.link), 0);
    return node != NULL;
}

void wait_list_wake_all(struct list *line)
{
    while (wait_list_wake_first(line))
        ;
}
