#include "math/theory_makespan.h"

#include "base/clock.h"

#include <stdbool.h>

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* What computing alone takes, between the least that jobs wait before it and behind it. */
static uint64_t cpu_bound_ns(uint64_t cpu_total_ns, uint64_t cpu_lanes, uint64_t lead_ns,
                             uint64_t trail_ns)
{
    if (cpu_total_ns == 0)
        return 0;
    return clock_add_ns(clock_add_ns(lead_ns, trail_ns), divide_up(cpu_total_ns, cpu_lanes));
}

uint64_t theory_makespan_ns(const struct theory_makespan *t)
{
    uint64_t job_ns = clock_add_ns(t->wait_ns, t->cpu_ns);

    return larger(
        multiply(divide_up(t->jobs, t->lanes), job_ns),
        cpu_bound_ns(multiply(t->jobs, t->cpu_ns), t->cpu_lanes, t->lead_ns, t->trail_ns));
}

void theory_makespan_mix_add(struct theory_makespan_mix *mix, const struct theory_makespan *job)
{
    uint64_t job_ns = clock_add_ns(job->wait_ns, job->cpu_ns);
    bool first = mix->jobs++ == 0;

    mix->longest_ns = larger(mix->longest_ns, job_ns);
    mix->total_ns = clock_add_ns(mix->total_ns, job_ns);
    mix->cpu_total_ns = clock_add_ns(mix->cpu_total_ns, job->cpu_ns);
    mix->lead_ns = first || job->lead_ns < mix->lead_ns ? job->lead_ns : mix->lead_ns;
    mix->trail_ns = first || job->trail_ns < mix->trail_ns ? job->trail_ns : mix->trail_ns;
}

uint64_t theory_makespan_mix_ns(const struct theory_makespan_mix *mix)
{
    return larger(mix->longest_ns, larger(divide_up(mix->total_ns, mix->lanes),
                                          cpu_bound_ns(mix->cpu_total_ns, mix->cpu_lanes,
                                                       mix->lead_ns, mix->trail_ns)));
}
