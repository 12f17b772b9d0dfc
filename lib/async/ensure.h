/* Awaitables as futures, and waiting for several futures: what gather.c is made of. For this
 * folder. */
#ifndef TVA_ASYNC_ENSURE_H
#define TVA_ASYNC_ENSURE_H

#include "async/gather.h"

/* The awaitable as a future: itself, or a new task that runs or awaits it, then also in *made,
 * which the caller releases; else *made is NULL (asyncio: ensure_future). NULL when out of memory.
 */
struct future *ensure_future(struct awaitable *a, struct task **made);

/* All of them; after an error (-ENOMEM) futures[] and made[] hold what there is so far, NULL
 * elsewhere. */
int ensure_futures(struct awaitable *const *awaitables, size_t n, struct future **futures,
                   struct task **made);

/* Free the coroutine objects among them that no task owns: nobody will run them. */
void ensure_discard(struct awaitable *const *awaitables, size_t n);

/* task_wait() for futures of any kind. */
int ensure_wait(struct future *const *futures, size_t n, enum task_wait_for_what what,
                uint64_t deadline_ns);

#endif
