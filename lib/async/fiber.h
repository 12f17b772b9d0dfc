/* Fibers: a stack and a machine context, switched by hand: by fiber_switch.h where that serves,
 * else by Boost.Context.
 *
 * The scheduler resumes a fiber, and the fiber suspends back to the scheduler, or on to another
 * that has suspended. Builds with AddressSanitizer or ThreadSanitizer, and runs under Valgrind,
 * tell these of each switch. A fiber stays on the thread that started it.
 *
 * Rounding modes and exception masks are a fiber's own, but who switches sees to it: reads those of
 * a fiber that suspends, and loads those of one that is resumed where they differ. Reading MXCSR
 * takes twice as long as all the rest of a switch where what was read is looked at soon, and next
 * to nothing some instructions later. Loading the sticky exception flags would take some CPUs ten
 * times as long, so they stay the thread's, as over a call. */
#ifndef TVA_ASYNC_FIBER_H
#define TVA_ASYNC_FIBER_H

#include "async/fiber_switch.h"
#include "async/fiber_tools.h"
#include "async/stack.h"

#include <stdbool.h>

typedef int fiber_entry(void *arg);

struct fiber {
    void *context;      /* where to switch to resume it; NULL when it has finished */
    fiber_entry *entry; /* what it is for, with `arg` */
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

/* What a fiber begins with, on its stack: calls fiber_begun(), the entry, and fiber_end(). */
typedef void fiber_begin(struct fiber_transfer from);

/* Go on with a fiber that has suspended, until it suspends or ends. This thread has its modes. The
 * caller's context goes to *caller, which is to stay there until f is back. */
static inline __attribute__((always_inline)) void fiber_resume(struct fiber *f, void **caller)
{
    void *fake_stack = NULL;

    fiber_tools_enter(fiber_tools_of(f), f->stack.base, f->stack.size, &fake_stack);
    fiber_switch(caller, f->context);
    fiber_tools_left(fake_stack);
}

/* The same for one that begins, by `begin`, on `stack`, which stays the caller's: once
 * fiber_finished(f) is true, it may be given back after fiber_deinit(). It is f->stack; where no
 * tool follows stacks (fiber_tools_present), also another. The fiber begins with the modes of this
 * thread.
 *
 * Inline, like fiber_suspend(): a CPU predicts a return from the calls that it has seen, and after
 * a switch these were made on the other stack. So it mispredicts every return between a switch and
 * the code that asked for it. */
static inline __attribute__((always_inline)) void
fiber_start(struct fiber *f, const struct stack *stack, fiber_begin *begin, void **caller)
{
    char *top = stack->base + stack->size - FIBER_TOOLS_BYTES;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    *fiber_tools_of(f) = (struct fiber_tools){0};
#endif
#if defined(__SANITIZE_THREAD__)
    fiber_tools_of(f)->tsan_self = __tsan_create_fiber(0);
#endif
    f->context = fiber_switch_make(top, stack->size - FIBER_TOOLS_BYTES, begin);
    fiber_resume(f, caller);
}

/* Of a fiber that has been started. */
static inline bool fiber_finished(const struct fiber *f)
{
    return f->context == NULL;
}

/* Go back from f, the running fiber, to `to`, the context of the code that resumed it; returns when
 * f is resumed. Without sanitizers, `to` may also be the context of another fiber that has
 * suspended, with the same modes: as if the code that resumed f had resumed that one instead. */
static inline __attribute__((always_inline)) void fiber_suspend(struct fiber *f, void *to)
{
    fiber_tools_leave(fiber_tools_of(f), false);
    fiber_switch(&f->context, to);
    fiber_tools_entered(fiber_tools_of(f));
}

/* For a fiber_begin, of the fiber that begins. */
static inline void fiber_begun(const struct fiber *f, struct fiber_transfer from)
{
    fiber_switch_begun(from);
    fiber_tools_entered(fiber_tools_of(f));
}

/* For a fiber_begin: f has finished, and its modes are read; goes back to `caller`. */
static inline __attribute__((always_inline, noreturn)) void fiber_end(struct fiber *f, void *caller)
{
    fiber_control_read(&f->control);
    f->context = NULL;
    fiber_tools_leave(fiber_tools_of(f), true);
    fiber_switch_last(caller);
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
