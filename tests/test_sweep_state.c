/* The promise: a sweep's state gives back exactly the runs that were put into it; what a crash
 * leaves at its end costs the last run and no other; any other fault, at whichever byte, is refused
 * with the reason, and so is the state of another sweep, and a refused file stays as it is. */
#include "sweep_state.h"

#include "support/records.h"

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
#include <unistd.h>

#include <cmocka.h>

#define LONG_LINE                                                                                  \
    "cell --model pool --job sleep:duration=10ms --rate 50/s --arrivals poisson --drain 1s "       \
    "--duration 1s --warmup 100ms --threads "
#define IDENTITY "tva 1.2.3\naxis rate=1..8:x2\nrounds 6\n" LONG_LINE "4\n"
#define RUNS     3

struct fixture {
    char *directory, path[256];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->directory = records_make_directory();
    snprintf(f->path, sizeof f->path, "%s/run.state", f->directory);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    records_remove_directory(f->directory);
    free(f);
    return 0;
}

static struct run_record record_of(size_t number)
{
    struct cell cell = records_cell("tasks", "sleep:duration=1ms", 3 + number);

    return records_run(&cell, (number + 1) * NS_PER_MS);
}

/* A state with RUNS runs. */
static void fill(const struct fixture *f)
{
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 42;

    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, false, &s, &err), 0);
    for (size_t i = 0; i < RUNS; i++) {
        struct run_record record = record_of(i);
        char key[32];

        snprintf(key, sizeof key, "--model tasks --jobs %zu", i);
        assert_int_equal(sweep_state_append(s, key, &record, &err), 0);
        run_record_deinit(&record);
    }
    sweep_state_close(s, false);
}

static char *contents(const struct fixture *f, size_t *size)
{
    FILE *in = fopen(f->path, "r");
    char *bytes = malloc(1 << 20);

    assert_true(in != NULL && bytes != NULL);
    *size = fread(bytes, 1, 1 << 20, in);
    assert_true(*size > 0 && *size < 1 << 20);
    fclose(in);
    return bytes;
}

static void put(const struct fixture *f, const char *bytes, size_t size)
{
    FILE *out = fopen(f->path, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

/* What opening returns; how many runs there are then. */
static int try(const struct fixture *f, const char *identity, size_t *runs, bool *cut,
               struct err *err)
{
    struct sweep_state *s;
    uint64_t seed = 1;
    int r = sweep_state_open(f->path, identity, &seed, false, &s, err);

    if (r == 0) {
        *runs = sweep_state_count(s);
        *cut = sweep_state_was_cut(s);
        assert_int_equal(seed, 42);
        sweep_state_close(s, false);
    }
    return r;
}

static void test_runs_come_back(void **state)
{
    const struct fixture *f = *state;
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 7;

    fill(f);
    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, false, &s, &err), 0);
    assert_int_equal(seed, 42);
    assert_int_equal(sweep_state_count(s), RUNS);
    assert_false(sweep_state_was_cut(s));
    for (size_t n = 2 * RUNS; n-- > 0;) { /* twice: reading takes nothing away */
        size_t i = n % RUNS;
        struct run_record expected = record_of(i), found;
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
    const struct fixture *f = *state;
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 42;

    fill(f);
    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, true, &s, &err), 0);
    sweep_state_close(s, false);
    seed = 43;
    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, true, &s, &err), -EINVAL);
    assert_true(strstr(err.text, "42") != NULL && strstr(err.text, "43") != NULL);
}

static void test_another_sweep(void **state)
{
    const struct fixture *f = *state;
    size_t before_size, after_size, runs;
    char *before, *after;
    struct err err = {""};
    bool cut;

    fill(f);
    before = contents(f, &before_size);
    assert_int_equal(try(f, "tva 1.2.3\naxis rate=1..16:x2\nrounds 6\n", &runs, &cut, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "\"axis rate=1..8:x2\""));
    assert_non_null(strstr(err.text, "\"axis rate=1..16:x2\""));
    assert_int_equal(
        try(f, "tva 1.2.3\naxis rate=1..8:x2\nrounds 6\n" LONG_LINE "8\n", &runs, &cut, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "it has \"--threads 4\", this one \"--threads 8\""));
    assert_int_equal(try(f, IDENTITY "more\n", &runs, &cut, &err), -EINVAL);
    assert_int_equal(try(f, "tva 1.2.3\n", &runs, &cut, &err), -EINVAL);
    after = contents(f, &after_size);
    assert_int_equal(after_size, before_size);
    assert_memory_equal(after, before, before_size);
    free(before);
    free(after);
}

