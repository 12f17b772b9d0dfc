/* Homes: a few stacks that many tasks share, each at one address for life. For this folder.
 *
 * A parkable task runs on the home that it was given when it began. It stays there while it waits,
 * until another task of that home is to run: then its live bytes, from its stack pointer to the
 * top, go to a block of memory, and come back before it goes on. So a task that waits costs what it
 * holds, and few tasks are never copied.
 *
 * Invariant: a task that waits on a home of more than one task has a block for its live bytes, so
 * that nothing can fail when another is to run. It gets the block before it suspends: its wait
 * returns -ENOMEM where there is none. A wait that must not fail keeps the home instead, and the
 * home's other tasks stay ready meanwhile. */
#ifndef TVA_ASYNC_HOME_H
#define TVA_ASYNC_HOME_H

#include "async/slab.h"
#include "async/stack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOMES_MAX 64 /* their hot ends fit into a first-level cache */
/* Stack of the calls between a wait's beginning and its last switch: 0.5 KiB at -O2, 0.8 at -O0. */
#define HOME_SPARE_BYTES 1024

struct task;

struct home {
    struct stack stack;
    struct task *occupant; /* whose bytes lie there; NULL: none; anything while it is free */
    size_t tasks;          /* begun and not ended; 1 while it is free, for the next */
    size_t poisoned;       /* so many bytes below the top must still hold the poison */
    struct home *next_free;
};

/* A task's part. */
struct parking {
    void *block; /* for its live bytes; NULL: none */
    size_t block_size;
    struct home *home; /* NULL: the task has a stack of its own, or has not begun */
};

struct homes {
    struct stack_pool *stacks;
    struct slab_pool *slabs;
    struct home home[HOMES_MAX];
    unsigned max, made, next;
    struct home *free; /* homes without a task, the last used first */
    bool poison;       /* tests: every waiting task is out, and its home is poisoned */
};

/* `max` homes, at most HOMES_MAX. */
void homes_init(struct homes *h, struct stack_pool *stacks, struct slab_pool *slabs, unsigned max,
                bool poison);

/* All tasks have ended: give the stacks back. */
void homes_deinit(struct homes *h);

/* Give a task that begins a home, and let it be the occupant; `p` is its part. 0 or -ENOMEM. */
int home_enter_shared(struct homes *h, struct task *t);

static inline int home_enter(struct homes *h, struct task *t, struct parking *p)
{
    struct home *home = h->free;

    if (home == NULL)
        return home_enter_shared(h, t);
    h->free = home->next_free;
    home->occupant = t;
    *p = (struct parking){.home = home};
    return 0;
}

/* A task that begun is to go on: let it be the occupant. False when the occupant cannot leave yet.
 */
bool home_return(struct homes *h, struct task *t);

/* The task of this part, which is the occupant, has ended. */
static inline void home_leave(struct homes *h, struct parking *p)
{
    struct home *home = p->home;

    if (p->block != NULL)
        slab_free(h->slabs, p->block, p->block_size);
    if (home->tasks == 1) {
        home->next_free = h->free;
        h->free = home;
    } else {
        home->tasks--;
        home->occupant = NULL;
    }
}

/* With poison: the task, which is the occupant, has suspended. */
void home_poison(struct homes *h, struct task *t);

/* The running task is about to suspend: see that it has a block if its home has other tasks.
 * `spare` more bytes of stack may be in use by then. 0 or -ENOMEM. */
int home_secure(struct homes *h, struct task *t, size_t spare);

#endif
