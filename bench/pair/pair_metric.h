/* What is compared of each cell: metrics of the catalogue that are all better when lower. Pure
 * functions, any thread. */
#ifndef TVA_BENCH_PAIR_METRIC_H
#define TVA_BENCH_PAIR_METRIC_H

#include <jansson.h>

struct pair_metric {
    const char *name;   /* in the pair's document */
    const char *metric; /* in the catalogue (result/metric.h) */
    const char *unit;   /* of the pair's document */
    double scale;       /* from the catalogue's unit to that */
    double worth;       /* a pass has to rule out that this share is added: see pair_decide.h */
};

#define PAIR_METRICS 5

extern const struct pair_metric pair_metrics[PAIR_METRICS];

/* Take all metrics from a cell of a result that has one run; NAN for a metric that it lacks, or
 * that is not above 0 and so has no ratio. */
void pair_metric_values(const json_t *cell, double values[PAIR_METRICS]);

#endif
