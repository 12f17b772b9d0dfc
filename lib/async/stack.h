/* Stacks for fibers: cut from large mappings, guarded, reused.
 *
 * A mapping has many stacks of one size, each with a guard page at its low end. The
 * guard is, in this order of preference:
 *   1. MADV_GUARD_INSTALL (Linux 6.13): faults like PROT_NONE and costs no mapping of its own;
 *   2. mprotect: splits the mapping in two, so only while well under vm.max_map_count;
 *   3. a canary: a known pattern at the low end, checked when the stack is given back.
 * The stack given back last is handed out first, because its memory is warm. The system gets the
 * memory back when the pool is deinitialised. All policy about stack memory is in this module. A
 * pool belongs to one thread. */
#ifndef TVA_ASYNC_STACK_H
#define TVA_ASYNC_STACK_H

#include <stddef.h>

enum stack_guard { STACK_GUARD_MADVISE, STACK_GUARD_MPROTECT, STACK_GUARD_CANARY };

#define STACK_SIZE_DEFAULT (64 * 1024)
#define STACK_SIZE_MIN     (16 * 1024)
#define STACK_SIZE_MAX     (64 * 1024 * 1024)

/* Tops of stacks lie at different distances from a page's end: else the hot ends of all stacks
 * would share a few sets of the caches. So a stack's usable size is its size in the pool, less the
 * guard page, less a multiple of STACK_COLOUR_BYTES below STACK_COLOURS * STACK_COLOUR_BYTES. */
#define STACK_COLOURS      24
#define STACK_COLOUR_BYTES 128

struct stack {
    char *base;  /* lowest usable byte, just above the guard */
    size_t size; /* usable bytes; the stack grows down from base + size */
    enum stack_guard guard;
    unsigned valgrind_id; /* while handed out */
};

struct stack_pool {
    size_t size;             /* one stack with its guard page */
    size_t page;             /* system page size */
    size_t next_stacks;      /* stacks in the next mapping; doubles up to a limit */
    enum stack_guard guard;  /* for stacks to come */
    size_t mprotects;        /* guards that may still be made by mprotect */
    struct free_stack *free; /* given back, last first; each lies in its stack's top bytes */
    struct mapping *mappings;
    char *fresh, *fresh_end; /* part of the newest mapping not yet handed out */
    char *guarded_end;       /* fresh stacks below it have their guard */
    int pidfd;               /* of this process, to guard many stacks in one call; -1: singly */
    unsigned colour;         /* of the next fresh stack */
};

/* Prepare a pool of stacks of `size` bytes (STACK_SIZE_MIN..STACK_SIZE_MAX), rounded up to pages,
 * one of which becomes the guard. The pool uses the best guard that the system offers from `best`
 * on; tests pass a worse one. 0 or -EINVAL. */
int stack_pool_init(struct stack_pool *pool, size_t size, enum stack_guard best);

/* Unmap everything. No stack may be in use. */
void stack_pool_deinit(struct stack_pool *pool);

/* Hand out a stack. 0, or -ENOMEM. */
int stack_acquire(struct stack_pool *pool, struct stack *out);

/* Take it back. A damaged canary means that a task has written below its stack: the process says so
 * on stderr and aborts, as it would die of a fault on a guard page. */
void stack_release(struct stack_pool *pool, struct stack *stack);

/* "madvise", "mprotect" or "canary". */
const char *stack_guard_name(enum stack_guard guard);

#endif
