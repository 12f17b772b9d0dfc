#include "async/timer.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>

#define ARITY 4 /* children of an entry lie in one cache line */

struct timer_entry {
    uint64_t deadline_ns;
    struct timer *timer;
};

void timer_heap_deinit(struct timer_heap *heap)
{
    free(heap->entries);
    *heap = (struct timer_heap){0};
}

static void place(struct timer_heap *heap, size_t i, struct timer_entry e)
{
    heap->entries[i] = e;
    e.timer->slot = i + 1;
}

static void sift_up(struct timer_heap *heap, size_t i, struct timer_entry e)
{
    while (i > 0) {
        size_t parent = (i - 1) / ARITY;

        if (heap->entries[parent].deadline_ns <= e.deadline_ns)
            break;
        place(heap, i, heap->entries[parent]);
        i = parent;
    }
    place(heap, i, e);
}

static void sift_down(struct timer_heap *heap, size_t i, struct timer_entry e)
{
    for (;;) {
        size_t first = i * ARITY + 1, least = first;
        size_t end = first + ARITY < heap->count ? first + ARITY : heap->count;

        if (first >= heap->count)
            break;
        for (size_t c = first + 1; c < end; c++)
            if (heap->entries[c].deadline_ns < heap->entries[least].deadline_ns)
                least = c;
        if (e.deadline_ns <= heap->entries[least].deadline_ns)
            break;
        place(heap, i, heap->entries[least]);
        i = least;
    }
    place(heap, i, e);
}

int timer_start(struct timer_heap *heap, struct timer *timer, uint64_t deadline_ns)
{
    if (heap->count == heap->capacity) {
        size_t capacity = heap->capacity ? heap->capacity * 2 : 64;
        struct timer_entry *entries = realloc(heap->entries, capacity * sizeof *entries);

        if (entries == NULL)
            return -ENOMEM;
        heap->entries = entries;
        heap->capacity = capacity;
    }
    sift_up(heap, heap->count++, (struct timer_entry){deadline_ns, timer});
    return 0;
}

void timer_stop(struct timer_heap *heap, struct timer *timer)
{
    size_t i = timer->slot - 1;
    struct timer_entry last;

    if (!timer_started(timer))
        return;
    timer->slot = 0;
    last = heap->entries[--heap->count];
    if (i == heap->count)
        return;
    if (i > 0 && last.deadline_ns < heap->entries[(i - 1) / ARITY].deadline_ns)
        sift_up(heap, i, last);
    else
        sift_down(heap, i, last);
}

uint64_t timer_next_ns(const struct timer_heap *heap)
{
    return heap->count ? heap->entries[0].deadline_ns : NO_DEADLINE;
}

void timer_fire_due(struct timer_heap *heap, uint64_t now_ns)
{
    while (heap->count && heap->entries[0].deadline_ns <= now_ns) {
        struct timer *timer = heap->entries[0].timer;

        timer_stop(heap, timer);
        timer->fire(timer);
    }
}
