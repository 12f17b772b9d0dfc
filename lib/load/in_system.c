#include "load/in_system.h"

int in_system_init(struct in_system *s, bool shared)
{
    atomic_init(&s->count, 1);
    atomic_init(&s->left, false);
    s->shared = shared;
    return wakeup_init(&s->wakeup);
}

/* The waiting task may see a count of 0 before the last one has sent its wake-up. */
static void settle(struct in_system *s)
{
    while (!atomic_load(&s->left))
        task_yield();
}

void in_system_reset(struct in_system *s)
{
    settle(s);
    atomic_store(&s->left, false);
    atomic_store(&s->count, 1);
}

void in_system_deinit(struct in_system *s)
{
    settle(s);
    wakeup_deinit(&s->wakeup);
}

void in_system_leave_last(struct in_system *s)
{
    wakeup_send(&s->wakeup);
    atomic_store(&s->left, true);
}
