#include "async/fiber.h"

static __attribute__((noinline, noreturn)) void finish(struct fiber *f)
{
    f->finished = true;
    fiber_tools_leave(fiber_tools_of(f), true);
    fiber_control_read(&f->control);
    fiber_switch(f->caller, NULL);
    __builtin_unreachable();
}

/* Runs on the fiber's stack, at whose top its frame lies until the end: so it has few registers to
 * save, and the switch, which needs all of them, a frame of its own. AddressSanitizer would make a
 * system call before each call that does not return. */
__attribute__((no_sanitize_address)) void fiber_begin(struct fiber_transfer from)
{
    struct fiber *f = from.data;

    fiber_tools_entered(fiber_tools_of(f));
    f->caller = from.context;
    f->result = f->entry(f->arg);
    finish(f);
}
