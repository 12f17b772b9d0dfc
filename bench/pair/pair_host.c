#include "pair/pair_host.h"

#include "base/clock.h"
#include "measure/usage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static double load_now(void)
{
    double load;

    return getloadavg(&load, 1) == 1 ? load : NAN;
}

static uint64_t steal_now(void)
{
    struct usage usage = {0};

    return usage_read(&usage) == 0 ? usage.steal_ns : 0;
}

void pair_host_begin(struct pair_host *h)
{
    *h = (struct pair_host){
        .begin_ns = clock_now_ns(), .steal_ns = steal_now(), .load_before = load_now()};
}

void pair_host_end(const struct pair_host *h, struct pair_host_noise *out)
{
    uint64_t steal_ns = steal_now(), passed_ns = clock_now_ns() - h->begin_ns;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    *out = (struct pair_host_noise){.load_before = h->load_before, .load_after = load_now()};
    out->cores = cores > 0 ? cores : 1;
    if (steal_ns > h->steal_ns && passed_ns > 0)
        out->steal = (double)(steal_ns - h->steal_ns) / ((double)passed_ns * (double)out->cores);
}

char *pair_host_describe(const struct pair_host_noise *n, char *buf, size_t size)
{
    snprintf(buf, size,
             "the host took %.1f %% of the CPU time (steal); load average %.1f before and %.1f "
             "after, on %lld core%s",
             100 * n->steal, n->load_before, n->load_after, (long long)n->cores,
             n->cores == 1 ? "" : "s");
    return buf;
}
