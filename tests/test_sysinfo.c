/* The promise: the context says what this machine and this process really are. */
#include "measure/sysinfo.h"

#include "io/io_ring.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <uv.h>

#include <cmocka.h>

static struct sysinfo_context context(void)
{
    struct sysinfo_context c;

    sysinfo_read(&c);
    return c;
}

static void names_are_those_of_this_machine(void **state)
{
    struct sysinfo_context c = context();
    struct err err = {""};
    struct utsname u;

    (void)state;
    assert_int_equal(uname(&u), 0);
    assert_string_equal(c.host, u.nodename);
    assert_non_null(strstr(c.kernel, u.release));
    assert_string_equal(c.libuv, uv_version_string());
    assert_int_equal(c.liburing[0] != '\0',
                     io_ring_check(&err) != -ENOSYS || strstr(err.text, "built without") == NULL);
    assert_true(strncmp(c.libc, "glibc ", strlen("glibc ")) == 0);
    assert_true(c.cpu[0] != '\0');
    assert_true(c.version[0] != '\0' && c.commit[0] != '\0' && c.build_type[0] != '\0');
    assert_non_null(strstr(c.compiler, __VERSION__));
    assert_true(c.memory_bytes > 1 << 20);
    assert_in_range(c.virtual_machine + 1, 0, 2);
}

static void date_is_now_in_utc(void **state)
{
    time_t before = time(NULL);
    struct sysinfo_context c = context();
    struct tm utc = {0};
    const char *end = strptime(c.date, "%Y-%m-%dT%H:%M:%SZ", &utc);

    (void)state;
    assert_non_null(end);
    assert_int_equal(*end, '\0');
    assert_in_range(timegm(&utc), before, time(NULL));
}

static void cores_are_those_this_process_may_use(void **state)
{
    cpu_set_t all, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    assert_int_equal(context().cores, CPU_COUNT(&all));
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(context().cores, 1);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

static void pool_size_is_what_libuv_will_use(void **state)
{
    static const struct {
        const char *text;
        int64_t size;
    } cases[] = {{"7", 7}, {"0", 1}, {"many", 1}, {"99999", 1024}};

    (void)state;
    unsetenv("UV_THREADPOOL_SIZE");
    assert_int_equal(context().uv_threadpool_size, 4);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("UV_THREADPOOL_SIZE", cases[i].text, 1);
        assert_int_equal(context().uv_threadpool_size, cases[i].size);
    }
    unsetenv("UV_THREADPOOL_SIZE");
}

static void limits_and_slack_are_those_in_force(void **state)
{
    struct rlimit files;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = 123;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    assert_int_equal(prctl(PR_SET_TIMERSLACK, 54321, 0, 0, 0), 0);
    assert_int_equal(context().limit_open_files, 123);
    assert_int_equal(context().timer_slack_ns, 54321);
    assert_true(context().limit_max_map_count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_this_machine),
        cmocka_unit_test(date_is_now_in_utc),
        cmocka_unit_test(cores_are_those_this_process_may_use),
        cmocka_unit_test(pool_size_is_what_libuv_will_use),
        cmocka_unit_test(limits_and_slack_are_those_in_force),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
