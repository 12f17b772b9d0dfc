/* Fibers: a stack and a machine context, switched by hand (Boost.Context's fcontext underneath).
 *
 * Asymmetric: the scheduler resumes a fiber, and the fiber suspends back to the scheduler. Builds
 * with AddressSanitizer or ThreadSanitizer, and runs under Valgrind, tell these of each switch. A
 * fiber stays on the thread that started it.
 *
 * Cost: a switch saves and loads the floating-point control words. When the sticky exception flags
 * of the two sides differ, that load takes ten times as long as the whole switch on some CPUs. */
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
    struct fiber_tools *tools; /* sanitizers' state, in the stack's top bytes; else NULL */
    unsigned valgrind_id;
    bool finished;
};

/* Boost.Context's C symbol (its fcontext API has no C header): saves this context on its stack and
 * jumps to another. Returns when a jump comes back: the context it came from, and its data. */
struct fiber_transfer {
    void *context, *data;
};
extern struct fiber_transfer jump_fcontext(void *const to, void *data);

/* Prepare a fiber that will run entry(arg) on `stack`, which stays the caller's and must exist
 * until the fiber has finished. Nothing runs yet. */
void fiber_init(struct fiber *f, struct stack stack, fiber_entry *entry, void *arg);

/* Run it until it suspends or its entry returns; then f->finished is true, and the stack may be
 * given back after fiber_deinit(). Not from inside f.
 *
 * Inline, like fiber_suspend(): a CPU predicts a return from the calls that it has seen, and after
 * a switch these were made on the other stack. So it mispredicts every return between a switch and
 * the code that asked for it. */
static inline void fiber_resume(struct fiber *f)
{
    void *fake_stack = NULL;

    fiber_tools_enter(f->tools, f->stack.base, f->stack.size, &fake_stack);
    f->context = jump_fcontext(f->context, f).context;
    fiber_tools_left(fake_stack);
}

/* Go back to the code that resumed f, the running fiber; returns at the next resume. */
static inline void fiber_suspend(struct fiber *f)
{
    fiber_tools_leave(f->tools, false);
    f->caller = jump_fcontext(f->caller, NULL).context;
    fiber_tools_entered(f->tools);
}

/* Tell the tools that a finished or never started fiber no longer uses its stack. */
void fiber_deinit(struct fiber *f);

#endif
