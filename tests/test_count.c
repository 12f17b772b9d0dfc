/* The promise: what a job costs is counted to the last call, neither what starting costs nor one
 * unusual repeat is taken for it, and what cannot be counted exactly is not called exact. */
#include "count/count.h"

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
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#define CHILD_OPTION "--child"

/* What the traced process does: as many calls of each kind, half of them in another thread. */
static void *make_calls(void *arg)
{
    int n = *(int *)arg, event = (int)syscall(SYS_eventfd2, 0, 0);
    struct timespec instant = {0, 1};
    uint64_t one = 1;
    char byte;

    for (int i = 0; i < n; i++) {
        syscall(SYS_getppid);
        if (read(event, &byte, 1) == 0 || write(event, &one, sizeof one) != sizeof one)
            return NULL;
        syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &instant, NULL);
        syscall(SYS_madvise, NULL, 0, 0);
        syscall(SYS_gettimeofday, NULL, NULL);
        syscall(SYS_lseek, event, 0, SEEK_CUR);
    }
    close(event);
    return arg;
}

static int be_traced(int n)
{
    pthread_t thread;
    int half = n / 2;

    if (pthread_create(&thread, NULL, make_calls, &half) != 0)
        return 1;
    pthread_join(thread, NULL);
    return make_calls(&half) != NULL ? 7 : 1;
}

