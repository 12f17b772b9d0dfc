/* The promise: what is kept of a job costs less than 64 bytes, in the process that runs it, on its
 * way and in the one that reads it; so that a run may have millions. */
#include "run/run.h"

#include "support/test_async_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Memory tools of the compiler multiply what a program takes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_INSTRUMENTED true
#define FEW             1000
#define MANY            5000
#else
#define IS_INSTRUMENTED false
#define FEW             100000
#define MANY            1100000
#endif

struct transfer {
    const struct cell *cell;
    int fd;
};

static struct cell make(const char *model, const struct load *load)
{
    struct cell c = cell_default();

    c.model = model_find(model, NULL);
    if (c.model == NULL || job_parse("null", &c.job, NULL) != 0)
        fail();
    c.threads = 2;
    c.warmup = 0;
    c.load = *load;
    return c;
}

static uint64_t most_bytes(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

/* In a process of its own: run the cell, and hand its record over. */
static void run_and_send(void *arg)
{
    const struct transfer *t = arg;
    struct run_record r;
    uint64_t peak;

    if (run_execute(t->cell, 0, &r) != 0)
        _exit(1);
    if (run_wire_hand_over(t->fd, &r) != 0)
        _exit(2);
    peak = most_bytes();
    if (write(t->fd, &peak, sizeof peak) != sizeof peak)
        _exit(3);
}

/* In another: read it. */
static void receive(void *arg)
{
    const struct transfer *t = arg;
    struct run_record r;
    uint64_t numbers[2];
    struct stat st;

    if (run_wire_receive(t->fd, &r) != 0 || r.samples_count != t->cell->jobs)
        _exit(1);
    for (size_t i = 0; i < r.samples_count; i++)
        if (r.samples[i].result != 0 || r.samples[i].finished_ns < r.samples[i].started_ns)
            _exit(2);
    fstat(t->fd, &st);
    numbers[0] = (uint64_t)st.st_blocks * 512; /* of the file, what is still there */
    numbers[1] = most_bytes();
    if (pwrite(t->fd, numbers, sizeof numbers, 0) != sizeof numbers)
        _exit(3);
    run_record_deinit(&r);
}

struct peaks {
    uint64_t run, reader, file_left;
};

static struct peaks peaks_of(struct cell c, uint64_t jobs)
{
    struct transfer t = {.cell = &c, .fd = memfd_create("record", 0)};
    uint64_t numbers[2];
    struct peaks p;

    c.jobs = jobs;
    assert_true(t.fd >= 0);
    assert_int_equal(test_async_fork(run_and_send, &t), 0);
    assert_int_equal(lseek(t.fd, -(off_t)sizeof p.run, SEEK_END) > 0, 1);
    assert_int_equal(read(t.fd, &p.run, sizeof p.run), sizeof p.run);
    lseek(t.fd, 0, SEEK_SET);
    assert_int_equal(test_async_fork(receive, &t), 0);
    assert_int_equal(pread(t.fd, numbers, sizeof numbers, 0), sizeof numbers);
    p.file_left = numbers[0];
    p.reader = numbers[1];
    close(t.fd);
    return p;
}

static void test_a_job_takes_less_than_64_bytes_everywhere(void **state)
{
    const struct load batch = {.kind = LOAD_BATCH};
    const struct load closed = {.kind = LOAD_CLOSED, .clients = 8};
    const struct {
        const char *model;
        const struct load *load;
    } cases[] = {{"sequential", &batch}, {"tasks", &closed}, {"pool", &batch}};

    (void)state;
    assert_true(sizeof(struct sample) == 40);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct cell c = make(cases[k].model, cases[k].load);
        struct peaks few = peaks_of(c, FEW), many = peaks_of(c, MANY);

        assert_true(many.file_left < MANY * sizeof(struct sample) / 4);
        if (IS_INSTRUMENTED)
            continue;
        assert_true(many.run - few.run < 64ull * (MANY - FEW));
        assert_true(many.reader - few.reader < 64ull * (MANY - FEW));
        print_message("%s: %.1f bytes a job to run it, %.1f to read it\n", cases[k].model,
                      (double)(many.run - few.run) / (MANY - FEW),
                      (double)(many.reader - few.reader) / (MANY - FEW));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_job_takes_less_than_64_bytes_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
