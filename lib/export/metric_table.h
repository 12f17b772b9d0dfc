/* The table of a group's cells: a column for each metric of the catalogue that belongs to a kind of
 * cells (result/metric.h). Reads the document alone. */
#ifndef TVA_EXPORT_METRIC_TABLE_H
#define TVA_EXPORT_METRIC_TABLE_H

#include "base/table.h"
#include "export/ranking.h"
#include "result/metric.h"

#include <stdbool.h>

/* Make it, of the cells of that kind: a kind of load, or METRIC_COUNTED for the counts; on request
 * with a column that has the cells' headlines relative to the fastest's. NULL when out of memory.
 */
struct table *metric_table(const struct ranking *r, unsigned cells, bool relative);

#endif
