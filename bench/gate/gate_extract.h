/* From a run document, what the gate compares: counts a job, ratios between models, times. Any
 * thread. */
#ifndef TVA_BENCH_GATE_EXTRACT_H
#define TVA_BENCH_GATE_EXTRACT_H

#include <jansson.h>
#include <stdbool.h>

/* A new {"counts": ..., "session": ...} in the form that a baseline keeps them (gate_shape.h), and
 * sentences appended to the list `faults` for whatever makes the run unfit to be compared or kept:
 * a session cut short, a cell that is invalid, not counted or there twice, a count that is none.
 * What a run has no timings of is left out of its session. NULL when out of memory. */
json_t *gate_extract(const json_t *run, json_t *faults);

/* Was a fault planted in any cell (tva run --inject)? Such a run may be checked, never kept. */
bool gate_extract_is_planted(const json_t *run);

#endif
