/* The promise: where two noisy curves cross is found within its interval about as often as the
 * interval says; the same runs and seed give the same answer; bisection comes to the place where
 * the answer changes, and does not follow noise. */
#include "base/hash.h"
#include "math/bracket.h"
#include "math/crossing.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define RUNS   6
#define POINTS 7

/* Near enough to normal for noise: the sum of 12 uniform numbers less 6. */
static double normal(uint64_t *state)
{
    double sum = 0;

    for (int i = 0; i < 12; i++) {
        *state = hash_mix(*state);
        sum += (double)(*state >> 11) / 9007199254740992.0;
    }
    return sum - 6;
}

struct curves {
    double a[POINTS][RUNS], b[POINTS][RUNS];
    struct crossing_point points[POINTS];
};

/* log(a / b) = slope * (x - zero), with noise of that relative size in each run. */
static void make_curves(struct curves *c, double zero, double slope, double noise, uint64_t seed)
{
    uint64_t state = hash_mix(seed);

    for (size_t i = 0; i < POINTS; i++) {
        double x = 1 + (double)i;

        for (size_t k = 0; k < RUNS; k++) {
            c->a[i][k] = 100 * exp(slope * (x - zero) + noise * normal(&state));
            c->b[i][k] = 100 * exp(noise * normal(&state));
        }
        c->points[i] = (struct crossing_point){x, c->a[i], c->b[i], RUNS, RUNS};
    }
}

static void test_exact(void **state)
{
    struct curves c;
    struct crossing crossing;

    (void)state;
    make_curves(&c, 3.25, 0.2, 0, 1);
    assert_int_equal(crossing_of(c.points, POINTS, -1, false, 7, &crossing), 0);
    assert_true(fabs(crossing.at - 3.25) < 1e-9);
    assert_true(fabs(crossing.ci_low - 3.25) < 1e-9 && fabs(crossing.ci_high - 3.25) < 1e-9);
    make_curves(&c, 4, -0.2, 0, 1); /* on a point, and falling */
    assert_int_equal(crossing_of(c.points, POINTS, 1, false, 7, &crossing), 0);
    assert_true(fabs(crossing.at - 4) < 1e-9);
}

static void test_logarithmic_scale(void **state)
{
    static const double one[] = {1}, two[] = {2};
    const struct crossing_point points[] = {{10, one, two, 1, 1}, {1000, two, one, 1, 1}};
    struct crossing crossing;

    (void)state;
    assert_int_equal(crossing_of(points, 2, -1, true, 7, &crossing), 0);
    assert_true(fabs(crossing.at - 100) < 1e-9);
    assert_int_equal(crossing_of(points, 2, -1, false, 7, &crossing), 0);
    assert_true(fabs(crossing.at - 505) < 1e-9);
}

static void test_coverage(void **state)
{
    enum { TRIALS = 200 };
    unsigned covered = 0;
    double sum = 0;

    (void)state;
    for (uint64_t t = 0; t < TRIALS; t++) {
        struct curves c;
        struct crossing crossing;

        make_curves(&c, 4.4, 0.1, 0.05, t);
        assert_int_equal(crossing_of(c.points, POINTS, -1, false, t, &crossing), 0);
        assert_true(crossing.ci_low <= crossing.at && crossing.at <= crossing.ci_high);
        covered += crossing.ci_low <= 4.4 && 4.4 <= crossing.ci_high;
        sum += crossing.at;
    }
    print_message("covered in %u of %d trials\n", covered, TRIALS);
    assert_true(covered >= TRIALS * 88 / 100);
    assert_true(fabs(sum / TRIALS - 4.4) < 0.1);
}

static void test_repeats(void **state)
{
    struct curves c;
    struct crossing first, again, other;

    (void)state;
    make_curves(&c, 4.4, 0.1, 0.05, 3);
    assert_int_equal(crossing_of(c.points, POINTS, -1, false, 1, &first), 0);
    assert_int_equal(crossing_of(c.points, POINTS, -1, false, 1, &again), 0);
    assert_int_equal(crossing_of(c.points, POINTS, -1, false, 2, &other), 0);
    assert_memory_equal(&first, &again, sizeof first);
    assert_true(first.at == other.at);
    assert_true(first.ci_low != other.ci_low || first.ci_high != other.ci_high);
}

static void test_points_needed(void **state)
{
    struct curves c;
    struct crossing crossing;

    (void)state;
    make_curves(&c, 4, 1, 0, 1);
    assert_int_equal(crossing_of(c.points, 1, -1, false, 1, &crossing), -EINVAL);
    assert_int_equal(crossing_of(c.points, CROSSING_POINTS_MAX + 1, -1, false, 1, &crossing),
                     -EINVAL);
}

