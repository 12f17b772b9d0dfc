/* Runs and baselines for the tests of the gate, as small as they may be. */
#ifndef TVA_TESTS_GATE_FIXTURE_H
#define TVA_TESTS_GATE_FIXTURE_H

#include <jansson.h>

/* A run of two cells of a group, "tasks null x 10" and "pool(4) null x 10", three rounds each, made
 * on "box": counts of 3 system calls (exact), 1000 instructions and 0.5 context switches
 * (scheduled); makespans of tasks 1, 2, 4 ms and of pool `ratio` times as much. To be freed by
 * json_decref(). */
json_t *gate_fixture_run(const char *date, double ratio);

/* A member of the cell's counts, for the test to change. */
json_t *gate_fixture_count(json_t *run, size_t cell, const char *metric);

/* A baseline of that run and of n - 1 more sessions, whose ratios are 2 +/- 1 %. */
json_t *gate_fixture_baseline(size_t n);

/* Set a number in an object, and fail the test when there is no object. */
void gate_fixture_set(json_t *object, const char *key, double value);

#endif
