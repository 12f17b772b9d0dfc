/* What else the machine did during a session: why it may have been too noisy. One thread. */
#ifndef TVA_BENCH_PAIR_HOST_H
#define TVA_BENCH_PAIR_HOST_H

#include <stddef.h>
#include <stdint.h>

struct pair_host {
    uint64_t begin_ns, steal_ns; /* at the beginning; whole machine */
    double load_before;          /* processes that wanted to run, mean of a minute; NAN: unknown */
};

struct pair_host_noise {
    double steal;       /* share of all CPU time that the host took away */
    double load_before; /* see above */
    double load_after;
    int64_t cores;
};

/* Remember the present state. */
void pair_host_begin(struct pair_host *h);

/* Describe what happened since. */
void pair_host_end(const struct pair_host *h, struct pair_host_noise *out);

/* "the host took 3.1 % of the CPU time (steal); load average 4.2 before and 5.1 after, on 2 cores";
 * returns buf. 160 bytes are enough. */
char *pair_host_describe(const struct pair_host_noise *n, char *buf, size_t size);

#endif
