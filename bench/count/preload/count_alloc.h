/* What the preloaded library counts, in memory that the counting process shares with the counted.
 *
 * The library, libtva_count_alloc.so, is put in front of the C library of the counted process. It
 * finds the memory by the descriptor in the environment, and counts there as it goes: nothing has
 * to be written at the end, so a process that is killed has been counted up to then. */
#ifndef TVA_BENCH_COUNT_ALLOC_H
#define TVA_BENCH_COUNT_ALLOC_H

#include <stdint.h>

#define COUNT_ALLOC_LIBRARY "libtva_count_alloc.so"
#define COUNT_ALLOC_FD_ENV  "TVA_COUNT_FD"

struct count_alloc {
    uint64_t loaded;      /* 1 once the library counts here */
    uint64_t allocations; /* calls that gave memory: malloc, calloc, realloc, aligned ones */
    uint64_t bytes;       /* that they asked for */
};

#endif
