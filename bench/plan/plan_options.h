/* Options that several commands take, as parts of their command lines (cli/options.h). So each
 * option is written once. */
#ifndef TVA_BENCH_PLAN_OPTIONS_H
#define TVA_BENCH_PLAN_OPTIONS_H

#include "cli/options.h"
#include "plan/plan.h"

/* Headings below which commands put options of their own as well. */
#define PLAN_OPTIONS_MEASURING "How to measure them:"
#define PLAN_OPTIONS_OUTPUT    "What comes out:"

/* Which cells, and when their jobs are wanted: into struct plan_line. */
extern const struct options_entry plan_options_cells[];

/* --rounds: into struct plan_line. */
extern const struct options_entry plan_options_rounds[];

/* --inject, a tool for testing tva: into struct plan_line. Commands put this part last, so that
 * --help shows it below what users need. */
extern const struct options_entry plan_options_faults[];

/* --seed, of the shuffle and of what jobs draw. */
struct plan_seed {
    uint64_t seed;
    bool given;
};

extern const struct options_entry plan_options_seed[];

/* Draw a seed when none is given, short enough to be typed again. */
void plan_seed_settle(struct plan_seed *seed);

#endif
