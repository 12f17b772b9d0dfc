/* The promise: in each block every arm is measured as often, at the same mean time, and in orders
 * that chance draws; every layout is used before any is used again. */
#include "pair/pair_schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A drift that is linear over the block adds the same to all arms. */
static void test_balanced(void **state)
{
    enum pair_arm turns[PAIR_TURNS_MAX];

    (void)state;
    for (unsigned block = 0; block < 200; block++) {
        size_t count[PAIR_ARMS] = {0}, at[PAIR_ARMS] = {0};

        pair_schedule_turns(7, 3, block, PAIR_REPEATS_MAX, turns);
        for (size_t i = 0; i < PAIR_TURNS_MAX; i++) {
            count[turns[i]]++;
            at[turns[i]] += i;
        }
        for (size_t arm = 0; arm < PAIR_ARMS; arm++) {
            assert_int_equal(count[arm], 2 * PAIR_REPEATS_MAX);
            assert_int_equal(at[arm], at[0]);
        }
    }
}

/* All six orders come, each about as often: 600 of 3600, with a standard deviation of 22. */
static void test_shuffled(void **state)
{
    enum pair_arm turns[PAIR_TURNS_MAX];
    size_t orders[PAIR_ARMS * PAIR_ARMS] = {0}, kinds = 0;

    (void)state;
    for (unsigned block = 0; block < 3600; block++) {
        pair_schedule_turns(1, 0, block, 1, turns);
        orders[turns[0] * PAIR_ARMS + turns[1]]++;
    }
    for (size_t i = 0; i < PAIR_ARMS * PAIR_ARMS; i++) {
        assert_true(orders[i] == 0 || (orders[i] > 500 && orders[i] < 700));
        kinds += orders[i] > 0;
    }
    assert_int_equal(kinds, 6);
}

static void test_repeats_differ(void **state)
{
    enum pair_arm turns[PAIR_TURNS_MAX];
    size_t same = 0;

    (void)state;
    for (unsigned block = 0; block < 100; block++) {
        pair_schedule_turns(1, 0, block, 2, turns);
        same += memcmp(turns, turns + PAIR_TURNS, PAIR_TURNS * sizeof *turns) == 0;
    }
    assert_true(same < 50);
}

/* Each of a use's layouts once a cycle, and no other. */
static void check_cycles(size_t layouts, bool fresh, size_t first, size_t count)
{
    for (unsigned cycle = 0; cycle < 20; cycle++) {
        bool used[9] = {false};

        for (unsigned i = 0; i < count; i++) {
            unsigned block = cycle * (unsigned)count + i;
            size_t l = pair_schedule_layout(5, 2, block, PAIR_CONTENDER, fresh, layouts);

            assert_in_range(l, first, first + count - 1);
            assert_false(used[l]);
            used[l] = true;
        }
    }
}

static void test_layouts(void **state)
{
    (void)state;
    for (size_t layouts = 1; layouts <= 2; layouts++) {
        check_cycles(layouts, false, 0, layouts);
        check_cycles(layouts, true, 0, layouts);
    }
    for (size_t layouts = 3; layouts <= 9; layouts++) {
        check_cycles(layouts, false, 0, layouts / 3);
        check_cycles(layouts, true, layouts / 3, layouts - layouts / 3);
    }
}

/* Arms, cells and seeds draw on their own: otherwise the same layouts would always meet. */
static void test_layouts_are_drawn_apart(void **state)
{
    size_t same[3] = {0};

    (void)state;
    for (unsigned block = 0; block < 800; block++) {
        size_t l = pair_schedule_layout(5, 2, block, PAIR_BASE, true, 12);

        same[0] += l == pair_schedule_layout(5, 2, block, PAIR_CONTENDER, true, 12);
        same[1] += l == pair_schedule_layout(5, 3, block, PAIR_BASE, true, 12);
        same[2] += l == pair_schedule_layout(6, 2, block, PAIR_BASE, true, 12);
    }
    for (size_t i = 0; i < 3; i++) /* 100 of 800, standard deviation below 10 */
        assert_true(same[i] > 50 && same[i] < 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balanced),
        cmocka_unit_test(test_shuffled),
        cmocka_unit_test(test_repeats_differ),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_layouts_are_drawn_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
