/* Blocks of observations of each cell, in which base, relinked base and contender take turns, as
 * many as the budget allows; and the series of log ratios that they come to. One thread. */
#ifndef TVA_BENCH_PAIR_BLOCKS_H
#define TVA_BENCH_PAIR_BLOCKS_H

#include "harness/progress.h"
#include "pair/pair_decide.h"
#include "pair/pair_observe.h"
#include "pair/pair_schedule.h"
#include "plan/plan.h"

struct pair_turn {
    enum pair_arm arm;
    double values[PAIR_METRICS];
};

struct pair_block {
    unsigned number;           /* within the cell; the screen's blocks come first */
    bool fresh;                /* measured to confirm */
    size_t layouts[PAIR_ARMS]; /* the program of each arm */
    struct pair_turn turns[PAIR_TURNS_MAX];
    size_t turns_count;
};

struct pair_cell {
    struct cell cell;
    struct inject_fault faults; /* in the contender's jobs */
    char name[CELL_NAME_SIZE], args[PLAN_ARGS_SIZE];
    char inject[INJECT_TEXT_SIZE]; /* the faults as text; "": none */
    struct pair_block *blocks;
    size_t count, capacity;
    unsigned fresh_wanted; /* blocks; set between screen and confirmation */
    bool suspect;          /* confirmed first */
    double cost_ns;        /* of a block, mean; 0 before the first */
};

struct pair_settings {
    struct pair_programs programs;
    struct plan_line line; /* its faults are planted in the contender's jobs */
    uint64_t seed, budget_ns;
};

struct pair_blocks {
    const struct pair_settings *settings; /* the caller's */
    struct pair_observer *observer;
    struct progress *progress;
    struct pair_cell *cells;
    size_t count;
    uint64_t begin_ns, end_ns; /* end: when the budget is used up */
    size_t repeats;            /* of the order of arms in a block; from the pilot */
    size_t done, planned;      /* blocks, for progress */
    bool cut;                  /* there was too little time for all blocks */
    size_t retried[PAIR_ARMS]; /* observations that failed once, and were tried again */
};

/* Make a cell for each cell of the plan, and start the clock of the budget. 0, or -ENOMEM with *err
 * set. */
int pair_blocks_init(struct pair_blocks *s, const struct pair_settings *settings,
                     const struct plan *plan, struct err *err);
void pair_blocks_deinit(struct pair_blocks *s);

/* Run each cell once on each side, to see whether it can be run, how programs are to be asked and
 * how long it takes. This decides how much a block can hold, so that the screen takes its share of
 * the budget. 0 or as below. */
int pair_blocks_pilot(struct pair_blocks *s, struct err *err);

/* Measure PAIR_SCREEN_BLOCKS blocks of each cell. 0, also when time ran out; -EINTR when a signal
 * came; another negative errno with *err set when the revisions cannot be compared: a run failed
 * twice, or they do not do the same work. */
int pair_blocks_screen(struct pair_blocks *s, struct err *err);

/* Did the contender's runs fail more often than chance explains? Each of them was tried again. */
bool pair_blocks_contender_fails(const struct pair_blocks *s);

/* Measure the fresh blocks that cells want, suspects first. Errors as above. */
int pair_blocks_confirm(struct pair_blocks *s, struct err *err);

/* ---- pair_collect.c: one comparison for each cell and metric. Pure functions of the blocks ----
 */

struct pair_collection {
    struct pair_comparison *comparisons; /* those that base and contender have */
    size_t count;
    double *values; /* of all series */
};

/* The median of the logarithms of an arm's values in a block; NAN where one is missing. */
double pair_block_log(const struct pair_block *block, enum pair_arm arm, size_t metric);

/* Make the collection of all that was measured so far. It leaves out a metric that fewer than two
 * arms have in each block of the screen, such as the lag of a loop that hardly beats. All others
 * stay; a fresh block that lacks a value is left out of the series. 0; -EINVAL with *err naming a
 * metric that one side has in most blocks of the screen and the other in none; -ENOMEM with *err
 * set. */
int pair_collect(const struct pair_blocks *s, struct pair_collection *out, struct err *err);
void pair_collection_deinit(struct pair_collection *c);

/* Tell the cells how many fresh blocks their metrics want. Returns how many blocks that is. */
size_t pair_collection_ask(const struct pair_collection *c, struct pair_blocks *s);

#endif
