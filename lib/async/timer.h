/* Timers: many deadlines in ns. Starting and stopping one takes constant time, whatever the number,
 * and allocates nothing. Firing one takes a few moves from list to list at most, and none where
 * timers were started in the order of their deadlines, as those of one span are.
 *
 * A wheel of wheels (Varghese and Lauck, 1987), to the ns. A deadline is a number of 11 digits to
 * the base 64. A timer lies in the list of the highest digit in which its deadline differs from
 * base_ns, the time of the last look. So all timers of one list are earlier than those of the next
 * digit and of higher levels. When the time of a list has come, its timers move to lower levels,
 * where their lists tell them apart. A list that is in order already is used up as it is instead.
 *
 * Owners embed their timers. One thread. */
#ifndef TVA_ASYNC_TIMER_H
#define TVA_ASYNC_TIMER_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_DIGIT_BITS 6
#define TIMER_DIGITS     (1 << TIMER_DIGIT_BITS)
#define TIMER_LEVELS     ((64 + TIMER_DIGIT_BITS - 1) / TIMER_DIGIT_BITS)

struct timer {
    struct list link; /* in one list of its wheel while started */
    uint64_t deadline_ns;
};

struct timer_wheel {
    uint64_t base_ns;                 /* no timer that was due before is still started */
    uint64_t levels;                  /* bit l: used[l] is not 0 */
    uint64_t used[TIMER_LEVELS];      /* bit d: the list of digit d is set up; stops may empty it */
    uint64_t unordered[TIMER_LEVELS]; /* bit d: that list is not in order of the deadlines */
    struct list lists[TIMER_LEVELS][TIMER_DIGITS];
    struct list run; /* a list in order whose time has come */
};

/* Set up one that is all 0. It must not move from then on. Nothing to free. */
static inline void timer_wheel_init(struct timer_wheel *wheel)
{
    list_init(&wheel->run);
}

/* Let a stopped timer fire at deadline_ns. One that has passed counts as the time of the last look
 * (timer_fire_due). */
void timer_start(struct timer_wheel *wheel, struct timer *timer, uint64_t deadline_ns);

/* True between start and fire or stop. */
static inline bool timer_started(const struct timer *timer)
{
    return list_linked(&timer->link);
}

/* Stop it; nothing happens when it is stopped already. */
static inline void timer_stop(struct timer *timer)
{
    if (timer_started(timer))
        list_remove(&timer->link);
}

/* When to call timer_fire_due() next; NO_DEADLINE when no timer is started. It is the earliest
 * deadline, or before it where many timers lie in one list that is not in order: that call then
 * puts them in order. */
uint64_t timer_next_ns(struct timer_wheel *wheel);

/* Stop every timer that is due at now_ns and call fire(timer), which may start and stop any: the
 * earliest first, equal ones in the order of their starts. */
void timer_fire_due(struct timer_wheel *wheel, uint64_t now_ns, void (*fire)(struct timer *timer));

#endif
