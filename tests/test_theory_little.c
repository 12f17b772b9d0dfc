/* The promise: Little's law with its ends counted holds to rounding for any stamps, whatever window
 * is looked at; without them it holds for steady runs; and a job that is lost shows. */
#include "math/theory_little.h"

#include "base/random.h"
#include "math/distribution.h"
#include "math/theory_queue.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define S                             1000000000ULL
#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* Four jobs, window 10 s to 20 s: one from before, one inside, one into the time after, one right
 * across; and two that have nothing to do with it. */
static void by_hand(void **state)
{
    struct theory_little l;
    struct theory_little_check check;

    (void)state;
    l = (struct theory_little){.from_ns = 10 * S, .to_ns = 20 * S};
    theory_little_add(&l, 8 * S, 11 * S);
    theory_little_add(&l, 12 * S, 14 * S);
    theory_little_add(&l, 19 * S, 24 * S);
    theory_little_add(&l, 1 * S, 30 * S);
    theory_little_add(&l, 1 * S, 10 * S);
    theory_little_add(&l, 20 * S, 21 * S); /* the end is not in the window */
    assert_int_equal(l.arrivals, 2);
    assert_close(l.area_ns, (1 + 2 + 1 + 10) * 1e9, 0);
    assert_close(l.latency_sum_ns, 7e9, 0);
    assert_close(l.carried_in_ns, 11e9, 0);
    assert_close(l.carried_over_ns, 4e9, 0);
    check = theory_little_check(&l, l.area_ns);
    assert_close(check.in_system, 1.4, 1e-15);
    assert_close(check.arrivals_per_s, 0.2, 1e-15);
    assert_close(check.latency_s, 3.5, 1e-15);
    assert_close(check.at_ends, 0.7, 1e-15);
    assert_close(check.error, 0, 1e-15);
    assert_close(check.drift, 0.5, 1e-15);
}

#define N 100000

/* The area under the number in the system as a counter of it would see it: by events in order of
 * time. Jobs leave in any order, so departures are sorted apart. */
static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static double counted_area(const uint64_t *arrivals, uint64_t *departures, uint64_t from,
                           uint64_t to)
{
    double area = 0;
    uint64_t last = from, inside = 0;

    qsort(departures, N, sizeof *departures, compare);
    for (size_t a = 0, d = 0; d < N;) {
        uint64_t now = a < N && arrivals[a] < departures[d] ? arrivals[a] : departures[d];
        uint64_t end = now < from ? from : now > to ? to : now;

        area += (double)inside * (double)(end - last);
        last = end;
        if (a < N && arrivals[a] == now && arrivals[a] < departures[d]) {
            a++;
            inside++;
        } else {
            d++;
            inside--;
        }
    }
    return area;
}

struct run {
    uint64_t arrivals[N], departures[N];
};

/* M/M/4 at rho = 0.7, 1 ms of service. */
static struct run *play(void)
{
    struct run *run = malloc(sizeof *run);
    uint64_t *service = malloc(N * sizeof *service), *waits = malloc(N * sizeof *waits);
    double at = 0;

    assert_true(run != NULL && service != NULL && waits != NULL);
    for (size_t i = 0; i < N; i++) {
        at -= 1e9 / 2800 * log(random_uniform(1, RANDOM_ARRIVALS, i));
        run->arrivals[i] = (uint64_t)at;
        service[i] = distribution_draw_ns(DISTRIBUTION_EXPONENTIAL, 1000000, 1, i);
    }
    assert_int_equal(theory_fifo_waits(run->arrivals, service, N, 4, waits), 0);
    for (size_t i = 0; i < N; i++)
        run->departures[i] = run->arrivals[i] + waits[i] + service[i];
    free(service);
    free(waits);
    return run;
}

static void it_holds_for_any_window_and_for_steady_runs(void **state)
{
    const struct {
        uint64_t from, to;
        double drift;
    } windows[] = {
        {0, 60 * S, 1e-9}, {S, 30 * S, 0.002}, {5 * S, 6 * S, 0.01}, {7 * S, 7 * S + 1000, 1}};
    struct run *run = play();

    (void)state;
    for (size_t w = 0; w < 4; w++) {
        struct theory_little l;
        struct theory_little_check check;
        uint64_t *departures = malloc(N * sizeof *departures);

        assert_non_null(departures);
        l = (struct theory_little){.from_ns = windows[w].from, .to_ns = windows[w].to};
        for (size_t i = 0; i < N; i++) {
            theory_little_add(&l, run->arrivals[i], run->departures[i]);
            departures[i] = run->departures[i];
        }
        check = theory_little_check(
            &l, counted_area(run->arrivals, departures, windows[w].from, windows[w].to));
        assert_true(check.error < 1e-9);
        assert_true(check.drift <= windows[w].drift);
        if (w == 1) { /* M/M/4: 3.8002 jobs, 1.3572 ms; Erlang C of 4 servers and 2.8 erlang */
            assert_close(check.arrivals_per_s, 2800, 30);
            assert_close(check.in_system, 2.8 + 0.428654 * 0.7 / 0.3, 0.15);
        }
        free(departures);
    }
    free(run);
}

static void a_lost_job_shows(void **state)
{
    struct run *run = play();
    struct theory_little l;

    (void)state;
    l = (struct theory_little){.from_ns = 0, .to_ns = 60 * S};
    for (size_t i = 0; i < N; i++)
        if (i % 50 != 0) /* 2 % have no stamps */
            theory_little_add(&l, run->arrivals[i], run->departures[i]);
    assert_close(
        theory_little_check(&l, counted_area(run->arrivals, run->departures, 0, 60 * S)).error,
        0.02, 0.002);
    free(run);
}

/* Served half as fast as they come: the law with ends holds, the plain one cannot. */
static void a_run_that_never_settles_drifts(void **state)
{
    struct theory_little l;
    struct theory_little_check check;

    (void)state;
    l = (struct theory_little){.from_ns = 0, .to_ns = 1000 * S};
    for (uint64_t i = 0; i < 1000; i++)
        theory_little_add(&l, i * S, (2 * i + 2) * S);
    check = theory_little_check(&l, l.area_ns);
    assert_true(check.error < 1e-12);
    assert_true(check.drift > 0.5);
}

static void empty_systems_are_no_error(void **state)
{
    struct theory_little l;
    struct theory_little_check check;

    (void)state;
    l = (struct theory_little){.from_ns = 0, .to_ns = S};
    check = theory_little_check(&l, 0);
    assert_true(check.error == 0 && check.drift == 0 && check.in_system == 0 &&
                check.latency_s == 0);
    theory_little_add(&l, 0, S / 2);
    assert_true(isinf(theory_little_check(&l, 0).error)); /* counted nowhere else */
    l = (struct theory_little){.from_ns = 0, .to_ns = S};
    assert_true(theory_little_check(&l, 1e9).error == 1); /* stamped nowhere */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(it_holds_for_any_window_and_for_steady_runs),
        cmocka_unit_test(a_lost_job_shows),
        cmocka_unit_test(a_run_that_never_settles_drifts),
        cmocka_unit_test(empty_systems_are_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
