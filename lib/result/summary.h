/* The summary of a cell: its runs boiled down to what the schema calls "summary". */
#ifndef TVA_RESULT_SUMMARY_H
#define TVA_RESULT_SUMMARY_H

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

/* Summarise: distributions over the samples of all runs, quantities over runs. *latency_curve gets
 * the points of the latency distribution. null with an empty curve when there are no runs. NULL
 * when out of memory. Samples whose stamps are out of order are left out: they make the cell
 * invalid anyway. */
json_t *summary_create(const struct summary_input *in, json_t **latency_curve);

/* Are the stamps of a job in the only possible order? No for a job that was never run. */
bool summary_stamps_ordered(const struct sample *s);

/* Does a beat tell of the batch? It has to have been awaited while the batch ran. */
bool summary_beat_counts(const struct run_record *run, const struct beat *beat);

/* How late it woke. */
uint64_t summary_beat_lag_ns(const struct beat *beat);

#endif
