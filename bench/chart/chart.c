#include "chart/chart.h"

#include "base/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

extern const struct chart chart_makespan, chart_latency, chart_throughput, chart_timeline,
    chart_lag, chart_cost, chart_rate, chart_concurrency, chart_poison, chart_over_time,
    chart_corrected, chart_crossover;

const struct chart *const charts[] = {
    &chart_makespan, &chart_latency,   &chart_throughput, &chart_timeline,
    &chart_lag,      &chart_cost,      &chart_rate,       &chart_concurrency,
    &chart_poison,   &chart_over_time, &chart_corrected,  &chart_crossover,
};
const size_t charts_count = sizeof charts / sizeof *charts;

const struct chart *chart_find(const char *name, struct err *err)
{
    const char *names[sizeof charts / sizeof *charts];

    for (size_t i = 0; i < charts_count; i++) {
        if (strcmp(charts[i]->name, name) == 0)
            return charts[i];
        names[i] = charts[i]->name;
    }
    suggest_unknown("chart", name, names, charts_count, err);
    return NULL;
}
