/* What the theory has to know of P threads that run the jobs: `pool` and `offload`. */
#ifndef TVA_MODEL_POOL_LANES_H
#define TVA_MODEL_POOL_LANES_H

#include <stdint.h>

/* A model's lanes, cpu_lanes and os_threads: P; P or the cores; P. */
static inline uint64_t pool_lanes(uint64_t jobs, unsigned threads)
{
    (void)jobs;
    return threads;
}

static inline uint64_t pool_cpu_lanes(unsigned threads, unsigned cores)
{
    return threads < cores ? threads : cores;
}

static inline uint64_t pool_threads(uint64_t jobs, unsigned threads)
{
    (void)jobs;
    return threads;
}

#endif
