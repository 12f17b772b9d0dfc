/* The promise: every timer fires exactly once, never before it is due, the earliest first, equal
 * ones in the order of their starts; a stopped one never fires; and this holds for any sequence of
 * starts, stops and fires, of any spans. The time to look at is never past the earliest deadline,
 * and looks that fire nothing are few. */
#include "async/timer.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PROBES 300

struct world {
    struct timer_wheel wheel;
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
        timer_stop(&p->victim->timer);
    if (p->again_ns != 0) {
        p->deadline_ns = p->again_ns;
        p->again_ns = 0;
        timer_start(&w->wheel, timer, p->deadline_ns);
    }
}

static void begin(struct world *w, struct probe *probes, size_t n)
{
    *w = (struct world){0};
    timer_wheel_init(&w->wheel);
    for (size_t i = 0; i < n; i++)
        probes[i] = (struct probe){.world = w, .deadline_ns = NO_DEADLINE};
}

static void start(struct probe *p, uint64_t deadline_ns)
{
    p->deadline_ns = deadline_ns;
    timer_start(&p->world->wheel, &p->timer, deadline_ns);
    assert_true(timer_started(&p->timer));
}

static void advance(struct world *w, uint64_t now_ns)
{
    w->now_ns = now_ns;
    w->last_fired_ns = 0;
    timer_fire_due(&w->wheel, now_ns, fire);
    assert_int_equal(w->out_of_order, 0);
    assert_int_equal(w->still_started, 0);
}

static void test_an_empty_wheel_has_no_deadline(void **state)
{
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    assert_true(timer_next_ns(&w.wheel) == NO_DEADLINE);
    advance(&w, UINT64_MAX);
    assert_int_equal(w.fired, 0);
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
    assert_true(timer_next_ns(&w.wheel) == 0);
    advance(&w, 29);
    assert_int_equal(w.fired, 4);
    assert_true(timer_next_ns(&w.wheel) == 30);
    advance(&w, 30);
    assert_int_equal(w.fired, 5);
    advance(&w, 1000);
    advance(&w, 2000);
    for (size_t i = 0; i < 9; i++)
        assert_true(p[i].fired == 1 && !timer_started(&p[i].timer));
    assert_true(timer_next_ns(&w.wheel) == NO_DEADLINE);
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
        timer_stop(&p[victim].timer);
        timer_stop(&p[victim].timer);
        assert_false(timer_started(&p[victim].timer));
        advance(&w, 20);
        for (size_t i = 0; i < 40; i++)
            assert_int_equal(p[i].fired, i != victim);
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
    assert_true(timer_next_ns(&w.wheel) == 9);
    advance(&w, 9);
    assert_int_equal(p[0].fired, 2);
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
}

static void test_a_time_that_has_passed_is_due_at_the_next_look(void **state)
{
    struct probe p[3];
    struct world w;

    (void)state;
    begin(&w, p, 3);
    advance(&w, 1000);
    start(&p[0], 1001);
    start(&p[1], 10);
    start(&p[2], 1000);
    assert_true(timer_next_ns(&w.wheel) <= 1000);
    advance(&w, 1000);
    assert_true(p[0].fired == 0 && p[1].fired == 1 && p[2].fired == 1);
    advance(&w, 1001);
    assert_int_equal(p[0].fired, 1);
}

/* ---- Any sequence, beside the plainest of queues: an array that is searched ---- */

struct reference {
    uint64_t order, deadline_ns;
};

/* The first to fire of those that are started; PROBES: none is. */
static size_t first_of(const struct reference *r)
{
    size_t first = PROBES;

    for (size_t i = 0; i < PROBES; i++)
        if (r[i].order != 0 &&
            (first == PROBES || r[i].deadline_ns < r[first].deadline_ns ||
             (r[i].deadline_ns == r[first].deadline_ns && r[i].order < r[first].order)))
            first = i;
    return first;
}

/* What both queues share while a test runs. */
static struct {
    struct probe probes[PROBES];
    struct reference reference[PROBES];
    uint64_t starts, wrong;
    uint64_t (*span_ns)(uint64_t random);
} both;

static void start_both(size_t i, uint64_t deadline_ns)
{
    start(&both.probes[i], deadline_ns);
    both.reference[i] = (struct reference){++both.starts, deadline_ns};
}

/* Some start again as they fire, at once or later; some stop another. */
static void fire_both(struct timer *timer)
{
    struct probe *p = container_of(timer, struct probe, timer);
    size_t i = (size_t)(p - both.probes);
    uint64_t random = hash_mix(both.starts + p->world->fired++);

    both.wrong += first_of(both.reference) != i || p->deadline_ns > p->world->now_ns;
    both.reference[i].order = 0;
    if (random % 8 == 0) {
        size_t victim = (random >> 32) % PROBES;

        timer_stop(&both.probes[victim].timer);
        both.reference[victim].order = 0;
    }
    if (random % 4 == 0)
        start_both(i, p->deadline_ns + (random % 16 ? both.span_ns(random >> 8) : 0));
}

