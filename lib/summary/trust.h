/* Can a cell be trusted? Reasons make it invalid; warnings are what to know before relying on it.
 * Each is one sentence that says why and, where something can be done, what to do. */
#ifndef TVA_SUMMARY_TRUST_H
#define TVA_SUMMARY_TRUST_H

#include "summary/summary.h"

#define TRUST_RUNS_MIN  5 /* for anything that is shown */
#define TRUST_RUNS_GOOD 6 /* the fewest that enclose the median with 95 % */

/* Append why the cell is invalid: runs or jobs that failed, runs that did different work, stamps
 * out of order. `errors`: its failed jobs by errno name. 0 or -ENOMEM. */
int trust_add_reasons(json_t *reasons, const struct cell *cell, const struct run_record *runs,
                      size_t runs_count, const json_t *errors);

/* Append what to know about a cell with this summary. 0 or -ENOMEM. */
int trust_add_warnings(json_t *warnings, const struct summary_input *in, const json_t *summary);

#endif
