/* The promise: a queue that does as theory says is never called off, however unlucky its draw, and
 * agrees to the last digit once the luck is taken out; the cost of hand-offs has a figure of its
 * own; and a model that adds to the wait, has fewer servers than it should, or holds jobs back is
 * called off even when its interval is wide enough to hide it. */
#include "summary/queue_check.h"

#include "base/random.h"
#include "math/distribution.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define SERVICE_S   0.01
#define SERVERS_MAX 64
#define US          NS_PER_US

/* A model of so many servers, which adds to every job: before it begins when it found one free, and
 * otherwise between it and the job before. */
struct machine {
    uint64_t servers, hand_off_ns, turn_ns;
};

static struct theory_queue queue_of(uint64_t servers, double load)
{
    return (struct theory_queue){.arrivals_per_s = load / SERVICE_S,
                                 .service_s = SERVICE_S,
                                 .service_scv = 1,
                                 .servers = servers};
}

/* Run n jobs of the queue through the machine; free() them. */
static struct sample *play(const struct theory_queue *q, const struct machine *m, uint64_t seed,
                           size_t n)
{
    struct sample *samples = calloc(n, sizeof *samples);
    uint64_t free_at[SERVERS_MAX] = {0}, at_ns = NS_PER_S;

    assert_non_null(samples);
    for (size_t i = 0; i < n; i++) {
        struct sample *s = &samples[i];
        size_t first = 0;

        at_ns += distribution_sample_ns(DISTRIBUTION_EXPONENTIAL,
                                        (uint64_t)(NS_PER_S / q->arrivals_per_s),
                                        random_uniform(seed, RANDOM_ARRIVALS, i));
        for (size_t k = 1; k < m->servers && k < SERVERS_MAX; k++)
            first = free_at[k] < free_at[first] ? k : first;
        s->intended_ns = s->submitted_ns = at_ns;
        s->started_ns =
            free_at[first] <= at_ns ? at_ns + m->hand_off_ns : free_at[first] + m->turn_ns;
        s->finished_ns =
            s->started_ns + distribution_draw_ns(DISTRIBUTION_EXPONENTIAL, 10 * NS_PER_MS, seed, i);
        free_at[first] = s->finished_ns;
    }
    return samples;
}

static struct queue_check check(const struct theory_queue *q, const struct machine *m,
                                uint64_t seed, size_t n)
{
    struct sample *samples = play(q, m, seed, n);
    struct queue_check c;

    assert_int_equal(queue_check_samples(q, samples, n, n / 10, &c), 0);
    free(samples);
    return c;
}

static void exact_queues_agree_exactly(void **state)
{
    static const uint64_t servers[] = {1, 4, 16};
    static const double utilisations[] = {0.5, 0.7, 0.9};

    (void)state;
    for (size_t i = 0; i < 9; i++) {
        uint64_t count = servers[i / 3];
        struct theory_queue q = queue_of(count, utilisations[i % 3] * (double)count);
        struct machine m = {.servers = count};
        struct queue_check c = check(&q, &m, 7, 2000);

        assert_int_equal(c.jobs, 1800);
        assert_true(fabs(c.measured.mean - c.ideal) <= 1e-12);
        assert_true(fabs(c.adjusted.mean - c.theory.mean_wait_s) <= 1e-12);
        assert_true(fabs(c.adjusted.ci_high - c.adjusted.ci_low) <= 1e-12);
        assert_true(c.hand_off_s == 0 && c.ks_ideal == 0);
        assert_true(c.measured.ci_low < c.measured.mean && c.measured.mean < c.measured.ci_high);
        assert_int_not_equal(queue_check_mean_verdict(&c), QUEUE_OFF);
        assert_int_not_equal(queue_check_ks_verdict(&c), QUEUE_OFF);
    }
}

static void long_runs_come_near_theory_by_themselves(void **state)
{
    struct theory_queue q = queue_of(4, 2.8);
    struct machine m = {.servers = 4};
    struct queue_check c = check(&q, &m, 3, 150000);

    (void)state;
    assert_int_equal(queue_check_mean_verdict(&c), QUEUE_OK);
    assert_int_equal(queue_check_ks_verdict(&c), QUEUE_OK);
    assert_true(fabs(c.waited - c.theory.wait_probability) < 0.02);
}

/* Of 400 short draws many are far from theory, and some outside of their own interval. */
static void an_unlucky_draw_is_not_off(void **state)
{
    struct theory_queue q = queue_of(1, 0.9);
    struct machine m = {.servers = 1};
    size_t found[QUEUE_OFF + 1] = {0};

    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct queue_check c = check(&q, &m, seed, 400);

        found[queue_check_mean_verdict(&c)]++;
        assert_int_not_equal(queue_check_ks_verdict(&c), QUEUE_OFF);
    }
    assert_true(found[QUEUE_OK] > 0 && found[QUEUE_INTERVAL] > 0 && found[QUEUE_LUCK] > 0);
    assert_int_equal(found[QUEUE_OFF], 0);
}

