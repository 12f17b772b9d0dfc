/* The switch between two stacks, in inline assembler for x86-64 and aarch64. For fiber.h.
 *
 * A context is a stack pointer: at it lie the address to go on at and the frame pointer. All other
 * registers are clobbered, so that the compiler saves only what is alive. Control words of the
 * floating-point unit are not part of it: struct fiber_control.
 *
 * FIBER_SWITCH_INLINE is 1 where this serves. Where a shadow stack (x86's CET, Arm's GCS) follows
 * the calls, and under sanitizers, Boost.Context switches. */
#ifndef TVA_ASYNC_FIBER_SWITCH_H
#define TVA_ASYNC_FIBER_SWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIBER_SWITCH_INLINE 0
#elif defined(__x86_64__) && defined(__LP64__) && !(defined(__CET__) && (__CET__ & 2))
#define FIBER_SWITCH_INLINE 1
#elif defined(__aarch64__) && defined(__LP64__) && !defined(__ARM_FEATURE_GCS_DEFAULT)
#define FIBER_SWITCH_INLINE 1
#else
#define FIBER_SWITCH_INLINE 0
#endif

/* What the function that a fresh context begins with gets: for fiber_switch_begun(). */
struct fiber_transfer {
    void *context, *data;
};

#if FIBER_SWITCH_INLINE

#if defined(__x86_64__)

/* Code compiled with -mno-red-zone defines this; other code steps over the 128 bytes below its
 * stack pointer that a function without calls may use. */
#ifdef TVA_NO_RED_ZONE
#define FIBER_SWITCH_RED_ZONE(step)
#else
#define FIBER_SWITCH_RED_ZONE(step) "lea " step "(%%rsp), %%rsp\n\t"
#endif
#if defined(__CET__) && (__CET__ & 1)
#define FIBER_SWITCH_LANDING "endbr64\n\t"
#else
#define FIBER_SWITCH_LANDING ""
#endif
#if defined(__AVX512F__)
#define FIBER_SWITCH_AVX512                                                                        \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",    \
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5",  \
        "k6", "k7"
#else
#define FIBER_SWITCH_AVX512
#endif

/* At the stack pointer of a context. */
struct fiber_switch_frame {
    void (*go_on)(struct fiber_transfer from); /* in two registers, the second of which is set */
    void *frame_pointer;
    void *returns_to; /* of a fresh one, above it as a call would leave it: NULL */
};

/* Save this context on its stack, and where that is in *saved; go on in `to`. Returns when
 * something switches to *saved. */
static inline __attribute__((always_inline)) void fiber_switch(void **saved, void *to)
{
    __asm__ volatile(
        FIBER_SWITCH_RED_ZONE("-128") "push %%rbp\n\t"
                                      "lea 1f(%%rip), %%rax\n\t"
                                      "push %%rax\n\t"
                                      "mov %%rsp, (%%rsi)\n\t"
                                      "mov 8(%%rdi), %%rbp\n\t"
                                      "lea 16(%%rdi), %%rsp\n\t"
                                      "mov (%%rdi), %%rax\n\t"
                                      "jmp *%%rax\n"
                                      "1:\t" FIBER_SWITCH_LANDING FIBER_SWITCH_RED_ZONE("128")
        : "+D"(to), "+S"(saved)
        :
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "st",
          "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "xmm0", "xmm1", "xmm2",
          "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
          "xmm13", "xmm14", "xmm15" FIBER_SWITCH_AVX512, "cc", "memory");
}

/* Go on in `to` for good: there is nothing to save. */
static inline __attribute__((always_inline, noreturn)) void fiber_switch_last(void *to)
{
    __asm__ volatile("mov 8(%%rdi), %%rbp\n\t"
                     "lea 16(%%rdi), %%rsp\n\t"
                     "mov (%%rdi), %%rax\n\t"
                     "jmp *%%rax"
                     :
                     : "D"(to)
                     : "memory");
    __builtin_unreachable();
}

/* MXCSR and the x87 control word. */
struct fiber_control {
    uint32_t sse;
    uint16_t x87;
};

static inline void fiber_control_read(struct fiber_control *c)
{
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(c->sse), "=m"(c->x87));
}

#define FIBER_SSE_MODES 0xffc0u /* of MXCSR; the rest are sticky flags, which are the thread's */

static inline void fiber_control_load(const struct fiber_control *c)
{
    uint32_t sse;

    __asm__ volatile("stmxcsr %0" : "=m"(sse));
    sse = (c->sse & FIBER_SSE_MODES) | (sse & ~FIBER_SSE_MODES);
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(sse), "m"(c->x87) : "memory");
}

