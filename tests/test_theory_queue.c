/* The promise: queueing theory is what the textbooks print, to 6 digits or to all that they print;
 * where it is an approximation it is as near to the exact queue as the header says; and a system
 * that cannot settle is never given a number. */
#include "math/theory_queue.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define COUNT(array)                  (sizeof(array) / sizeof *(array))

static struct theory_queue_result solve(double arrivals_per_s, double service_s, double scv,
                                        uint64_t servers)
{
    struct theory_queue q = {arrivals_per_s, service_s, scv, servers};
    struct theory_queue_result r;

    assert_int_equal(theory_queue_solve(&q, &r), 0);
    return r;
}

/* The Erlang B table of traffic handbooks (Boucher, Traffic Systems Design Handbook, 1992, is one):
 * the load at which 1 % of calls are lost. 3 digits of it are used, so half of the last one less
 * has to lose less than that, and half of it more has to lose more. */
static void loads_are_those_of_the_erlang_b_table(void **state)
{
    static const struct {
        uint64_t servers;
        double load, last_digit;
    } table[] = {{1, 0.0101, 1e-4}, {2, 0.153, 1e-3}, {5, 1.36, 1e-2},  {10, 4.46, 1e-2},
                 {20, 12.0, 1e-1},  {30, 20.3, 1e-1}, {50, 37.9, 1e-1}, {100, 84.1, 1e-1}};

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        double half = table[i].last_digit / 2;

        assert_true(theory_erlang_b(table[i].servers, table[i].load - half) < 0.01);
        assert_true(theory_erlang_b(table[i].servers, table[i].load + half) > 0.01);
    }
}

/* That table has too few digits, so: Erlang's formulas in exact rational arithmetic, as fractions
 * where these are short. 4/9 and 1/3 are also worked out in Gross and Harris and in Kleinrock. */
static void erlang_b_and_c_are_exact(void **state)
{
    static const struct {
        uint64_t servers;
        double load, b, c;
    } exact[] = {
        {1, 0.5, 1 / 3.0, 1 / 2.0},
        {2, 1, 1 / 5.0, 1 / 3.0},
        {3, 2, 4 / 19.0, 4 / 9.0},
        {4, 2.8, 4802 / 26137.0, 9604 / 22405.0},
        {4, 3.6, 4374 / 16159.0, 8748 / 11105.0},
        {10, 5, 0.0183845703366, 0.0361053591583},
        {10, 9, 0.167963226292, 0.668731524108},
        {16, 11.2, 0.0427866087913, 0.129675792073},
        {16, 14.4, 0.126411893933, 0.591343393872},
        {100, 90, 0.0269573804644, 0.216940480906},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(exact); i++) {
        assert_close(theory_erlang_b(exact[i].servers, exact[i].load), exact[i].b, 1e-12);
        assert_close(theory_erlang_c(exact[i].servers, exact[i].load), exact[i].c, 1e-12);
    }
}

static void erlang_at_its_ends(void **state)
{
    (void)state;
    assert_true(theory_erlang_b(0, 3) == 1 && theory_erlang_b(5, 0) == 0);
    assert_true(theory_erlang_b(0, 0) == 1 && theory_erlang_c(5, 0) == 0);
    assert_true(theory_erlang_c(4, 4) == 1 && theory_erlang_c(4, 9) == 1);
    assert_true(theory_erlang_b(1000, 1e-3) == 0);                /* too rare for a double */
    assert_close(theory_erlang_b(1000000, 1e6), 7.9738e-4, 1e-7); /* sqrt(2 / (pi n)), about */
    for (uint64_t c = 1; c < 50; c++)
        assert_true(theory_erlang_c(c + 1, 0.9 * (double)c) < theory_erlang_c(c, 0.9 * (double)c));
}

/* Gross and Harris, Fundamentals of Queueing Theory, the eye clinic of chapter 2: 6 patients an
 * hour, 3 doctors, 20 minutes each. The book prints Lq = 8/9, W = 28.9 minutes; the rest follows as
 * fractions. */
static void the_eye_clinic_of_gross_and_harris(void **state)
{
    struct theory_queue_result r = solve(6, 1 / 3.0, 1, 3);

    (void)state;
    assert_string_equal(r.name, "M/M/3");
    assert_true(r.exact);
    assert_close(r.utilisation, 2 / 3.0, 1e-15);
    assert_close(r.wait_probability, 4 / 9.0, 1e-15);
    assert_close(r.mean_waiting, 8 / 9.0, 1e-15);
    assert_close(r.mean_wait_s, 4 / 27.0, 1e-15);
    assert_close(60 * r.mean_latency_s, 28.9, 0.05);
    assert_close(r.mean_in_system, 26 / 9.0, 1e-14);
    /* P(W > t) = C exp(-(c mu - lambda) t) */
    assert_close(1 - theory_queue_wait_cdf(&r, 0.5), 4 / 9.0 * exp(-1.5), 1e-15);
    assert_close(theory_queue_wait_cdf(&r, 0), 5 / 9.0, 1e-15);
    assert_true(theory_queue_wait_cdf(&r, -1e-9) == 0);
    assert_close(theory_queue_wait_percentile(&r, 0.99), log(400 / 9.0) / 3, 1e-14);
    assert_true(theory_queue_wait_percentile(&r, 0.5) == 0);
}

