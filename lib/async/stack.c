#include "async/stack.h"

#include "async/fiber_tools.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define UNPOISON(addr, size) __asan_unpoison_memory_region((addr), (size))
#else
#define UNPOISON(addr, size) ((void)(addr), (void)(size))
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13; younger than the headers of many systems */
#endif

#define MAPPING_STACKS_MIN 16
#define MAPPING_STACKS_MAX 65536
#define MAPPINGS_RESERVE   4096 /* left to the rest of the process when guards cost mappings */
#define GUARD_BATCH        64
#define POPULATE_FROM      256 /* stacks; most of a batch would be in vain where few are used */
#define CANARY_WORDS       8
#define CANARY             0x5741434b43414e41ULL

struct mapping {
    struct mapping *next;
    void *addr;
    size_t size;
};

struct free_stack {
    struct free_stack *next;
    struct stack stack;
};

/* One guard by mprotect splits a mapping in two. */
static size_t mprotects_allowed(void)
{
    char text[32];
    size_t count = strtoul(text_read("/proc/sys/vm/max_map_count", text, sizeof text), NULL, 10);

    if (count == 0)
        count = 65530;
    return count > MAPPINGS_RESERVE ? (count - MAPPINGS_RESERVE) / 2 : 0;
}

static bool madvise_guards_work(size_t page)
{
    void *probe = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool works;

    if (probe == MAP_FAILED)
        return false;
    works = madvise(probe, page, MADV_GUARD_INSTALL) == 0;
    munmap(probe, page);
    return works;
}

int stack_pool_init(struct stack_pool *pool, size_t size, enum stack_guard best)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (size < STACK_SIZE_MIN || size > STACK_SIZE_MAX)
        return -EINVAL;
    *pool = (struct stack_pool){
        .size = (size + page - 1) / page * page,
        .page = page,
        .next_stacks = MAPPING_STACKS_MIN,
        .guard = best,
        .mprotects = mprotects_allowed(),
        .pidfd = -1,
    };
    if (pool->guard == STACK_GUARD_MADVISE && !madvise_guards_work(page))
        pool->guard = STACK_GUARD_MPROTECT;
    if (pool->guard == STACK_GUARD_MADVISE)
        pool->pidfd = pidfd_open(getpid(), 0);
    return 0;
}

void stack_pool_deinit(struct stack_pool *pool)
{
    while (pool->mappings != NULL) {
        struct mapping *mapping = pool->mappings;

        pool->mappings = mapping->next;
        munmap(mapping->addr, mapping->size);
        free(mapping);
    }
    if (pool->pidfd >= 0)
        close(pool->pidfd);
}

/* Map room for next_stacks stacks, or for as many as there is address space. */
static int map_more(struct stack_pool *pool)
{
    struct mapping *mapping = malloc(sizeof *mapping);
    size_t stacks = pool->next_stacks;

    if (mapping == NULL)
        return -ENOMEM;
    for (;; stacks /= 2) {
        mapping->size = stacks * pool->size;
        mapping->addr = mmap(NULL, mapping->size, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapping->addr != MAP_FAILED)
            break;
        if (stacks == 1) {
            free(mapping);
            return -ENOMEM;
        }
    }
    /* A huge page would back many untouched stacks at once. A kernel without them refuses: fine. */
    madvise(mapping->addr, mapping->size, MADV_NOHUGEPAGE);
    mapping->next = pool->mappings;
    pool->mappings = mapping;
    pool->fresh = pool->guarded_end = mapping->addr;
    pool->fresh_end = pool->fresh + mapping->size;
    if (pool->next_stacks < MAPPING_STACKS_MAX)
        pool->next_stacks *= 2;
    return 0;
}

static uint64_t *canary_of(const struct stack *stack)
{
    return (uint64_t *)(void *)stack->base - CANARY_WORDS;
}

/* Guard the next fresh stacks in one call: 0.43 us a stack instead of 0.71 one by one. Some kernels
 * have the guards, but refuse them to process_madvise(). With many stacks in use a second
 * call gets memory for the top pages, which costs half of what a fault on each would; a kernel that
 * refuses leaves it to the faults. */
