/* The values of a session that depend on the machine: times, and ratios of times between models
 * that did the same work in the same rounds, in which the machine cancels out in part. Any thread.
 */
#ifndef TVA_BENCH_GATE_RATIO_H
#define TVA_BENCH_GATE_RATIO_H

#include <jansson.h>
#include <stddef.h>

/* The cell that the others of its group are divided by: that of tasks if there is one, else the
 * group's first, which the suite decides. */
const json_t *gate_ratio_reference(const json_t *run, const json_t *cell);

/* "pool(4)/tasks null x 10000": a cell and its reference. Returns buf. */
char *gate_ratio_name(const json_t *cell, const json_t *reference, char *buf, size_t size);

/* Medians over runs in seconds: {"makespan_s": ..., "cpu_s": ...}. Leaves out a value that was not
 * measured or is 0. NULL when out of memory. */
json_t *gate_ratio_times(const json_t *cell);

/* exp(median over rounds of log(cell / reference)) of each of the same values. NULL when out of
 * memory. */
json_t *gate_ratio_of(const json_t *cell, const json_t *reference);

#endif
