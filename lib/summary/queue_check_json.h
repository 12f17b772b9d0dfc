/* What the document says of a queue's agreement with theory: the schema's "queue_check". */
#ifndef TVA_SUMMARY_QUEUE_CHECK_JSON_H
#define TVA_SUMMARY_QUEUE_CHECK_JSON_H

#include "summary/summary.h"

/* A cell is off when Little's law is further off than this, too: the two sides of it are counted by
 * different threads. */
#define QUEUE_CHECK_LITTLE_MAX 0.01

/* Of an open loop with Poisson arrivals, of jobs that wait for exponential times, of which none was
 * refused or unserved, poisoned or failed; else null, and where the queue is unstable or there are
 * too few jobs. Theory is told the rate that was asked for and the mean duration that was asked
 * for, plus what jobs took longer on average than they were asked to. Of several runs it is that
 * which is furthest from theory. NULL when out of memory. */
json_t *queue_check_json(const struct summary_input *in);

#endif
