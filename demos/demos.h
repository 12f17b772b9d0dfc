/* Every demo, one line each; the table that uses them is in demos.c. */
#ifndef TVA_DEMOS_DEMOS_H
#define TVA_DEMOS_DEMOS_H

#include "demo.h"

extern const struct demo demo_sequential_await, demo_lazy_coroutines, demo_create_task,
    demo_blocked_loop, demo_offloaded, demo_async_http, demo_call_vs_await,
    demo_await_may_not_yield, demo_own_awaitable, demo_future, demo_preemption,
    demo_cancel_and_timeout;

#endif
