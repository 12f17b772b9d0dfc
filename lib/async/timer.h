/* Timers: many deadlines in ns. Finding the earliest takes constant time.
 *
 * A 4-ary heap whose entries carry their deadline, so that a search touches the heap's array and no
 * task. Owners embed their timers. One thread. */
#ifndef TVA_ASYNC_TIMER_H
#define TVA_ASYNC_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    size_t slot;                       /* 1 + its index in the heap; 0 when not started */
    void (*fire)(struct timer *timer); /* called once when due; the timer is stopped by then */
};

/* Empty when all 0. */
struct timer_heap {
    struct timer_entry *entries;
    size_t count, capacity;
};

/* Free its array, not the timers; it is empty then. */
void timer_heap_deinit(struct timer_heap *heap);

/* Let a stopped timer fire at deadline_ns. 0 or -ENOMEM. */
int timer_start(struct timer_heap *heap, struct timer *timer, uint64_t deadline_ns);

/* Stop it; nothing happens when it is stopped already. */
void timer_stop(struct timer_heap *heap, struct timer *timer);

/* True between start and fire or stop. */
static inline bool timer_started(const struct timer *timer)
{
    return timer->slot != 0;
}

/* The earliest deadline, NO_DEADLINE when the heap is empty. */
uint64_t timer_next_ns(const struct timer_heap *heap);

/* Fire every timer that is due at now_ns, the earliest first. */
void timer_fire_due(struct timer_heap *heap, uint64_t now_ns);

#endif
