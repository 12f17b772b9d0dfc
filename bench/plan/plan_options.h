/* Options that several commands take, as parts of their command lines (cli/options.h), so that each
 * option is written once. */
#ifndef TVA_BENCH_PLAN_OPTIONS_H
#define TVA_BENCH_PLAN_OPTIONS_H

#include "cli/options.h"
#include "plan/plan.h"

/* Headings that commands put options of their own below. */
#define PLAN_OPTIONS_MEASURING "How to measure them:"
#define PLAN_OPTIONS_OUTPUT    "What comes out:"

/* Which cells, and when their jobs are wanted: into struct plan_line. */
extern const struct options_entry plan_options_cells[];

/* --rounds: into struct plan_line. */
extern const struct options_entry plan_options_rounds[];

/* --inject, for those who test tva: into struct plan_line. The last part, so that --help shows it
 * below all that users need. */
extern const struct options_entry plan_options_faults[];

/* --seed: of the shuffle and of what jobs draw. */
struct plan_seed {
    uint64_t seed;
    bool given;
};

extern const struct options_entry plan_options_seed[];

/* When no seed is given, draw one that is short enough to be typed again. */
void plan_seed_settle(struct plan_seed *seed);

#endif
