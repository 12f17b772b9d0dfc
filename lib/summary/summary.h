/* The summary of a cell: its runs boiled down to what the schema calls "summary". */
#ifndef TVA_SUMMARY_SUMMARY_H
#define TVA_SUMMARY_SUMMARY_H

#include "math/stats.h"
#include "run/run.h"

#include <jansson.h>
#include <stdbool.h>

/* The runs of one cell that were carried out. */
struct summary_input {
    const struct cell *cell;
    const struct run_record *const *runs;
    size_t count;
    unsigned cores; /* that a run could use */
};

/* Summarise: distributions over the counted samples of all runs, quantities over runs. *curves gets
 * an object of the points of the latency distributions, by the names that they have in the cell.
 * null with empty curves when there are no runs. NULL when out of memory. Samples whose stamps are
 * out of order are left out: they make the cell invalid anyway. */
json_t *summary_create(const struct summary_input *in, json_t **curves);

/* The schema's "distribution": percentiles that the samples support; null without samples. NULL
 * when out of memory. */
json_t *summary_distribution(const struct stats_distribution *d);

/* How many jobs of a run count: those after warm-up, whose samples are the first. */
static inline size_t summary_counted(const struct run_record *run)
{
    return run->samples_count - run->warmup_samples;
}

/* Did the job's function run and fail? */
static inline bool summary_failed(const struct sample *s)
{
    return sample_ran(s) && s->result != 0;
}

/* Does it enter the distribution of latencies? Jobs that were let in, with those that were given up
 * later, for as long as they had waited by then: more is not known of them, less it was not. */
bool summary_has_latency(const struct sample *s);

/* The mean over those of one run; NAN when there are none. */
double summary_mean_latency_ns(const struct run_record *run);

/* Are the stamps of a job in the only possible order? No for a job that was never run. */
bool summary_stamps_ordered(const struct sample *s);

/* Does a beat tell of the batch? It has to have been awaited while the batch ran. */
bool summary_beat_counts(const struct run_record *run, const struct beat *beat);

/* How late it woke. */
uint64_t summary_beat_lag_ns(const struct beat *beat);

#endif
