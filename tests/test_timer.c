/* The promise: every timer fires exactly once, never before it is due, the earliest first; a
 * stopped one never fires; and this holds for any sequence of starts, stops and fires. */
#include "async/timer.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PROBES 300

struct world {
    struct timer_heap heap;
    uint64_t now_ns, last_fired_ns;
    unsigned fired, out_of_order, still_started;
};

struct probe {
    struct timer timer;
    struct world *world;
    struct probe *victim; /* stopped when this one fires */
    uint64_t deadline_ns; /* NO_DEADLINE while not started */
    uint64_t again_ns;    /* restart at this time when firing; 0: do not */
    unsigned fired;
};

static void fire(struct timer *timer)
{
    struct probe *p = container_of(timer, struct probe, timer);
    struct world *w = p->world;

    w->still_started += timer_started(timer);
    w->out_of_order += p->deadline_ns < w->last_fired_ns || p->deadline_ns > w->now_ns;
    w->last_fired_ns = p->deadline_ns;
    w->fired++;
    p->fired++;
    p->deadline_ns = NO_DEADLINE;
    if (p->victim != NULL)
        timer_stop(&w->heap, &p->victim->timer);
    if (p->again_ns != 0) {
        p->deadline_ns = p->again_ns;
        p->again_ns = 0;
        assert_int_equal(timer_start(&w->heap, timer, p->deadline_ns), 0);
    }
}

static void begin(struct world *w, struct probe *probes, size_t n)
{
    *w = (struct world){0};
    for (size_t i = 0; i < n; i++)
        probes[i] = (struct probe){.timer.fire = fire, .world = w, .deadline_ns = NO_DEADLINE};
}

static void start(struct probe *p, uint64_t deadline_ns)
{
    p->deadline_ns = deadline_ns;
    assert_int_equal(timer_start(&p->world->heap, &p->timer, deadline_ns), 0);
    assert_true(timer_started(&p->timer));
}

static void advance(struct world *w, uint64_t now_ns)
{
    w->now_ns = now_ns;
    w->last_fired_ns = 0;
    timer_fire_due(&w->heap, now_ns);
    assert_int_equal(w->out_of_order, 0);
    assert_int_equal(w->still_started, 0);
}

static void test_an_empty_heap_has_no_deadline(void **state)
{
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    assert_true(timer_next_ns(&w.heap) == NO_DEADLINE);
    advance(&w, UINT64_MAX);
    assert_int_equal(w.fired, 0);
    timer_heap_deinit(&w.heap);
    timer_heap_deinit(&w.heap);
}

static void test_what_is_due_fires_the_earliest_first(void **state)
{
    const uint64_t deadlines[] = {50, 10, 40, 20, 30, 15, 45, 0, 35};
    struct probe p[9];
    struct world w;

    (void)state;
    begin(&w, p, 9);
    for (size_t i = 0; i < 9; i++)
        start(&p[i], deadlines[i]);
    assert_true(timer_next_ns(&w.heap) == 0);
    advance(&w, 29);
    assert_int_equal(w.fired, 4);
    assert_true(timer_next_ns(&w.heap) == 30);
    advance(&w, 30);
    assert_int_equal(w.fired, 5);
    advance(&w, 1000);
    advance(&w, 2000);
    for (size_t i = 0; i < 9; i++)
        assert_true(p[i].fired == 1 && !timer_started(&p[i].timer));
    assert_true(timer_next_ns(&w.heap) == NO_DEADLINE);
    timer_heap_deinit(&w.heap);
}

static void test_equal_deadlines_all_fire(void **state)
{
    struct probe p[PROBES];
    struct world w;

    (void)state;
    begin(&w, p, PROBES);
    for (size_t i = 0; i < PROBES; i++)
        start(&p[i], 7);
    advance(&w, 6);
    assert_int_equal(w.fired, 0);
    advance(&w, 7);
    for (size_t i = 0; i < PROBES; i++)
        assert_int_equal(p[i].fired, 1);
    timer_heap_deinit(&w.heap);
}

