/* The promise: the fitted law is the least-squares one, to the digits that others published for the
 * same data, and never leaves the bounds in which its parameters mean something. */
#include "math/theory_scalability.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define assert_close(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define COUNT(array)                  (sizeof(array) / sizeof *(array))

static struct theory_scalability fit(const struct theory_scalability_point *points, size_t count)
{
    struct theory_scalability law;

    assert_int_equal(theory_scalability_fit(points, count, &law), 0);
    return law;
}

/* The Cisco benchmark of Schwartz's book, 2015, as the usl modelers for Java, Go and Rust
 * (codahale/usl4j, usl, usl-rs) test themselves with it: coefficients to 7 digits, of which 6 agree
 * (ours have the smaller sum of squares, in its 11th digit), and the peak in whole clients. */
static void the_book_of_schwartz(void **state)
{
    static const double x[] = {955.16,   1878.91,  2688.01,  3548.68,  4315.54,  5130.43,  5931.37,
                               6531.08,  7219.8,   7867.61,  8278.71,  8646.7,   9047.84,  9426.55,
                               9645.37,  9897.24,  10097.6,  10240.5,  10532.39, 10798.52, 11151.43,
                               11518.63, 11806,    12089.37, 12075.41, 12177.29, 12211.41, 12158.93,
                               12155.27, 12118.04, 12140.4,  12074.39};
    struct theory_scalability_point points[COUNT(x)];
    struct theory_scalability law;

    (void)state;
    for (size_t i = 0; i < COUNT(x); i++)
        points[i] = (struct theory_scalability_point){(double)(i + 1), x[i]};
    law = fit(points, COUNT(x));
    assert_close(law.sigma, 0.02671591, 0.5e-7);
    assert_close(law.kappa, 7.690945e-4, 0.8e-9);
    assert_close(law.lambda, 995.6486, 0.5e-3);
    assert_true(floor(law.peak) == 35);
    assert_close(theory_scalability_at(&law, 1), 995.648772003358, 0.001);
    assert_close(theory_scalability_at(&law, 20), 11063.63312570436, 0.01);
    assert_close(theory_scalability_at(&law, 35), 12341.745655201905, 0.01);
    assert_true(law.r2 > 0.99 && law.r2 < 1);
}

/* SPEC SDM91 on a 16-way SPARCcenter 2000: Gunther, Guerrilla Capacity Planning, 2007.
 * The R package usl (Gunther and Moeding), which fits all three parameters too, prints alpha
 * 0.0277, beta 0.000104, gamma 90 and an asymptote gamma / alpha of 3245 for it. */
static void the_sparccenter_of_gunther(void **state)
{
    static const struct theory_scalability_point points[] = {
        {1, 64.9},     {18, 995.9},   {36, 1652.4}, {72, 1853.2},
        {108, 1828.9}, {144, 1775.0}, {216, 1702.2}};
    struct theory_scalability law = fit(points, COUNT(points));

    (void)state;
    assert_close(law.sigma, 0.0277, 0.5e-4);
    assert_close(law.kappa, 0.000104, 0.5e-6);
    assert_close(law.lambda, 90, 0.5);
    assert_close(law.lambda / law.sigma, 3245, 1); /* "about" */
}

/* The data with which that package tests itself: made with 0.02, 0.02 and 1, 4 decimals kept. */
static void made_data_give_back_what_they_were_made_with(void **state)
{
    static const struct theory_scalability_point rounded[] = {
        {1, 1}, {2, 1.8868}, {4, 3.0769}, {6, 3.5294}, {8, 3.5398}, {10, 3.3557}};
    const struct theory_scalability truths[] = {
        {.lambda = 1, .sigma = 0.02, .kappa = 0.02},  {.lambda = 5000, .sigma = 0.1, .kappa = 1e-6},
        {.lambda = 0.3, .sigma = 0.9, .kappa = 1e-3}, {.lambda = 1e6, .sigma = 0, .kappa = 1e-5},
        {.lambda = 123, .sigma = 0.05, .kappa = 0},   {.lambda = 10, .sigma = 0, .kappa = 0},
        {.lambda = 7, .sigma = 1.2, .kappa = 0.001},
    };
    struct theory_scalability law = fit(rounded, COUNT(rounded));

    (void)state;
    assert_close(law.sigma, 0.02, 2e-4);
    assert_close(law.kappa, 0.02, 2e-5);
    assert_close(law.lambda, 1, 2e-4);
    for (size_t t = 0; t < COUNT(truths); t++) {
        struct theory_scalability_point points[12];

        for (size_t i = 0; i < 12; i++) {
            points[i].n = (double)(1u << i);
            points[i].x = theory_scalability_at(&truths[t], points[i].n);
        }
        law = fit(points, 12);
        assert_close(law.lambda / truths[t].lambda, 1, 1e-7);
        assert_close(law.sigma, truths[t].sigma, 1e-8);
        assert_close(law.kappa, truths[t].kappa, 1e-9);
        assert_close(law.r2, 1, 1e-9);
    }
}

static double squares(const struct theory_scalability *law,
                      const struct theory_scalability_point *points, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        double e = points[i].x - theory_scalability_at(law, points[i].n);

        sum += e * e;
    }
    return sum;
}

