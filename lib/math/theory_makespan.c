#include "math/theory_makespan.h"

#include "base/clock.h"

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

uint64_t theory_makespan_ns(const struct theory_makespan *t)
{
    uint64_t job_ns = clock_add_ns(t->wait_ns, t->cpu_ns);

    return larger(multiply(divide_up(t->jobs, t->lanes), job_ns),
                  divide_up(multiply(t->jobs, t->cpu_ns), t->cpu_lanes));
}

void theory_makespan_mix_add(struct theory_makespan_mix *mix, uint64_t wait_ns, uint64_t cpu_ns)
{
    uint64_t job_ns = clock_add_ns(wait_ns, cpu_ns);

    mix->longest_ns = larger(mix->longest_ns, job_ns);
    mix->total_ns = clock_add_ns(mix->total_ns, job_ns);
    mix->cpu_total_ns = clock_add_ns(mix->cpu_total_ns, cpu_ns);
}

uint64_t theory_makespan_mix_ns(const struct theory_makespan_mix *mix)
{
    return larger(mix->longest_ns, larger(divide_up(mix->total_ns, mix->lanes),
                                          divide_up(mix->cpu_total_ns, mix->cpu_lanes)));
}
