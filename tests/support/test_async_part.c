#include "support/test_async_part.h"

#include "support/test_async_loop.h"

int test_async_part_run(void *arg)
{
    struct test_async_part *p = arg;
    int err;

    if (p->running != NULL && ++*p->running > *p->most)
        *p->most = *p->running;
    err = task_sleep(p->sleep_ns);
    if (err < 0) {
        p->canceled = true;
        EXPECT(p->cleanup_ns == 0 || task_sleep(p->cleanup_ns) == 0);
    }
    if (p->running != NULL)
        --*p->running;
    p->finished = true;
    return err < 0 ? err : p->result;
}

int test_async_part_await(struct awaitable *self)
{
    return test_async_part_run(self);
}
