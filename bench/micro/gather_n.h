/* n tasks at once: what most of the benchmarks measure a variation of. */
#ifndef TVA_MICRO_GATHER_N_H
#define TVA_MICRO_GATHER_N_H

#include "async/coro.h"

#include <stddef.h>
#include <stdint.h>

/* Create a task fn(args + i * stride) for each i < n, gather and release them. From a task. 0, or
 * the first error. */
int gather_n(uint64_t n, coro_fn *fn, void *args, size_t stride);

#endif