static void test_another_process_has_it(void **state)
{
    const struct fixture *f = *state;
    struct sweep_state *s;
    struct err err = {""};
    uint64_t seed = 1;
    size_t runs;
    bool cut;

    fill(f);
    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, false, &s, &err), 0);
    assert_int_equal(try(f, IDENTITY, &runs, &cut, &err), -EBUSY);
    sweep_state_close(s, false);
    assert_int_equal(try(f, IDENTITY, &runs, &cut, &err), 0);
}

/* The lengths of the file with 0 to RUNS runs. */
static void lengths(const struct fixture *f, size_t *out)
{
    struct sweep_state *s;
    struct err err = {""};
    struct stat st;
    uint64_t seed = 42;

    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, false, &s, &err), 0);
    for (size_t i = 0; i <= RUNS; i++) {
        struct run_record record = record_of(i);
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
    const struct fixture *f = *state;
    size_t length[RUNS + 1], size, runs = 0;
    char *bytes;
    bool cut = false;

    lengths(f, length);
    fill(f);
    bytes = contents(f, &size);
    assert_int_equal(size, length[RUNS]);
    for (size_t at = 0; at < size; at++) {
        struct err err = {""};
        size_t whole = 0, after;
        int r;

        put(f, bytes, at);
        r = try(f, IDENTITY, &runs, &cut, &err);
        if (at < length[0]) {
            assert_int_equal(r, -EINVAL);
            continue;
        }
        while (whole < RUNS && length[whole + 1] <= at)
            whole++;
        assert_int_equal(r, 0);
        assert_int_equal(runs, whole);
        assert_int_equal(cut, at != length[whole]);
        free(contents(f, &after));
        assert_int_equal(after, length[whole]);
    }
    free(bytes);
}

/* Change every byte in turn: refused and left alone, but in the last run, which may be taken for
 * one that a crash has cut. */
static void test_changed_anywhere(void **state)
{
    const struct fixture *f = *state;
    size_t length[RUNS + 1], size, after_size, runs = 0;
    char *bytes, *after;
    bool cut = false;

    lengths(f, length);
    fill(f);
    bytes = contents(f, &size);
    for (size_t at = 0; at < size; at++) {
        struct err err = {""};
        int r;

        bytes[at] ^= 0x10;
        put(f, bytes, size);
        r = try(f, IDENTITY, &runs, &cut, &err);
        if (r == 0) {
            assert_true(at >= length[RUNS - 1]);
            assert_int_equal(runs, RUNS - 1);
            assert_true(cut);
        } else {
            assert_int_equal(r, -EINVAL);
            assert_non_null(strstr(err.text, "delete it"));
            after = contents(f, &after_size);
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
    const struct fixture *f = *state;
    size_t size, runs = 0;
    char *bytes;
    struct err err = {""};
    bool cut = false;

    fill(f);
    bytes = contents(f, &size);
    memset(bytes + size, 0, 1000);
    put(f, bytes, size + 1000);
    assert_int_equal(try(f, IDENTITY, &runs, &cut, &err), 0);
    assert_int_equal(runs, RUNS);
    assert_true(cut);
    free(bytes);
}

static void test_files_that_are_no_state(void **state)
{
    static const char *const texts[] = {"", "{}",
                                        "a text that is longer than the header of a "
                                        "state, and has nothing to do with one"};
    const struct fixture *f = *state;
    size_t runs;
    bool cut;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct err err = {""};
        struct stat st;
        char *after;

        put(f, texts[i], strlen(texts[i]));
        assert_int_equal(try(f, IDENTITY, &runs, &cut, &err), -EINVAL);
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

static void test_full_disk(void **state)
{
    const struct fixture *f = *state;
    struct run_record record = record_of(0);
    struct rlimit before, limit;
    struct sweep_state *s;
    struct stat st;
    struct err err = {""};
    uint64_t seed = 1;
    size_t runs = 0;
    bool cut = true;

    fill(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(sweep_state_open(f->path, IDENTITY, &seed, false, &s, &err), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)st.st_size + 300;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(sweep_state_append(s, "key", &record, &err), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_non_null(strstr(err.text, "same command"));
    assert_int_equal(sweep_state_count(s), RUNS);
    sweep_state_close(s, false);
    assert_int_equal(try(f, IDENTITY, &runs, &cut, &err), 0);
    assert_int_equal(runs, RUNS);
    assert_false(cut);
    run_record_deinit(&record);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_runs_come_back),   TEST(test_seed),
        TEST(test_another_sweep),    TEST(test_another_process_has_it),
        TEST(test_cut_anywhere),     TEST(test_changed_anywhere),
        TEST(test_zeros_at_the_end), TEST(test_files_that_are_no_state),
        TEST(test_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
