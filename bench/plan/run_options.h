/* The command line of `tva run`. One thread. */
#ifndef TVA_BENCH_RUN_OPTIONS_H
#define TVA_BENCH_RUN_OPTIONS_H

#include "options.h"

/* What is done with the cells. */
enum run_counting { RUN_COUNTS_NONE, RUN_COUNTS_TOO, RUN_COUNTS_ONLY };

struct run_options {
    struct options_line line;
    struct options_seed seed;
    struct options_suite suite;
    struct options_stop stop;
    const char *output; /* NULL: write no file */
    uint64_t timeout_ns;
    enum run_counting counting;
    bool quiet;
    struct err err;
};

extern const struct argp run_argp;

/* Nothing is given yet. What it refers to is in *o, which must stay where it is. */
void run_options_init(struct run_options *o);

#endif
