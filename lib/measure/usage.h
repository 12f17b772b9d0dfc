/* Resource usage of a process between two readings: CPU time, context switches, faults, memory. */
#ifndef TVA_MEASURE_USAGE_H
#define TVA_MEASURE_USAGE_H

#include <stdint.h>

struct usage {
    uint64_t cpu_user_ns, cpu_sys_ns;
    uint64_t ctx_voluntary, ctx_involuntary;
    uint64_t faults_minor, faults_major;
    uint64_t rss_bytes;        /* resident now (VmRSS) */
    uint64_t rss_peak_bytes;   /* most resident since exec (VmHWM) */
    uint64_t page_table_bytes; /* VmPTE */
    uint64_t threads;          /* now */
    uint64_t steal_ns;         /* whole machine: CPU time that the host gave to others */
};

/* steal_ns advances in these steps: the kernel's clock tick as programs see it. */
#define USAGE_STEAL_STEP_NS 10000000ULL

/* Read them for this process (steal: for the machine). Any thread. 0 or a negative errno; values
 * that the kernel does not offer are 0. */
int usage_read(struct usage *out);

/* after - before for values that accumulate; the later reading for rss, peak, page
 * tables and threads. */
struct usage usage_since(const struct usage *before, const struct usage *after);

#endif
