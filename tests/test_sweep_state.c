/* The promise: a sweep's state gives back exactly the runs that were put into it, also when there
 * was no room for more; the state of another sweep is refused with the reason, and so is one in
 * use. */
#include "sweep/sweep_state.h"

#include "support/state_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void test_runs_come_back(void **state)
{
    const struct state_fixture *f = *state;
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 7;

    state_fixture_fill(f);
    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, false, &s, &err), 0);
    assert_int_equal(seed, 42);
    assert_int_equal(sweep_state_count(s), STATE_FIXTURE_RUNS);
    assert_false(sweep_state_was_cut(s));
    for (size_t n = 2 * STATE_FIXTURE_RUNS; n-- > 0;) { /* twice: reading takes nothing away */
        size_t i = n % STATE_FIXTURE_RUNS;
        struct run_record expected = state_fixture_record(i), found;
        char key[32];

        snprintf(key, sizeof key, "--model tasks --jobs %zu", i);
        assert_string_equal(sweep_state_key(s, i), key);
        assert_int_equal(sweep_state_read(s, i, &found, &err), 0);
        assert_int_equal(found.makespan_ns, expected.makespan_ns);
        assert_int_equal(found.samples_count, expected.samples_count);
        assert_memory_equal(found.samples, expected.samples,
                            found.samples_count * sizeof *found.samples);
        assert_memory_equal(found.beats, expected.beats, found.beats_count * sizeof *found.beats);
        run_record_deinit(&found);
        run_record_deinit(&expected);
    }
    sweep_state_close(s, true);
    assert_int_equal(access(f->path, F_OK), -1);
}

static void test_seed(void **state)
{
    const struct state_fixture *f = *state;
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 42;

    state_fixture_fill(f);
    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, true, &s, &err), 0);
    sweep_state_close(s, false);
    seed = 43;
    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, true, &s, &err),
                     -EINVAL);
    assert_true(strstr(err.text, "42") != NULL && strstr(err.text, "43") != NULL);
}

static void test_another_sweep(void **state)
{
    const struct state_fixture *f = *state;
    size_t before_size, after_size, runs;
    char *before, *after;
    struct err err = {""};
    bool cut;

    state_fixture_fill(f);
    before = state_fixture_contents(f, &before_size);
    assert_int_equal(
        state_fixture_try(f, "tva 1.2.3\naxis rate=1..16:x2\nrounds 6\n", &runs, &cut, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "\"axis rate=1..8:x2\""));
    assert_non_null(strstr(err.text, "\"axis rate=1..16:x2\""));
    assert_int_equal(
        state_fixture_try(f, STATE_FIXTURE_SWEEP STATE_FIXTURE_LONG_LINE "8\n", &runs, &cut, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "it has \"--threads 4\", this one \"--threads 8\""));
    assert_int_equal(state_fixture_try(f, STATE_FIXTURE_IDENTITY "more\n", &runs, &cut, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "of another sweep: it has no \"more\";"));
    assert_int_equal(state_fixture_try(f, STATE_FIXTURE_SWEEP, &runs, &cut, &err), -EINVAL);
    assert_non_null(strstr(err.text, "of another sweep: it has also \"cell --model pool"));
    assert_int_equal(state_fixture_try(f, "tva 1.2.3\n", &runs, &cut, &err), -EINVAL);
    after = state_fixture_contents(f, &after_size);
    assert_int_equal(after_size, before_size);
    assert_memory_equal(after, before, before_size);
    free(before);
    free(after);
}

static void test_another_process_has_it(void **state)
{
    const struct state_fixture *f = *state;
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 1;
    size_t runs;
    bool cut;

    state_fixture_fill(f);
    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, false, &s, &err), 0);
    assert_int_equal(state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err), -EBUSY);
    sweep_state_close(s, false);
    assert_int_equal(state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err), 0);
}

/* In a process of its own: opens the state when `go` ends, says whether it has it, and keeps it
 * until `end` ends. */
static void open_at_once(const struct state_fixture *f, int go, int said, int end)
{
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 1;
    char byte;

    (void)!read(go, &byte, 1);
    byte = sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, false, &s, &err) == 0;
    (void)!write(said, &byte, 1);
    (void)!read(end, &byte, 1);
    _exit(0);
}

static void test_of_two_that_start_together_one_has_it(void **state)
{
    const struct state_fixture *f = *state;

    for (int round = 0; round < 40; round++) {
        int go[2], said[2], end[2];
        char has[2];

        assert_int_equal(pipe(go) | pipe(said) | pipe(end), 0);
        for (int i = 0; i < 2; i++)
            if (fork() == 0) {
                close(go[1]);
                close(end[1]);
                open_at_once(f, go[0], said[1], end[0]);
            }
        close(go[1]);
        assert_int_equal(read(said[0], &has[0], 1), 1);
        assert_int_equal(read(said[0], &has[1], 1), 1);
        close(end[1]);
        while (wait(NULL) > 0)
            ;
        close(said[0]);
        close(said[1]);
        close(go[0]);
        close(end[0]);
        assert_int_equal(has[0] + has[1], 1);
        assert_int_equal(unlink(f->path), 0);
    }
}

static void test_full_disk(void **state)
{
    const struct state_fixture *f = *state;
    struct run_record record = state_fixture_record(0);
    struct rlimit before, limit;
    struct sweep_state *s;
    struct stat st;
    struct err err = {""};
    uint64_t seed = 1;
    size_t runs = 0;
    bool cut = true;

    state_fixture_fill(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(sweep_state_open(f->path, STATE_FIXTURE_IDENTITY, &seed, false, &s, &err), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)st.st_size + 300;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(sweep_state_append(s, "key", &record, &err), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_non_null(strstr(err.text, "same command"));
    assert_int_equal(sweep_state_count(s), STATE_FIXTURE_RUNS);
    sweep_state_close(s, false);
    assert_int_equal(state_fixture_try(f, STATE_FIXTURE_IDENTITY, &runs, &cut, &err), 0);
    assert_int_equal(runs, STATE_FIXTURE_RUNS);
    assert_false(cut);
    run_record_deinit(&record);
}

#define TEST(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, state_fixture_set_up, state_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs_come_back),
        TEST(test_seed),
        TEST(test_another_sweep),
        TEST(test_another_process_has_it),
        TEST(test_of_two_that_start_together_one_has_it),
        TEST(test_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
