/* Telling sanitizers and Valgrind of stacks and of switches between them. For this folder; what is
 * about sanitizers is empty in builds without them. */
#ifndef TVA_ASYNC_FIBER_TOOLS_H
#define TVA_ASYNC_FIBER_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND                                 0
#define VALGRIND_STACK_REGISTER(start, end)                 0u
#define VALGRIND_MALLOCLIKE_BLOCK(o, size, redzone, zeroed) ((void)(o))
#define VALGRIND_FREELIKE_BLOCK(o, redzone)                 ((void)(o))
#define VALGRIND_MAKE_MEM_DEFINED(o, size)                  ((void)(o))
#define VALGRIND_STACK_DEREGISTER(id)                       ((void)(id))
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/* Their state for one fiber, in the top bytes of its stack. */
struct fiber_tools {
    void *asan_fake_stack;
    const void *asan_caller_base;
    size_t asan_caller_size;
    void *tsan_self, *tsan_caller;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIBER_TOOLS_BYTES ((sizeof(struct fiber_tools) + 15) / 16 * 16)
#else
#define FIBER_TOOLS_BYTES 0
#endif

/* True where a tool follows stacks by their addresses. */
static inline bool fiber_tools_present(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return RUNNING_ON_VALGRIND;
#endif
}

/* Before the jump from the scheduler to the fiber. ASan keeps the scheduler's state in *fake_stack.
 * Inline, like fiber_tools_leave(): TSan keeps the calls of each fiber, and a function that begins
 * in one fiber and returns in another would be one too many here and one too few there. */
static inline __attribute__((always_inline)) void
fiber_tools_enter(struct fiber_tools *t, const void *base, size_t size, void **fake_stack)
{
    (void)t;
    (void)base;
    (void)size;
    (void)fake_stack;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, base, size);
#endif
#if defined(__SANITIZE_THREAD__)
    t->tsan_caller = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(t->tsan_self, 0);
#endif
}

/* After it, in the fiber. */
static inline void fiber_tools_entered(struct fiber_tools *t)
{
    (void)t;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(t->asan_fake_stack, &t->asan_caller_base, &t->asan_caller_size);
#endif
}

/* Before the jump from the fiber to the scheduler; the last one gives up ASan's fake stack. */
static inline __attribute__((always_inline)) void fiber_tools_leave(struct fiber_tools *t,
                                                                    bool last)
{
    (void)t;
    (void)last;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(last ? NULL : &t->asan_fake_stack, t->asan_caller_base,
                                   t->asan_caller_size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(t->tsan_caller, 0);
#endif
}

/* After it, in the scheduler. */
static inline void fiber_tools_left(void *fake_stack)
{
    (void)fake_stack;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
#endif
}

#endif
