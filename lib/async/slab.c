#include "async/slab.h"

#include "async/fiber_tools.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Sanitizers see what malloc() makes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MALLOC_EACH true
#else
#define MALLOC_EACH false
#endif

#define PIECE_SIZE  ((size_t)2 << 20)
#define PIECE_FIRST ((size_t)128 << 10)
#define PIECE_ROUND ((size_t)64 << 10)
#define CLASS_STEP  32
#define CLASSES     (SLAB_OBJECT_MAX / CLASS_STEP)

/* At the low end of a piece; the address of an object leads here. */
struct piece {
    struct slab_pool *pool;
    struct piece *next;
    size_t size;
    char unused[40]; /* objects begin on a cache line */
};

struct object {
    struct object *next;
    size_t size_class; /* while in `foreign` */
};

struct slab_pool {
    char *fresh, *fresh_end; /* of the newest piece, not yet handed out */
    struct object *free[CLASSES];
    struct piece *pieces;  /* all in use */
    struct piece *reserve; /* for later */
    size_t next_size;      /* of the next piece; doubles up to PIECE_SIZE */
    size_t handed;         /* objects handed out, less those that this thread gave back */
    bool on_valgrind;      /* which learns of each object */

    _Atomic(struct object *) foreign; /* given back by other threads */
    atomic_long foreign_count;        /* so many in all; from the pool's end on less `handed` */
};

int slab_pool_create(struct slab_pool **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return -ENOMEM;
    (*out)->next_size = PIECE_FIRST;
    (*out)->on_valgrind = RUNNING_ON_VALGRIND;
    return 0;
}

static void unmap_all(struct piece *p)
{
    while (p != NULL) {
        struct piece *next = p->next;

        munmap(p, p->size);
        p = next;
    }
}

static void release(struct slab_pool *pool)
{
    unmap_all(pool->pieces);
    free(pool);
}

void slab_pool_destroy(struct slab_pool *pool)
{
    long handed;

    if (pool == NULL)
        return;
    unmap_all(pool->reserve);
    pool->reserve = NULL;
    handed = (long)pool->handed;
    if (atomic_fetch_sub(&pool->foreign_count, handed) == handed)
        release(pool);
}

/* Map `size` bytes that begin at a multiple of PIECE_SIZE. */
static struct piece *map_piece(struct slab_pool *pool, size_t size)
{
    char *whole = mmap(NULL, 2 * PIECE_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char *begin, *end = whole + 2 * PIECE_SIZE;
    struct piece *p;

    if (whole == MAP_FAILED)
        return NULL;
    begin = whole + (PIECE_SIZE - (uintptr_t)whole % PIECE_SIZE) % PIECE_SIZE;
    if (begin > whole)
        munmap(whole, (size_t)(begin - whole));
    if (begin + size < end)
        munmap(begin + size, (size_t)(end - begin) - size);
    /* A kernel without huge pages refuses: fine. */
    madvise(begin, size, size == PIECE_SIZE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    p = (struct piece *)(void *)begin;
    p->pool = pool;
    p->size = size;
    return p;
}

static int next_piece(struct slab_pool *pool)
{
    struct piece *p = pool->reserve;

    if (p != NULL) {
        pool->reserve = p->next;
    } else {
        p = map_piece(pool, pool->next_size);
        if (p == NULL)
            return -ENOMEM;
        if (pool->next_size < PIECE_SIZE)
            pool->next_size *= 2;
    }
    p->next = pool->pieces;
    pool->pieces = p;
    pool->fresh = (char *)(p + 1);
    pool->fresh_end = (char *)p + p->size;
    return 0;
}

void slab_reserve(struct slab_pool *pool, size_t bytes)
{
    size_t there = 0;

    if (MALLOC_EACH)
        return;
    for (const struct piece *p = pool->reserve; p != NULL; p = p->next)
        there += p->size;
    while (there < bytes) {
        size_t rest = (bytes - there + PIECE_ROUND - 1) / PIECE_ROUND * PIECE_ROUND;
        struct piece *p = map_piece(pool, rest < PIECE_SIZE ? rest : PIECE_SIZE);

        if (p == NULL)
            return;
        madvise(p, p->size, MADV_POPULATE_WRITE);
        there += p->size;
        p->next = pool->reserve;
        pool->reserve = p;
    }
}

/* Take over what other threads gave back. */
static void collect(struct slab_pool *pool)
{
    struct object *o = atomic_exchange(&pool->foreign, NULL);

    while (o != NULL) {
        struct object *next = o->next;
        size_t k = o->size_class;

        o->next = pool->free[k];
        pool->free[k] = o;
        o = next;
    }
}

static __attribute__((noinline)) void *alloc_slowly(struct slab_pool *pool, size_t size)
{
    size_t k = (size - 1) / CLASS_STEP;
    struct object *o;

    if (size > SLAB_OBJECT_MAX || MALLOC_EACH)
        return malloc(size);
    if (atomic_load_explicit(&pool->foreign, memory_order_relaxed) != NULL)
        collect(pool);
    o = pool->free[k];
    if (o != NULL) {
        pool->free[k] = o->next;
    } else {
        size = (k + 1) * CLASS_STEP;
        if ((size_t)(pool->fresh_end - pool->fresh) < size && next_piece(pool) < 0)
            return NULL;
        o = (void *)pool->fresh;
        pool->fresh += size;
    }
    pool->handed++;
    if (pool->on_valgrind)
        VALGRIND_MALLOCLIKE_BLOCK(o, size, 0, 0);
    return o;
}

/* Without a call, so that it need not save registers. */
void *slab_alloc(struct slab_pool *pool, size_t size)
{
    size_t k = (size - 1) / CLASS_STEP;
    struct object *o;

    if (size > SLAB_OBJECT_MAX || pool->free[k] == NULL || pool->on_valgrind)
        return alloc_slowly(pool, size);
    o = pool->free[k];
    pool->free[k] = o->next;
    pool->handed++;
    return o;
}

/* To a pool of another thread, which may have ended; the last object takes the pool along. */
static void free_foreign(struct slab_pool *pool, struct object *o, size_t k)
{
    o->size_class = k;
    o->next = atomic_load(&pool->foreign);
    while (!atomic_compare_exchange_weak(&pool->foreign, &o->next, o))
        continue;
    if (atomic_fetch_add(&pool->foreign_count, 1) == -1)
        release(pool);
}

void slab_free(struct slab_pool *own, void *object, size_t size)
{
    size_t k = (size - 1) / CLASS_STEP;
    struct object *o = object;
    const struct piece *piece;
    struct slab_pool *pool;

    if (size > SLAB_OBJECT_MAX || MALLOC_EACH) {
        free(object);
        return;
    }
    piece = (void *)((char *)object - (uintptr_t)object % PIECE_SIZE);
    pool = piece->pool;
    if (pool->on_valgrind) {
        VALGRIND_FREELIKE_BLOCK(o, 0);
        VALGRIND_MAKE_MEM_DEFINED(o, sizeof *o); /* for the list */
    }
    if (pool != own) {
        free_foreign(pool, o, k);
        return;
    }
    o->next = pool->free[k];
    pool->free[k] = o;
    pool->handed--;
}
