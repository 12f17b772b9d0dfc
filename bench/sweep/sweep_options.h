/* The options of `tva sweep` as what is to be swept. One thread. */
#ifndef TVA_BENCH_SWEEP_OPTIONS_H
#define TVA_BENCH_SWEEP_OPTIONS_H

#include "plan/options.h"
#include "sweep/sweep.h"

/* As they were given. */
struct sweep_options {
    struct options_line line;
    struct options_seed seed;
    const char *over[SWEEP_AXES_MAX];
    size_t over_count;
    const char *slo, *metric; /* NULL: not given */
    double width;
    uint64_t search_ns, timeout_ns;
    const char *output;
    bool quiet;
    struct err err;
};

#define SWEEP_WIDTH_DEFAULT     0.05
#define SWEEP_SEARCH_DEFAULT_NS (600 * NS_PER_S)

/* None given. */
void sweep_options_init(struct sweep_options *o);

extern const struct argp sweep_argp; /* its input: struct sweep_options */

/* What they come to. 0, or -EINVAL with o->err saying what makes no sense. */
int sweep_options_settle(struct sweep_options *o, struct sweep_settings *out);

#endif
