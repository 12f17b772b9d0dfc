/* Awaitables as futures, and waiting for several futures: what gather.c is made of. For this
 * folder. From a task. */
#ifndef TVA_ASYNC_ENSURE_H
#define TVA_ASYNC_ENSURE_H

#include "async/gather.h"

#include <stdbool.h>

/* The awaitable as a future in *out: itself, or a new task that runs or awaits it, then also in
 * *made, which the caller releases; else *made is NULL (asyncio: ensure_future). 0, or -ENOMEM
 * (also for NULL), or -EALREADY for a coroutine that was awaited before or belongs to a task: then
 * both are NULL. */
int ensure_future(struct awaitable *a, struct future **out, struct task **made);

/* All of them; -EDEADLK when one is the caller itself. After an error futures[] and made[] hold
 * what there is so far, NULL elsewhere (the caller has zeroed them). */
int ensure_futures(struct awaitable *const *awaitables, size_t n, struct future **futures,
                   struct task **made);

/* Free the coroutine objects among them that no task owns: nobody will run them. */
void ensure_discard(struct awaitable *const *awaitables, size_t n);

/* task_wait() for futures of any kind. *first_error becomes the first error that happened, 0 if
 * there is none; a cancellation counts as one, as for asyncio's gather. first_error may be NULL:
 * then it does not, as for asyncio.wait. */
int ensure_wait(struct future *const *futures, size_t n, enum task_wait_for_what what,
                uint64_t deadline_ns, int *first_error);

/* Cancel the tasks among the futures, and wait until they have ended, since they may work for the
 * caller: who cancels the caller meanwhile cancels them again. NULLs and the caller itself are
 * passed over. True when the caller was canceled meanwhile. */
bool ensure_ended(struct future *const *futures, size_t n);

#endif
