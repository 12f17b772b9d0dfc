/* The promise: the file job reads and writes a real file that is gone afterwards, reports every
 * fault of the system as its result, and closes what it opened in any case. */
#include "job/job.h"

#include "support/io_fake.h"
#include "support/test_async_jobs.h"
#include "support/test_async_process.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_async_jobs parse(const char *text)
{
    struct test_async_jobs jobs = {.n = 6};

    if (job_parse(text, &jobs.job, &jobs.err) != 0)
        fail_msg("%s: %s", text, jobs.err.text);
    return jobs;
}

static size_t entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t n = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n - 2; /* "." and ".." */
}

static void test_no_file_and_no_descriptor_is_left(void **state)
{
    char path[] = "/tmp/tva-test-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(path));
    assert_int_equal(setenv("TMPDIR", path, 1), 0);
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = parse("file:size=64k,op=write");
        size_t before = test_async_open_fds();

        assert_int_equal(test_async_jobs_run(&j, (enum test_async_backend)backend), 0);
        if (backend == TEST_ASYNC_BLOCKING) /* libuv keeps some of its own */
            assert_int_equal(test_async_open_fds(), before);
        assert_int_equal(entries(path), 0);
    }
    assert_int_equal(rmdir(path), 0);
    unsetenv("TMPDIR");
}

static void test_a_missing_directory_is_named(void **state)
{
    (void)state;
    assert_int_equal(setenv("TMPDIR", "/nonexistent/tva", 1), 0);
    for (int backend = 0; backend < TEST_ASYNC_BACKENDS; backend++) {
        struct test_async_jobs j = parse("file:size=64k");

        assert_int_equal(test_async_jobs_run(&j, (enum test_async_backend)backend), -ENOENT);
        assert_non_null(strstr(j.err.text, "/nonexistent/tva"));
        assert_non_null(strstr(j.err.text, "TMPDIR"));
    }
    unsetenv("TMPDIR");
}

/* What was written is what is read: equal blocks have equal checksums. */
static void test_reading_finds_what_writing_left(void **state)
{
    struct test_async_jobs reads = parse("file:size=300k,block=1000,blocks=4");
    struct test_async_jobs writes = parse("file:size=300k,block=1000,blocks=4,op=write");

    (void)state;
    assert_int_equal(test_async_jobs_run(&reads, TEST_ASYNC_BLOCKING), 0);
    assert_int_equal(test_async_jobs_run(&writes, TEST_ASYNC_BLOCKING), 0);
    assert_true(reads.sum.checksum == writes.sum.checksum);
    assert_true(reads.sum.bytes_in == writes.sum.bytes_out && reads.sum.bytes_out == 0);
}

/* Run over io_fake with the nth call of `op` failing; every descriptor must be closed again. */
static int run_with_fault(struct test_async_jobs *j, enum io_op op, unsigned nth, int error)
{
    struct io *io = io_fake_create();
    int r;

    assert_non_null(io);
    if (nth > 0)
        io_fake_fail(io, op, nth, error);
    r = test_async_jobs_run_over(j, io);
    assert_int_equal(io_fake_open_count(io), 0);
    io_destroy(io);
    return r;
}

static void test_faults_while_preparing_are_reported(void **state)
{
    const struct {
        enum io_op op;
        unsigned nth;
        int error;
        const char *says;
    } cases[] = {
        {IO_OP_OPEN, 1, -EACCES, "cannot create a temporary file"},
        {IO_OP_PWRITE, 1, -ENOSPC, "cannot fill the temporary file of 65536 bytes"},
        {IO_OP_PWRITE, 16, -EIO, "cannot fill the temporary file of 65536 bytes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_async_jobs j = parse("file:size=64k");

        assert_int_equal(run_with_fault(&j, cases[i].op, cases[i].nth, cases[i].error),
                         cases[i].error);
        assert_non_null(strstr(j.err.text, cases[i].says));
        assert_non_null(strstr(j.err.text, strerror(-cases[i].error)));
    }
}

/* With 16 blocks to fill, the 17th pwrite is the first of a job. The ledger counts what was done.
 */
static void test_faults_of_a_job_are_its_result(void **state)
{
    const struct {
        const char *text;
        enum io_op op;
        unsigned nth;
        int error;
        uint64_t operations;
    } cases[] = {
        {"file:size=64k", IO_OP_PREAD, 1, -EIO, 5},
        {"file:size=64k,blocks=3", IO_OP_PREAD, 2, -EIO, 16},
        {"file:size=64k,op=write", IO_OP_PWRITE, 17, -ENOSPC, 5},
        {"file:size=64k,op=write,fsync=on", IO_OP_FSYNC, 6, -EIO, 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_async_jobs j = parse(cases[i].text);

        assert_int_equal(run_with_fault(&j, cases[i].op, cases[i].nth, cases[i].error),
                         cases[i].error);
        assert_int_equal(j.sum.operations, cases[i].operations);
    }
}

static void test_short_reads_and_writes_change_nothing(void **state)
{
    const char *const texts[] = {"file:size=64k,blocks=2", "file:size=64k,op=write,fsync=on"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct test_async_jobs whole = parse(texts[i]), parts = parse(texts[i]);
        struct io *io = io_fake_create();

        assert_int_equal(run_with_fault(&whole, IO_OP_OPEN, 0, 0), 0);
        io_fake_short(io, IO_OP_PREAD, 1000);
        io_fake_short(io, IO_OP_PWRITE, 777);
        assert_int_equal(test_async_jobs_run_over(&parts, io), 0);
        assert_true(io_fake_calls(io, IO_OP_PWRITE) >= 16 * 6);
        assert_memory_equal(&whole.sum, &parts.sum, sizeof whole.sum);
        io_destroy(io);
    }
}

static void test_the_fake_and_the_real_file_agree(void **state)
{
    struct test_async_jobs fake = parse("file:size=64k,blocks=3"), real = fake;

    (void)state;
    assert_int_equal(run_with_fault(&fake, IO_OP_OPEN, 0, 0), 0);
    assert_int_equal(test_async_jobs_run(&real, TEST_ASYNC_LOOP), 0);
    assert_memory_equal(&fake.sum, &real.sum, sizeof fake.sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_file_and_no_descriptor_is_left),
        cmocka_unit_test(test_a_missing_directory_is_named),
        cmocka_unit_test(test_reading_finds_what_writing_left),
        cmocka_unit_test(test_faults_while_preparing_are_reported),
        cmocka_unit_test(test_faults_of_a_job_are_its_result),
        cmocka_unit_test(test_short_reads_and_writes_change_nothing),
        cmocka_unit_test(test_the_fake_and_the_real_file_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