static void hand_offs_are_told_apart(void **state)
{
    struct theory_queue q = queue_of(1, 0.7);
    struct machine m = {.servers = 1, .hand_off_ns = 50 * US};
    struct queue_check c = check(&q, &m, 5, 20000);
    double added = c.adjusted.mean - c.expected;

    (void)state;
    assert_true(fabs(c.hand_off_s - 50e-6) < 1e-12);
    assert_true(fabs(c.waited + (double)c.found_free / (double)c.jobs - 1) < 1e-12);
    assert_true(fabs(queue_check_passed_on(&c) - 50e-6 * c.waited) < 1e-12);
    assert_true(fabs(added / queue_check_passed_on(&c) - 1) < 0.2);
    assert_int_not_equal(queue_check_mean_verdict(&c), QUEUE_OFF);
}

/* 1.5 ms between two jobs, where they take 10: the interval of a short run would hold it. */
static void what_a_model_adds_shows_in_spite_of_the_interval(void **state)
{
    struct theory_queue q = queue_of(1, 0.7);
    struct machine m = {.servers = 1, .turn_ns = 1500 * US};
    size_t off = 0, hidden = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct queue_check c = check(&q, &m, seed, 2000);

        if (queue_check_mean_verdict(&c) != QUEUE_OFF)
            continue;
        off++;
        hidden += c.measured.ci_low <= c.expected && c.expected <= c.measured.ci_high;
    }
    assert_true(off >= 18 && hidden > 0);
}

static void a_server_too_few_or_too_many_is_off(void **state)
{
    struct theory_queue q = queue_of(4, 2.8);

    (void)state;
    for (uint64_t servers = 3; servers <= 5; servers += 2) {
        struct machine m = {.servers = servers};
        struct queue_check c = check(&q, &m, 11, 20000);

        assert_int_equal(queue_check_mean_verdict(&c), QUEUE_OFF);
        assert_int_equal(queue_check_ks_verdict(&c), QUEUE_OFF);
    }
}

static void without_limit_the_number_in_the_system_is_compared(void **state)
{
    struct theory_queue q = queue_of(THEORY_QUEUE_UNLIMITED, 10);
    struct machine unlimited = {.servers = SERVERS_MAX, .hand_off_ns = 40 * US};
    struct machine limited = {.servers = 11};
    struct queue_check c = check(&q, &unlimited, 2, 50000);

    (void)state;
    assert_true(c.unlimited);
    assert_true(fabs(c.expected - 10) < 1e-9);
    assert_int_equal(queue_check_mean_verdict(&c), QUEUE_OK);
    assert_int_equal(queue_check_ks_verdict(&c), QUEUE_OK);
    assert_int_equal(c.found_free, c.jobs);
    assert_true(fabs(c.hand_off_s - 40e-6) < 1e-12);
    assert_true(fabs(c.adjusted.mean - c.expected - 0.04) < 0.01); /* rate x hand-off */
    c = check(&q, &limited, 2, 50000);
    assert_int_equal(queue_check_mean_verdict(&c), QUEUE_OFF);
    assert_int_equal(queue_check_ks_verdict(&c), QUEUE_OFF);
}

static void what_cannot_be_checked_is_said(void **state)
{
    struct theory_queue q = queue_of(1, 0.5), unstable = queue_of(1, 1.1);
    struct machine m = {.servers = 1};
    struct sample *samples = play(&q, &m, 1, 100);
    struct queue_check c;

    (void)state;
    assert_int_equal(queue_check_samples(&unstable, samples, 100, 0, &c), -EDOM);
    assert_int_equal(queue_check_samples(&q, samples, 100, 95, &c), -ENODATA);
    assert_int_equal(queue_check_samples(&q, samples, 0, 0, &c), -ENODATA);
    q.service_s = 0;
    assert_int_equal(queue_check_samples(&q, samples, 100, 0, &c), -EINVAL);
    free(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_queues_agree_exactly),
        cmocka_unit_test(long_runs_come_near_theory_by_themselves),
        cmocka_unit_test(an_unlucky_draw_is_not_off),
        cmocka_unit_test(hand_offs_are_told_apart),
        cmocka_unit_test(what_a_model_adds_shows_in_spite_of_the_interval),
        cmocka_unit_test(a_server_too_few_or_too_many_is_off),
        cmocka_unit_test(without_limit_the_number_in_the_system_is_compared),
        cmocka_unit_test(what_cannot_be_checked_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
