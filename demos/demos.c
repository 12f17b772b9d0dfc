#include "demo.h"

#include "base/suggest.h"

const struct demo *const demos[] = {
    &demo_sequential_await,
    &demo_lazy_coroutines,
    &demo_create_task,
    &demo_blocked_loop,
    &demo_offloaded,
    &demo_async_http,
    &demo_call_vs_await,
    &demo_await_blocks_caller,
    &demo_sleep_zero,
    &demo_own_awaitable,
    &demo_future,
    &demo_task_is_future,
    &demo_await_may_not_yield,
    &demo_preemption,
    &demo_cancel_and_timeout,
    &demo_producer_consumers,
};
const size_t demos_count = sizeof demos / sizeof *demos;

const struct demo *demo_find(const char *name, struct err *err)
{
    return suggest_find("demo", name, demos, demos_count, err);
}
