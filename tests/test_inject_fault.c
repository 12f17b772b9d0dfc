/* The promise: the text of planted faults says what it means or is refused in one sentence, and
 * comes back as it was when it is written and read again. */
#include "measure/inject.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_every_key_is_read(void **state)
{
    char model[INJECT_MODEL_SIZE];
    struct inject_fault f;
    struct err err = {""};

    (void)state;
    assert_int_equal(inject_fault_parse("model=tasks,slowdown=5%,syscall=2,poll=6,alloc=3,stall="
                                        "20ms,leak=4k,stack=12k,spin=400",
                                        model, &f, &err),
                     0);
    assert_string_equal(model, "tasks");
    assert_int_equal(f.slowdown, 50000);
    assert_int_equal(f.syscalls, 2);
    assert_int_equal(f.allocs, 3);
    assert_int_equal(f.stall_ns, 20 * NS_PER_MS);
    assert_int_equal(f.leak_bytes, 4096);
    assert_int_equal(f.polls, 6);
    assert_int_equal(f.stack_bytes, 12288);
    assert_int_equal(f.steps, 400);
}

static void test_what_is_left_out_is_not_planted(void **state)
{
    const struct inject_fault one = {.slowdown = 25000};
    char model[INJECT_MODEL_SIZE];
    struct inject_fault f;
    struct err err = {""};

    (void)state;
    assert_int_equal(inject_fault_parse("slowdown=0.025", model, &f, &err), 0);
    assert_string_equal(model, "");
    assert_memory_equal(&f, &one, sizeof one);
}

static void test_bad_texts_are_refused(void **state)
{
    const char *const bad[][2] = {
        {"", "plants no fault"},
        {"model=tasks", "plants no fault"},
        {"slow=5%", "unknown parameter \"slow\""},
        {"slowdown=0", "out of range"},
        {"slowdown=150%", "out of range"},
        {"syscall=0", "out of range"},
        {"alloc=-1", "alloc=-1"},
        {"stall=5", "stall=5"},
        {"leak=15", "out of range"},
        {"syscall=1,syscall=2", "syscall"},
        {"model=a-name-that-no-model-could-possibly-have,alloc=1", "too long"},
    };
    char model[INJECT_MODEL_SIZE];
    struct inject_fault f;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {""};

        assert_int_equal(inject_fault_parse(bad[i][0], model, &f, &err), -EINVAL);
        assert_non_null(strstr(err.text, bad[i][1]));
        assert_non_null(strstr(err.text, "--inject"));
    }
}

static void test_text_comes_back(void **state)
{
    const struct inject_fault faults[] = {
        {.slowdown = 1},
        {.slowdown = 1000000, .leak_bytes = 64 << 20},
        {.syscalls = 1000, .allocs = 7},
        {.stall_ns = 1500 * NS_PER_US},
        {.polls = 1, .stack_bytes = 12288, .steps = 400},
        {.slowdown = 123456, .syscalls = 9, .allocs = 9, .stall_ns = 1, .leak_bytes = 17},
    };
    char text[INJECT_TEXT_SIZE], model[INJECT_MODEL_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct inject_fault f;

        inject_fault_format(&faults[i], text, sizeof text);
        assert_int_equal(inject_fault_parse(text, model, &f, NULL), 0);
        assert_memory_equal(&f, &faults[i], sizeof f);
    }
    assert_string_equal(inject_fault_format(&(struct inject_fault){0}, text, sizeof text), "");
}

static void test_later_faults_replace_those_of_their_kind(void **state)
{
    const struct inject_fault over = {.slowdown = 2, .stall_ns = 3};
    struct inject_fault f = {.slowdown = 1, .syscalls = 1};

    (void)state;
    inject_fault_override(&f, &over);
    assert_int_equal(f.slowdown, 2);
    assert_int_equal(f.syscalls, 1);
    assert_int_equal(f.stall_ns, 3);
    assert_true(inject_fault_present(&f));
    assert_false(inject_fault_present(&(struct inject_fault){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_read),
        cmocka_unit_test(test_what_is_left_out_is_not_planted),
        cmocka_unit_test(test_bad_texts_are_refused),
        cmocka_unit_test(test_text_comes_back),
        cmocka_unit_test(test_later_faults_replace_those_of_their_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
