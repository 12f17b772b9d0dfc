/* Memory for what a loop makes and frees all the time: tasks, coroutines, live bytes of parked
 * stacks.
 *
 * Objects of one size class are cut from pieces of 2 MiB, which the kernel is asked to back by huge
 * pages, and go through a free list, last in, first out. The first pieces are smaller, on ordinary
 * pages, so that a loop with few tasks pays for few. The system gets the pieces back when the pool
 * goes, or, if objects outlive it, when the last of them is given back.
 *
 * A pool belongs to one thread; others may give objects back. Under sanitizers each object is
 * an allocation of its own, and Valgrind learns of each, so that these tools see its use. */
#ifndef TVA_ASYNC_SLAB_H
#define TVA_ASYNC_SLAB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sanitizers see what malloc() makes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLAB_MALLOC_EACH true
#else
#define SLAB_MALLOC_EACH false
#endif

#define SLAB_OBJECT_MAX 4096 /* bytes; larger ones come from malloc() */
#define SLAB_CLASS_STEP 32
#define SLAB_PIECE_SIZE ((size_t)2 << 20)
#define SLAB_CACHE_LINE 64

struct slab_object {
    struct slab_object *next;
    size_t size_class; /* while in `foreign` */
};

/* At the low end of a piece; the address of an object leads here. */
struct slab_piece {
    struct slab_pool *pool;
    struct slab_piece *next;
    size_t size;
    char unused[40]; /* objects begin on a cache line */
};

/* For the inline functions; all private. */
struct slab_pool {
    struct slab_object *free[SLAB_OBJECT_MAX / SLAB_CLASS_STEP];
    bool watched; /* by Valgrind or a test: no object without slab_alloc(), slab_free() */
    char *fresh, *fresh_end;    /* of the newest piece, not yet handed out */
    struct slab_piece *pieces;  /* all in use */
    struct slab_piece *reserve; /* for later */
    size_t next_size;           /* of the next piece; doubles up to SLAB_PIECE_SIZE */
    size_t made;                /* objects cut from pieces, and those taken over from `foreign` */

    _Atomic(struct slab_object *) foreign; /* given back by other threads */
    atomic_long foreign_count; /* so many in all; from the pool's end on less what was out then */
};

/* 0 or -ENOMEM. */
int slab_pool_create(struct slab_pool **out);

/* End of the owner's use; NULL is allowed. */
void slab_pool_destroy(struct slab_pool *pool);

/* An object of `size` bytes > 0, aligned to 32, not cleared; on the owner's thread. NULL when out
 * of memory. */
void *slab_alloc(struct slab_pool *pool, size_t size);

/* Give back an object of any pool, of the same size. `own` is the pool of this thread, NULL when it
 * has none. */
void slab_free(struct slab_pool *own, void *object, size_t size);

/* An object that was given back, at once: NULL when there is none, and slab_alloc() may have one.
 * For a size that the compiler knows, as slab_give(), which is slab_free(). */
static inline void *slab_take(struct slab_pool *pool, size_t size)
{
    struct slab_object **head = &pool->free[(size - 1) / SLAB_CLASS_STEP], *o = *head;

    if (o == NULL || pool->watched)
        return NULL;
    *head = o->next;
    for (size_t at = 0; at < size && o->next != NULL; at += SLAB_CACHE_LINE)
        __builtin_prefetch((char *)o->next + at, 1); /* for the next slab_take() */
    return o;
}

static inline void slab_give(struct slab_pool *own, void *object, size_t size)
{
    struct slab_object **head, *o = object;
    const struct slab_piece *piece = (void *)((char *)object - (uintptr_t)object % SLAB_PIECE_SIZE);

    if (SLAB_MALLOC_EACH || piece->pool != own || own->watched) {
        slab_free(own, object, size);
        return;
    }
    head = &own->free[(size - 1) / SLAB_CLASS_STEP];
    o->next = *head;
    *head = o;
}

/* Get memory for objects of `bytes` in all from the system now, instead of when they are made; as
 * much of it as there is. */
void slab_reserve(struct slab_pool *pool, size_t bytes);

#endif
