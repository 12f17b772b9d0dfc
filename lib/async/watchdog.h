/* The watchdog of debug mode: finds out which functions hold the loop for too long.
 *
 * A thread of its own watches the loop's thread. When a step, of a task or of libuv, has taken
 * slow_ns, it sends SIGURG to the loop's thread, once a step. The handler walks up the stack that
 * the thread is on, a task's or the loop's, and keeps the addresses of the calls; their names are
 * looked up when the step is over. To a system call that the step waits in, the signal is like any
 * other: some, nanosleep() and poll() among them, end with EINTR. The handler is installed while
 * any loop is watched. It runs on the thread's alternate signal stack, or where that is too small
 * on a larger one that takes its place meanwhile.
 *
 * Not under thread sanitizer, which puts signals off, nor where the program has a handler for
 * SIGURG: the functions are not known then. For lib/async; on the loop's thread. */
#ifndef TVA_ASYNC_WATCHDOG_H
#define TVA_ASYNC_WATCHDOG_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct watchdog;

/* Watch the calling thread from now on, which runs this loop with UV_METRICS_IDLE_TIME: sleep in it
 * is no work. NULL where that is not possible; all functions below allow that. */
struct watchdog *watchdog_start(uv_loop_t *uv, uint64_t slow_ns);
void watchdog_stop(struct watchdog *w);

/* A step begins, and is over. */
void watchdog_begin(struct watchdog *w);
void watchdog_end(struct watchdog *w);

/* Which functions the last step was in when it had taken too long, from the innermost to that which
 * `step` called, the function that made the step, or to the task's own: "poll, called by
 * curl_easy_perform, main_coro" in buf. "" when that is not known. Returns buf. */
char *watchdog_where(const struct watchdog *w, uintptr_t step, char *buf, size_t size);

#endif