/* Advance to the time that the wheel asks for, then some further: returns whether that first look
 * was in vain. */
static bool look_both(struct world *w, uint64_t further_ns)
{
    size_t first = first_of(both.reference);
    uint64_t next_ns = timer_next_ns(&w->wheel);
    unsigned fired = w->fired;
    bool vain;

    if (first == PROBES) {
        assert_true(next_ns == NO_DEADLINE);
        return false;
    }
    assert_true(next_ns <= both.reference[first].deadline_ns);
    w->now_ns = next_ns > w->now_ns ? next_ns : w->now_ns;
    timer_fire_due(&w->wheel, w->now_ns, fire_both);
    vain = w->fired == fired;
    w->now_ns += further_ns;
    timer_fire_due(&w->wheel, w->now_ns, fire_both);
    first = first_of(both.reference);
    assert_true(first == PROBES || both.reference[first].deadline_ns > w->now_ns);
    assert_int_equal(both.wrong, 0);
    return vain;
}

static void use_at_random(uint64_t (*span_ns)(uint64_t random))
{
    uint64_t vain = 0, looks = 0;
    struct world w;

    begin(&w, both.probes, PROBES);
    memset(both.reference, 0, sizeof both.reference);
    both.span_ns = span_ns;
    w.now_ns = hash_mix(span_ns(7)) >> 8;
    timer_fire_due(&w.wheel, w.now_ns, fire_both);
    for (uint64_t n = 0; n < 20000; n++) {
        uint64_t random = hash_mix(n);
        size_t i = random % PROBES;

        if (both.reference[i].order == 0) {
            start_both(i, w.now_ns + span_ns(random >> 16));
        } else if (random >> 60 < 4) {
            timer_stop(&both.probes[i].timer);
            both.reference[i].order = 0;
        }
        if ((random >> 56) % 8 == 0) {
            vain += look_both(&w, (random >> 52) % 4 ? 0 : span_ns(random >> 20) / 64);
            looks++;
        }
    }
    assert_true(w.fired > 2000);
    assert_true(vain < looks / 4);
}

static uint64_t any_span(uint64_t random)
{
    return random % 1000;
}

static uint64_t span_of_any_size(uint64_t random)
{
    return hash_mix(random) >> (30 + random % 34);
}

static uint64_t one_of_three_spans(uint64_t random)
{
    static const uint64_t spans[] = {1000000, 100000000, 99999999};

    return spans[random % 3];
}

static uint64_t one_span(uint64_t random)
{
    (void)random;
    return 100000000;
}

static uint64_t few_times(uint64_t random)
{
    return random % 5 << 20;
}

static void test_any_use_agrees_with_a_plain_search(void **state)
{
    (void)state;
    use_at_random(any_span);
    use_at_random(span_of_any_size);
    use_at_random(one_of_three_spans);
    use_at_random(one_span);
    use_at_random(few_times);
}

#define MANY 1000000u

static void test_a_million_fire_in_order(void **state)
{
    struct probe *p = calloc(MANY, sizeof *p);
    struct world w;

    (void)state;
    assert_non_null(p);
    begin(&w, p, MANY);
    for (size_t i = 0; i < MANY; i++)
        start(&p[i], 1000 + (i % 2 ? hash_mix(i) >> 34 : i));
    for (size_t i = 0; i < MANY; i += 3)
        timer_stop(&p[i].timer);
    for (uint64_t now_ns = 1; now_ns < 1ULL << 31; now_ns += 1ULL << 25)
        advance(&w, now_ns);
    for (size_t i = 0; i < MANY; i++)
        if (p[i].fired != (i % 3 != 0))
            fail_msg("timer %zu fired %u times", i, p[i].fired);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_wheel_has_no_deadline),
        cmocka_unit_test(test_what_is_due_fires_the_earliest_first),
        cmocka_unit_test(test_equal_deadlines_all_fire),
        cmocka_unit_test(test_any_timer_can_be_stopped),
        cmocka_unit_test(test_firing_may_stop_others_and_start_again),
        cmocka_unit_test(test_the_ends_of_the_clock_are_deadlines_too),
        cmocka_unit_test(test_a_time_that_has_passed_is_due_at_the_next_look),
        cmocka_unit_test(test_any_use_agrees_with_a_plain_search),
        cmocka_unit_test(test_a_million_fire_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