static void guard_batch(struct stack_pool *pool)
{
    struct iovec guards[GUARD_BATCH], tops[GUARD_BATCH];
    size_t n = 0;
    ssize_t guarded;

    for (char *p = pool->fresh; p < pool->fresh_end && n < GUARD_BATCH; p += pool->size, n++) {
        guards[n] = (struct iovec){p, pool->page};
        tops[n] = (struct iovec){p + pool->size - pool->page, pool->page};
    }
    guarded = process_madvise(pool->pidfd, guards, n, MADV_GUARD_INSTALL, 0);
    if (guarded > 0) {
        pool->guarded_end = pool->fresh + (size_t)guarded / pool->page * pool->size;
        if (pool->next_stacks > POPULATE_FROM)
            process_madvise(pool->pidfd, tops, (size_t)guarded / pool->page, MADV_POPULATE_WRITE,
                            0);
    } else {
        close(pool->pidfd);
        pool->pidfd = -1;
    }
}

static bool guard_by_madvise(struct stack_pool *pool, char *page)
{
    if (page >= pool->guarded_end && pool->pidfd >= 0)
        guard_batch(pool);
    return page < pool->guarded_end || madvise(page, pool->page, MADV_GUARD_INSTALL) == 0;
}

/* Guard the page below the fresh stack by the best means that still works. */
static void guard_install(struct stack_pool *pool, struct stack *stack)
{
    char *page = stack->base - pool->page;

    if (pool->guard == STACK_GUARD_MADVISE && !guard_by_madvise(pool, page))
        pool->guard = STACK_GUARD_MPROTECT;
    if (pool->guard == STACK_GUARD_MPROTECT &&
        (pool->mprotects == 0 || mprotect(page, pool->page, PROT_NONE) != 0))
        pool->guard = STACK_GUARD_CANARY;
    if (pool->guard == STACK_GUARD_MPROTECT)
        pool->mprotects--;
    if (pool->guard == STACK_GUARD_CANARY)
        for (int i = 0; i < CANARY_WORDS; i++)
            canary_of(stack)[i] = CANARY;
    stack->guard = pool->guard;
}

/* Cut one off the newest mapping. */
static int cut_fresh(struct stack_pool *pool, struct stack *out)
{
    int err = pool->fresh == pool->fresh_end ? map_more(pool) : 0;

    if (err < 0)
        return err;
    out->base = pool->fresh + pool->page;
    out->size = pool->size - pool->page - pool->colour * STACK_COLOUR_BYTES;
    pool->colour = (pool->colour + 1) % STACK_COLOURS;
    guard_install(pool, out);
    pool->fresh += pool->size;
    return 0;
}

int stack_acquire(struct stack_pool *pool, struct stack *out)
{
    struct free_stack *top = pool->free;

    if (top != NULL) {
        pool->free = top->next;
        *out = top->stack;
    } else {
        int err = cut_fresh(pool, out);

        if (err < 0)
            return err;
    }
    out->valgrind_id = VALGRIND_STACK_REGISTER(out->base, out->base + out->size);
    return 0;
}

static void canary_check(const struct stack *stack)
{
    for (int i = 0; i < CANARY_WORDS; i++) {
        if (canary_of(stack)[i] != CANARY) {
            fprintf(stderr, "tva: a task overflowed its stack of %zu bytes: use a larger one\n",
                    stack->size);
            abort();
        }
    }
}

void stack_release(struct stack_pool *pool, struct stack *stack)
{
    struct free_stack *node;

    if (stack->guard == STACK_GUARD_CANARY)
        canary_check(stack);
    UNPOISON(stack->base, stack->size);
    VALGRIND_STACK_DEREGISTER(stack->valgrind_id);
    node = (struct free_stack *)(void *)(stack->base + stack->size) - 1;
    node->stack = *stack;
    node->next = pool->free;
    pool->free = node;
}

const char *stack_guard_name(enum stack_guard guard)
{
    static const char *const names[] = {"madvise", "mprotect", "canary"};

    return names[guard];
}
