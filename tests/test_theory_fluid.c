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
    const struct theory_fluid_piece ramp = {100, 600, 10, 300};
    struct theory_fluid f = theory_fluid_solve(&ramp, 1);

    (void)state;
    assert_float_equal(f.backlog, 6 * 300 / 2.0, 1e-9);
    assert_float_equal(f.backlog_s, 10, 1e-9);
    assert_float_equal(f.wait_s, 3, 1e-9);
    assert_float_equal(f.left, 900, 1e-9);
}

static void a_step_fills_it_and_the_next_empties_it(void **state)
{
    const struct theory_fluid_piece steps[] = {
        {200, 200, 10, 500}, {800, 800, 10, 500}, {100, 100, 5, 500}, {700, 100, 2, 500}};
    struct theory_fluid f = theory_fluid_solve(steps, 4);

    (void)state;
    /* 3000 more than it bears; then 2000 of these go; 700 to 100 crosses 500 after 2/3 s. */
    assert_float_equal(f.backlog, 3000, 1e-9);
    assert_float_equal(f.backlog_s, 20, 1e-9);
    assert_float_equal(f.wait_s, 6, 1e-9);
    assert_float_equal(f.left, 1000 + 200 / 3.0 - 400 * (4 / 3.0) / 2, 1e-6);
}

static void below_capacity_nothing_waits(void **state)
{
    struct theory_fluid_piece pieces[] = {
        {100, 300, 10, 300}, {300, 100, 10, 300}, {50, 50, 0, 300}};
    struct theory_fluid f = theory_fluid_solve(pieces, 3);

    (void)state;
    assert_true(f.backlog == 0 && f.wait_s == 0 && f.left == 0);
    for (size_t i = 0; i < 3; i++)
        pieces[i].capacity_per_s = INFINITY;
    f = theory_fluid_solve(pieces, 3);
    assert_true(f.backlog == 0 && f.wait_s == 0 && f.left == 0);
}

/* An empty queue does not save up what it could have served. */
static void spare_capacity_is_lost(void **state)
{
    const struct theory_fluid_piece pieces[] = {{10, 10, 100, 100}, {150, 150, 1, 100}};
    struct theory_fluid f = theory_fluid_solve(pieces, 2);

    (void)state;
    assert_float_equal(f.backlog, 50, 1e-9);
    assert_float_equal(f.wait_s, 0.5, 1e-9);
}

/* A stall of 1 s at 100/s: its first job waits for all of it. Where nothing else limits, all leave
 * at its end; at 300/s, 100 jobs take half a second more, since others come meanwhile. */
static void what_comes_in_a_stall_waits_for_its_end(void **state)
{
    struct theory_fluid_piece pieces[] = {
        {100, 100, 2, INFINITY}, {100, 100, 1, 0}, {100, 100, 7, INFINITY}, {0, 0, 0, INFINITY}};
    struct theory_fluid f = theory_fluid_solve(pieces, 4);

    (void)state;
    assert_float_equal(f.backlog, 100, 1e-9);
    assert_float_equal(f.backlog_s, 3, 1e-9);
    assert_float_equal(f.wait_s, 1, 1e-9);
    assert_true(f.left == 0);
    assert_true(theory_fluid_wait_s(pieces, 4, 1.9) == 0);
    assert_float_equal(theory_fluid_wait_s(pieces, 4, 2), 1, 1e-9);
    assert_float_equal(theory_fluid_wait_s(pieces, 4, 2.75), 0.25, 1e-9);
    assert_true(theory_fluid_wait_s(pieces, 4, 3) == 0);
    pieces[0].capacity_per_s = pieces[2].capacity_per_s = pieces[3].capacity_per_s = 300;
    f = theory_fluid_solve(pieces, 4);
    assert_float_equal(f.backlog, 100, 1e-9);
    assert_float_equal(theory_fluid_wait_s(pieces, 4, 2.75), 0.25 + 75 / 300.0, 1e-9);
    assert_float_equal(theory_fluid_wait_s(pieces, 4, 3.25), 50 / 300.0, 1e-9);
    assert_true(theory_fluid_wait_s(pieces, 4, 3.5) < 1e-9);
}

/* What waits at the end of a piece leaves at the next one's capacity; a stall without an end holds
 * it for ever. */
static void a_wait_goes_through_the_pieces_that_follow(void **state)
{
    struct theory_fluid_piece pieces[] = {{200, 200, 1, 100}, {0, 0, 1, 20}, {0, 0, 1, 400}};

    (void)state;
    assert_float_equal(theory_fluid_wait_s(pieces, 3, 0.5), 0.5, 1e-9);
    assert_float_equal(theory_fluid_wait_s(pieces, 3, 0.55), 0.45 + 10 / 20.0, 1e-9);
    assert_float_equal(theory_fluid_wait_s(pieces, 3, 1), 1 + 80 / 400.0, 1e-9);
    assert_float_equal(theory_fluid_solve(pieces, 3).wait_s, 1.2, 1e-9);
    assert_float_equal(theory_fluid_solve(pieces, 3).left, 100, 1e-9);
    pieces[2].capacity_per_s = 0;
    assert_true(isinf(theory_fluid_wait_s(pieces, 3, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ramp_fills_the_queue_behind_its_crossing),
        cmocka_unit_test(a_step_fills_it_and_the_next_empties_it),
        cmocka_unit_test(below_capacity_nothing_waits),
        cmocka_unit_test(spare_capacity_is_lost),
        cmocka_unit_test(what_comes_in_a_stall_waits_for_its_end),
        cmocka_unit_test(a_wait_goes_through_the_pieces_that_follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
