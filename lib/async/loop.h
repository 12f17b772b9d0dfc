/* The event loop: runs ready tasks and callbacks, and sleeps in libuv until there are more
 * (asyncio: the event loop).
 *
 * One loop at a time on a thread. All calls on the loop's own thread, except where a comment says
 * otherwise. */
#ifndef TVA_ASYNC_LOOP_H
#define TVA_ASYNC_LOOP_H

#include "async/coro.h"
#include "async/task.h"
#include "async/thread_pool.h"
#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct loop;

struct loop_options {
    size_t stack_size; /* bytes a task; 0 is STACK_SIZE_DEFAULT */
    uint64_t slow_ns;  /* debug mode: see loop_set_debug(); 0 is off */

    /* For tests of what is safe on a parked stack: task_create_parkable(). */
    unsigned homes; /* stacks that parkable tasks share, at most 64; 0 is 64 */
    bool poison;    /* each parkable task that waits is out, and the bytes that it left on its home
                       hold a pattern; a write to them aborts the process */
    bool park_all;  /* task_create() makes parkable tasks as well, but for loop_run()'s main task */
};

/* Make a loop; `options` may be NULL. 0, or a negative errno (out of memory or file descriptors).
 */
int loop_create(const struct loop_options *options, struct loop **out);

/* Free a loop that is not running, after waiting for libuv handles that are closing. The caller has
 * closed all handles of its own on loop_uv(). */
void loop_destroy(struct loop *loop);

/* Run `main` as a task until it has finished, and return its result (asyncio.run). The loop owns
 * the coroutine from here on. Then the loop cancels the tasks that are unfinished and waits for
 * them. What they make meanwhile is canceled when they have ended. It makes all calls that are due,
 * and those that these ask for, in 100 rounds at most: loop_call_soon(),
 * loop_call_soon_threadsafe() and done callbacks. -ENOMEM when the task cannot be made, -EBUSY when
 * a loop runs on this thread already. A loop can run again. */
int loop_run(struct loop *loop, struct coro *main);

/* The loop that runs on this thread, NULL when there is none (asyncio.get_running_loop). */
struct loop *loop_running(void);

/* The time in ns, read from the clock at each call (asyncio: loop.time). */
static inline uint64_t loop_now(void)
{
    return clock_now_ns();
}

/* Call fn(arg) in the loop's next turn, after what is ready now (asyncio: call_soon). 0 or -ENOMEM.
 */
int loop_call_soon(struct loop *loop, void (*fn)(void *arg), void *arg);

/* The same from any thread; wakes the loop. The loop must outlive the call. */
int loop_call_soon_threadsafe(struct loop *loop, void (*fn)(void *arg), void *arg);

/* Get memory for so many more tasks from the system now, instead of when they are made and run: as
 * much of it as there is. Stacks of their own are not among it. */
void loop_reserve(struct loop *loop, size_t tasks);

/* Let the loop look at timers and at libuv right after this pass. A step that took long calls it;
 * without it the loop looks after some more steps. */
void loop_poll_soon(struct loop *loop);

/* Run fn(arg) in a thread of `pool` and wait for it while the loop goes on (asyncio:
 * run_in_executor). NULL is the loop's own pool, of the default size, which its first use starts.
 * The pool gets it when the loop's current pass ends, with all else of that pass. From a task; a
 * parkable one has what fn uses elsewhere than on its stack.
 * Returns fn's result, or -ENOMEM or -EAGAIN when there is no thread for it. When the caller is
 * canceled: -ECANCELED, at once if fn has not begun, else when fn has returned, because fn uses the
 * caller's memory. */
int loop_run_in_executor(struct loop *loop, struct thread_pool *pool, int (*fn)(void *arg),
                         void *arg);

/* Debug mode: report on stderr every task step or callback, libuv's included, that holds the loop
 * for longer than slow_ns, with the task's name (asyncio: debug mode's slow_callback_duration) and
 * the functions that it was in when slow_ns had passed: "tva: task 'main' held the loop for 1.00 s
 * in poll, called by curl_easy_perform, main_coro". To learn these, a thread sends SIGURG to the
 * loop's thread: watchdog.h. Spans below 1 ms are reported without. 0 turns it off; a step then
 * pays one test for it. May be called at any time. */
void loop_set_debug(struct loop *loop, uint64_t slow_ns);

/* How many tasks are unfinished, and the first `cap` of them in order of creation
 * (asyncio.all_tasks). `out` may be NULL when cap is 0. The tasks stay the loop's: do not release
 * them. */
size_t loop_all_tasks(struct loop *loop, struct task **out, size_t cap);

/* Task switches made so far: how often a task was resumed. */
uint64_t loop_switches(const struct loop *loop);

/* The guard of its stacks: "madvise", "mprotect" or "canary". */
const char *loop_stack_guard(const struct loop *loop);

/* The libuv loop underneath, for handles of your own; their callbacks may use future_set_result(),
 * wait_wake() and loop_call_soon(). */
uv_loop_t *loop_uv(struct loop *loop);

/* ---- Sleeping elsewhere than in libuv, as io/io_ring.h does ---- */

/* Embedded by who polls. */
struct loop_poller {
    /* Called on the loop's stack where the loop would look at libuv. Calls loop_poll_uv(), sleeps
     * for as long as that allows or until there are events, and wakes the tasks that wait for them.
     */
    void (*poll)(struct loop_poller *poller);
};

/* Let the loop poll by `poller`, or by libuv again when it is NULL. 0, or -EBUSY when the loop has
 * another one. */
int loop_set_poller(struct loop *loop, struct loop_poller *poller);

/* For pollers. Let libuv handle its events if it has work to do at once or `readable` says that
 * uv_backend_fd() is readable. Returns until when the poller may sleep: 0 when something is ready,
 * NO_DEADLINE when only an event can make something ready, those of uv_backend_fd() included. */
uint64_t loop_poll_uv(struct loop *loop, bool readable);

#endif
