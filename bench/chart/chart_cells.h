/* The values of a cell as charts draw them. Any thread. */
#ifndef TVA_BENCH_CHART_CELLS_H
#define TVA_BENCH_CHART_CELLS_H

#include "result/metric.h"

#include <jansson.h>
#include <stdbool.h>

#define CHART_LABEL_MAX 64

bool chart_cell_valid(const json_t *cell);

/* Were all jobs there at the start? So it is in documents that say nothing of load. */
bool chart_cell_batch(const json_t *cell);

/* A metric of the catalogue as charts draw it: durations are in s, whatever the document's unit.
 * The interval of a value without one is the value. */
struct metric_value chart_value(const struct metric *m, const json_t *cell);

/* What theory says of it; NAN where it says nothing, and of an open loop where it is off by more
 * than this factor: then it is of another service than the one that was measured. Charts say so. */
#define CHART_THEORY_OFF      2.0
#define CHART_THEORY_LEFT_OUT "left out where off by more than a factor of 2"
double chart_theory(const struct metric *m, const json_t *cell);

/* The kind of axis, of those in plots/style.gp: "time", "size" or "count". */
const char *chart_kind(const struct metric *m);

#endif
