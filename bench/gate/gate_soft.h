/* The soft half of judging: figures of a session against the sessions that are stored. One thread
 * at a time. */
#ifndef TVA_BENCH_GATE_SOFT_H
#define TVA_BENCH_GATE_SOFT_H

#include "gate/gate_judge.h"

/* Add a row for each ratio, scheduled count and time of the run's session, and a note on how many
 * could not be judged. A figure is held against the sessions of the same fingerprint that have it
 * where there are enough of them, else all that have it; a time against those of the same
 * fingerprint only. 0 or -ENOMEM. */
int gate_soft_judge(const json_t *baseline, const json_t *session, struct gate *gate);

#endif
