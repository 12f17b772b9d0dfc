#include "async/fiber.h"

/* Runs on the fiber's stack, at whose top its frame lies until the end. AddressSanitizer would make
 * a system call before each call that does not return. */
__attribute__((no_sanitize_address)) void fiber_begin(struct fiber_transfer from)
{
    struct fiber *f = from.data;
    void *caller;

    fiber_tools_entered(fiber_tools_of(f));
    f->caller = from.context;
    f->result = f->entry(f->arg);
    fiber_tools_leave(fiber_tools_of(f), true);
    caller = f->caller; /* a load right after the next line would wait for it */
    fiber_control_read(&f->control);
    fiber_switch_last(caller);
}
