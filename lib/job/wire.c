#include "job/wire.h"

uint64_t request_delays_ns(struct request_delays d, uint64_t number)
{
    uint64_t ns = distribution_draw_ns(d.dist, d.mean_ns, d.seed, number);

    return ns < WIRE_DELAY_MAX ? ns : WIRE_DELAY_MAX;
}

uint64_t request_delays_of_job_ns(struct request_delays d, uint64_t index)
{
    uint64_t sum = 0;

    if (d.dist == DISTRIBUTION_FIXED)
        return d.mean_ns * d.requests;
    for (uint64_t i = 0; i < d.requests; i++)
        sum += request_delays_ns(d, index * d.requests + i);
    return sum;
}

struct job_spread request_delays_spread(struct request_delays d)
{
    return (struct job_spread){
        .mean_wait_ns = (double)d.mean_ns * (double)d.requests,
        .scv = distribution_scv(d.dist) / (double)d.requests,
        .draws = d.requests,
    };
}
