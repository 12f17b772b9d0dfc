#include "chart.h"

#include "base/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

extern const struct chart chart_makespan, chart_latency, chart_throughput, chart_timeline,
    chart_lag, chart_cost;

const struct chart *const charts[] = {
    &chart_makespan, &chart_latency, &chart_throughput, &chart_timeline, &chart_lag, &chart_cost,
};
const size_t charts_count = sizeof charts / sizeof *charts;

const struct chart *chart_find(const char *name, struct err *err)
{
    const char *names[sizeof charts / sizeof *charts];
    char all[256] = "";
    const char *nearest;

    for (size_t i = 0; i < charts_count; i++) {
        size_t used = strlen(all);

        if (strcmp(charts[i]->name, name) == 0)
            return charts[i];
        names[i] = charts[i]->name;
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    nearest = suggest_nearest(name, names, charts_count);
    if (nearest)
        err_set(err, -EINVAL, "unknown chart '%s'; did you mean '%s'? There are %s", name, nearest,
                all);
    else
        err_set(err, -EINVAL, "unknown chart '%s'; there are %s", name, all);
    return NULL;
}
