/* The promise: what a stretch of this process cost is read from the kernel as it was, and memory
 * peaks are this program's own, not those of the process that started it. */
#include "base/clock.h"
#include "measure/usage.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB   ((size_t)1 << 20)
#define BIG   (64 * MIB)
#define SLACK (4 * MIB) /* by which the kernel's counters may trail */

static struct usage now(void)
{
    struct usage u;

    assert_int_equal(usage_read(&u), 0);
    return u;
}

/* Fresh pages, each touched; in one mapping, so that giving them back is certain. */
static void *touch(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_true(memory != MAP_FAILED);
    assert_int_equal(madvise(memory, size, MADV_NOHUGEPAGE), 0);
    memset(memory, 1, size);
    return memory;
}

static void cpu_time_counts_computing_and_not_sleeping(void **state)
{
    struct usage before = now(), after;
    struct timespec ms = clock_timespec(20 * NS_PER_MS);
    volatile uint64_t sink = 0;

    (void)state;
    do {
        for (unsigned i = 0; i < 1000000; i++)
            sink += i;
        after = now();
    } while (usage_since(&before, &after).cpu_user_ns < 50 * NS_PER_MS);

    before = now();
    nanosleep(&ms, NULL);
    after = now();
    assert_true(usage_since(&before, &after).cpu_user_ns < 20 * NS_PER_MS);
    (void)sink;
    assert_true(usage_since(&before, &after).ctx_voluntary >= 1);
}

static void memory_counts_what_is_touched(void **state)
{
    struct usage before = now(), with, after;
    void *memory = touch(BIG);

    (void)state;
    with = now();
    assert_int_equal(munmap(memory, BIG), 0);
    after = now();

    assert_true(with.rss_bytes >= before.rss_bytes + BIG - SLACK);
    assert_true(with.page_table_bytes >= before.page_table_bytes + BIG / 4096 * 8 - 4096 * 8);
    assert_true(with.faults_minor >= before.faults_minor + BIG / 4096 - 16);
    assert_true(after.rss_bytes <= with.rss_bytes - BIG + SLACK);
    assert_true(after.rss_peak_bytes >= with.rss_bytes - SLACK);
}

static void memory_that_is_only_mapped_costs_nothing(void **state)
{
    struct usage before = now(), after;
    void *memory =
        mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    (void)state;
    assert_true(memory != MAP_FAILED);
    after = now();
    munmap(memory, BIG);
    assert_true(after.rss_bytes <= before.rss_bytes + SLACK);
    assert_true(after.rss_peak_bytes <= before.rss_peak_bytes + SLACK);
}

/* getrusage(2) would hand the peak of the parent on. */
static void peak_is_not_inherited_over_exec(void **state)
{
    void *memory = touch(BIG);
    uint64_t mine = now().rss_peak_bytes, child = 0;
    FILE *out = popen("/proc/$PPID/exe --peak", "re");

    (void)state;
    assert_non_null(out);
    assert_int_equal(fscanf(out, "%" SCNu64, &child), 1);
    assert_int_equal(pclose(out), 0);
    munmap(memory, BIG);
    assert_true(child > 0);
    assert_true(child <= mine - BIG / 2);
}

static uint64_t steal_ticks(void)
{
    FILE *f = fopen("/proc/stat", "re");
    uint64_t v[8] = {0};

    assert_non_null(f);
    assert_int_equal(fscanf(f,
                            "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                            " %" SCNu64 " %" SCNu64 " %" SCNu64,
                            &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]),
                     8);
    fclose(f);
    return v[7];
}

static void steal_is_the_eighth_column_in_steps(void **state)
{
    uint64_t low = steal_ticks(), steal_ns = now().steal_ns, high = steal_ticks();

    (void)state;
    assert_int_equal(sysconf(_SC_CLK_TCK) * (long)USAGE_STEAL_STEP_NS, NS_PER_S);
    assert_true(steal_ns >= low * USAGE_STEAL_STEP_NS);
    assert_true(steal_ns <= high * USAGE_STEAL_STEP_NS);
}

static void since_subtracts_what_accumulates_only(void **state)
{
    struct usage before = {100, 200, 3, 4, 5, 6, 7000, 8000, 9000, 2, 500};
    struct usage after = {150, 290, 5, 8, 11, 16, 7700, 8800, 9900, 7, 400};
    struct usage d = usage_since(&before, &after);

    (void)state;
    assert_int_equal(d.cpu_user_ns, 50);
    assert_int_equal(d.cpu_sys_ns, 90);
    assert_int_equal(d.ctx_voluntary, 2);
    assert_int_equal(d.ctx_involuntary, 4);
    assert_int_equal(d.faults_minor, 6);
    assert_int_equal(d.faults_major, 10);
    assert_int_equal(d.rss_bytes, 7700);
    assert_int_equal(d.threads, 7);
    assert_int_equal(d.rss_peak_bytes, 8800);
    assert_int_equal(d.page_table_bytes, 9900);
    assert_int_equal(d.steal_ns, 0); /* it went back, as it does on machines that migrate */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_time_counts_computing_and_not_sleeping),
        cmocka_unit_test(memory_counts_what_is_touched),
        cmocka_unit_test(memory_that_is_only_mapped_costs_nothing),
        cmocka_unit_test(peak_is_not_inherited_over_exec),
        cmocka_unit_test(steal_is_the_eighth_column_in_steps),
        cmocka_unit_test(since_subtracts_what_accumulates_only),
    };

    if (argc > 1 && strcmp(argv[1], "--peak") == 0)
        return printf("%" PRIu64 "\n", now().rss_peak_bytes) > 0 ? 0 : 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
