/* Rows of a judgement, as the two halves of judging add them. One thread at a time. */
#ifndef TVA_BENCH_GATE_ROWS_H
#define TVA_BENCH_GATE_ROWS_H

#include "gate/gate_judge.h"

/* Append a row. 0 or -ENOMEM. */
int gate_rows_add(struct gate *gate, const struct gate_row *row);

#endif