/* No neighbour within bounds fits better, whichever bounds are reached. */
static void the_fit_is_a_minimum_within_bounds(void **state)
{
    static const double noisy[][7] = {
        {1, 1.9, 4.2, 7.1, 11, 13, 12},    /* retrograde */
        {1, 2.05, 4.2, 8.5, 17.3, 35, 71}, /* faster than linear: both bounds */
        {10, 15, 18, 19, 21, 20.5, 20.1},  /* saturating */
        {1, 2, 4.05, 7.9, 15.5, 28, 40},   /* hardly any contention: sigma at 0 */
        {5, 4, 3.5, 2, 1.2, 0.5, 0.3},     /* falls from the outset */
        {10, 18, 29, 41, 53, 62, 69},
    };

    (void)state;
    for (size_t c = 0; c < COUNT(noisy); c++) {
        struct theory_scalability_point points[7];
        struct theory_scalability law;
        double least;

        for (size_t i = 0; i < 7; i++)
            points[i] = (struct theory_scalability_point){(double)(1u << i), noisy[c][i]};
        law = fit(points, 7);
        assert_true(law.lambda > 0 && law.sigma >= 0 && law.kappa >= 0);
        least = squares(&law, points, 7);
        for (unsigned k = 0; k < 27; k++) {
            const double moves[] = {-1, 0, 1};
            struct theory_scalability near = law;

            near.lambda *= 1 + 1e-4 * moves[k % 3];
            near.sigma = fmax(0, near.sigma + 1e-5 * moves[k / 3 % 3]);
            near.kappa = fmax(0, near.kappa + 1e-6 * moves[k / 9]);
            assert_true(squares(&near, points, 7) >= least * (1 - 1e-9));
        }
    }
}

static void the_peak_is_where_the_law_says(void **state)
{
    const struct theory_scalability truths[] = {{.lambda = 100, .sigma = 0.05, .kappa = 0.0038},
                                                {.lambda = 1, .sigma = 0.5, .kappa = 0.8}};
    struct theory_scalability_point points[6];
    struct theory_scalability law;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        points[i].n = (double)(i * i + 1);
        points[i].x = theory_scalability_at(&truths[0], points[i].n);
    }
    law = fit(points, 6);
    assert_close(law.peak, sqrt(250), 1e-4);
    assert_close(law.peak_x, theory_scalability_at(&truths[0], sqrt(250)), 1e-4);
    assert_true(theory_scalability_at(&law, law.peak + 1) < law.peak_x);
    assert_true(theory_scalability_at(&law, law.peak - 1) < law.peak_x);

    for (size_t i = 0; i < 6; i++)
        points[i].x = theory_scalability_at(&truths[1], points[i].n);
    assert_close(fit(points, 6).peak, 1, 0); /* the formula says 0.79: not a number of clients */

    for (size_t i = 0; i < 6; i++) /* no coherency, sigma 0.25 */
        points[i].x = 8 * points[i].n / (1 + 0.25 * (points[i].n - 1));
    law = fit(points, 6);
    assert_true(isinf(law.peak) || law.peak > 1e4);
    assert_close(law.peak_x, 32, 0.1);
    for (size_t i = 0; i < 6; i++) /* linear */
        points[i].x = 8 * points[i].n;
    law = fit(points, 6);
    assert_true(law.peak > 1e3 && law.peak_x > 8e3);
}

static void what_cannot_be_fitted_is_refused(void **state)
{
    const struct theory_scalability_point good[] = {{1, 1}, {2, 1.8}, {4, 3}};
    const struct theory_scalability_point bad[][3] = {
        {{1, 1}, {2, 1.8}, {2, 3}},     {{0.5, 1}, {2, 1.8}, {4, 3}}, {{1, 0}, {2, 1.8}, {4, 3}},
        {{1, 1}, {2, -1.8}, {4, 3}},    {{1, NAN}, {2, 1.8}, {4, 3}}, {{NAN, 1}, {2, 1.8}, {4, 3}},
        {{1, 1}, {INFINITY, 2}, {4, 3}}};
    const struct theory_scalability_point flat[] = {{1, 5}, {2, 5}, {4, 5}, {8, 5}};
    struct theory_scalability law;

    (void)state;
    assert_int_equal(theory_scalability_fit(good, 3, &law), 0);
    assert_int_equal(theory_scalability_fit(good, 2, &law), -EINVAL);
    assert_int_equal(theory_scalability_fit(good, 0, &law), -EINVAL);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(theory_scalability_fit(bad[i], 3, &law), -EINVAL);
    law = fit(flat, 4); /* all contention */
    assert_close(law.sigma, 1, 1e-9);
    assert_close(law.kappa, 0, 1e-9);
    assert_true(isnan(law.r2));
    assert_close(law.peak_x, 5, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_book_of_schwartz),
        cmocka_unit_test(the_sparccenter_of_gunther),
        cmocka_unit_test(made_data_give_back_what_they_were_made_with),
        cmocka_unit_test(the_fit_is_a_minimum_within_bounds),
        cmocka_unit_test(the_peak_is_where_the_law_says),
        cmocka_unit_test(what_cannot_be_fitted_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
