/* Figures: the one number a run that models are ranked by and bounds are put on. Pure functions of
 * the record, any thread. */
#ifndef TVA_SUMMARY_FIGURE_H
#define TVA_SUMMARY_FIGURE_H

#include "run/run.h"

#include <stdbool.h>

enum figure {
    FIGURE_THROUGHPUT,
    FIGURE_P50,
    FIGURE_P90,
    FIGURE_P99,
    FIGURE_P999,
    FIGURE_MEAN,
    FIGURE_MAX,
    FIGURE_LAG_P99,
    FIGURES_COUNT
};

struct figure_type {
    const char *name;  /* "p99" */
    const char *title; /* "latency p99" */
    bool more_is_better;
    bool is_duration;   /* in ns; else jobs a second */
    size_t samples_min; /* a run needs so many jobs to have it */
};

extern const struct figure_type figure_types[FIGURES_COUNT];

/* The figure of that name: 0, or -EINVAL with *err naming the nearest and the valid ones. */
int figure_find(const char *name, enum figure *out, struct err *err);

/* What one run of a cell comes to: NAN where it has too few samples for a figure, as has a run
 * whose jobs failed. */
struct figures {
    double values[FIGURES_COUNT];
    double lost;    /* share of the wanted jobs that were refused or not served */
    double late_ns; /* how late dispatches of an open loop were, at this percentile: p99.9, or the
                       greatest that the samples carry */
    double late_percentile;
};

/* 0 or -ENOMEM. Samples of the warm-up do not count, nor do refused jobs in latencies; those of
 * jobs that were not served last until they were given up. */
int figures_of_run(const struct run_record *run, struct figures *out);

#endif