/* Kleinrock, Queueing Systems I, 1975, chapters 3 (M/M/1) and 5 (M/D/1: half of it).
 */
static void one_server_is_as_kleinrock_has_it(void **state)
{
    static const double rhos[] = {0.1, 0.5, 0.7, 0.9, 0.99};

    (void)state;
    for (size_t i = 0; i < COUNT(rhos); i++) {
        double rho = rhos[i];
        struct theory_queue_result m = solve(rho * 100, 0.01, 1, 1),
                                   d = solve(rho * 100, 0.01, 0, 1);

        assert_true(m.exact && d.exact);
        assert_string_equal(m.name, "M/M/1");
        assert_string_equal(d.name, "M/D/1");
        assert_close(m.mean_in_system, rho / (1 - rho), 1e-11);
        assert_close(m.mean_latency_s, 0.01 / (1 - rho), 1e-13);
        assert_close(m.wait_probability, rho, 1e-15);
        assert_close(d.mean_wait_s, m.mean_wait_s / 2, 1e-15);
        assert_close(d.wait_probability, rho, 1e-15);
        /* of M/M/1, who is in the system is served in turn: P(latency > t) = exp(-(mu - lambda) t)
         */
        assert_close(1 - theory_queue_wait_cdf(&m, 0.02), rho * exp(-(1 - rho) * 2), 1e-14);
    }
}

/* Pollaczek and Khinchine: W = lambda E[S^2] / (2 (1 - rho)), by hand for service uniform on 0..2
 * (E[S^2] = 4/3), and for one of 0.5 or 3 with 4 : 1 (mean 1, E[S^2] = 2). */
static void general_service_on_one_server_is_pollaczek_khinchine(void **state)
{
    struct theory_queue_result uniform = solve(0.75, 1, 1 / 3.0, 1), two = solve(0.6, 1, 1, 1);
    struct theory_queue_result lognormal = solve(0.5, 2e-3 * 500, M_E - 1, 1);

    (void)state;
    assert_string_equal(uniform.name, "M/G/1");
    assert_true(uniform.exact);
    assert_close(uniform.mean_wait_s, 0.75 * (4 / 3.0) / (2 * 0.25), 1e-14);
    assert_close(two.mean_wait_s, 0.6 * 2 / (2 * 0.4), 1e-14);
    assert_close(lognormal.mean_wait_s, 0.5 * M_E / (2 * 0.5), 1e-14);
    assert_close(uniform.mean_waiting, 0.75 * uniform.mean_wait_s, 1e-15);
}

static void nobody_waits_for_unlimited_servers(void **state)
{
    struct theory_queue_result r = solve(2000, 0.01, 1, THEORY_QUEUE_UNLIMITED);

    (void)state;
    assert_string_equal(r.name, "M/M/inf");
    assert_string_equal(solve(1, 1, 0, THEORY_QUEUE_UNLIMITED).name, "M/D/inf");
    assert_true(r.exact && r.mean_wait_s == 0 && r.wait_probability == 0 && r.utilisation == 0);
    assert_close(r.mean_in_system, 20, 1e-12);
    assert_true(theory_queue_wait_cdf(&r, 0) == 1 && theory_queue_wait_cdf(&r, -1) == 0);
    assert_true(theory_queue_wait_percentile(&r, 0.999) == 0);
}

#define STATES 1200
#define NOBODY 1e-25 /* all such states together change no digit */

/* The exact mean wait of M/D/c in service times, by Crommelin's argument ("Delay probability
 * formulae when the holding times are constant", 1932): who is in service now is gone one service
 * time later, and nobody else; so the number in the system at such intervals is a Markov chain. */
static double exact_fixed_wait(size_t c, double rho)
{
    static double now[STATES], next[STATES], arrive[STATES];
    double load = (double)c * rho, change = 1, waiting = 0;

    for (size_t k = 0; k < STATES; k++) {
        arrive[k] = exp(-load + (double)k * log(load) - lgamma((double)k + 1));
        now[k] = k == c ? 1 : 0;
    }
    while (change > 1e-13) {
        change = 0;
        memset(next, 0, sizeof next);
        for (size_t i = 0; i < STATES; i++)
            for (size_t k = 0, from = i > c ? i - c : 0;
                 now[i] > NOBODY && k < 150 && from + k < STATES; k++)
                next[from + k] += now[i] * arrive[k];
        for (size_t k = 0; k < STATES; k++)
            change += fabs(next[k] - now[k]);
        memcpy(now, next, sizeof now);
    }
    for (size_t k = c + 1; k < STATES; k++)
        waiting += (double)(k - c) * now[k];
    return waiting / load;
}