static void test_any_timer_can_be_stopped(void **state)
{
    struct probe p[40];
    struct world w;

    (void)state;
    for (size_t victim = 0; victim < 40; victim++) {
        begin(&w, p, 40);
        for (size_t i = 0; i < 40; i++)
            start(&p[i], hash_mix(i) % 20);
        timer_stop(&w.heap, &p[victim].timer);
        timer_stop(&w.heap, &p[victim].timer);
        assert_false(timer_started(&p[victim].timer));
        advance(&w, 20);
        for (size_t i = 0; i < 40; i++)
            assert_int_equal(p[i].fired, i != victim);
        timer_heap_deinit(&w.heap);
    }
}

static void test_firing_may_stop_others_and_start_again(void **state)
{
    struct probe p[3];
    struct world w;

    (void)state;
    begin(&w, p, 3);
    start(&p[0], 1);
    start(&p[1], 2);
    start(&p[2], 3);
    p[0].victim = &p[1]; /* due in the same call, but stopped before its turn */
    p[0].again_ns = 9;   /* due later */
    p[2].again_ns = 4;   /* due at once */
    advance(&w, 5);
    assert_int_equal(p[0].fired, 1);
    assert_int_equal(p[1].fired, 0);
    assert_int_equal(p[2].fired, 2);
    assert_true(timer_next_ns(&w.heap) == 9);
    advance(&w, 9);
    assert_int_equal(p[0].fired, 2);
    timer_heap_deinit(&w.heap);
}

static void test_the_ends_of_the_clock_are_deadlines_too(void **state)
{
    struct probe p[3];
    struct world w;

    (void)state;
    begin(&w, p, 3);
    start(&p[0], UINT64_MAX - 1);
    start(&p[1], 0);
    start(&p[2], UINT64_MAX / 2 + 1);
    advance(&w, UINT64_MAX - 2);
    assert_true(p[0].fired == 0 && p[1].fired == 1 && p[2].fired == 1);
    advance(&w, UINT64_MAX - 1);
    assert_int_equal(p[0].fired, 1);
    timer_heap_deinit(&w.heap);
}

/* The reference: look at all of them. */
static uint64_t earliest(const struct probe *p)
{
    uint64_t least = NO_DEADLINE;

    for (size_t i = 0; i < PROBES; i++)
        least = p[i].deadline_ns < least ? p[i].deadline_ns : least;
    return least;
}

static void test_random_use_agrees_with_a_plain_search(void **state)
{
    static struct probe p[PROBES];
    struct world w;
    uint64_t now_ns = 0;
    size_t steps = 0;

    (void)state;
    begin(&w, p, PROBES);
    for (uint64_t i = 0; i < 30000; i++) {
        uint64_t random = hash_mix(i);
        struct probe *chosen = &p[random % PROBES];

        if (timer_started(&chosen->timer)) {
            timer_stop(&w.heap, &chosen->timer);
            chosen->deadline_ns = NO_DEADLINE;
        } else {
            start(chosen, now_ns + (random >> 32) % 1000);
        }
        if ((random >> 20) % 8 == 0) {
            advance(&w, now_ns += (random >> 40) % 100);
            steps++;
        }
        assert_true(timer_next_ns(&w.heap) == earliest(p));
    }
    assert_true(steps > 1000 && w.fired > 1000);
    timer_heap_deinit(&w.heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_heap_has_no_deadline),
        cmocka_unit_test(test_what_is_due_fires_the_earliest_first),
        cmocka_unit_test(test_equal_deadlines_all_fire),
        cmocka_unit_test(test_any_timer_can_be_stopped),
        cmocka_unit_test(test_firing_may_stop_others_and_start_again),
        cmocka_unit_test(test_the_ends_of_the_clock_are_deadlines_too),
        cmocka_unit_test(test_random_use_agrees_with_a_plain_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
