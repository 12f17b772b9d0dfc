#include "async/fiber.h"

#include <stddef.h>

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(start, end) 0u
#define VALGRIND_STACK_DEREGISTER(id)       ((void)(id))
#endif

extern void *make_fcontext(void *stack_top, size_t size, void (*entry)(struct fiber_transfer));

static void trampoline(struct fiber_transfer from)
{
    struct fiber *f = from.data;

    fiber_tools_entered(f->tools);
    f->caller = from.context;
    f->entry(f->arg);
    f->finished = true;
    fiber_tools_leave(f->tools, true);
    jump_fcontext(f->caller, NULL);
    __builtin_unreachable();
}

void fiber_init(struct fiber *f, struct stack stack, fiber_entry *entry, void *arg)
{
    char *top = stack.base + stack.size - FIBER_TOOLS_BYTES;

    *f = (struct fiber){.stack = stack, .entry = entry, .arg = arg};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    f->tools = (struct fiber_tools *)(void *)top;
    *f->tools = (struct fiber_tools){0};
#endif
#if defined(__SANITIZE_THREAD__)
    f->tools->tsan_self = __tsan_create_fiber(0);
#endif
    f->valgrind_id = VALGRIND_STACK_REGISTER(stack.base, stack.base + stack.size);
    f->context = make_fcontext(top, stack.size - FIBER_TOOLS_BYTES, trampoline);
}

void fiber_deinit(struct fiber *f)
{
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(f->tools->tsan_self);
#endif
    VALGRIND_STACK_DEREGISTER(f->valgrind_id);
    f->context = NULL;
}
