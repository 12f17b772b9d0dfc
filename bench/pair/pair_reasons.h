/* Why a paired session came to its verdict, in sentences. One thread. */
#ifndef TVA_BENCH_PAIR_REASONS_H
#define TVA_BENCH_PAIR_REASONS_H

#include "pair/pair_document.h"

/* An array of strings: what is slower and by how much; what could not be told, and what to do. NULL
 * when out of memory. */
json_t *pair_reasons(const struct pair_outcome *o);

#endif
