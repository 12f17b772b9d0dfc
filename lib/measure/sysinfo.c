#include "measure/sysinfo.h"

#include "base/text.h"
#include "measure/cgroup.h"

#include <gnu/libc-version.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#ifndef TVA_COMMIT /* cmake/TvaCommit.cmake defines it */
#define TVA_COMMIT "unknown"
#endif

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#define UV_THREADS_DEFAULT 4u
#define UV_THREADS_MAX     1024u

/* Name and hypervisor flag of the first CPU, as x86 has them; elsewhere the machine's type stays
 * the name. */
static void read_cpu(struct sysinfo_context *out)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    char *line = NULL;
    size_t size = 0;

    while (f != NULL && getline(&line, &size, f) > 0 && line[0] != '\n') {
        char *value = strchr(line, ':');

        if (value == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "model name", strlen("model name")) == 0)
            snprintf(out->cpu, sizeof out->cpu, "%s", value + 1 + strspn(value + 1, " "));
        else if (strncmp(line, "flags", strlen("flags")) == 0)
            out->virtual_machine = text_has_word(value, " ", "hypervisor");
    }
    free(line);
    if (f != NULL)
        fclose(f);
}

/* Grow the set until it can hold the machine's CPUs: a cpu_set_t ends at 1,024. */
static int64_t usable_cores(void)
{
    for (size_t cpus = CPU_SETSIZE; cpus <= (size_t)CPU_SETSIZE * 64; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        int64_t count = 0;

        if (set == NULL)
            break;
        if (sched_getaffinity(0, CPU_ALLOC_SIZE(cpus), set) == 0)
            count = CPU_COUNT_S(CPU_ALLOC_SIZE(cpus), set);
        CPU_FREE(set);
        if (count > 0)
            return count;
    }
    return sysconf(_SC_NPROCESSORS_ONLN) > 0 ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
}

/* As libuv reads its environment variable: 0 or no number is one thread, too many the maximum. */
static int64_t uv_threads(void)
{
    const char *text = getenv("UV_THREADPOOL_SIZE");
    unsigned threads = text != NULL ? (unsigned)strtol(text, NULL, 10) : UV_THREADS_DEFAULT;

    if (threads == 0)
        threads = 1;
    return threads > UV_THREADS_MAX ? UV_THREADS_MAX : threads;
}

static int64_t soft_limit(int resource)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return -1;
    return (int64_t)limit.rlim_cur;
}

static void read_names(struct sysinfo_context *out)
{
    struct utsname u;
    struct tm utc;
    time_t now = time(NULL);

    gmtime_r(&now, &utc);
    strftime(out->date, sizeof out->date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (uname(&u) == 0) {
        snprintf(out->host, sizeof out->host, "%s", u.nodename);
        snprintf(out->kernel, sizeof out->kernel, "%s %s", u.sysname, u.release);
        snprintf(out->architecture, sizeof out->architecture, "%.31s", u.machine);
        snprintf(out->cpu, sizeof out->cpu, "%s", u.machine);
    }
    text_read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", out->governor,
              sizeof out->governor);
    out->governor[strcspn(out->governor, "\n")] = '\0';
    snprintf(out->libuv, sizeof out->libuv, "%s", uv_version_string());
    snprintf(out->libc, sizeof out->libc, "glibc %s", gnu_get_libc_version());
}

void sysinfo_read(struct sysinfo_context *out)
{
    struct cgroup group;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    memset(out, 0, sizeof *out);
    out->version = TVA_VERSION;
    out->commit = TVA_COMMIT;
    out->build_type = TVA_BUILD_TYPE;
    out->compiler = COMPILER;
    out->liburing = TVA_LIBURING;
    out->virtual_machine = -1;
    read_names(out);
    read_cpu(out);
    out->cores = usable_cores();
    cgroup_find("/proc/self/cgroup", "/proc/self/mountinfo", &group);
    out->cpu_quota = cgroup_cpus(&group);
    out->memory_bytes = pages > 0 && page > 0 ? (int64_t)pages * page : -1;
    out->timer_slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    out->uv_threadpool_size = uv_threads();
    out->limit_open_files = soft_limit(RLIMIT_NOFILE);
    out->limit_processes = soft_limit(RLIMIT_NPROC);
    out->limit_max_map_count = text_read_number("/proc/sys/vm/max_map_count", -1);
}
