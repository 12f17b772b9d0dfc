/* The command line of `tva pair`. One thread. */
#ifndef TVA_BENCH_PAIR_OPTIONS_H
#define TVA_BENCH_PAIR_OPTIONS_H

#include "pair/pair_session.h"
#include "plan/options.h"

struct pair_options {
    struct options_line line;
    struct options_seed seed;
    struct options_suite suite;
    struct pair_programs programs;
    uint64_t budget_ns;
    const char *output; /* NULL: not given */
    bool markdown, quiet;
    struct err err;
};

extern const struct argp pair_argp;

void pair_options_init(struct pair_options *o);
void pair_options_deinit(struct pair_options *o);

/* After parsing: check that there are two sides, and settle what was left open. 0, or -EINVAL with
 * o->err set. */
int pair_options_settle(struct pair_options *o);

#endif