static void fixed_service_is_near_the_exact_queue(void **state)
{
    static const size_t servers[] = {1, 2, 4, 16};
    static const double rhos[] = {0.5, 0.7, 0.9};

    (void)state;
    for (size_t s = 0; s < COUNT(servers); s++)
        for (size_t i = 0; i < COUNT(rhos); i++) {
            double exact = exact_fixed_wait(servers[s], rhos[i]);
            double arrivals = rhos[i] * (double)servers[s];
            struct theory_queue_result r = solve(arrivals, 1, 0, servers[s]);

            assert_close(r.mean_wait_s / exact, 1, servers[s] == 1 ? 1e-9 : 0.013);
            assert_true(r.exact == (servers[s] == 1));
        }
}

/* Kimura 1986: the approximation is exact for 1 server and for exponential service, grows with the
 * variance, and stays near (1 + scv) / 2 times M/M/c (Lee and Longton 1959) in heavy traffic. The
 * values are the formula in exact arithmetic, for c = 4 and rho = 0.7. */
static void general_service_is_kimuras(void **state)
{
    double last = 0;

    (void)state;
    assert_close(solve(2.8, 1, 0, 4).mean_wait_s, 0.189007696, 1e-9);
    assert_close(solve(2.8, 1, 1 / 3.0, 4).mean_wait_s, 0.247211198, 1e-9);
    assert_close(solve(2.8, 1, 0.8, 4).mean_wait_s, 0.325068663, 1e-9);
    assert_close(solve(2.8, 1, M_E - 1, 4).mean_wait_s, 0.467039527, 1e-9);
    assert_string_equal(solve(2.8, 1, 0.8, 4).name, "M/G/4");
    assert_false(solve(2.8, 1, 0.8, 4).exact);
    for (double scv = 0; scv < 20; scv += 0.25) {
        double wait = solve(2.8, 1, scv, 4).mean_wait_s;
        double heavy = solve(3.999, 1, scv, 4).mean_wait_s / solve(3.999, 1, 1, 4).mean_wait_s;

        assert_true(wait > last);
        last = wait;
        assert_close(heavy / ((1 + scv) / 2), 1, 0.001);
    }
}

/* Waits without a law of their own have the stated mean and jump. */
static void the_distribution_of_waits_has_their_mean(void **state)
{
    struct theory_queue_result r = solve(2.8, 1, 0.8, 4);
    double mean = 0, step = 1e-3;

    (void)state;
    for (double t = 0; t < 60; t += step)
        mean += step * (1 - theory_queue_wait_cdf(&r, t + step / 2));
    assert_close(mean, r.mean_wait_s, 1e-6);
    assert_close(theory_queue_wait_cdf(&r, 0), 1 - r.wait_probability, 1e-15);
    for (double p = 0.6; p < 0.9999; p += 0.01)
        assert_close(theory_queue_wait_cdf(&r, theory_queue_wait_percentile(&r, p)), p, 1e-12);
}

static void systems_that_never_settle_are_an_error(void **state)
{
    const struct theory_queue busy[] = {
        {100, 0.01, 1, 1}, {101, 0.01, 0, 1}, {1000, 0.01, 0.5, 4}, {400, 0.01, 1, 4}};
    struct theory_queue_result r;

    (void)state;
    for (size_t i = 0; i < COUNT(busy); i++) {
        assert_int_equal(theory_queue_solve(&busy[i], &r), -EDOM);
        assert_true(r.utilisation >= 1 && r.wait_probability == 1);
        assert_true(isinf(r.mean_wait_s) && isinf(r.mean_latency_s) && isinf(r.mean_in_system));
        assert_true(theory_queue_wait_cdf(&r, 1e9) == 0);
        assert_true(isinf(theory_queue_wait_percentile(&r, 0.01)));
        assert_true(strlen(r.name) > 0);
    }
}

static void nonsense_is_refused(void **state)
{
    const struct theory_queue bad[] = {
        {0, 1, 1, 1},   {-1, 1, 1, 1},        {NAN, 1, 1, 1},  {1, 0, 1, 1},
        {1, NAN, 1, 1}, {1, INFINITY, 1, 1},  {1, 0.1, -1, 1}, {1, 0.1, NAN, 1},
        {1, 0.1, 1, 0}, {1, 0.1, 1, 2000000},
    };
    struct theory_queue_result r, zero;

    (void)state;
    memset(&zero, 0, sizeof zero);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(theory_queue_solve(&bad[i], &r), -EINVAL);
        assert_memory_equal(&r, &zero, sizeof r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_are_those_of_the_erlang_b_table),
        cmocka_unit_test(erlang_b_and_c_are_exact),
        cmocka_unit_test(erlang_at_its_ends),
        cmocka_unit_test(the_eye_clinic_of_gross_and_harris),
        cmocka_unit_test(one_server_is_as_kleinrock_has_it),
        cmocka_unit_test(general_service_on_one_server_is_pollaczek_khinchine),
        cmocka_unit_test(nobody_waits_for_unlimited_servers),
        cmocka_unit_test(fixed_service_is_near_the_exact_queue),
        cmocka_unit_test(general_service_is_kimuras),
        cmocka_unit_test(the_distribution_of_waits_has_their_mean),
        cmocka_unit_test(systems_that_never_settle_are_an_error),
        cmocka_unit_test(nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
