#include "async/timer.h"

#include "base/clock.h"

/* timer_next_ns() looks at so many timers of a list that is not in order; a longer list is put in
 * order before its first timer is due. */
#define LOOK_AT 16

/* A list of the wheel. */
struct place {
    unsigned level, digit;
    struct list *list;
};

static uint64_t deadline_of(const struct list *node)
{
    return container_of(node, struct timer, link)->deadline_ns;
}

/* The first ns whose timers lie there. Two shifts: the highest level has less than 6 bits. */
static uint64_t start_ns(const struct timer_wheel *wheel, struct place p)
{
    unsigned bit = p.level * TIMER_DIGIT_BITS;

    return (wheel->base_ns >> bit >> TIMER_DIGIT_BITS << TIMER_DIGIT_BITS | p.digit) << bit;
}

static bool in_order(const struct timer_wheel *wheel, struct place p)
{
    return !(wheel->unordered[p.level] >> p.digit & 1);
}

static void forget(struct timer_wheel *wheel, struct place p)
{
    wheel->used[p.level] &= ~(1ULL << p.digit);
    if (wheel->used[p.level] == 0)
        wheel->levels &= ~(1ULL << p.level);
}

/* The list of the earliest timers that do not lie in the run. False: there are none. */
static bool first_list(struct timer_wheel *wheel, struct place *p)
{
    while (wheel->levels != 0) {
        p->level = (unsigned)__builtin_ctzll(wheel->levels);
        p->digit = (unsigned)__builtin_ctzll(wheel->used[p->level]);
        p->list = &wheel->lists[p->level][p->digit];
        if (!list_empty(p->list))
            return true;
        forget(wheel, *p);
    }
    return false;
}

void timer_start(struct timer_wheel *wheel, struct timer *timer, uint64_t deadline_ns)
{
    uint64_t at_ns = deadline_ns > wheel->base_ns ? deadline_ns : wheel->base_ns;
    unsigned level =
        (63 - (unsigned)__builtin_clzll((at_ns ^ wheel->base_ns) | 1)) / TIMER_DIGIT_BITS;
    unsigned digit = at_ns >> level * TIMER_DIGIT_BITS & (TIMER_DIGITS - 1);
    struct list *list = &wheel->lists[level][digit];
    uint64_t bit = 1ULL << digit;

    timer->deadline_ns = deadline_ns;
    if (!(wheel->used[level] & bit)) {
        wheel->levels |= 1ULL << level;
        wheel->used[level] |= bit;
        list_init(list);
    }
    if (list_empty(list))
        wheel->unordered[level] &= ~bit;
    else if (level > 0 && deadline_ns < deadline_of(list->prev))
        wheel->unordered[level] |= bit;
    list_append(list, &timer->link);
}

/* Its time has come, so lower levels tell its timers apart. */
static void spread(struct timer_wheel *wheel, struct place p)
{
    struct list *node = p.list->next;

    forget(wheel, p);
    while (node != p.list) {
        struct timer *timer = container_of(node, struct timer, link);

        node = node->next;
        timer_start(wheel, timer, timer->deadline_ns);
    }
}

/* Move all nodes to the empty list `to`. */
static void move_all(struct list *from, struct list *to)
{
    *to = *from;
    to->next->prev = to->prev->next = to;
    list_init(from);
}

/* The earliest timer that is due, stopped; NULL when there is none. */
static struct timer *take_due(struct timer_wheel *wheel, uint64_t now_ns)
{
    const struct list *run = &wheel->run;
    struct place p;

    for (;;) {
        bool more = first_list(wheel, &p);
        uint64_t list_ns = more ? start_ns(wheel, p) : NO_DEADLINE;
        uint64_t run_ns = list_empty(run) ? NO_DEADLINE : deadline_of(run->next);
        uint64_t next_ns = run_ns < list_ns ? run_ns : list_ns;

        /* All lists keep their places: none begins before it. */
        if (next_ns > now_ns || (!more && list_empty(run))) {
            wheel->base_ns = now_ns > wheel->base_ns ? now_ns : wheel->base_ns;
            return NULL;
        }
        wheel->base_ns = next_ns > wheel->base_ns ? next_ns : wheel->base_ns;
        if (run_ns <= list_ns)
            return container_of(list_take_first(&wheel->run), struct timer, link);
        if (p.level == 0)
            return container_of(list_take_first(p.list), struct timer, link);
        if (list_empty(run) && in_order(wheel, p))
            move_all(p.list, &wheel->run);
        else
            spread(wheel, p);
    }
}

uint64_t timer_next_ns(struct timer_wheel *wheel)
{
    uint64_t least_ns = list_empty(&wheel->run) ? NO_DEADLINE : deadline_of(wheel->run.next);
    struct place p;
    size_t n = 0;

    if (!first_list(wheel, &p) || start_ns(wheel, p) >= least_ns)
        return least_ns;
    for (const struct list *node = p.list->next; node != p.list; node = node->next) {
        if (n++ == LOOK_AT)
            return start_ns(wheel, p);
        if (deadline_of(node) < least_ns)
            least_ns = deadline_of(node);
        if (in_order(wheel, p))
            break;
    }
    return least_ns;
}

void timer_fire_due(struct timer_wheel *wheel, uint64_t now_ns, void (*fire)(struct timer *timer))
{
    struct timer *timer;

    while ((timer = take_due(wheel, now_ns)) != NULL)
        fire(timer);
}
