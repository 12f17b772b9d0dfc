#include "async/fiber.h"

#include <stddef.h>

static __attribute__((noinline, noreturn)) void finish(struct fiber *f)
{
    f->finished = true;
    fiber_tools_leave(fiber_tools_of(f), true);
    fiber_control_leave(f);
    fiber_switch(f->caller, NULL);
    __builtin_unreachable();
}

/* Runs on the fiber's stack, at whose top its frame lies until the end: so it has few registers to
 * save, and the switch, which needs all of them, a frame of its own. AddressSanitizer would make a
 * system call before each call that does not return. */
static __attribute__((no_sanitize_address)) void run(void *caller, void *data)
{
    struct fiber *f = data;

    fiber_tools_entered(fiber_tools_of(f));
    f->caller = caller;
    f->entry(f->arg);
    finish(f);
}

#if !FIBER_SWITCH_INLINE
static __attribute__((no_sanitize_address)) void run_transferred(struct fiber_transfer from)
{
    run(from.context, from.data);
}
#endif

void fiber_init(struct fiber *f, const struct stack *stack, fiber_entry *entry, void *arg,
                const struct fiber_control *caller)
{
    char *top = stack->base + stack->size - FIBER_TOOLS_BYTES;

    f->stack = *stack;
    f->entry = entry;
    f->arg = arg;
    f->finished = false;
    f->control = *caller;
    f->caller_control = caller;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    *fiber_tools_of(f) = (struct fiber_tools){0};
#endif
#if defined(__SANITIZE_THREAD__)
    fiber_tools_of(f)->tsan_self = __tsan_create_fiber(0);
#endif
#if FIBER_SWITCH_INLINE
    f->context = fiber_switch_make(top, run);
#else
    f->context = make_fcontext(top, stack->size - FIBER_TOOLS_BYTES, run_transferred);
#endif
}
