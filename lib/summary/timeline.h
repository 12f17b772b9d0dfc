/* The timeline of a cell: one run, job by job and beat by beat, for the Gantt chart. */
#ifndef TVA_SUMMARY_TIMELINE_H
#define TVA_SUMMARY_TIMELINE_H

#include "summary/summary.h"

#define TIMELINE_JOBS_MAX  200  /* more cannot be told apart in a chart */
#define TIMELINE_BEATS_MAX 5000 /* more are thinned out: of each stretch the latest beat stays */

/* Of the run whose makespan is nearest to the median: the schema's "timeline". null for more than
 * TIMELINE_JOBS_MAX jobs or no runs; NULL when out of memory. */
json_t *timeline_create(const struct summary_input *in);

#endif
