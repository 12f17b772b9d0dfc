/* Functions that the loop was asked to call: loop_call_soon(), from its own thread and from others.
 * For loop.c. */
#ifndef TVA_ASYNC_LOOP_CALLS_H
#define TVA_ASYNC_LOOP_CALLS_H

#include "async/loop_internal.h"

/* Called by libuv on the loop's thread: move what other threads have asked for into the ready
 * queue. */
void loop_calls_take_remote(uv_async_t *async);

/* Run what is due in a loop without tasks, which thus is calls alone; not what they add. */
void loop_calls_run_due(struct loop *loop);

/* Free what is left in a queue of a loop that is being destroyed. */
void loop_calls_drop(struct ready_queue *q);

#endif
