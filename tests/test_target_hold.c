/* The promise: an answer is held for its delay at least; answers that fall due together go out a
 * few at a time, with a pause after each few, but none is held up for long by that; and answers
 * that are apart by themselves are on time. */
#include "target/target_hold.h"

#include "support/io_fake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DELAY_NS (10 * NS_PER_MS)
#define SEND_NS  (5 * NS_PER_US) /* what sending an answer takes */
#define ANSWERS  200

/* Answers to requests that came `apart_ns` after each other, all held at the same time: when each
 * was let go. The fake clock moves on for one answer while it is sent. */
static void let_go(uint64_t delay_ns, uint64_t apart_ns, uint64_t *arrived_ns, uint64_t *gone_ns)
{
    struct io *io = io_fake_create();
    struct target_hold hold = {0};

    assert_non_null(io);
    for (int i = 0; i < ANSWERS; i++)
        arrived_ns[i] = io_now(io) + (uint64_t)i * apart_ns;
    for (int i = 0; i < ANSWERS; i++) {
        assert_int_equal(target_hold(&hold, io, -1, arrived_ns[i], delay_ns), 0);
        gone_ns[i] = io_now(io);
        io_fake_advance(io, SEND_NS);
    }
    io_destroy(io);
}

static void test_answers_that_are_apart_are_on_time(void **state)
{
    uint64_t arrived_ns[ANSWERS], gone_ns[ANSWERS];

    (void)state;
    let_go(DELAY_NS, TARGET_HOLD_GROUP_NS / TARGET_HOLD_FEW, arrived_ns, gone_ns);
    for (int i = 0; i < ANSWERS; i++)
        assert_true(gone_ns[i] == arrived_ns[i] + DELAY_NS);
}

static void test_answers_due_together_go_in_groups_of_a_few(void **state)
{
    const uint64_t groups = DELAY_NS / TARGET_HOLD_SHARE / TARGET_HOLD_GROUP_NS;
    uint64_t arrived_ns[ANSWERS], gone_ns[ANSWERS];

    (void)state;
    let_go(DELAY_NS, 0, arrived_ns, gone_ns);
    for (uint64_t i = 0; i < groups * TARGET_HOLD_FEW; i++)
        assert_true(gone_ns[i] == arrived_ns[0] + DELAY_NS +
                                      i / TARGET_HOLD_FEW * TARGET_HOLD_GROUP_NS +
                                      i % TARGET_HOLD_FEW * SEND_NS);
}

static void test_none_is_held_up_beyond_its_share(void **state)
{
    uint64_t arrived_ns[ANSWERS], gone_ns[ANSWERS], latest_ns;

    (void)state;
    let_go(DELAY_NS, 0, arrived_ns, gone_ns);
    latest_ns = arrived_ns[0] + DELAY_NS + DELAY_NS / TARGET_HOLD_SHARE;
    assert_true(gone_ns[ANSWERS - 1] > latest_ns);
    for (int i = 1; i < ANSWERS; i++) /* from then on, one after the other */
        if (gone_ns[i] > latest_ns)
            assert_true(gone_ns[i] - gone_ns[i - 1] == SEND_NS);
}

static void test_without_a_delay_nothing_waits(void **state)
{
    uint64_t arrived_ns[ANSWERS], gone_ns[ANSWERS];

    (void)state;
    let_go(0, 0, arrived_ns, gone_ns);
    for (int i = 1; i < ANSWERS; i++)
        assert_true(gone_ns[i] - gone_ns[i - 1] == SEND_NS);
}

static void test_a_wait_that_ends_early_is_told(void **state)
{
    struct io *io = io_fake_create();
    struct target_hold hold = {0};

    (void)state;
    assert_non_null(io);
    io_fake_fail(io, IO_OP_SLEEP, 1, -ECANCELED);
    assert_int_equal(target_hold(&hold, io, -1, io_now(io), DELAY_NS), -ECANCELED);
    for (unsigned i = 0; i < TARGET_HOLD_FEW; i++)
        assert_int_equal(target_hold(&hold, io, -1, io_now(io) - DELAY_NS, DELAY_NS), 0);
    io_fake_fail(io, IO_OP_SLEEP, 2, -ECANCELED); /* that for its group */
    assert_int_equal(target_hold(&hold, io, -1, io_now(io) - DELAY_NS, DELAY_NS), -ECANCELED);
    io_destroy(io);
}

/* By a fake clock: a request that comes in the slow stretch and falls due in the stall goes at its
 * end, one behind both is on time, and the first of all requests begins the times. */
static void test_it_misbehaves_by_the_clock(void **state)
{
    struct io *io = io_fake_create();
    struct target_hold hold = {0};
    _Atomic uint64_t first_ns = 0;
    struct pathology pathology;
    uint64_t begin_ns;

    (void)state;
    assert_non_null(io);
    assert_int_equal(pathology_parse("stall=50ms@40ms,slow=7ms@20ms..30ms", &pathology, NULL), 0);
    target_hold_misbehave(&hold, &pathology, &first_ns);
    io_fake_advance(io, NS_PER_S);
    begin_ns = io_now(io);
    assert_int_equal(target_hold(&hold, io, -1, begin_ns, DELAY_NS), 0);
    assert_int_equal(first_ns, begin_ns);
    assert_int_equal(io_now(io), begin_ns + DELAY_NS);
    io_fake_advance(io, 10 * NS_PER_MS);
    assert_int_equal(target_hold(&hold, io, -1, io_now(io), DELAY_NS), 0);
    assert_int_equal(io_now(io), begin_ns + 37 * NS_PER_MS);
    assert_int_equal(target_hold(&hold, io, -1, io_now(io), DELAY_NS), 0);
    assert_int_equal(io_now(io), begin_ns + 90 * NS_PER_MS);
    assert_int_equal(target_hold(&hold, io, -1, io_now(io), DELAY_NS), 0);
    assert_int_equal(io_now(io), begin_ns + 100 * NS_PER_MS);
    io_destroy(io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_that_are_apart_are_on_time),
        cmocka_unit_test(test_answers_due_together_go_in_groups_of_a_few),
        cmocka_unit_test(test_none_is_held_up_beyond_its_share),
        cmocka_unit_test(test_without_a_delay_nothing_waits),
        cmocka_unit_test(test_a_wait_that_ends_early_is_told),
        cmocka_unit_test(test_it_misbehaves_by_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
