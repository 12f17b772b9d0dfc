/* The promise: the fluid limit's backlog and wait are those that can be worked out by hand. */
#include "math/theory_fluid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_ramp_fills_the_queue_behind_its_crossing(void **state)
{
    /* Above 300/s from 4 s on: a triangle of 6 s and 300/s. */
    const struct theory_fluid_piece ramp = {100, 600, 10};
    struct theory_fluid f = theory_fluid_solve(&ramp, 1, 300);

    (void)state;
    assert_float_equal(f.backlog, 6 * 300 / 2.0, 1e-9);
    assert_float_equal(f.backlog_s, 10, 1e-9);
    assert_float_equal(f.wait_s, 3, 1e-9);
    assert_float_equal(f.left, 900, 1e-9);
}

static void a_step_fills_it_and_the_next_empties_it(void **state)
{
    const struct theory_fluid_piece steps[] = {
        {200, 200, 10}, {800, 800, 10}, {100, 100, 5}, {700, 100, 2}};
    struct theory_fluid f = theory_fluid_solve(steps, 4, 500);

    (void)state;
    /* 3000 more than it bears; then 2000 of these go; 700 to 100 crosses 500 after 2/3 s. */
    assert_float_equal(f.backlog, 3000, 1e-9);
    assert_float_equal(f.backlog_s, 20, 1e-9);
    assert_float_equal(f.wait_s, 6, 1e-9);
    assert_float_equal(f.left, 1000 + 200 / 3.0 - 400 * (4 / 3.0) / 2, 1e-6);
}

static void below_capacity_nothing_waits(void **state)
{
    const struct theory_fluid_piece pieces[] = {{100, 300, 10}, {300, 100, 10}, {50, 50, 0}};
    struct theory_fluid f = theory_fluid_solve(pieces, 3, 300);

    (void)state;
    assert_true(f.backlog == 0 && f.wait_s == 0 && f.left == 0);
    f = theory_fluid_solve(pieces, 3, INFINITY);
    assert_true(f.backlog == 0 && f.wait_s == 0 && f.left == 0);
}

/* An empty queue does not save up what it could have served. */
static void spare_capacity_is_lost(void **state)
{
    const struct theory_fluid_piece pieces[] = {{10, 10, 100}, {150, 150, 1}};
    struct theory_fluid f = theory_fluid_solve(pieces, 2, 100);

    (void)state;
    assert_float_equal(f.backlog, 50, 1e-9);
    assert_float_equal(f.wait_s, 0.5, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ramp_fills_the_queue_behind_its_crossing),
        cmocka_unit_test(a_step_fills_it_and_the_next_empties_it),
        cmocka_unit_test(below_capacity_nothing_waits),
        cmocka_unit_test(spare_capacity_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
