#include "measure/theory.h"

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

uint64_t theory_makespan_ns(const struct theory *t)
{
    uint64_t job_ns, in_lanes_ns, on_cores_ns;

    if (__builtin_add_overflow(t->wait_ns, t->cpu_ns, &job_ns))
        job_ns = UINT64_MAX;
    in_lanes_ns = multiply(divide_up(t->jobs, t->lanes), job_ns);
    on_cores_ns = divide_up(multiply(t->jobs, t->cpu_ns), t->cpu_lanes);
    return in_lanes_ns > on_cores_ns ? in_lanes_ns : on_cores_ns;
}
