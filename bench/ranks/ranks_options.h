/* --ranks, of the commands that measure. main.c opens the ranks before the command reads its
 * options, because only rank 0 does so. */
#ifndef TVA_BENCH_RANKS_OPTIONS_H
#define TVA_BENCH_RANKS_OPTIONS_H

#include "cli/options.h"

extern const struct options_entry ranks_options[];

#endif
