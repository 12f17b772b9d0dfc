/* Rounds over a table of benchmarks, in which the contenders take turns: measure, print, write. */
#ifndef TVA_MICRO_ROUNDS_H
#define TVA_MICRO_ROUNDS_H

#include "micro/micro.h"

#include <stddef.h>
#include <stdint.h>

struct rounds_options {
    const char *output; /* JSON file, NULL for none */
    const char *only;   /* benchmarks whose name begins so; NULL for all */
    uint64_t rounds;
};

/* Carry them out. Prints medians on stdout and progress on stderr. The exit status: 0 or 1. */
int rounds_run(const struct micro_bench *benches, size_t n, const struct rounds_options *o);

#endif
