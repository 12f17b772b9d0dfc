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

#include <stddef.h>

#define SLAB_OBJECT_MAX 4096 /* bytes; larger ones come from malloc() */

struct slab_pool;

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

/* Get memory for objects of `bytes` in all from the system now, instead of when they are made; as
 * much of it as there is. */
void slab_reserve(struct slab_pool *pool, size_t bytes);

#endif
