/* Figures that models are ranked by, as documents of sweeps name them. Pure functions. */
#ifndef TVA_BENCH_CHART_FIGURE_H
#define TVA_BENCH_CHART_FIGURE_H

#include "chart/chart_cells.h"

struct chart_figure {
    const char *title;    /* as in the document: "latency p99" */
    const char *kind;     /* of plots/style.gp: "time" (s) or "count" */
    const char *unit;     /* behind a count: "/s" */
    const char *quantity; /* the member of the summary that has its interval */
    const char *theory;   /* path of what theory says of it; NULL: nothing */
    bool more_is_better;
    chart_metric *value;
    chart_metric *cost; /* what is lower for the better cell: the value, or its inverse */
};

/* The figure of that title; NULL when it is not known. */
const struct chart_figure *chart_figure_find(const char *title);

/* What the document ranks by: that of its crossings, else the sweep's metric, else that of its
 * bound, else p99 of an open loop where cells have it, p50 where not, and throughput of other
 * loads. */
const struct chart_figure *chart_figure_of(const json_t *result);

/* A percentile of the latency in s ("p50", "p99", "p999"): over the runs with its interval where
 * the document has that ("latency_p99_ns"), else over the samples of all runs. NAN where the
 * samples do not support it. */
struct chart_quantity chart_percentile(const json_t *cell, const char *percentile);

/* "12.0 ms" or "480/s". Returns buf. */
char *chart_figure_text(const struct chart_figure *figure, double value, char *buf, size_t size);

#endif
