/* What is compared of a cell: a table of metrics. Values are read from the document alone. Pure
 * functions, any thread. */
#ifndef TVA_BENCH_COMPARE_METRIC_H
#define TVA_BENCH_COMPARE_METRIC_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* More runs of a cell than that are not looked at. */
#define COMPARE_VALUES_MAX 1000

/* Values are in s, per s, bytes, or counts. */
enum compare_unit { COMPARE_SECONDS, COMPARE_RATE, COMPARE_BYTES, COMPARE_COUNT };

/* Where a cell has the metric:
 * OVER_RUNS    `path` is a quantity, with a value a run
 * PER_JOB      the same, `path` and `plus` summed run by run and divided by the cell's jobs
 * COUNTED      `path` names an entry of "counts" */
enum compare_source { COMPARE_OVER_RUNS, COMPARE_PER_JOB, COMPARE_COUNTED };

struct compare_metric {
    const char *name;        /* as options have it: "makespan" */
    const char *title;       /* as sentences have it: "CPU a job" */
    const char *more, *less; /* "longer", "shorter" */
    enum compare_unit unit;
    enum compare_source source;
    const char *path, *plus;
    double scale;       /* brings values to their unit */
    const char *pooled; /* path of the same figure over the jobs of all runs, in ns; or NULL */
    bool more_is_better;
    bool timed;      /* depends on how fast the machine is */
    bool batch_only; /* says nothing of a loop, or of a batch, that something else does not say */
    bool loop_only;
};

extern const struct compare_metric compare_metrics[];
extern const size_t compare_metrics_count;

/* The metric of that name. NULL with *err naming the nearest and the valid ones. */
const struct compare_metric *compare_metric_find(const char *name, struct err *err);

/* One value a run into values[COMPARE_VALUES_MAX], in the document's order. Returns how many; 0
 * where the cell has none, of counts always. */
size_t compare_metric_values(const struct compare_metric *metric, const json_t *cell,
                             double *values);

/* The one value that stands for the cell: the median over runs, a count, or, where there is no
 * value a run, the figure over all runs. NAN when the document has none. */
double compare_metric_value(const struct compare_metric *metric, const json_t *cell);

/* How a count was taken: "exact", "instructions", "scheduled"; "" when it is none. */
const char *compare_metric_kind(const struct compare_metric *metric, const json_t *cell);

/* A value with its unit, "10.4 ms". Returns buf; 32 bytes are enough. */
char *compare_metric_text(const struct compare_metric *metric, double value, char *buf,
                          size_t size);

#endif