static void test_compare(void **state)
{
    double low[] = {98, 99, 100, 100, 101, 102}, near[] = {99, 100, 101, 101, 102, 103},
           far[] = {108, 109, 110, 110, 111, 112},
           close_but_sure[] = {100.9, 101, 101, 101, 101, 101.1},
           sure[] = {100, 100, 100, 100, 100, 100};
    int sign;

    (void)state;
    assert_int_equal(crossing_compare(low, 6, far, 6, &sign), 0);
    assert_int_equal(sign, -1);
    assert_int_equal(crossing_compare(far, 6, low, 6, &sign), 0);
    assert_int_equal(sign, 1);
    assert_int_equal(crossing_compare(low, 6, near, 6, &sign), 0);
    assert_int_equal(sign, 0);
    assert_int_equal(crossing_compare(sure, 6, close_but_sure, 6, &sign), 0);
    assert_int_equal(sign, 0);
}

/* Insert a point where it belongs. */
static void insert(struct bracket_point *points, size_t *n, double x, int sign)
{
    size_t i = (*n)++;

    while (i > 0 && points[i - 1].x > x) {
        points[i] = points[i - 1];
        i--;
    }
    points[i] = (struct bracket_point){x, sign};
}

/* Look where bracket_next() says until it says no more. Within `blur` of the zero no answer is
 * clear. Returns how many looks it took. */
static size_t bisect(struct bracket_point *points, size_t *n, const struct bracket_scale *scale,
                     double zero, double blur, struct bracket *bracket)
{
    size_t looks = 0;
    double x;

    for (;;) {
        assert_true(bracket_find(points, *n, 0, bracket));
        if (!bracket_next(points, bracket, scale, &x))
            return looks;
        assert_true(x > points[bracket->low].x && x < points[bracket->high].x);
        for (size_t i = 0; i < *n; i++)
            assert_true(points[i].x != x);
        insert(points, n, x, fabs(x - zero) <= blur ? 0 : x < zero ? -1 : 1);
        assert_true(++looks < 60);
    }
}

static void test_bisection_of_a_step(void **state)
{
    struct bracket_point points[64] = {{1, -1}, {1000, 1}};
    struct bracket_scale scale = {.log = true, .width = 0.05, .digits = 4};
    struct bracket bracket;
    size_t n = 2;

    (void)state;
    assert_true(bisect(points, &n, &scale, 337, 0, &bracket) <= 8); /* log2(ln 1000 / ln 1.05) */
    assert_true(points[bracket.low].x < 337 && points[bracket.high].x >= 337);
    assert_true(points[bracket.high].x / points[bracket.low].x <= 1.05);
}

static void test_bisection_leaves_noise_alone(void **state)
{
    struct bracket_point points[64] = {{0, -1}, {1, 1}};
    struct bracket_scale scale = {.log = false, .width = 0.02, .digits = 4};
    struct bracket bracket;
    size_t n = 2;

    (void)state;
    bisect(points, &n, &scale, 0.38, 0.05, &bracket);
    assert_true(points[bracket.low].x < 0.33 && points[bracket.low].x >= 0.33 - 0.021);
    assert_true(points[bracket.high].x > 0.43 && points[bracket.high].x <= 0.43 + 0.021);
}

static void test_bisection_of_whole_numbers(void **state)
{
    struct bracket_point points[64] = {{1, -1}, {100, 1}};
    struct bracket_scale scale = {.log = true, .whole = true, .width = 0.001, .digits = 4};
    struct bracket bracket;
    size_t n = 2;

    (void)state;
    bisect(points, &n, &scale, 6.5, 0, &bracket);
    assert_true(points[bracket.low].x == 6 && points[bracket.high].x == 7);
}

static void test_brackets(void **state)
{
    static const struct bracket_point same[] = {{1, 1}, {2, 0}, {3, 1}, {4, 0}},
                                      twice[] = {{1, -1}, {2, 1}, {3, 0}, {4, -1}},
                                      unclear[] = {{1, 0}, {2, 0}};
    struct bracket bracket;

    (void)state;
    assert_false(bracket_find(same, 4, 0, &bracket));
    assert_false(bracket_find(unclear, 2, 0, &bracket));
    assert_false(bracket_find(NULL, 0, 0, &bracket));
    assert_true(bracket_find(twice, 4, 0, &bracket));
    assert_int_equal(bracket.low, 0);
    assert_int_equal(bracket.high, 1);
    assert_true(bracket_find(twice, 4, bracket.high, &bracket));
    assert_int_equal(bracket.low, 1);
    assert_int_equal(bracket.high, 3);
    assert_false(bracket_find(twice, 4, bracket.high, &bracket));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_logarithmic_scale),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_points_needed),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_bisection_of_a_step),
        cmocka_unit_test(test_bisection_leaves_noise_alone),
        cmocka_unit_test(test_bisection_of_whole_numbers),
        cmocka_unit_test(test_brackets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
