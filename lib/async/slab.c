#include "async/slab.h"

#include "async/fiber_tools.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PIECE_FIRST ((size_t)128 << 10)
#define PIECE_ROUND ((size_t)64 << 10)

int slab_pool_create(struct slab_pool **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return -ENOMEM;
    (*out)->next_size = PIECE_FIRST;
    (*out)->watched = RUNNING_ON_VALGRIND;
    return 0;
}

static void unmap_all(struct slab_piece *p)
{
    while (p != NULL) {
        struct slab_piece *next = p->next;

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
    long out;

    if (pool == NULL)
        return;
    unmap_all(pool->reserve);
    pool->reserve = NULL;
    out = (long)pool->made;
    for (size_t k = 0; k < sizeof pool->free / sizeof pool->free[0]; k++)
        for (const struct slab_object *o = pool->free[k]; o != NULL; o = o->next)
            out--;
    if (atomic_fetch_sub(&pool->foreign_count, out) == out)
        release(pool);
}

/* Map `size` bytes that begin at a multiple of SLAB_PIECE_SIZE. */
static struct slab_piece *map_piece(struct slab_pool *pool, size_t size)
{
    char *whole = mmap(NULL, 2 * SLAB_PIECE_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char *begin, *end = whole + 2 * SLAB_PIECE_SIZE;
    struct slab_piece *p;

    if (whole == MAP_FAILED)
        return NULL;
    begin = whole + (SLAB_PIECE_SIZE - (uintptr_t)whole % SLAB_PIECE_SIZE) % SLAB_PIECE_SIZE;
    if (begin > whole)
        munmap(whole, (size_t)(begin - whole));
    if (begin + size < end)
        munmap(begin + size, (size_t)(end - begin) - size);
    /* A kernel without huge pages refuses: fine. */
    madvise(begin, size, size == SLAB_PIECE_SIZE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    p = (struct slab_piece *)(void *)begin;
    p->pool = pool;
    p->size = size;
    return p;
}

static int next_piece(struct slab_pool *pool)
{
    struct slab_piece *p = pool->reserve;

    if (p != NULL) {
        pool->reserve = p->next;
    } else {
        p = map_piece(pool, pool->next_size);
        if (p == NULL)
            return -ENOMEM;
        if (pool->next_size < SLAB_PIECE_SIZE)
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

    if (SLAB_MALLOC_EACH)
        return;
    for (const struct slab_piece *p = pool->reserve; p != NULL; p = p->next)
        there += p->size;
    while (there < bytes) {
        size_t rest = (bytes - there + PIECE_ROUND - 1) / PIECE_ROUND * PIECE_ROUND;
        struct slab_piece *p = map_piece(pool, rest < SLAB_PIECE_SIZE ? rest : SLAB_PIECE_SIZE);

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
    struct slab_object *o = atomic_exchange(&pool->foreign, NULL);

    while (o != NULL) {
        struct slab_object *next = o->next;
        size_t k = o->size_class;

        o->next = pool->free[k];
        pool->free[k] = o;
        pool->made++;
        o = next;
    }
}

void *slab_alloc(struct slab_pool *pool, size_t size)
{
    size_t k = (size - 1) / SLAB_CLASS_STEP;
    struct slab_object *o;

    if (size > SLAB_OBJECT_MAX || SLAB_MALLOC_EACH)
        return malloc(size);
    if (atomic_load_explicit(&pool->foreign, memory_order_relaxed) != NULL)
        collect(pool);
    o = pool->free[k];
    if (o != NULL) {
        pool->free[k] = o->next;
    } else {
        size = (k + 1) * SLAB_CLASS_STEP;
        if ((size_t)(pool->fresh_end - pool->fresh) < size && next_piece(pool) < 0)
            return NULL;
        o = (void *)pool->fresh;
        pool->fresh += size;
        pool->made++;
    }
    if (pool->watched)
        VALGRIND_MALLOCLIKE_BLOCK(o, size, 0, 0);
    return o;
}

/* To a pool of another thread, which may have ended; the last object takes the pool along. */
static void free_foreign(struct slab_pool *pool, struct slab_object *o, size_t k)
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
    size_t k = (size - 1) / SLAB_CLASS_STEP;
    struct slab_object *o = object;
    const struct slab_piece *piece;
    struct slab_pool *pool;

    if (size > SLAB_OBJECT_MAX || SLAB_MALLOC_EACH) {
        free(object);
        return;
    }
    piece = (void *)((char *)object - (uintptr_t)object % SLAB_PIECE_SIZE);
    pool = piece->pool;
    if (pool->watched) {
        VALGRIND_FREELIKE_BLOCK(o, 0);
        VALGRIND_MAKE_MEM_DEFINED(o, sizeof *o); /* for the list */
    }
    if (pool != own) {
        free_foreign(pool, o, k);
        return;
    }
    o->next = pool->free[k];
    pool->free[k] = o;
}
