/* What is compared of each cell: some of the catalogue's metrics, all of them better when lower.
 * Pure functions, any thread. */
#ifndef TVA_BENCH_PAIR_METRIC_H
#define TVA_BENCH_PAIR_METRIC_H

#include <jansson.h>

struct pair_metric {
    const char *name;   /* in the pair's document */
    const char *metric; /* in the catalogue (result/metric.h) */
    const char *unit;   /* of the pair's document */
    double scale;       /* from the catalogue's unit to that */
    double worth;       /* the share more that a pass has to rule out: see pair_decide.h */
};

#define PAIR_METRICS 5

extern const struct pair_metric pair_metrics[PAIR_METRICS];

/* Take all kinds from a cell of a result document (result/result.h) that has one run; NAN for what
 * it does not have, or what is not above 0 and so has no ratio. */
void pair_metric_values(const json_t *cell, double values[PAIR_METRICS]);

#endif
