/* From what was observed to series of log ratios, a metric a cell and kind. Pure functions of the
 * session, one thread. */
#ifndef TVA_BENCH_PAIR_COLLECT_H
#define TVA_BENCH_PAIR_COLLECT_H

#include "pair/pair_decide.h"
#include "pair/pair_session.h"

struct pair_collection {
    struct pair_metric *metrics; /* those that base and contender have */
    size_t *cells, *kinds;       /* which cell and kind each is of */
    size_t count;
    double *values; /* behind the series */
};

/* The median of the logarithms of an arm's values in a block; NAN where one is missing. */
double pair_block_log(const struct pair_block *block, enum pair_arm arm, size_t kind);

/* Make the collection of all that was measured so far; what metrics came to before is not kept. A
 * metric that less than two arms have in each block of the screen is left out: it is not meaningful
 * there, as the lag of a loop that hardly beats. All others stay, whatever the fresh blocks have:
 * one that lacks a value is left out of that kind's series. 0; -EINVAL with *err naming a metric
 * that one side has in most blocks of the screen and the other in none; -ENOMEM. */
int pair_collect(const struct pair_session *s, struct pair_collection *out, struct err *err);
void pair_collection_deinit(struct pair_collection *c);

/* Tell the session's cells how many fresh blocks their metrics want. Returns how many blocks that
 * is. */
size_t pair_collection_ask(const struct pair_collection *c, struct pair_session *s);

#endif
