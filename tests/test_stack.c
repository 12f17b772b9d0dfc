/* The promise: stacks are whole, apart from each other, reused last-in first-out, and none can be
 * overrun unnoticed: a guard page kills, a damaged canary aborts. */
#include "async/stack.h"

#include "support/test_async_process.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STACKS 300

static void test_sizes_are_rounded_up_and_limited(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t bad[] = {0, STACK_SIZE_MIN - 1, STACK_SIZE_MAX + 1, SIZE_MAX};
    const size_t good[] = {STACK_SIZE_MIN, 5 * page + 1, STACK_SIZE_DEFAULT, STACK_SIZE_MAX};
    struct stack_pool pool;
    struct stack stack;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(stack_pool_init(&pool, bad[i], STACK_GUARD_MADVISE), -EINVAL);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(stack_pool_init(&pool, good[i], STACK_GUARD_MADVISE), 0);
        assert_int_equal(stack_acquire(&pool, &stack), 0);
        assert_int_equal(stack.size,
                         (good[i] + page - 1) / page * page - page); /* the first colour */
        assert_int_equal((uintptr_t)stack.base % page, 0);
        stack.base[0] = stack.base[stack.size - 1] = 1;
        stack_release(&pool, &stack);
        stack_pool_deinit(&pool);
    }
}

static void test_many_stacks_do_not_overlap(void **state)
{
    static struct stack stacks[STACKS];

    (void)state;
    for (enum stack_guard guard = STACK_GUARD_MADVISE; guard <= STACK_GUARD_CANARY; guard++) {
        struct stack_pool pool;

        assert_int_equal(stack_pool_init(&pool, STACK_SIZE_MIN, guard), 0);
        for (size_t i = 0; i < STACKS; i++) {
            assert_int_equal(stack_acquire(&pool, &stacks[i]), 0);
            assert_true(stacks[i].guard >= guard);
            memset(stacks[i].base, (int)(i % 255) + 1, stacks[i].size);
        }
        for (size_t i = 0; i < STACKS; i++)
            for (size_t at = 0; at < stacks[i].size; at++)
                if (stacks[i].base[at] != (char)(i % 255 + 1))
                    fail_msg("stack %zu was overwritten at %zu", i, at);
        for (size_t i = 0; i < STACKS; i++)
            stack_release(&pool, &stacks[i]);
        stack_pool_deinit(&pool);
    }
}

static void test_the_last_one_given_back_is_reused_first(void **state)
{
    struct stack stacks[20], again;
    struct stack_pool pool;

    (void)state;
    assert_int_equal(stack_pool_init(&pool, STACK_SIZE_MIN, STACK_GUARD_MADVISE), 0);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(stack_acquire(&pool, &stacks[i]), 0);
    for (size_t i = 0; i < 20; i++)
        stack_release(&pool, &stacks[i]);
    for (size_t i = 20; i-- > 0;) {
        assert_int_equal(stack_acquire(&pool, &again), 0);
        assert_ptr_equal(again.base, stacks[i].base);
        assert_int_equal(again.size, stacks[i].size);
        assert_int_equal(again.guard, stacks[i].guard);
    }
    stack_pool_deinit(&pool);
}

/* The tops of neighbours lie at different distances from a page's end, and no stack loses more than
 * the colours say. */
static void test_stacks_are_coloured(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct stack stacks[2 * STACK_COLOURS];
    struct stack_pool pool;

    (void)state;
    assert_int_equal(stack_pool_init(&pool, STACK_SIZE_MIN, STACK_GUARD_MADVISE), 0);
    for (size_t i = 0; i < 2 * STACK_COLOURS; i++) {
        assert_int_equal(stack_acquire(&pool, &stacks[i]), 0);
        assert_int_equal((uintptr_t)stacks[i].base % page, 0);
        assert_int_equal(stacks[i].size,
                         STACK_SIZE_MIN - page - i % STACK_COLOURS * STACK_COLOUR_BYTES);
    }
    stack_pool_deinit(&pool);
}

static void touch(void *arg)
{
    *(volatile char *)arg = 1;
}

