/* What the gate compares of a run: counts a job, ratios between models, times. Any thread. */
#ifndef TVA_BENCH_GATE_EXTRACT_H
#define TVA_BENCH_GATE_EXTRACT_H

#include <jansson.h>
#include <stdbool.h>

/* Make {"counts": ..., "session": ...} in the form of a baseline (gate_shape.h). Appends a sentence
 * to the list `faults` for each reason not to compare or keep the run: it was cut short; a cell is
 * invalid, not counted or there twice; a count is malformed. The session leaves out what the run
 * did not time. NULL when out of memory. */
json_t *gate_extract(const json_t *run, json_t *faults);

/* Does any cell have planted faults (tva run --inject)? Such a run may be checked, but never kept.
 */
bool gate_extract_is_planted(const json_t *run);

#endif
