/* The promise: what a crash leaves at the end of a sweep's state costs the last run and no other;
 * any other fault, at whichever byte, is refused with the reason, and a refused file stays as it
 * is. */
#include "sweep/sweep_state.h"

#include "support/records.h"
#include "support/state_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The lengths of the file with 0 to STATE_FIXTURE_RUNS runs. */
static void lengths(const struct state_fixture *f, size_t *out)
{
    struct sweep_state *s;
    struct err err = {""};
    struct stat st;
    uint64_t seed = 42;

    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, false, &s, &err), 0);
    for (size_t i = 0; i <= STATE_FIXTURE_RUNS; i++) {
        struct run_record record = state_fixture_record(i);
        char key[32];

        assert_int_equal(stat(f->path, &st), 0);
        out[i] = (size_t)st.st_size;
        snprintf(key, sizeof key, "--model tasks --jobs %zu", i);
        assert_int_equal(sweep_state_append(s, key, &record, &err), 0);
        run_record_deinit(&record);
    }
    sweep_state_close(s, true);
}

/* Cut at every byte: in the header it is no state; behind it, what is whole stays. */
static void test_cut_anywhere(void **state)
{
    const struct state_fixture *f = *state;
    size_t length[STATE_FIXTURE_RUNS + 1], size, runs = 0;
    char *bytes;
    bool cut = false;

    lengths(f, length);
    state_fixture_fill(f);
    bytes = state_fixture_contents(f, &size);
    assert_int_equal(size, length[STATE_FIXTURE_RUNS]);
    for (size_t at = 0; at < size; at++) {
        struct err err = {""};
        size_t whole = 0, after;
        int r;

        state_fixture_put(f, bytes, at);
        r = state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err);
        if (at < length[0]) {
            assert_int_equal(r, -EINVAL);
            continue;
        }
        while (whole < STATE_FIXTURE_RUNS && length[whole + 1] <= at)
            whole++;
        assert_int_equal(r, 0);
        assert_int_equal(runs, whole);
        assert_int_equal(cut, at != length[whole]);
        free(state_fixture_contents(f, &after));
        assert_int_equal(after, length[whole]);
    }
    free(bytes);
}

/* Change every byte in turn: refused and left alone, but in the last run, which may be taken for
 * one that a crash has cut. */
static void test_changed_anywhere(void **state)
{
    const struct state_fixture *f = *state;
    size_t length[STATE_FIXTURE_RUNS + 1], size, after_size, runs = 0;
    char *bytes, *after;
    bool cut = false;

    lengths(f, length);
    state_fixture_fill(f);
    bytes = state_fixture_contents(f, &size);
    for (size_t at = 0; at < size; at++) {
        struct err err = {""};
        int r;

        bytes[at] ^= 0x10;
        state_fixture_put(f, bytes, size);
        r = state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err);
        if (r == 0) {
            assert_true(at >= length[STATE_FIXTURE_RUNS - 1]);
            assert_int_equal(runs, STATE_FIXTURE_RUNS - 1);
            assert_true(cut);
        } else {
            assert_int_equal(r, -EINVAL);
            assert_non_null(strstr(err.text, "delete it"));
            after = state_fixture_contents(f, &after_size);
            assert_int_equal(after_size, size);
            assert_memory_equal(after, bytes, size);
            free(after);
        }
        bytes[at] ^= 0x10;
    }
    free(bytes);
}

static void test_zeros_at_the_end(void **state)
{
    const struct state_fixture *f = *state;
    size_t size, runs = 0;
    char *bytes;
    struct err err = {""};
    bool cut = false;

    state_fixture_fill(f);
    bytes = state_fixture_contents(f, &size);
    memset(bytes + size, 0, 1000);
    state_fixture_put(f, bytes, size + 1000);
    assert_int_equal(state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err), 0);
    assert_int_equal(runs, STATE_FIXTURE_RUNS);
    assert_true(cut);
    free(bytes);
}

static void test_files_that_are_no_state(void **state)
{
    static const char *const texts[] = {"", "{}",
                                        ("a text that is longer than the header of a "
                                         "state, and has nothing to do with one")};
    const struct state_fixture *f = *state;
    size_t runs;
    bool cut;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err = {""};
        struct stat st;
        char *after;

        state_fixture_put(f, texts[i], strlen(texts[i]));
        assert_int_equal(state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err), -EINVAL);
        assert_non_null(strstr(err.text, "not the state of a sweep"));
        assert_int_equal(stat(f->path, &st), 0);
        assert_int_equal(st.st_size, strlen(texts[i]));
        if (st.st_size == 0)
            continue;
        after = records_read_file(f->path);
        assert_string_equal(after, texts[i]);
        free(after);
    }
}

#define TEST(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, state_fixture_set_up, state_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cut_anywhere),
        TEST(test_changed_anywhere),
        TEST(test_zeros_at_the_end),
        TEST(test_files_that_are_no_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
