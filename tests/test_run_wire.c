/* The promise: a record that went through a pipe is the record that was sent, and anything that is
 * not a whole record is refused as what it is. */
#include "run/run.h"

#include "base/hash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct run_record make(size_t samples, size_t beats)
{
    size_t size = (samples + 1) * sizeof(struct sample);
    struct run_record r = {
        .begin_ns = 11,
        .makespan_ns = 22,
        .usage.cpu_user_ns = 33,
        .stack_guard = "madvise",
        .failure = {"it failed"},
        .samples_count = samples,
        .beats_count = beats,
        .samples = malloc(size),
        .beats = malloc((beats + 1) * sizeof(struct beat)),
        .loops_count = 2,
        .lags_ns = calloc(2, sizeof(uint64_t)),
    };

    assert_true(r.samples != NULL && r.beats != NULL && r.lags_ns != NULL);
    r.lags_ns[1] = beats;
    memset(r.samples, 0, size);
    for (size_t i = 0; i < samples; i++) {
        r.samples[i].finished_ns = hash_mix(i);
        r.samples[i].result = (int32_t)i;
    }
    for (size_t i = 0; i < beats; i++)
        r.beats[i] = (struct beat){i, hash_mix(i)};
    return r;
}

static void assert_same(const struct run_record *a, const struct run_record *b)
{
    assert_true(a->begin_ns == b->begin_ns && a->makespan_ns == b->makespan_ns);
    assert_true(a->usage.cpu_user_ns == b->usage.cpu_user_ns);
    assert_string_equal(a->stack_guard, b->stack_guard);
    assert_string_equal(a->failure.text, b->failure.text);
    assert_int_equal(a->samples_count, b->samples_count);
    assert_int_equal(a->beats_count, b->beats_count);
    assert_memory_equal(a->samples, b->samples, a->samples_count * sizeof *a->samples);
    assert_memory_equal(a->beats, b->beats, a->beats_count * sizeof *a->beats);
    assert_int_equal(a->loops_count, b->loops_count);
    assert_memory_equal(a->lags_ns, b->lags_ns, a->loops_count * sizeof *a->lags_ns);
}

/* Larger than a pipe holds, from another process, as the harness does it. */
static void test_a_record_survives_a_pipe(void **state)
{
    const size_t sizes[][2] = {{0, 0}, {1, 0}, {0, 1}, {100, 30}, {5000, 7000}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct run_record sent = make(sizes[i][0], sizes[i][1]), got;
        int fds[2], status;
        pid_t pid;

        assert_int_equal(pipe(fds), 0);
        pid = fork();
        if (pid == 0)
            _exit(run_wire_send(fds[1], &sent) == 0 ? 0 : 1);
        close(fds[1]);
        assert_int_equal(run_wire_receive(fds[0], &got), 0);
        close(fds[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_same(&sent, &got);
        run_record_deinit(&sent);
        run_record_deinit(&got);
    }
}

/* What would be sent, in a file; *len is its size. */
static FILE *recorded(struct run_record *r, long *len)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(run_wire_send(fileno(f), r), 0);
    *len = lseek(fileno(f), 0, SEEK_END);
    return f;
}

static int receive(FILE *f, struct run_record *out)
{
    lseek(fileno(f), 0, SEEK_SET);
    return run_wire_receive(fileno(f), out);
}

static void test_a_stream_that_ends_early_has_no_data(void **state)
{
    struct run_record r = make(10, 10), got;
    long len;
    FILE *f = recorded(&r, &len);

    (void)state;
    assert_int_equal(receive(f, &got), 0);
    assert_same(&r, &got);
    run_record_deinit(&got);
    for (long cut = len - 1; cut >= 0; cut -= cut % 13 + 1) {
        assert_int_equal(ftruncate(fileno(f), cut), 0);
        memset(&got, 0xa5, sizeof got);
        assert_int_equal(receive(f, &got), -ENODATA);
        run_record_deinit(&got); /* harmless: there is nothing in it */
    }
    fclose(f);
    run_record_deinit(&r);
}

/* One byte of the header wrong, in each place. */
static void test_what_is_no_record_is_refused(void **state)
{
    struct run_record r = make(3, 3), got;
    long len;
    FILE *f = recorded(&r, &len);

    (void)state;
    for (off_t at = 0; at < 32; at++) {
        unsigned char byte;

        assert_int_equal(pread(fileno(f), &byte, 1, at), 1);
        byte ^= 0x40;
        assert_int_equal(pwrite(fileno(f), &byte, 1, at), 1);
        assert_int_equal(receive(f, &got), -EPROTO);
        byte ^= 0x40;
        assert_int_equal(pwrite(fileno(f), &byte, 1, at), 1);
    }
    assert_int_equal(receive(f, &got), 0);
    run_record_deinit(&got);
    fclose(f);
    run_record_deinit(&r);
}

static void test_noise_is_refused(void **state)
{
    FILE *f = tmpfile();
    struct run_record got;

    (void)state;
    assert_non_null(f);
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t x = hash_mix(i);

        assert_int_equal(fwrite(&x, sizeof x, 1, f), 1);
    }
    fflush(f);
    assert_int_equal(receive(f, &got), -EPROTO);
    fclose(f);
}

