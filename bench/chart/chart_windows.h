/* Latency over the time of one run, as the document has it: windows over the times at which jobs
 * were wanted. Times are in s. Pure functions. */
#ifndef TVA_BENCH_CHART_WINDOWS_H
#define TVA_BENCH_CHART_WINDOWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A loop that is late by less is not said to have stood still. */
#define CHART_STILL_S 5e-3

/* The members of a window. */
enum chart_window { WINDOW_TIME_S, WINDOW_JOBS, WINDOW_P50, WINDOW_P99, WINDOW_MAX, WINDOW_LAG };

bool chart_windows_any(const json_t *cell);
size_t chart_windows_count(const json_t *cell);
double chart_windows_width_s(const json_t *cell);

/* A time of a window; NAN for what a window without jobs, or without a beat, does not have. */
double chart_window(const json_t *cell, size_t index, size_t member);

/* The largest of that member over all windows. */
double chart_windows_largest(const json_t *cell, size_t member);

/* The longest latency of the median window: what is usual in this run. Windows seldom have jobs
 * enough for a p99. NAN when there is none. */
double chart_windows_usual_s(const json_t *cell);

/* From which lag on a window is marked as a stall: at least half the run's longest lag. INFINITY
 * when that is short, or so often reached that nothing stands out. */
double chart_windows_stall_s(const json_t *cell);

/* How late the loop was at most while the jobs of a window were in the system. */
double chart_windows_lag_while(const json_t *cell, size_t index);

/* Do windows have so many jobs that their percentiles mean something? */
bool chart_windows_full(const json_t *cell);

#endif