static void trace(int calls, struct count_trace *out)
{
    char number[16], byte = 0;
    int gate[2], status = 0;
    pid_t child;

    snprintf(number, sizeof number, "%d", calls);
    assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        close(gate[1]);
        if (read(gate[0], &byte, 1) == 1)
            execl("/proc/self/exe", "test_count", CHILD_OPTION, number, (char *)NULL);
        _exit(1);
    }
    close(gate[0]);
    assert_int_equal(count_trace_attach(child), 0);
    assert_int_equal(write(gate[1], &byte, 1), 1);
    close(gate[1]);
    memset(out, 0, sizeof *out);
    assert_int_equal(count_trace_follow(child, out, &status), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void test_every_call_of_every_thread_is_counted_once_by_its_kind(void **state)
{
    struct count_trace few, many;

    (void)state;
    trace(10, &few);
    trace(30, &many);
    assert_int_equal(many.calls[SYS_getppid] - few.calls[SYS_getppid], 20);
    assert_int_equal(many.calls[SYS_lseek] - few.calls[SYS_lseek], 20);
#if !defined(__SANITIZE_THREAD__) /* which calls a different number of times at each start */
    assert_int_equal(many.work - few.work, 40);
    assert_int_equal(many.memory - few.memory, 20);
#endif
    /* The read (too short for an eventfd: EINVAL), the write and the sleep; a sanitizer's own
     * thread, and joining one, may wait besides. */
    assert_true(many.wait - few.wait >= 55);
}

static void test_a_process_that_another_traces_is_refused(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(count_trace_attach(child), -EPERM);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

static struct count_series series(uint64_t jobs, unsigned repeats, const uint64_t *grown)
{
    struct count_series s = {.jobs = jobs, .repeats = repeats};

    for (unsigned i = 0; i < repeats; i++) {
        s.totals[i][0] = 1000 + i;
        s.totals[i][1] = 1000 + i + grown[i];
    }
    return s;
}

static void test_starting_costs_drop_out_and_one_odd_repeat_does_not_count(void **state)
{
    struct count_series s = series(10, 3, (uint64_t[]){40, 40, 40});
    int64_t slope = 0;

    (void)state;
    assert_int_equal(count_agreeing(&s, &slope), 3);
    assert_int_equal(slope, 40);
    assert_true(count_value(&s, METRIC_INSTRUCTIONS) == 4);
    s = series(10, 5, (uint64_t[]){30, 40, 50, 40, 40});
    assert_int_equal(count_agreeing(&s, &slope), 3);
    assert_true(count_value(&s, METRIC_INSTRUCTIONS) == 4);
    s = series(10, 5, (uint64_t[]){10, 10, 50, 40, 30});
    assert_int_equal(count_agreeing(&s, &slope), 2);
    assert_true(count_value(&s, METRIC_INSTRUCTIONS) == 3); /* the median */
}

/* Seen: 400 jobs of a pool took 750,000 instructions, or 800,000 where its threads waited for each
 * other more, and twice as many 883,000 or 938,000. */
static void test_threads_that_waited_for_each_other_do_not_change_the_count(void **state)
{
    struct count_series s = {.jobs = 400, .repeats = 1, .totals = {{798838, 881966}}};

    (void)state;
    assert_false(count_least_agree(&s));
    s.repeats = 2;
    s.totals[1][0] = 750320;
    s.totals[1][1] = 938299;
    assert_false(count_least_agree(&s));
    s.repeats = 3;
    s.totals[2][0] = 750110;
    s.totals[2][1] = 883110;
    assert_true(count_least_agree(&s));
    assert_true(count_value(&s, METRIC_THREADS) == (881966 - 750110) / 400.0);
}

static void test_a_slope_may_fall(void **state)
{
    struct count_series s = {.jobs = 4, .repeats = 1, .totals = {{20, 12}}};

    (void)state;
    assert_true(count_value(&s, METRIC_INSTRUCTIONS) == -2);
}

/* Options are kept in memory, so that a digit more would be bytes. */
static void test_jobs_are_few_and_twice_as_many_have_as_many_digits(void **state)
{
    static const char *const specs[] = {"null", "sleep:duration=10ms", "cpu:rounds=1M", "tcp"};
    static const unsigned threads[] = {1, 4, 30, 60, 300};

    (void)state;
    for (size_t s = 0; s < sizeof specs / sizeof *specs; s++)
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            struct cell c = records_cell("pool", specs[s], 100);
            char once[24], twice[24];
            uint64_t jobs;

            c.threads = threads[t];
            jobs = count_jobs(&c, COUNT_BY_TRACE);
            assert_true(jobs >= 2 * c.threads && jobs <= 1000);
            snprintf(once, sizeof once, "%llu", (unsigned long long)jobs);
            snprintf(twice, sizeof twice, "%llu", (unsigned long long)(2 * jobs));
            assert_int_equal(strlen(once), strlen(twice));
        }
}

static void test_the_number_of_jobs_is_that_of_no_machine_and_of_no_size(void **state)
{
    struct cell small = records_cell("tasks", "null", 1),
                large = records_cell("tasks", "null", 99999);

    (void)state;
    assert_int_equal(count_jobs(&small, COUNT_BY_TRACE), count_jobs(&large, COUNT_BY_TRACE));
}

static void test_loads_that_a_time_ends_are_not_counted(void **state)
{
    struct cell c = records_cell("tasks", "null", 100);

    (void)state;
    c.load = (struct load){.kind = LOAD_OPEN, .rate_per_s = 100};
    assert_int_equal(count_jobs(&c, COUNT_BY_TRACE), 0);
    c.load = (struct load){.kind = LOAD_CLOSED, .clients = 40, .duration_ns = NS_PER_S};
    assert_int_equal(count_jobs(&c, COUNT_BY_TRACE), 0);
    c.load.duration_ns = 0;
    assert_true(count_jobs(&c, COUNT_BY_TRACE) >= 80);
}

static enum metric_kind kind(const char *model, const char *spec, enum count_metric metric)
{
    struct cell c = records_cell(model, spec, 10);

    return count_kind_by_design(&c, metric);
}

static void test_only_what_cannot_depend_on_time_is_exact(void **state)
{
    static const char *const settled[] = {"sequential", "tasks", "pool", "blocking", "offload"};

    (void)state;
    for (size_t i = 0; i < sizeof settled / sizeof *settled; i++) {
        const char *model = settled[i];

        for (int m = COUNT_SYSCALLS; m <= COUNT_ALLOCATED_BYTES; m++) {
            assert_int_equal(kind(model, "null", (enum count_metric)m), METRIC_EXACT);
            assert_int_equal(kind(model, "file", (enum count_metric)m), METRIC_EXACT);
            assert_int_equal(kind(model, "tcp:delay=2ms", (enum count_metric)m), METRIC_EXACT);
        }
        assert_int_equal(kind(model, "http:delay=2ms", COUNT_SYSCALLS), METRIC_EXACT);
        assert_int_equal(kind(model, "http:delay=2ms", COUNT_ALLOCATIONS), METRIC_EXACT);
        assert_int_equal(kind(model, "http:delay=2ms", COUNT_ALLOCATED_BYTES), METRIC_SCHEDULED);
        assert_int_equal(kind(model, "null", COUNT_PAGES), METRIC_PAGES);
        assert_int_equal(kind(model, "null", COUNT_WAKEUPS),
                         strcmp(model, "pool") == 0 || strcmp(model, "offload") == 0
                             ? METRIC_SCHEDULED
                             : METRIC_WAKES);
        assert_int_equal(kind(model, "null", COUNT_CONTEXT_SWITCHES), METRIC_SCHEDULED);
    }
    assert_int_equal(kind("tasks", "tcp:delay=2ms + cpu + file", COUNT_SYSCALLS), METRIC_EXACT);
    assert_int_equal(kind("tasks", "tcp:delay=2ms + tcp", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("tasks", "tcp + http:delay=2ms", COUNT_ALLOCATED_BYTES),
                     METRIC_SCHEDULED);
    assert_int_equal(kind("blocking", "tcp + file", COUNT_ALLOCATED_BYTES), METRIC_EXACT);
    assert_int_equal(kind("uring", "null + sleep", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("uring", "null + file", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("uring", "null + cpu", COUNT_SYSCALLS), METRIC_EXACT);
    assert_int_equal(kind("loops", "sleep + tcp:delay=2ms", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("loops", "sleep + file", COUNT_SYSCALLS), METRIC_EXACT);
    assert_int_equal(kind("tasks", "null + http:delay=2ms", COUNT_PAGES), METRIC_SCHEDULED);
    for (int m = 0; m < COUNT_METRICS; m++) {
        assert_int_equal(kind("blocking", "dns", (enum count_metric)m), METRIC_SCHEDULED);
        assert_int_equal(kind("pool", "tcp + dns", (enum count_metric)m), METRIC_SCHEDULED);
    }
    assert_int_equal(kind("tasks", "null + file", COUNT_INSTRUCTIONS), METRIC_THREADS);
    assert_int_equal(kind("blocking", "null + cpu", COUNT_INSTRUCTIONS), METRIC_INSTRUCTIONS);
    assert_int_equal(kind("blocking", "null + cpu:time=1ms", COUNT_INSTRUCTIONS), METRIC_SCHEDULED);
    assert_int_equal(kind("threads", "null", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("tasks", "tcp", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("loops", "null", COUNT_SYSCALLS), METRIC_EXACT);
    assert_int_equal(kind("loops", "tcp", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("loops", "tcp:delay=2ms", COUNT_ALLOCATIONS), METRIC_SCHEDULED);
    assert_int_equal(kind("uring", "null", COUNT_SYSCALLS), METRIC_EXACT);
    assert_int_equal(kind("uring", "sleep", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("uring", "tcp:delay=2ms", COUNT_SYSCALLS), METRIC_SCHEDULED);
    assert_int_equal(kind("sequential", "tcp", COUNT_SYSCALLS), METRIC_EXACT);
    assert_int_equal(kind("sequential", "tcp", COUNT_ALLOCATIONS), METRIC_SCHEDULED);
    assert_int_equal(kind("blocking", "tcp", COUNT_ALLOCATIONS), METRIC_EXACT);
    assert_int_equal(kind("blocking", "null", COUNT_INSTRUCTIONS), METRIC_INSTRUCTIONS);
    assert_int_equal(kind("pool", "null", COUNT_INSTRUCTIONS), METRIC_THREADS);
    assert_int_equal(kind("tasks", "file", COUNT_INSTRUCTIONS), METRIC_THREADS);
    assert_int_equal(kind("pool", "sleep", COUNT_INSTRUCTIONS), METRIC_SCHEDULED);
    assert_int_equal(kind("tasks", "file", COUNT_WAKEUPS), METRIC_SCHEDULED);
    assert_int_equal(kind("tasks", "tcp:delay=2ms", COUNT_WAKEUPS), METRIC_SCHEDULED);
    assert_int_equal(kind("tasks", "http:delay=2ms", COUNT_PAGES), METRIC_SCHEDULED);
}

static json_t *added(const struct count_cell *counted)
{
    json_t *object = json_pack("{s[] s[]}", "reasons", "warnings");
    struct cell c = records_cell("tasks", "null", 10);

    assert_int_equal(count_add(object, &c, counted), 0);
    return object;
}

static const char *text_at(const json_t *object, const char *list)
{
    const char *text = json_string_value(json_array_get(json_object_get(object, list), 0));

    return text != NULL ? text : "";
}

static void test_repeats_that_do_not_agree_are_not_exact_and_say_so(void **state)
{
    struct count_cell c = {.complete = true};
    json_t *object, *metric;

    (void)state;
    c.metrics[COUNT_SYSCALLS] = series(10, 5, (uint64_t[]){10, 20, 30, 40, 50});
    c.metrics[COUNT_ALLOCATIONS] = series(10, 3, (uint64_t[]){20, 20, 20});
    c.calls[SYS_lseek][1] = 10;
    object = added(&c);
    metric = json_object_get(json_object_get(object, "counts"), "syscalls_per_job");
    assert_string_equal(json_string_value(json_object_get(metric, "kind")), "scheduled");
    assert_int_equal(json_array_size(json_object_get(metric, "totals")), 5);
    assert_true(json_number_value(json_object_get(json_object_get(metric, "calls"), "lseek")) == 1);
    assert_non_null(strstr(text_at(object, "warnings"), "syscalls_per_job"));
    assert_int_equal(json_array_size(json_object_get(object, "warnings")), 1);
    assert_int_equal(json_array_size(json_object_get(object, "reasons")), 0);
    metric = json_object_get(json_object_get(object, "counts"), "allocations_per_job");
    assert_string_equal(json_string_value(json_object_get(metric, "kind")), "exact");
    assert_true(json_number_value(json_object_get(metric, "value")) == 2);
    assert_int_equal(json_object_size(json_object_get(object, "counts")), 2);
    json_decref(object);
}

static void test_a_cell_that_failed_while_counted_has_a_reason(void **state)
{
    struct count_cell c = {.complete = true};
    json_t *object;

    (void)state;
    err_set(&c.failure, -EIO, "job 3 failed");
    object = added(&c);
    assert_string_equal(text_at(object, "reasons"), "job 3 failed");
    json_decref(object);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_call_of_every_thread_is_counted_once_by_its_kind),
        cmocka_unit_test(test_a_process_that_another_traces_is_refused),
        cmocka_unit_test(test_starting_costs_drop_out_and_one_odd_repeat_does_not_count),
        cmocka_unit_test(test_threads_that_waited_for_each_other_do_not_change_the_count),
        cmocka_unit_test(test_a_slope_may_fall),
        cmocka_unit_test(test_jobs_are_few_and_twice_as_many_have_as_many_digits),
        cmocka_unit_test(test_the_number_of_jobs_is_that_of_no_machine_and_of_no_size),
        cmocka_unit_test(test_loads_that_a_time_ends_are_not_counted),
        cmocka_unit_test(test_only_what_cannot_depend_on_time_is_exact),
        cmocka_unit_test(test_repeats_that_do_not_agree_are_not_exact_and_say_so),
        cmocka_unit_test(test_a_cell_that_failed_while_counted_has_a_reason),
    };

    if (argc == 3 && strcmp(argv[1], CHILD_OPTION) == 0)
        _exit(be_traced(atoi(argv[2]))); /* without a sanitizer's checks, which use ptrace */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