static void test_absurd_counts_are_refused(void **state)
{
    static const struct {
        off_t at;
        size_t max;
    } counts[] = {{offsetof(struct run_record, samples_count), CELL_JOBS_MAX},
                  {offsetof(struct run_record, beats_count), CELL_JOBS_MAX * 10},
                  {offsetof(struct run_record, loops_count), CELL_THREADS_MAX},
                  {offsetof(struct run_record, ranks_count), RUN_RANKS_MAX}};
    const size_t absurd[] = {0, SIZE_MAX, SIZE_MAX / sizeof(struct sample)};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            struct run_record r = make(2, 2), got;
            long len;
            FILE *f = recorded(&r, &len);
            off_t at = len -
                       (off_t)(2 * sizeof(struct sample) + 2 * sizeof(struct beat) +
                               2 * sizeof(uint64_t)) -
                       (off_t)sizeof r;
            size_t count = i > 0 ? absurd[i] : counts[k].max + 1;

            at += counts[k].at;
            assert_int_equal(pwrite(fileno(f), &count, sizeof count, at), sizeof count);
            assert_int_equal(receive(f, &got), -EPROTO);
            fclose(f);
            run_record_deinit(&r);
        }
}

/* In a process with little memory, so that asking for what the record claims would fail. */
static void test_a_short_file_gets_no_memory(void **state)
{
    const struct rlimit little = {256 << 20, 256 << 20};
    const char *sanitizers = getenv("TVA_SANITIZE");
    const size_t count = CELL_JOBS_MAX;
    struct run_record r, got;
    int status;
    long len;
    FILE *f;
    pid_t pid;

    (void)state;
    if (sanitizers != NULL && *sanitizers != '\0')
        skip(); /* they need more */
    r = make(2, 2);
    f = recorded(&r, &len);
    len -= (long)(2 * sizeof(struct sample) + 2 * sizeof(struct beat) + 2 * sizeof(uint64_t) +
                  sizeof r);
    len += (long)offsetof(struct run_record, samples_count);
    assert_int_equal(pwrite(fileno(f), &count, sizeof count, len), sizeof count);
    pid = fork();
    if (pid == 0)
        _exit(setrlimit(RLIMIT_AS, &little) == 0 && receive(f, &got) == -ENODATA ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    fclose(f);
    run_record_deinit(&r);
}

static void test_a_broken_pipe_is_an_error(void **state)
{
    struct run_record r = make(1, 1), got;

    (void)state;
    assert_int_equal(run_wire_send(-1, &r), -EBADF);
    assert_int_equal(run_wire_receive(-1, &got), -EBADF);
    run_record_deinit(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_survives_a_pipe),
        cmocka_unit_test(test_a_stream_that_ends_early_has_no_data),
        cmocka_unit_test(test_what_is_no_record_is_refused),
        cmocka_unit_test(test_noise_is_refused),
        cmocka_unit_test(test_absurd_counts_are_refused),
        cmocka_unit_test(test_a_short_file_gets_no_memory),
        cmocka_unit_test(test_a_broken_pipe_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
