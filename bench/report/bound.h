/* Bounds that a user asserts of every cell: tva run --assert 'p99<20ms'. One thread. */
#ifndef TVA_BENCH_BOUND_H
#define TVA_BENCH_BOUND_H

#include "base/err.h"
#include "result/metric.h"

#include <jansson.h>
#include <stdio.h>

struct bound {
    const char *text; /* as it was given */
    const struct metric *metric;
    bool above;   /* the metric has to lie above the value, not below it */
    double value; /* in the metric's unit */
};

/* How a bound stands, the worst last. */
enum bound_verdict {
    BOUND_KEPT,    /* the whole interval of the cell's median keeps it */
    BOUND_UNKNOWN, /* the interval reaches over it, or the cell has no such metric */
    BOUND_BROKEN   /* no part of the interval keeps it */
};

/* Parse METRIC<VALUE or METRIC>VALUE: a metric of the catalogue (result/metric.h), and a value in
 * its unit, as in p99<20ms, throughput>500/s, memory<4k, lost<1%, syscalls<3. `text` stays the
 * caller's, and must exist as long as *out. 0, or -EINVAL with *err set. */
int bound_parse(const char *text, struct bound *out, struct err *err);

/* Parse METRIC=T, the bound of --slo: a metric by which a sweep can rank, but no throughput, and a
 * duration above 0, as in p99=20ms. 0, or -EINVAL with *err set. */
int bound_parse_slo(const char *text, const struct metric **metric, double *bound_ns,
                    struct err *err);

/* Does the cell of a document keep it? A cell without an interval (math/stats.h: too few runs) is
 * judged by its median. */
enum bound_verdict bound_judge(const struct bound *b, const json_t *cell);

/* Write a sentence a bound, and a line for each cell that does not keep it. Returns the worst
 * verdict. */
enum bound_verdict bound_write(const struct bound *bounds, size_t n, const json_t *result,
                               FILE *out);

#endif
