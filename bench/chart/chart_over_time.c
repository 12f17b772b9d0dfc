/* Over time: latency by the time at which jobs were wanted, above the loop's lag on the same axis,
 * so that a stall and its cause line up. One run of each model, in windows as the document has
 * them. */
#include "base/text.h"
#include "base/units.h"
#include "chart/chart_layout.h"
#include "chart/chart_text.h"
#include "math/stats.h"
#include "result/result.h"

#include <math.h>
#include <stdlib.h>

/* Latency pixels, and between two labels. */
#define PLOT_HEIGHT  120.0
#define LABEL_HEIGHT 14.0

/* A loop that is late by less is not said to be blocked. */
#define BLOCKED_S 5e-3

/* ---- Windows ---- */

enum member { TIME_S, JOBS, P50, P99, LONGEST, LAG };

static const json_t *windows_of(const json_t *cell)
{
    return result_get(cell, "over_time.windows");
}

static size_t windows_count(const json_t *cell)
{
    return json_array_size(windows_of(cell));
}

static double width_s(const json_t *cell)
{
    return result_number(cell, "over_time.window_s");
}

static bool has_windows(const json_t *cell)
{
    return windows_count(cell) > 0 && width_s(cell) > 0;
}

/* A time of a window, in s; NAN for what a window without jobs, or without a beat, does not have.
 */
static double window(const json_t *cell, size_t i, enum member member)
{
    const json_t *value = json_array_get(json_array_get(windows_of(cell), i), member);

    if (!json_is_number(value))
        return NAN;
    return json_number_value(value) * (member == TIME_S || member == JOBS ? 1 : 1e-9);
}

static double largest(const json_t *cell, enum member member)
{
    double most = 0;

    for (size_t i = 0; i < windows_count(cell); i++)
        most = fmax(most, window(cell, i, member));
    return most;
}

/* The longest latency of the median window: what is usual in this run. Windows seldom have jobs
 * enough for a p99. NAN when there is none. */
static double usual_s(const json_t *cell)
{
    double *values = calloc(windows_count(cell), sizeof *values), usual = NAN;
    size_t n = 0;

    for (size_t i = 0; values && i < windows_count(cell); i++)
        if (window(cell, i, LONGEST) > 0)
            values[n++] = window(cell, i, LONGEST);
    if (n > 0) {
        stats_sort(values, n);
        usual = values[n / 2];
    }
    free(values);
    return usual;
}

/* From which lag on a window is marked as a stall: at least half the run's longest lag. INFINITY
 * when that is short, or so often reached that nothing stands out. */
static double stall_s(const json_t *cell)
{
    double longest = largest(cell, LAG);
    size_t reached = 0;

    for (size_t i = 0; i < windows_count(cell); i++)
        reached += window(cell, i, LAG) >= longest / 2;
    return longest >= BLOCKED_S && reached <= (windows_count(cell) + 3) / 4 ? longest / 2
                                                                            : INFINITY;
}

/* How late the loop was at most while the jobs of a window were in the system. */
static double lag_while(const json_t *cell, size_t index)
{
    double end_s = window(cell, index, TIME_S) + width_s(cell) + window(cell, index, LONGEST);
    double lag = 0;

    for (size_t i = index; i < windows_count(cell) && window(cell, i, TIME_S) <= end_s; i++)
        lag = fmax(lag, window(cell, i, LAG));
    return lag;
}

/* ---- What stands out ---- */

/* By how much the worst latency stands out; 0 for a cell that does not count. */
static double spike(const json_t *cell)
{
    double ratio = chart_cell_valid(cell) ? largest(cell, LONGEST) / usual_s(cell) : 0;

    return ratio > 0 ? ratio : 0;
}

/* How long the loop was blocked at most; 0 for a cell that does not count, or hardly was. */
static double blocked_s(const json_t *cell)
{
    double lag = chart_cell_valid(cell) ? largest(cell, LAG) : 0;

    return lag >= BLOCKED_S ? lag : 0;
}

static const json_t *worst_spike(const struct chart_group *group)
{
    const json_t *found = group->cells[0];

    for (size_t c = 1; c < group->count; c++)
        if (spike(group->cells[c]) > spike(found))
            found = group->cells[c];
    return found;
}

/* The cell whose loop was blocked the longest: a cause tells more than a spike. Else the worst
 * spike. */
static const json_t *worst(const struct chart_group *group)
{
    const json_t *found = worst_spike(group);

    for (size_t c = 0; c < group->count; c++)
        if (spike(group->cells[c]) > 0 && blocked_s(group->cells[c]) > blocked_s(found))
            found = group->cells[c];
    return found;
}

/* Do windows have so many jobs that their percentiles mean something? */
static bool all_full(const struct chart_group *group)
{
    const double least_jobs = 20;

    for (size_t c = 0; c < group->count; c++) {
        double jobs = 0;

        for (size_t i = 0; i < windows_count(group->cells[c]); i++)
            jobs += window(group->cells[c], i, JOBS);
        if (!(jobs >= least_jobs * (double)windows_count(group->cells[c])))
            return false;
    }
    return true;
}

/* The group with the most models; of those the one with the spike that stands out the most. */
static bool says_more(const struct chart_group *a, const struct chart_group *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    if (all_full(a) != all_full(b))
        return all_full(a);
    return spike(worst_spike(a)) > spike(worst_spike(b));
}

/* ---- Panels ---- */

static double positive(double value)
{
    return value > 0 ? value : (double)NAN;
}

