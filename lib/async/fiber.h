/* Fibers: a stack and a machine context, switched by hand (Boost.Context's fcontext underneath).
 *
 * Asymmetric: the scheduler resumes a fiber, and the fiber suspends back to whoever resumed it.
 * Switches are announced to AddressSanitizer, ThreadSanitizer and Valgrind where these are in use.
 * A fiber stays on the thread that started it.
 *
 * Cost note: a switch saves and loads the floating-point control words. When the sticky exception
 * flags of the two sides differ, some CPUs make that load ten times as slow as the whole switch. */
#ifndef TVA_ASYNC_FIBER_H
#define TVA_ASYNC_FIBER_H

#include "async/fiber_tools.h"
#include "async/stack.h"

#include <stdbool.h>

typedef void fiber_entry(void *arg);

struct fiber {
    void *context; /* where to jump to resume it; NULL when not started or finished */
    void *caller;  /* where to jump to suspend; valid while it runs */
    struct stack stack;
    fiber_entry *entry;
    void *arg;
    struct fiber_tools *tools; /* sanitizers' state, in the stack's top bytes; NULL without them */
    unsigned valgrind_id;
    bool finished;
};

/* The C symbol of Boost.Context, whose fcontext API has no C header: save this context on its
 * stack, jump to another, and return when somebody jumps back: from where, and with what. */
struct fiber_transfer {
    void *context, *data;
};
extern struct fiber_transfer jump_fcontext(void *const to, void *data);

/* Prepare a fiber that will run entry(arg) on `stack`. The stack stays the caller's, and must stay
 * until the fiber has finished. Nothing runs yet. */
void fiber_init(struct fiber *f, struct stack stack, fiber_entry *entry, void *arg);

/* Run it until it suspends or its entry returns (then f->finished is true, and its stack may be
 * given back after fiber_deinit). Must not be called from inside f.
 * Inline, like fiber_suspend: a CPU predicts where a function returns to by who called last, so
 * every return between a switch and the code that wanted it is a misprediction. */
static inline void fiber_resume(struct fiber *f)
{
    void *fake_stack = NULL;

    fiber_tools_enter(f->tools, f->stack.base, f->stack.size, &fake_stack);
    f->context = jump_fcontext(f->context, f).context;
    fiber_tools_left(fake_stack);
}

/* Go back to whoever resumed f, which must be the running fiber; returns at the next resume. */
static inline void fiber_suspend(struct fiber *f)
{
    fiber_tools_leave(f->tools, false);
    f->caller = jump_fcontext(f->caller, NULL).context;
    fiber_tools_entered(f->tools);
}

/* Tell the tools that the stack of a finished (or never started) fiber is no longer one. */
void fiber_deinit(struct fiber *f);

#endif
