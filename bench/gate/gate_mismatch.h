/* Where the compiler or a library is another than the baseline's, some counts are others without
 * anybody having changed the code: these are shown and warned about, all others stay hard.
 *
 *   compiler, libc or build type: instructions
 *   libcurl: all counts of jobs whose requests libcurl makes
 *   libuv: all counts of cells whose jobs run on the loop. Not of pool and threads, and of blocking
 *          only where its jobs are not one batch, between which the loop has its turn.
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

/* What differs between two contexts; what one of them does not say, does. */
struct gate_mismatch gate_mismatch_of(const json_t *before, const json_t *now);

/* Is a count of this kind, of this cell of a run (NULL: not known), not to be held against the
 * baseline's? */
bool gate_mismatch_softens(const struct gate_mismatch *m, const json_t *cell, enum gate_kind kind);

/* Append the one sentence that names what differs, what is soft for that reason, and what to do,
 * where there is any. 0 or -ENOMEM. */
int gate_mismatch_add_note(const struct gate_mismatch *m, const json_t *before, const json_t *now,
                           json_t *notes);

#endif
