#include "async/event.h"

#include "async/wait.h"

void event_init(struct event *e)
{
    list_init(&e->waiters);
    e->set = false;
}

void event_set(struct event *e)
{
    e->set = true;
    wait_list_wake_all(&e->waiters);
}

void event_clear(struct event *e)
{
    e->set = false;
}

int event_wait(struct event *e, uint64_t deadline_ns)
{
    return e->set ? 0 : wait_list_suspend(&e->waiters, deadline_ns, NULL);
}
