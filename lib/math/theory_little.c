#include "math/theory_little.h"

#include "base/clock.h"

#include <math.h>

static double span(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) : 0;
}

void theory_little_add(struct theory_little *l, uint64_t arrived_ns, uint64_t left_ns)
{
    uint64_t from_ns = arrived_ns > l->from_ns ? arrived_ns : l->from_ns;
    uint64_t to_ns = left_ns < l->to_ns ? left_ns : l->to_ns;
    double inside_ns = span(from_ns, to_ns);

    l->area_ns += inside_ns;
    if (arrived_ns < l->from_ns) {
        l->carried_in_ns += inside_ns;
    } else if (arrived_ns < l->to_ns) {
        l->arrivals++;
        l->latency_sum_ns += span(arrived_ns, left_ns);
        l->carried_over_ns += span(l->to_ns, left_ns);
    }
}

static double relative(double actual, double expected)
{
    if (actual == expected)
        return 0;
    return actual > 0 ? fabs(actual - expected) / actual : INFINITY;
}

struct theory_little_check theory_little_check(const struct theory_little *l, double area_ns)
{
    double window_ns = span(l->from_ns, l->to_ns), n = (double)l->arrivals;
    double product = l->latency_sum_ns / window_ns;
    struct theory_little_check check = {
        .window_s = window_ns / (double)NS_PER_S,
        .in_system = area_ns / window_ns,
        .arrivals_per_s = n * (double)NS_PER_S / window_ns,
        .latency_s = n > 0 ? l->latency_sum_ns / n / (double)NS_PER_S : 0,
        .at_ends = (l->carried_in_ns - l->carried_over_ns) / window_ns,
    };

    check.error = relative(check.in_system, product + check.at_ends);
    check.drift = relative(check.in_system, product);
    return check;
}
