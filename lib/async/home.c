#include "async/home.h"

#include "async/loop_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEP   1024 /* a home whose occupant holds more is not given to others, if possible */
#define TRIES  4
#define POISON 0xa5

/* What a switch puts on the stack, less what the call of home_secure() does. */
#define SWITCH_BYTES (FIBER_SWITCH_INLINE ? 0 : 256)

void homes_init(struct homes *h, struct stack_pool *stacks, struct slab_pool *slabs, unsigned max,
                bool poison)
{
    *h = (struct homes){.stacks = stacks,
                        .slabs = slabs,
                        .max = max < HOMES_MAX ? max : HOMES_MAX,
                        .poison = poison};
}

void homes_deinit(struct homes *h)
{
    for (unsigned i = 0; i < h->made; i++)
        stack_release(h->stacks, &h->home[i].stack);
}

static char *top_of(const struct home *home)
{
    return home->stack.base + home->stack.size;
}

/* So many bytes a task that waits holds on its home. */
static size_t live_bytes(const struct task *t)
{
    return (size_t)(top_of(t->parking.home) - (const char *)t->fiber.context);
}

/* Give the occupant a block of at least that size. */
static int block_ensure(struct homes *h, struct home *home, size_t size)
{
    struct parking *p = &home->occupant->parking;
    void *block;

    if (size <= p->block_size)
        return 0;
    block = slab_alloc(h->slabs, size);
    if (block == NULL)
        return -ENOMEM;
    if (p->block != NULL)
        slab_free(h->slabs, p->block, p->block_size);
    p->block = block;
    p->block_size = size;
    return 0;
}

/* Copy the occupant's bytes to its block. True when the home has no occupant any more. One that
 * waited alone there has had no need of a block. */
static inline bool vacate(struct homes *h, struct home *home)
{
    struct task *t = home->occupant;
    size_t live;

    if (t == NULL)
        return true;
    live = live_bytes(t);
    if (live > t->parking.block_size && block_ensure(h, home, live) < 0)
        return false;
    memcpy(t->parking.block, t->fiber.context, live);
    t->flags.away = true;
    home->occupant = NULL;
    return true;
}

static void check_poison(struct home *home, const struct task *t)
{
    const char *top = top_of(home);

    for (size_t at = 1; at <= home->poisoned; at++)
        if ((unsigned char)top[-(ptrdiff_t)at] != POISON) {
            fprintf(stderr,
                    "tva: something wrote to the stack of a parked task, found when '%s' was to "
                    "run\n",
                    t->coro.name);
            abort();
        }
    home->poisoned = 0;
}

void home_poison(struct homes *h, struct task *t)
{
    struct home *home = t->parking.home;

    if (!vacate(h, home))
        return;
    home->poisoned = live_bytes(t);
    memset(top_of(home) - home->poisoned, POISON, home->poisoned);
}

/* A new one, or the next in turn whose occupant is not deep. */
static struct home *choose(struct homes *h)
{
    struct home *home = NULL;

    if (h->made < h->max && stack_acquire(h->stacks, &h->home[h->made].stack) == 0)
        return &h->home[h->made++];
    for (unsigned i = 0; i < TRIES && h->made > 0; i++) {
        home = &h->home[h->next++ % h->made];
        if (home->occupant == NULL || live_bytes(home->occupant) <= DEEP)
            break;
    }
    return home;
}

int home_enter_shared(struct homes *h, struct task *t)
{
    struct home *home = choose(h);

    if (home == NULL || !vacate(h, home))
        return -ENOMEM;
    if (home->poisoned > 0)
        check_poison(home, t);
    t->flags.shares = home->tasks++ > 0;
    t->parking = (struct parking){.home = home};
    home->occupant = t;
    return 0;
}

bool home_return(struct homes *h, struct task *t)
{
    struct home *home = t->parking.home;

    if (!vacate(h, home))
        return false;
    if (home->poisoned > 0)
        check_poison(home, t);
    memcpy(t->fiber.context, t->parking.block, live_bytes(t));
    t->flags.shares = home->tasks > 1;
    t->flags.away = false;
    home->occupant = t;
    return true;
}

__attribute__((noinline)) int home_secure(struct homes *h, struct task *t, size_t spare)
{
    struct home *home = t->parking.home;
    const char *here = __builtin_frame_address(0);

    return block_ensure(h, home, (size_t)(top_of(home) - here) + SWITCH_BYTES + spare);
}