static void put_windows(struct chart_data *data, size_t panel, const json_t *cell)
{
    double bound = stall_s(cell);

    for (size_t i = 0; i < windows_count(cell); i++)
        CHART_ROW(data, CHART_N(panel), CHART_N(window(cell, i, TIME_S)),
                  CHART_N(window(cell, i, TIME_S) + width_s(cell)),
                  CHART_N(positive(window(cell, i, P50))), CHART_N(positive(window(cell, i, P99))),
                  CHART_N(positive(window(cell, i, LONGEST))),
                  CHART_N(positive(window(cell, i, LAG))), CHART_N(window(cell, i, LAG) >= bound));
}

/* The names of the three lines, where they end. */
static void put_names(struct chart_data *data, const json_t *cell, size_t panel,
                      const struct chart_range *range)
{
    static const char *const names[] = {"panel_p50", "panel_p99", "panel_max"};
    double at[3], lo = log(range->lo), hi = log(range->hi);
    size_t shown[3], n = 0;

    for (size_t k = 0; k < 3; k++) {
        size_t i = windows_count(cell);

        while (i > 0 && !(window(cell, i - 1, P50 + k) > 0))
            i--;
        if (i == 0) {
            chart_data_number_at(data, names[k], panel, NAN);
            continue;
        }
        shown[n] = k;
        at[n++] = log(window(cell, i - 1, P50 + k));
    }
    chart_spread(at, n, (hi - lo) * LABEL_HEIGHT / PLOT_HEIGHT, lo, hi);
    for (size_t k = 0; k < n; k++)
        chart_data_number_at(data, names[shown[k]], panel, exp(at[k]));
}

static void put_panel(struct chart_data *data, size_t panel, const json_t *cell,
                      const struct chart_range *range)
{
    const double least_scale_s = 10e-3;
    double lag = largest(cell, LAG);
    char text[CHART_LABEL_MAX];

    chart_data_text_at(data, "panel_model", panel, "%s", result_string(cell, "model"));
    chart_data_number_at(data, "panel_valid", panel, chart_cell_valid(cell));
    chart_data_text_at(data, "panel_title", panel, "%s%s", result_label(cell, text, sizeof text),
                       chart_cell_valid(cell) ? "" : "   invalid");
    chart_data_text_at(data, "panel_lag", panel, "max %s",
                       units_format_duration(lag * 1e9, text, sizeof text));
    chart_data_number_at(data, "panel_lag_hi", panel, 1.1 * fmax(lag, least_scale_s));
    put_names(data, cell, panel, range);
}

static bool put_panels(struct chart_view *v, struct chart_data *data)
{
    struct chart_range range = CHART_NO_RANGE;
    double end_s = 0;

    chart_data_table(data, "windows", "panel from_s to_s p50 p99 max lag stall");
    for (size_t c = 0; c < v->cells_count; c++) {
        const json_t *cell = v->cells[c];

        put_windows(data, c + 1, cell);
        for (size_t i = 0; i < windows_count(cell); i++) {
            for (enum member member = P50; member <= LONGEST; member++)
                chart_range_include(&range, window(cell, i, member));
            end_s = fmax(end_s, window(cell, i, TIME_S) + width_s(cell));
        }
    }
    chart_range_finish(&range);
    for (size_t c = 0; c < v->cells_count; c++)
        put_panel(data, c + 1, v->cells[c], &range);
    chart_data_number(data, "panels", (double)v->cells_count);
    chart_data_number(data, "plot_height", PLOT_HEIGHT);
    chart_data_number(data, "y_lo", range.lo);
    chart_data_number(data, "y_hi", range.hi);
    chart_data_number(data, "end_s", end_s);
    units_format_duration(width_s(v->cells[0]) * 1e9, v->note, sizeof v->note);
    return true;
}

static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const json_t *cell = worst(&v->groups[0]);
    double most = largest(cell, LONGEST), lag;
    size_t at = 0;
    char label[CHART_LABEL_MAX], time[32], late[32];

    if (!(spike(cell) > 0)) {
        text_add(buf, size, "Latency over time, above the lag of the loop");
        return;
    }
    while (at + 1 < windows_count(cell) && window(cell, at, LONGEST) != most)
        at++;
    lag = lag_while(cell, at);
    text_add(buf, size, "%s: jobs take up to %s at %.3g s, ",
             result_label(cell, label, sizeof label),
             units_format_duration(most * 1e9, time, sizeof time), window(cell, at, TIME_S));
    units_format_duration(usual_s(cell) * 1e9, time, sizeof time);
    units_format_duration(lag * 1e9, late, sizeof late);
    if (lag >= BLOCKED_S && lag >= most / 4)
        text_add(buf, size, "where the loop is blocked for %s; usually at most %s", late, time);
    else
        text_add(buf, size, "usually at most %s; the loop is at most %s late then", time, late);
}

const struct chart chart_over_time = {
    .name = "over_time",
    .summary = "latency over time within a run, above the loop's lag",
    .form = "over_time",
    .metric = "p99",
    .shows = has_windows,
    .better = says_more,
    .most = 6,
    .put = put_panels,
    .title = put_title,
    .subtitle =
        "{work}; one run of each model; {loop}. Jobs of a window of {note} by the time they "
        "were wanted: p50, p99, dots the longest, log scale. Below it how late a 1 ms "
        "heartbeat on the loop woke at most, from 0; lower is better. Red: the loop's worst "
        "stalls.",
    .missing = "no cell tells its latency over time; open and closed loops do",
};
