#include "job/http_wire.h"

#include "base/hash.h"

#include <math.h>
#include <stddef.h>

#define TIMES_MEAN_MAX 20

const char *const http_wire_dists[] = {
    [HTTP_WIRE_FIXED] = "fixed", [HTTP_WIRE_EXPONENTIAL] = "exponential", NULL};

uint64_t http_wire_delay_ns(uint64_t delay_ns, enum http_wire_dist dist, uint64_t seed)
{
    /* 53 bits, as many as a double takes, from (0, 1] */
    double u = (double)((hash_mix(seed) >> 11) + 1) * 0x1p-53, times;

    if (dist == HTTP_WIRE_FIXED)
        return delay_ns;
    times = -log(u);
    return (uint64_t)((double)delay_ns * (times < TIMES_MEAN_MAX ? times : TIMES_MEAN_MAX));
}
