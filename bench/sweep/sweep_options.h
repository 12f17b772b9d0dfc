/* The options of `tva sweep`, and the settings that they make. One thread. */
#ifndef TVA_BENCH_SWEEP_OPTIONS_H
#define TVA_BENCH_SWEEP_OPTIONS_H

#include "plan/plan_options.h"
#include "sweep/sweep.h"

/* As they were given. */
struct sweep_options {
    struct plan_line line;
    struct plan_seed seed;
    const char *over[SWEEP_AXES_MAX];
    size_t over_count;
    const char *slo, *metric; /* NULL: not given */
    double width;
    uint64_t search_ns, timeout_ns;
    const char *output;
    bool quiet;
};

#define SWEEP_WIDTH_DEFAULT     0.05
#define SWEEP_SEARCH_DEFAULT_NS (600 * NS_PER_S)

/* Read the command line. 0, or an exit status after a sentence on standard error. */
int sweep_options_read(struct sweep_options *o, int argc, char **argv, struct err *err);

/* Make settings of the options. 0, or -EINVAL with *err saying which do not go together. */
int sweep_options_settle(const struct sweep_options *o, struct sweep_settings *out,
                         struct err *err);

#endif
