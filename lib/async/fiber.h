/* Fibers: a stack and a machine context, switched by hand: by fiber_switch.h where that serves,
 * else by Boost.Context.
 *
 * Asymmetric: the scheduler resumes a fiber, and the fiber suspends back to the scheduler. Builds
 * with AddressSanitizer or ThreadSanitizer, and runs under Valgrind, tell these of each switch. A
 * fiber stays on the thread that started it. It keeps its rounding mode and its exception masks. */
#ifndef TVA_ASYNC_FIBER_H
#define TVA_ASYNC_FIBER_H

#include "async/fiber_switch.h"
#include "async/fiber_tools.h"
#include "async/stack.h"

#include <stdbool.h>

typedef int fiber_entry(void *arg);

struct fiber {
    void *context;      /* where to jump to resume it; NULL when it has finished */
    void *caller;       /* where to jump to suspend; valid while it runs */
    fiber_entry *entry; /* what it runs, with `arg` */
    void *arg;
    struct fiber_control control; /* rounding modes and the like, of its last suspension */
    int result;                   /* of the entry; meaningful once finished */
    struct stack stack;           /* its own, if it has one */
};

/* In the stack's top bytes; meaningful where FIBER_TOOLS_BYTES is not 0. */
static inline struct fiber_tools *fiber_tools_of(const struct fiber *f)
{
    return (struct fiber_tools *)(void *)(f->stack.base + f->stack.size - FIBER_TOOLS_BYTES);
}

/* Where a fiber begins. For fiber_start(). */
void fiber_begin(struct fiber_transfer from);

/* Reading MXCSR takes twice as long as all the rest of a switch where what was read is looked at
 * soon, and next to nothing some 50 instructions later. So a fiber reads its own when it suspends,
 * the code that resumed it looks at them when it has other work behind it, and nothing reads the
 * caller's. Loading the sticky exception flags would take some CPUs ten times as long, so they stay
 * the thread's, as over a call. */

static inline __attribute__((always_inline)) void fiber_enter(struct fiber *f, void *context)
{
    void *fake_stack = NULL;

    fiber_tools_enter(fiber_tools_of(f), f->stack.base, f->stack.size, &fake_stack);
    f->context = fiber_switch(context, f).context;
    fiber_tools_left(fake_stack);
}

/* Run f->entry(f->arg) on `stack`, which stays the caller's, until it suspends or returns; when it
 * has returned, fiber_finished(f) is true, and the stack may be given back after fiber_deinit().
 * The stack is f->stack; where no tool follows stacks (fiber_tools_present), also another. It
 * begins with the rounding modes of this thread. Call fiber_settle() next, before code that may
 * compute in floating point or return.
 *
 * Inline, like fiber_suspend(): a CPU predicts a return from the calls that it has seen, and after
 * a switch these were made on the other stack. So it mispredicts every return between a switch and
 * the code that asked for it. */
static inline __attribute__((always_inline)) void fiber_start(struct fiber *f,
                                                              const struct stack *stack)
{
    char *top = stack->base + stack->size - FIBER_TOOLS_BYTES;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    *fiber_tools_of(f) = (struct fiber_tools){0};
#endif
#if defined(__SANITIZE_THREAD__)
    fiber_tools_of(f)->tsan_self = __tsan_create_fiber(0);
#endif
    fiber_enter(f, fiber_switch_make(top, stack->size - FIBER_TOOLS_BYTES, fiber_begin));
}

/* The same for a fiber that has suspended. Not from inside f. `caller`: the modes of this thread,
 * which fiber_control_read() has read. */
static inline __attribute__((always_inline)) void fiber_resume(struct fiber *f,
                                                               const struct fiber_control *caller)
{
    if (!fiber_control_same(&f->control, caller))
        fiber_control_load(&f->control);
    fiber_enter(f, f->context);
}

/* Give the thread back the modes that it had before fiber_start(f) or fiber_resume(f). */
static inline void fiber_settle(const struct fiber *f, const struct fiber_control *caller)
{
    if (!fiber_control_same(&f->control, caller))
        fiber_control_load(caller);
}

/* Of a fiber that has been started. */
static inline bool fiber_finished(const struct fiber *f)
{
    return f->context == NULL;
}

/* Go back to the code that resumed f, the running fiber; returns at the next resume. */
static inline __attribute__((always_inline)) void fiber_suspend(struct fiber *f)
{
    fiber_tools_leave(fiber_tools_of(f), false);
    fiber_control_read(&f->control);
    f->caller = fiber_switch(f->caller, NULL).context;
    fiber_tools_entered(fiber_tools_of(f));
}

/* Tell the tools that a fiber that was started no longer uses its stack. */
static inline void fiber_deinit(struct fiber *f)
{
    (void)f;
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(fiber_tools_of(f)->tsan_self);
#endif
}

#endif
