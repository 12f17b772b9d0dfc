#include "async/semaphore.h"

#include "async/wait.h"

void semaphore_init(struct semaphore *s, unsigned value)
{
    list_init(&s->waiters);
    s->value = value;
}

/* A release gives the permit to the first in line, not back to `value`, so no task can overtake. */
int semaphore_acquire(struct semaphore *s, uint64_t deadline_ns)
{
    bool entered;
    int err;

    if (s->value > 0) {
        s->value--;
        return 0;
    }
    err = wait_list_suspend(&s->waiters, deadline_ns, &entered);
    if (err < 0 && entered)
        semaphore_release(s);
    return err;
}

void semaphore_release(struct semaphore *s)
{
    if (!wait_list_wake_first(&s->waiters))
        s->value++;
}
