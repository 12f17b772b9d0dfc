#include "chart/chart_windows.h"

#include "math/stats.h"
#include "result/result.h"

#include <math.h>
#include <stdlib.h>

static const json_t *windows_list(const json_t *cell)
{
    return json_object_get(json_object_get(cell, "over_time"), "windows");
}

double chart_windows_width_s(const json_t *cell)
{
    return result_number(cell, "over_time.window_s");
}

bool chart_windows_any(const json_t *cell)
{
    return json_array_size(windows_list(cell)) > 0 && chart_windows_width_s(cell) > 0;
}

/* In s; NAN for what a window without jobs, or without a beat, does not have. */
double chart_window(const json_t *cell, size_t index, size_t member)
{
    const json_t *value = json_array_get(json_array_get(windows_list(cell), index), member);

    if (!json_is_number(value))
        return NAN;
    return json_number_value(value) * (member == WINDOW_TIME_S ? 1 : 1e-9);
}

size_t chart_windows_count(const json_t *cell)
{
    return json_array_size(windows_list(cell));
}

double chart_windows_largest(const json_t *cell, size_t member)
{
    double most = 0;

    for (size_t i = 0; i < chart_windows_count(cell); i++)
        most = fmax(most, chart_window(cell, i, member));
    return most;
}

double chart_windows_usual_s(const json_t *cell)
{
    double *values = calloc(chart_windows_count(cell), sizeof *values), usual = NAN;
    size_t n = 0;

    for (size_t i = 0; values && i < chart_windows_count(cell); i++)
        if (chart_window(cell, i, WINDOW_MAX) > 0)
            values[n++] = chart_window(cell, i, WINDOW_MAX);
    if (n > 0) {
        stats_sort(values, n);
        usual = values[n / 2];
    }
    free(values);
    return usual;
}

double chart_windows_stall_s(const json_t *cell)
{
    double longest = chart_windows_largest(cell, WINDOW_LAG);
    size_t reached = 0;

    for (size_t i = 0; i < chart_windows_count(cell); i++)
        reached += chart_window(cell, i, WINDOW_LAG) >= longest / 2;
    return longest >= CHART_STILL_S && reached <= (chart_windows_count(cell) + 3) / 4 ? longest / 2
                                                                                      : INFINITY;
}

/* How late the loop was while the jobs of a window were in the system. */
double chart_windows_lag_while(const json_t *cell, size_t index)
{
    double end_s = chart_window(cell, index, WINDOW_TIME_S) + chart_windows_width_s(cell) +
                   chart_window(cell, index, WINDOW_MAX);
    double lag = 0;

    for (size_t i = index;
         i < chart_windows_count(cell) && chart_window(cell, i, WINDOW_TIME_S) <= end_s; i++)
        lag = fmax(lag, chart_window(cell, i, WINDOW_LAG));
    return lag;
}

bool chart_windows_full(const json_t *cell)
{
    const double least_jobs = 20;
    double jobs = 0;

    for (size_t i = 0; i < chart_windows_count(cell); i++)
        jobs +=
            json_number_value(json_array_get(json_array_get(windows_list(cell), i), WINDOW_JOBS));
    return jobs >= least_jobs * (double)chart_windows_count(cell);
}
