/* The promise: the waits are those of the queue itself, job by job, as a slower simulation finds
 * them too; and long ones agree with the formulas. */

#include "base/random.h"
#include "math/distribution.h"
#include "math/theory_queue.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_MAX 200

static void by_hand(void **state)
{
    const uint64_t arrivals[] = {0, 1, 2, 2, 20, 21}, service[] = {5, 4, 1, 3, 10, 1};
    const uint64_t one[] = {0, 4, 7, 8, 0, 9}, two[] = {0, 0, 3, 3, 0, 0};
    uint64_t waits[6];

    (void)state;
    assert_int_equal(theory_fifo_waits(arrivals, service, 6, 1, waits), 0);
    assert_memory_equal(waits, one, sizeof one);
    assert_int_equal(theory_fifo_waits(arrivals, service, 6, 2, waits), 0);
    assert_memory_equal(waits, two, sizeof two);
}

/* Another way to the same: a job begins as soon as fewer than c of those before it are still in
 * service, which only changes when one ends. */
static void slowly(const uint64_t *arrivals, const uint64_t *service, size_t n, uint64_t servers,
                   uint64_t *waits)
{
    uint64_t ends[N_MAX], begins = 0;

    for (size_t i = 0; i < n; i++) {
        begins = arrivals[i] > begins ? arrivals[i] : begins;
        for (;;) {
            uint64_t busy = 0, next = UINT64_MAX;

            for (size_t k = 0; k < i; k++)
                if (ends[k] > begins) {
                    busy++;
                    next = ends[k] < next ? ends[k] : next;
                }
            if (busy < servers)
                break;
            begins = next;
        }
        waits[i] = begins - arrivals[i];
        ends[i] = begins + service[i];
    }
}

static void as_a_slow_simulation_finds_them(void **state)
{
    uint64_t arrivals[N_MAX], service[N_MAX], fast[N_MAX], slow[N_MAX];

    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        uint64_t servers = 1 + seed % 9, at = 0;
        size_t n = 1 + random_bits(seed, 0, 0) % N_MAX;

        for (size_t i = 0; i < n; i++) { /* small numbers: many at the same time */
            at += random_bits(seed, 1, i) % 8;
            arrivals[i] = at;
            service[i] = random_bits(seed, 2, i) % (8 * servers);
        }
        assert_int_equal(theory_fifo_waits(arrivals, service, n, servers, fast), 0);
        slowly(arrivals, service, n, servers, slow);
        assert_memory_equal(fast, slow, n * sizeof *fast);
    }
}

static void ends_of_the_range(void **state)
{
    uint64_t arrivals[] = {3, 3, 3}, service[] = {7, 8, 9}, waits[3] = {1, 1, 1};
    const uint64_t none[3] = {0}, in_turn[] = {0, 7, 15}, falling[] = {3, 2, 4};
    const uint64_t late[] = {UINT64_MAX - 5, UINT64_MAX - 5, UINT64_MAX};

    (void)state;
    assert_int_equal(theory_fifo_waits(arrivals, service, 3, UINT64_MAX, waits), 0);
    assert_memory_equal(waits, none, sizeof none);
    assert_int_equal(theory_fifo_waits(arrivals, service, 3, 3, waits), 0);
    assert_memory_equal(waits, none, sizeof none);
    assert_int_equal(theory_fifo_waits(late, service, 3, 1, waits), 0);
    assert_true(waits[0] == 0 && waits[1] == 5 && waits[2] == 0); /* time ends */
    assert_int_equal(theory_fifo_waits(falling, service, 3, 2, waits), -EINVAL);
    assert_int_equal(theory_fifo_waits(arrivals, service, 3, 0, waits), -EINVAL);
    assert_int_equal(theory_fifo_waits(NULL, NULL, 0, 5, NULL), 0);
    assert_int_equal(theory_fifo_waits(arrivals, service, 3, 1, service), 0); /* in place */
    assert_memory_equal(service, in_turn, sizeof in_turn);
}

/* Poisson arrivals, drawn service, 400,000 jobs at rho = 0.7. The seed is fixed, so this does not
 * vary; bounds are some 2 standard errors, and what theory_queue.h says that it is off by. */
static void long_runs_agree_with_the_formulas(void **state)
{
    const size_t n = 400000;
    uint64_t *arrivals = malloc(n * sizeof *arrivals), *service = malloc(n * sizeof *service);
    const uint64_t servers[] = {1, 4, 16};
    const double low[] = {-0.05, -0.05, -0.05, -0.25, -0.16}, high = 0.05; /* by kind */

    (void)state;
    assert_true(arrivals != NULL && service != NULL);
    for (int kind = DISTRIBUTION_FIXED; kind < DISTRIBUTION_COUNT; kind++)
        for (size_t s = 0; s < 3; s++) {
            struct theory_queue q = {700.0 * (double)servers[s], 1e-3,
                                     distribution_scv((enum distribution)kind), servers[s]};
            struct theory_queue_result r;
            double sum = 0, at = 0, off;
            size_t waited = 0;

            for (size_t i = 0; i < n; i++) {
                at -= 1e9 / q.arrivals_per_s * log(random_uniform(6, RANDOM_ARRIVALS, i));
                arrivals[i] = (uint64_t)at;
                service[i] = distribution_draw_ns((enum distribution)kind, 1000000, 6, i);
            }
            assert_int_equal(theory_fifo_waits(arrivals, service, n, servers[s], service), 0);
            for (size_t i = 0; i < n; i++) {
                sum += (double)service[i];
                waited += service[i] > 0;
            }
            assert_int_equal(theory_queue_solve(&q, &r), 0);
            off = sum / (double)n / 1e9 / r.mean_wait_s - 1;
            assert_true(off > low[kind] && off < high);
            assert_true(fabs((double)waited / (double)n - r.wait_probability) < 0.021);
        }
    free(arrivals);
    free(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(as_a_slow_simulation_finds_them),
        cmocka_unit_test(ends_of_the_range),
        cmocka_unit_test(long_runs_agree_with_the_formulas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
