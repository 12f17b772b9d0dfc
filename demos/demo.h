/* Demos: the lessons of asyncio in C. Each is a short program that shows one lesson and checks it.
 *
 * One file a demo; the registry table is in demos.c. A demo is there to be read: in direct style,
 * as close to its Python as C allows. It prints, records and checks through demo_run.h. */
#ifndef TVA_DEMOS_DEMO_H
#define TVA_DEMOS_DEMO_H

#include "async/coro.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct demo {
    const char *name;    /* of its file, too, with - for _ */
    const char *summary; /* what it does, in a line; durations as for demo_text() */
    const char *lesson;  /* in a sentence */
    const char *article; /* what the article's Python printed; NULL when it gives no numbers */
    const char *model;   /* the model that it resembles: the colour of its chart */
    bool needs_server;   /* makes an HTTP request */
    coro_fn *main;       /* Python's `async def main()`; its arg is the struct demo_run */
};

/* The registry, in the order in which they tell the story. */
extern const struct demo *const demos[];
extern const size_t demos_count;

/* The demo of that name. NULL with *err naming the nearest one. */
const struct demo *demo_find(const char *name, struct err *err);

/* One a file, for the table in demos.c. */
extern const struct demo demo_sequential_await, demo_lazy_coroutines, demo_create_task,
    demo_blocked_loop, demo_offloaded, demo_async_http, demo_call_vs_await,
    demo_await_may_not_yield, demo_own_awaitable, demo_future, demo_preemption,
    demo_cancel_and_timeout, demo_producer_consumers, demo_await_blocks_caller, demo_sleep_zero,
    demo_task_is_future;

#endif
