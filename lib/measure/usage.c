#include "measure/usage.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STEAL_COLUMN 8 /* user nice system idle iowait irq softirq steal */

/* From the first line of /proc/stat: "cpu" and the machine's columns. A kernel with fewer columns
 * has no steal time. */
static uint64_t steal_ns(void)
{
    char stat[512], *column = stat + strlen("cpu");
    long per_second = sysconf(_SC_CLK_TCK);
    uint64_t ticks = 0;

    text_read("/proc/stat", stat, sizeof stat);
    stat[strcspn(stat, "\n")] = '\0';
    if (per_second <= 0 || strncmp(stat, "cpu", strlen("cpu")) != 0)
        return 0;
    for (int i = 1; i <= STEAL_COLUMN; i++) {
        char *start = column;

        ticks = strtoull(start, &column, 10);
        if (column == start)
            return 0;
    }
    return ticks * (NS_PER_S / (uint64_t)per_second);
}

static uint64_t timeval_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

int usage_read(struct usage *out)
{
    char status[4096];
    struct rusage r;

    memset(out, 0, sizeof *out);
    if (getrusage(RUSAGE_SELF, &r) != 0)
        return -errno;
    out->cpu_user_ns = timeval_ns(r.ru_utime);
    out->cpu_sys_ns = timeval_ns(r.ru_stime);
    out->ctx_voluntary = (uint64_t)r.ru_nvcsw;
    out->ctx_involuntary = (uint64_t)r.ru_nivcsw;
    out->faults_minor = (uint64_t)r.ru_minflt;
    out->faults_major = (uint64_t)r.ru_majflt;

    /* not ru_maxrss: it is inherited over exec, so a big parent would show as a big run */
    text_read("/proc/self/status", status, sizeof status);
    out->rss_bytes = 1024 * text_number(status, "\nVmRSS:");
    out->rss_peak_bytes = 1024 * text_number(status, "\nVmHWM:");
    out->page_table_bytes = 1024 * text_number(status, "\nVmPTE:");
    out->threads = text_number(status, "\nThreads:");
    out->steal_ns = steal_ns();
    return 0;
}

/* 0 for a value that went back, as steal time does on migrated virtual machines. */
static uint64_t grown(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

struct usage usage_since(const struct usage *before, const struct usage *after)
{
    struct usage since = *after;

    since.cpu_user_ns = grown(before->cpu_user_ns, after->cpu_user_ns);
    since.cpu_sys_ns = grown(before->cpu_sys_ns, after->cpu_sys_ns);
    since.ctx_voluntary = grown(before->ctx_voluntary, after->ctx_voluntary);
    since.ctx_involuntary = grown(before->ctx_involuntary, after->ctx_involuntary);
    since.faults_minor = grown(before->faults_minor, after->faults_minor);
    since.faults_major = grown(before->faults_major, after->faults_major);
    since.steal_ns = grown(before->steal_ns, after->steal_ns);
    return since;
}
