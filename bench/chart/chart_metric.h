/* The catalogue's metrics (result/metric.h) as charts draw them: durations in s, whatever the unit
 * of the document. Pure functions. */
#ifndef TVA_BENCH_CHART_METRIC_H
#define TVA_BENCH_CHART_METRIC_H

#include "result/metric.h"

/* The cell's value; of one without an interval the interval is the value. */
struct metric_value chart_value(const struct metric *m, const json_t *cell);

/* What theory says of it; NAN where it says nothing. */
double chart_theory(const struct metric *m, const json_t *cell);

/* The kind of axis, of those in plots/style.gp: "time", "size" or "count". */
const char *chart_kind(const struct metric *m);

/* The metric that a document ranks by: that of its crossings, else the sweep's, else that of its
 * bound, else p99 of an open loop where cells have it, p50 where not, and throughput of other
 * loads.
 */
const struct metric *chart_metric_of(const json_t *result);

/* The metric of that title, as crossings name theirs; NULL when it is not known. */
const struct metric *chart_metric_titled(const char *title);

#endif