/* The last byte of the guard's page, next to the stack, and the first, far below it. */
static void expect_guarded(enum stack_guard kind)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct stack_pool pool;
    struct stack stacks[2];

    assert_int_equal(stack_pool_init(&pool, STACK_SIZE_MIN, kind), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(stack_acquire(&pool, &stacks[i]), 0);
    if (stacks[0].guard != kind) {
        print_message("this kernel has no such guard\n");
        stack_pool_deinit(&pool);
        skip();
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(test_async_fork(touch, stacks[i].base), 0);
        assert_int_equal(test_async_fork(touch, stacks[i].base - 1), SIGSEGV);
        assert_int_equal(test_async_fork(touch, stacks[i].base - page), SIGSEGV);
    }
    stack_release(&pool, &stacks[0]);
    assert_int_equal(stack_acquire(&pool, &stacks[0]), 0);
    assert_int_equal(test_async_fork(touch, stacks[0].base - 1), SIGSEGV);
    stack_pool_deinit(&pool);
}

static void test_a_madvise_guard_kills(void **state)
{
    (void)state;
    expect_guarded(STACK_GUARD_MADVISE);
}

static void test_an_mprotect_guard_kills(void **state)
{
    (void)state;
    expect_guarded(STACK_GUARD_MPROTECT);
}

static void release_damaged(void *arg)
{
    struct stack_pool pool;
    struct stack stack;

    if (stack_pool_init(&pool, STACK_SIZE_MIN, STACK_GUARD_CANARY) != 0 ||
        stack_acquire(&pool, &stack) != 0)
        _exit(1);
    stack.base[-*(int *)arg] ^= 1;
    stack_release(&pool, &stack);
}

static void fork_release_damaged(void *arg)
{
    int *result = arg;

    *result = test_async_fork(release_damaged, result);
}

static void test_a_damaged_canary_aborts_and_says_why(void **state)
{
    (void)state;
    for (int below = 1; below <= 64; below += 9) {
        char text[256];
        int result = below;

        test_async_stderr(fork_release_damaged, &result, text, sizeof text);
        assert_int_equal(result, SIGABRT);
        assert_non_null(strstr(text, "overflowed its stack"));
    }
}

static size_t mappings(void)
{
    FILE *f = fopen("/proc/self/maps", "re");
    size_t lines = 0;

    assert_non_null(f);
    for (int c; (c = getc(f)) != EOF;)
        lines += c == '\n';
    fclose(f);
    return lines;
}

static void test_madvise_guards_cost_no_mappings(void **state)
{
    size_t before = mappings();
    struct stack_pool pool;
    struct stack stack;

    (void)state;
    assert_int_equal(stack_pool_init(&pool, STACK_SIZE_MIN, STACK_GUARD_MADVISE), 0);
    if (pool.guard != STACK_GUARD_MADVISE) {
        print_message("this kernel has no MADV_GUARD_INSTALL\n");
        skip();
    }
    for (size_t i = 0; i < 2000; i++)
        assert_int_equal(stack_acquire(&pool, &stack), 0);
    assert_in_range(mappings() - before, 1, 50);
    stack_pool_deinit(&pool);
    assert_in_range(mappings(), before - 20, before + 20);
}

static void test_a_canary_takes_over_when_mappings_run_out(void **state)
{
    struct stack_pool pool;
    struct stack stack;

    (void)state;
    assert_int_equal(stack_pool_init(&pool, STACK_SIZE_MIN, STACK_GUARD_MPROTECT), 0);
    assert_true(pool.mprotects > 0);
    pool.mprotects = 3;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(stack_acquire(&pool, &stack), 0);
        assert_int_equal(stack.guard, i < 3 ? STACK_GUARD_MPROTECT : STACK_GUARD_CANARY);
    }
    assert_string_equal(stack_guard_name(pool.guard), "canary");
    stack_pool_deinit(&pool);
}

static void test_guards_have_names(void **state)
{
    (void)state;
    assert_string_equal(stack_guard_name(STACK_GUARD_MADVISE), "madvise");
    assert_string_equal(stack_guard_name(STACK_GUARD_MPROTECT), "mprotect");
    assert_string_equal(stack_guard_name(STACK_GUARD_CANARY), "canary");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_are_rounded_up_and_limited),
        cmocka_unit_test(test_many_stacks_do_not_overlap),
        cmocka_unit_test(test_the_last_one_given_back_is_reused_first),
        cmocka_unit_test(test_stacks_are_coloured),
        cmocka_unit_test(test_a_madvise_guard_kills),
        cmocka_unit_test(test_an_mprotect_guard_kills),
        cmocka_unit_test(test_a_damaged_canary_aborts_and_says_why),
        cmocka_unit_test(test_madvise_guards_cost_no_mappings),
        cmocka_unit_test(test_a_canary_takes_over_when_mappings_run_out),
        cmocka_unit_test(test_guards_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
