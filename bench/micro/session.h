/* One interleaved session over a table of benchmarks: measure, print, write. */
#ifndef TVA_MICRO_SESSION_H
#define TVA_MICRO_SESSION_H

#include "micro.h"

#include <stddef.h>
#include <stdint.h>

struct session_options {
    const char *output; /* JSON file, NULL for none */
    const char *only;   /* benchmarks whose name begins so; NULL for all */
    uint64_t rounds;
};

/* Every contender's outputs for one benchmark: [contender][round]. */
struct session_row {
    const struct micro_bench *bench;
    size_t contenders;
    uint64_t rounds;
    struct micro_output *outputs[MICRO_CONTENDERS];
};

/* Carry it out. Prints figures on stdout and progress on stderr. The exit status: 0 or 1. */
int session_run(const struct micro_bench *benches, size_t n, const struct session_options *o);

/* Medians of a row and ratios to its last contender: as a table line each, and as JSON. */
void report_print(const struct session_row *row);
struct json_t *report_json(const struct session_row *row);

#endif
