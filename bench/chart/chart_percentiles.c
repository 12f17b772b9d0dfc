#include "chart/chart_percentiles.h"

#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>

void chart_percentiles_put(struct chart_curves *curves, const json_t *cell, const char *curve,
                           const char *distribution)
{
    const json_t *points = json_object_get(cell, curve), *point;
    char path[96], time[32];
    double samples, latency_ns = NAN;
    size_t i;

    snprintf(path, sizeof path, "%s.count", distribution);
    samples = result_number(cell, path);
    json_array_foreach(points, i, point)
    {
        double p = json_number_value(json_array_get(point, 0));

        if (p >= 1 || (1 - p) * samples < CHART_SAMPLES_BEYOND)
            break;
        latency_ns = json_number_value(json_array_get(point, 1));
        chart_curves_point(curves, 1 / (1 - p), latency_ns * 1e-9, 0, 0);
    }
    chart_curves_end_line(curves, units_format_duration(latency_ns, time, sizeof time));
}

void chart_percentiles_put_theory(struct chart_curves *curves, const json_t *cell)
{
    static const struct {
        double p;
        const char *path;
    } known[] = {
        {0.5, "summary.theory.latency_p50_s"},
        {0.9, "summary.theory.latency_p90_s"},
        {0.99, "summary.theory.latency_p99_s"},
        {0.999, "summary.theory.latency_p999_s"},
    };
    double samples = result_number(cell, "summary.latency_ns.count");

    chart_curves_line(curves, CHART_THEORY, cell);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((1 - known[i].p) * samples >= CHART_SAMPLES_BEYOND)
            chart_curves_point(curves, 1 / (1 - known[i].p), result_number(cell, known[i].path), 0,
                               0);
    chart_curves_end_line(curves, "");
}
