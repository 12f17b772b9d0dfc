/* When the compiler or a library is not the baseline's, some counts change although nobody changed
 * the code. These counts are soft: they are shown and only warn. All others stay hard.
 *
 *   compiler, libc or build type   instructions
 *   libcurl                        all counts of jobs whose requests libcurl makes
 *   libuv                          all counts of cells whose jobs run on the loop: not pool and
 *                                  threads, and blocking only when its jobs are not one batch,
 *                                  since the loop has its turn between them
 *
 * Any thread. */
#ifndef TVA_BENCH_GATE_MISMATCH_H
#define TVA_BENCH_GATE_MISMATCH_H

#include "gate/gate_shape.h"

#include <jansson.h>
#include <stdbool.h>

struct gate_mismatch {
    bool code;     /* compiler, libc or build type */
    bool loop;     /* libuv */
    bool requests; /* libcurl */
};

/* What differs between two contexts. A version that one of them lacks differs. */
struct gate_mismatch gate_mismatch_of(const json_t *before, const json_t *now);

/* Is a count of this kind and cell (NULL: not known) soft? */
bool gate_mismatch_softens(const struct gate_mismatch *m, const json_t *cell,
                           enum metric_kind kind);

/* When anything differs, append a sentence that names it, what is soft for that reason, and what to
 * do. 0 or -ENOMEM. */
int gate_mismatch_add_note(const struct gate_mismatch *m, const json_t *before, const json_t *now,
                           json_t *notes);

#endif
