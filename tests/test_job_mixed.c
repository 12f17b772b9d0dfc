/* The promise: a mixed job computes for its share of the time, at the speed of this machine, and
 * waits for the rest through io alone. */
#include "base/clock.h"
#include "job/job.h"
#include "support/io_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#define JOBS 20

/* How much CPU time the jobs take together; *waited_ns: how much of the backend's. */
static uint64_t carry_out(const char *text, struct job_ledger *ledger, uint64_t *waited_ns)
{
    struct io *io = io_fake_create();
    struct job job;
    struct err err = {""};
    uint64_t begin_ns, cpu_ns;

    assert_non_null(io);
    assert_int_equal(job_parse(text, &job, &err), 0);
    assert_int_equal(job_prepare(&job, io, &err), 0);
    begin_ns = io_now(io);
    cpu_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
    for (uint64_t i = 0; i < JOBS; i++)
        assert_int_equal(job_run(&job, io, i, ledger), 0);
    cpu_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
    *waited_ns = io_now(io) - begin_ns;
    job_finish(&job, io);
    io_destroy(io);
    return cpu_ns;
}

static void test_waits_for_the_rest(void **state)
{
    struct job_ledger ledger = {0};
    uint64_t waited_ns;

    (void)state;
    carry_out("mixed:total=10ms,cpu=25%", &ledger, &waited_ns);
    assert_int_equal(waited_ns, JOBS * 7500 * NS_PER_US);
    carry_out("mixed:total=1ms,cpu=0%", &ledger, &waited_ns);
    assert_int_equal(waited_ns, JOBS * NS_PER_MS);
    carry_out("mixed:total=1ms,cpu=100%", &ledger, &waited_ns);
    assert_int_equal(waited_ns, 0);
}

/* CPU time, since a loaded machine lengthens any other; sanitizers slow calibration and job alike.
 * A virtual machine may count what others took from it as the thread's: then again. */
static void test_computes_its_share(void **state)
{
    struct job_ledger ledger = {0};
    uint64_t waited_ns, cpu_ns = 0;

    (void)state;
    for (int attempt = 0; attempt < 30; attempt++) {
        cpu_ns = carry_out("mixed:total=4ms,cpu=50%", &ledger, &waited_ns);
        if (cpu_ns >= JOBS * NS_PER_MS && cpu_ns <= JOBS * 4 * NS_PER_MS)
            return;
    }
    assert_in_range(cpu_ns, JOBS * NS_PER_MS, JOBS * 4 * NS_PER_MS);
}

static void test_theory_knows_both_parts(void **state)
{
    struct job job;

    (void)state;
    assert_int_equal(job_parse("mixed:total=10ms,cpu=38%", &job, NULL), 0);
    assert_int_equal(job_cpu_ns(&job, 0, 0), 3800 * NS_PER_US);
    assert_int_equal(job_wait_ns(&job, 0), 6200 * NS_PER_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_for_the_rest),
        cmocka_unit_test(test_computes_its_share),
        cmocka_unit_test(test_theory_knows_both_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
