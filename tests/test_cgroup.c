/* The promise: the CPU quota that holds for a process is found in both versions of control groups,
 * in its own group or the ancestor that is tightest, and so is what it stopped. */
#include "measure/cgroup.h"

#include "support/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* A directory with the files "groups" and "mounts", and a mount point "fs" of groups. */
static char *root;

static void put(const char *name, const char *text)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", root, name);
    f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void make_group(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

/* The group of a process with these lines in /proc/self/cgroup, where mountinfo says that
 * `root_group` is mounted on the folder as what follows the " - ". */
static struct cgroup found(const char *groups, const char *root_group, const char *type)
{
    char path[512], mounts[512], text[1024];
    struct cgroup g;

    snprintf(text, sizeof text, "1 0 0:1 / / rw - ext4 /dev/root rw\n32 31 0:30 %s %s/fs rw - %s\n",
             root_group, root, type);
    put("mounts", text);
    put("groups", groups);
    snprintf(path, sizeof path, "%s/groups", root);
    snprintf(mounts, sizeof mounts, "%s/mounts", root);
    cgroup_find(path, mounts, &g);
    return g;
}

#define VERSION_1 "/", "cgroup cgroup rw,cpu,cpuacct"
#define VERSION_2 "/", "cgroup2 cgroup2 rw,nsdelegate"

static int set_up(void **state)
{
    (void)state;
    root = records_make_directory();
    make_group("fs");
    make_group("fs/a");
    make_group("fs/a/b");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    records_remove_directory(root);
    return 0;
}

static void assert_throttled(const struct cgroup *g, uint64_t times, uint64_t ns)
{
    uint64_t found_times, found_ns;

    cgroup_throttled(g, &found_times, &found_ns);
    assert_int_equal(found_times, times);
    assert_int_equal(found_ns, ns);
}

static void test_version_2_has_one_file(void **state)
{
    struct cgroup g = found("0::/a\n", VERSION_2);

    (void)state;
    put("fs/a/cpu.max", "20000 100000\n");
    put("fs/a/cpu.stat", "usage_usec 9\nnr_periods 12\nnr_throttled 7\nthrottled_usec 560\n");
    assert_true(fabs(cgroup_cpus(&g) - 0.2) < 1e-9);
    assert_throttled(&g, 7, 560000);
}

static void test_version_1_has_two(void **state)
{
    struct cgroup g = found("10:cpuset:/c\n2:cpu,cpuacct:/a\n0::/\n", VERSION_1);

    (void)state;
    put("fs/a/cpu.cfs_quota_us", "150000\n");
    put("fs/a/cpu.cfs_period_us", "100000\n");
    put("fs/a/cpu.stat", "nr_periods 12\nnr_throttled 7\nthrottled_time 560\n");
    assert_true(fabs(cgroup_cpus(&g) - 1.5) < 1e-9);
    assert_throttled(&g, 7, 560);
}

static void test_the_tightest_ancestor_holds(void **state)
{
    struct cgroup g = found("0::/a/b\n", VERSION_2);

    (void)state;
    put("fs/a/b/cpu.max", "300000 100000\n");
    put("fs/a/b/cpu.stat", "nr_throttled 1\nthrottled_usec 1\n");
    put("fs/a/cpu.max", "50000 100000\n");
    put("fs/a/cpu.stat", "nr_throttled 4\nthrottled_usec 9\n");
    put("fs/cpu.max", "max 100000\n");
    assert_true(fabs(cgroup_cpus(&g) - 0.5) < 1e-9);
    assert_throttled(&g, 5, 9000);
}

/* A container sees its own group as the mount point, by whatever path its parent has. */
static void test_a_group_may_be_mounted_as_the_root(void **state)
{
    struct cgroup g = found("0::/docker/x/a\n", "/docker/x", "cgroup2 cgroup2 rw");
    struct cgroup own = found("0::/\n", VERSION_2);

    (void)state;
    put("fs/a/cpu.max", "20000 100000\n");
    put("fs/cpu.max", "40000 100000\n");
    assert_true(fabs(cgroup_cpus(&g) - 0.2) < 1e-9);
    assert_true(fabs(cgroup_cpus(&own) - 0.4) < 1e-9);
}

static void test_no_limit_is_no_number(void **state)
{
    struct cgroup one = found("1:cpu:/a\n", VERSION_1), two = found("0::/a\n", VERSION_2);
    struct cgroup none = found("", VERSION_2), not_mounted = found("1:cpu:/a\n", VERSION_2);

    (void)state;
    put("fs/a/cpu.cfs_quota_us", "-1\n");
    put("fs/a/cpu.cfs_period_us", "100000\n");
    assert_true(isnan(cgroup_cpus(&one)));
    put("fs/a/cpu.max", "max 100000\n");
    assert_true(isnan(cgroup_cpus(&two)));
    assert_true(isnan(cgroup_cpus(&none)));
    assert_true(isnan(cgroup_cpus(&not_mounted)));
    assert_throttled(&none, 0, 0);
}

/* Neither a system without these files nor lines of other forms have a limit. */
static void test_what_is_odd_has_no_limit(void **state)
{
    struct cgroup other = found("0::/x/a\n", "/y", "cgroup2 cgroup2 rw"), missing, cut;

    (void)state;
    put("fs/a/cpu.max", "20000 100000\n");
    assert_true(isnan(cgroup_cpus(&other))); /* which is not below what was mounted */
    cgroup_find("/nowhere/groups", "/nowhere/mounts", &missing);
    assert_true(isnan(cgroup_cpus(&missing)));
    cut = found("odd\n3:cpu\n0::/a\n", "/", "cgroup2");
    assert_true(isnan(cgroup_cpus(&cut)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_version_2_has_one_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_version_1_has_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_tightest_ancestor_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_group_may_be_mounted_as_the_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_limit_is_no_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_odd_has_no_limit, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
