/* Blocks of observations of each cell, in which base, relinked base and contender take turns, as
 * many as the budget allows. What was observed stays as it was; pair_collect.h makes series of it.
 * One thread. */
#ifndef TVA_BENCH_PAIR_BLOCKS_H
#define TVA_BENCH_PAIR_BLOCKS_H

#include "harness/progress.h"
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

#endif
