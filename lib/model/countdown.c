#include "model/countdown.h"

void countdown_init(struct countdown *c, size_t n)
{
    c->loop = loop_running();
    future_init(&c->over);
    atomic_init(&c->left, n);
    if (n == 0)
        future_set_result(&c->over, 0);
}

/* On the loop's thread. */
static void set_over(void *arg)
{
    struct countdown *c = arg;

    future_set_result(&c->over, 0);
}

void countdown_arrive(struct countdown *c, size_t n)
{
    if (atomic_fetch_sub(&c->left, n) != n)
        return;
    while (loop_call_soon_threadsafe(c->loop, set_over, c) < 0)
        ; /* out of memory: some is bound to be freed, and the loop must learn of the end */
}

void countdown_wait(struct countdown *c)
{
    while (!future_done(&c->over))
        future_await(&c->over);
}
