/* Little's law in a cell's runs: how many jobs were in the system, as the driver of the load
 * counted them, against what the stamps of the jobs say. measure/theory_little.h has the law. */
#ifndef TVA_SUMMARY_LITTLE_H
#define TVA_SUMMARY_LITTLE_H

#include "math/theory_little.h"
#include "summary/summary.h"

/* The two sides may differ by LITTLE_ERROR_MAX of the mean number, or by so much as if each job
 * were stamped LITTLE_STAMP_NS apart and one of them LITTLE_PAUSE_NS: the driver looks at the clock
 * after the job has, which behind the end of a short job is a large share of it, and in between a
 * busy machine may take the CPU from its thread. */
#define LITTLE_ERROR_MAX 0.01
#define LITTLE_STAMP_NS  100000.0
#define LITTLE_PAUSE_NS  20000000.0

/* The law in one run. */
struct theory_little_check little_check(const struct run_record *run);

/* Is it broken? */
bool little_broken(const struct theory_little_check *check);

/* The schema's "in_flight", null for a batch, and "littles_law" of the run with the largest error.
 * NULL when out of memory. */
json_t *little_in_flight(const struct summary_input *in);
json_t *little_law(const struct summary_input *in);

#endif