static inline bool fiber_control_same(const struct fiber_control *a, const struct fiber_control *b)
{
    return ((a->sse ^ b->sse) & FIBER_SSE_MODES) == 0 && a->x87 == b->x87;
}

#else /* aarch64 */

#if defined(__ARM_FEATURE_BTI_DEFAULT)
#define FIBER_SWITCH_LANDING "hint #36\n\t" /* bti j */
#else
#define FIBER_SWITCH_LANDING ""
#endif
#if defined(__ARM_FEATURE_SVE)
#define FIBER_SWITCH_SVE                                                                           \
    , "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12", "p13",      \
        "p14", "p15"
#else
#define FIBER_SWITCH_SVE
#endif

struct fiber_switch_frame {
    void (*go_on)(struct fiber_transfer from); /* the jump's, in two registers */
    void *frame_pointer;
};

static inline __attribute__((always_inline)) void fiber_switch(void **saved, void *to)
{
    register void *x0 __asm__("x0") = to;
    register void *x1 __asm__("x1") = saved;

    __asm__ volatile("adr x9, 1f\n\t"
                     "stp x9, x29, [sp, #-16]!\n\t"
                     "ldp x16, x29, [x0]\n\t"
                     "mov x10, sp\n\t"
                     "str x10, [x1]\n\t"
                     "add sp, x0, #16\n\t"
                     "mov x30, xzr\n\t" /* where a fresh context's function would return to */
                     "br x16\n"
                     "1:\t" FIBER_SWITCH_LANDING
                     : "+r"(x0), "+r"(x1)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
                       "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24",
                       "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6",
                       "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
                       "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
                       "v29", "v30", "v31" FIBER_SWITCH_SVE, "cc", "memory");
}

static inline __attribute__((always_inline, noreturn)) void fiber_switch_last(void *to)
{
    register void *x9 __asm__("x9") = to;

    __asm__ volatile("ldp x16, x29, [x9]\n\t"
                     "add sp, x9, #16\n\t"
                     "br x16"
                     :
                     : "r"(x9)
                     : "memory");
    __builtin_unreachable();
}

struct fiber_control {
    uint64_t fpcr;
};

static inline void fiber_control_read(struct fiber_control *c)
{
    __asm__ volatile("mrs %0, fpcr" : "=r"(c->fpcr));
}

static inline void fiber_control_load(const struct fiber_control *c)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(c->fpcr) : "memory");
}

static inline bool fiber_control_same(const struct fiber_control *a, const struct fiber_control *b)
{
    return a->fpcr == b->fpcr;
}

#endif

/* A context that will run start(from), which must not return, on the `size` bytes below `top`. The
 * function calls fiber_switch_begun() first. */
static inline void *fiber_switch_make(char *top, size_t size,
                                      void (*start)(struct fiber_transfer from))
{
    struct fiber_switch_frame *frame = (void *)(top - (uintptr_t)top % 16);

    (void)size;
    *--frame = (struct fiber_switch_frame){.go_on = start};
    return frame;
}

static inline void fiber_switch_begun(struct fiber_transfer from)
{
    (void)from;
}

#else

/* Boost.Context's C symbols (its fcontext API has no C header). They keep control words. */
extern struct fiber_transfer jump_fcontext(void *const to, void *data);
extern void *make_fcontext(void *stack_top, size_t size, void (*start)(struct fiber_transfer from));

/* The context of a jump is known where it arrives. */
static inline void fiber_switch_begun(struct fiber_transfer from)
{
    *(void **)from.data = from.context;
}

static inline __attribute__((always_inline)) void fiber_switch(void **saved, void *to)
{
    fiber_switch_begun(jump_fcontext(to, (void *)saved));
}

static inline __attribute__((always_inline, noreturn)) void fiber_switch_last(void *to)
{
    static _Thread_local void *nobody;

    jump_fcontext(to, (void *)&nobody);
    __builtin_unreachable();
}

static inline void *fiber_switch_make(char *top, size_t size,
                                      void (*start)(struct fiber_transfer from))
{
    return make_fcontext(top, size, start);
}

struct fiber_control {
    char unused;
};

static inline void fiber_control_read(struct fiber_control *c)
{
    (void)c;
}

static inline void fiber_control_load(const struct fiber_control *c)
{
    (void)c;
}

static inline bool fiber_control_same(const struct fiber_control *a, const struct fiber_control *b)
{
    (void)a;
    (void)b;
    return true;
}

#endif
#endif
