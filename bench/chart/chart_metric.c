#include "chart/chart_metric.h"

#include "result/result.h"

#include <math.h>
#include <string.h>

struct metric_value chart_value(const struct metric *m, const json_t *cell)
{
    struct metric_value v = metric_of(m, cell);
    double scale = metric_unit_scale(m);

    if (isnan(v.low) || isnan(v.high))
        v.low = v.high = v.median;
    return (struct metric_value){scale * v.median, scale * v.low, scale * v.high, v.confidence};
}

double chart_theory(const struct metric *m, const json_t *cell)
{
    return metric_unit_scale(m) * metric_ideal(m, cell);
}

const char *chart_kind(const struct metric *m)
{
    if (m->unit == METRIC_S || m->unit == METRIC_NS)
        return "time";
    return m->unit == METRIC_BYTES ? "size" : "count";
}

const struct metric *chart_metric_titled(const char *title)
{
    for (size_t i = 0; i < metrics_count; i++)
        if (strcmp(metrics[i].title, title) == 0)
            return &metrics[i];
    return NULL;
}

static const struct metric *of_load(const json_t *result)
{
    const struct metric *p99 = metric_named("p99");
    const json_t *cell;
    bool open = false, has_p99 = false;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        open = open || (metric_cells_of(cell) & METRIC_OPEN) != 0;
        has_p99 = has_p99 || metric_of(p99, cell).median > 0;
    }
    return !open ? metric_named("throughput") : has_p99 ? p99 : metric_named("p50");
}

const struct metric *chart_metric_of(const json_t *result)
{
    const json_t *sweep = json_object_get(result, "sweep");
    const json_t *crossing = json_array_get(json_object_get(sweep, "crossovers"), 0);
    const struct metric *found = chart_metric_titled(result_string(crossing, "metric"));

    if (!found)
        found = metric_find(result_string(sweep, "metric"), NULL, NULL);
    if (!found)
        found = metric_find(result_string(sweep, "slo.metric"), NULL, NULL);
    return found ? found : of_load(result);
}
