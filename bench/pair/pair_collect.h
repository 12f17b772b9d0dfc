/* From blocks of observations to series of log ratios: one comparison for each cell and metric.
 * Pure functions of the blocks, one thread. */
#ifndef TVA_BENCH_PAIR_COLLECT_H
#define TVA_BENCH_PAIR_COLLECT_H

#include "pair/pair_blocks.h"
#include "pair/pair_decide.h"

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
