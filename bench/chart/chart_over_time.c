/* Over time: latency by the time at which jobs were wanted, above the loop's lag on the same axis,
 * so that a stall and its cause line up. One run of each model. */
#include "chart/chart.h"

#include "base/units.h"
#include "chart/chart_cells.h"
#include "chart/chart_load.h"
#include "chart/chart_text.h"
#include "chart/chart_windows.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PANELS_MAX 6

/* Latency pixels, and between two labels. */
#define PLOT_HEIGHT  120.0
#define LABEL_HEIGHT 14.0

/* By how much the worst latency stands out; 0 for a cell that does not count. */
static double spike(const json_t *cell)
{
    double ratio = chart_cell_valid(cell)
                       ? chart_windows_largest(cell, WINDOW_MAX) / chart_windows_usual_s(cell)
                       : 0;

    return ratio > 0 ? ratio : 0;
}

static const json_t *worst_spike(const struct chart_group *group)
{
    const json_t *found = group->cells[0];

    for (size_t c = 1; c < group->count; c++)
        if (spike(group->cells[c]) > spike(found))
            found = group->cells[c];
    return found;
}

/* How long the loop stood still at most; 0 for a cell that does not count, or hardly did. */
static double stall(const json_t *cell)
{
    double lag = chart_cell_valid(cell) ? chart_windows_largest(cell, WINDOW_LAG) : 0;

    return lag >= CHART_STILL_S ? lag : 0;
}

/* Whose loop stood still the longest: a cause tells more than a spike. Else the worst spike. */
static const json_t *worst(const struct chart_group *group)
{
    const json_t *found = worst_spike(group);

    for (size_t c = 0; c < group->count; c++)
        if (spike(group->cells[c]) > 0 && stall(group->cells[c]) > stall(found))
            found = group->cells[c];
    return found;
}

static bool all_full(const struct chart_group *group)
{
    for (size_t c = 0; c < group->count; c++)
        if (!chart_windows_full(group->cells[c]))
            return false;
    return true;
}

static bool says_more(const struct chart_group *a, const struct chart_group *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    if (all_full(a) != all_full(b))
        return all_full(a);
    return spike(worst_spike(a)) > spike(worst_spike(b));
}

/* Of the groups with the most models, the one with the spike that stands out the most. */
static const struct chart_group *choose(const struct chart_group *groups, size_t count)
{
    const struct chart_group *found = groups;

    for (size_t g = 1; g < count; g++)
        if (says_more(&groups[g], found))
            found = &groups[g];
    return found;
}

static void put_windows(struct chart_data *data, const struct chart_group *group)
{
    chart_data_table(data, "windows", "panel from_s to_s p50 p99 max lag stall");
    for (size_t c = 0; c < group->count; c++) {
        const json_t *cell = group->cells[c];
        double bound = chart_windows_stall_s(cell);

        for (size_t i = 0; i < chart_windows_count(cell); i++) {
            chart_data_number(data, (double)c + 1);
            chart_data_number(data, chart_window(cell, i, WINDOW_TIME_S));
            chart_data_number(data,
                              chart_window(cell, i, WINDOW_TIME_S) + chart_windows_width_s(cell));
            for (size_t member = WINDOW_P50; member <= WINDOW_LAG; member++)
                chart_data_number(data, chart_window(cell, i, member) > 0
                                            ? chart_window(cell, i, member)
                                            : (double)NAN);
            chart_data_number(data, chart_window(cell, i, WINDOW_LAG) >= bound);
            chart_data_end_row(data);
        }
    }
}

static void include_windows(const json_t *cell, struct chart_range *latency, double *end_s)
{
    for (size_t i = 0; i < chart_windows_count(cell); i++) {
        for (size_t member = WINDOW_P50; member <= WINDOW_MAX; member++)
            chart_range_include(latency, chart_window(cell, i, member));
        *end_s = fmax(*end_s, chart_window(cell, i, WINDOW_TIME_S) + chart_windows_width_s(cell));
    }
}

/* The names of the three lines, where they end. */
static void put_names(struct chart_data *data, const json_t *cell, size_t panel,
                      const struct chart_range *range)
{
    static const char *const names[] = {"panel_p50", "panel_p99", "panel_max"};
    double at[3], lo = log(range->lo), hi = log(range->hi);
    size_t shown[3], n = 0;

    for (size_t k = 0; k < 3; k++) {
        chart_data_set_number_at(data, names[k], panel, NAN);
        for (size_t i = chart_windows_count(cell); i-- > 0;) {
            if (!(chart_window(cell, i, WINDOW_P50 + k) > 0))
                continue;
            shown[n] = k;
            at[n++] = log(chart_window(cell, i, WINDOW_P50 + k));
            break;
        }
    }
    chart_spread(at, n, (hi - lo) * LABEL_HEIGHT / PLOT_HEIGHT, lo, hi);
    for (size_t k = 0; k < n; k++)
        chart_data_set_number_at(data, names[shown[k]], panel, exp(at[k]));
}

static void put_panel(struct chart_data *data, size_t panel, const json_t *cell,
                      const struct chart_range *range)
{
    const double least_scale_s = 10e-3;
    double lag = chart_windows_largest(cell, WINDOW_LAG);
    char text[128], time[32];

    chart_data_set_text_at(data, "panel_model", panel, result_string(cell, "model"));
    chart_data_set_number_at(data, "panel_valid", panel, chart_cell_valid(cell));
    chart_cell_label(cell, time, sizeof time);
    snprintf(text, sizeof text, "%s%s", time, chart_cell_valid(cell) ? "" : "   invalid");
    chart_data_set_text_at(data, "panel_title", panel, text);
    snprintf(text, sizeof text, "max %s", units_format_duration(lag * 1e9, time, sizeof time));
    chart_data_set_text_at(data, "panel_lag", panel, text);
    chart_data_set_number_at(data, "panel_lag_hi", panel, 1.1 * fmax(lag, least_scale_s));
    put_names(data, cell, panel, range);
}

static void put_panels(struct chart_data *data, const struct chart_group *group)
{
    struct chart_range range = {INFINITY, 0};
    double end_s = 0;

    for (size_t c = 0; c < group->count; c++)
        include_windows(group->cells[c], &range, &end_s);
    chart_range_finish(&range);
    for (size_t c = 0; c < group->count; c++)
        put_panel(data, c + 1, group->cells[c], &range);
    chart_data_set_number(data, "panels", (double)group->count);
    chart_data_set_number(data, "plot_height", PLOT_HEIGHT);
    chart_data_set_number(data, "y_lo", range.lo);
    chart_data_set_number(data, "y_hi", range.hi);
    chart_data_set_number(data, "end_s", end_s);
    put_windows(data, group);
}

static void put_title(const struct chart_group *group, char *buf, size_t size)
{
    const json_t *cell = worst(group);
    double most = chart_windows_largest(cell, WINDOW_MAX), lag;
    size_t at = 0, used;
    char label[CHART_LABEL_MAX], usual[32], worst[32], late[32];

    if (!(spike(cell) > 0)) {
        snprintf(buf, size, "Latency over time, above the lag of the loop");
        return;
    }
    while (at + 1 < chart_windows_count(cell) && chart_window(cell, at, WINDOW_MAX) != most)
        at++;
    lag = chart_windows_lag_while(cell, at);
    units_format_duration(chart_windows_usual_s(cell) * 1e9, usual, sizeof usual);
    units_format_duration(most * 1e9, worst, sizeof worst);
    units_format_duration(lag * 1e9, late, sizeof late);
    chart_cell_label(cell, label, sizeof label);
    used = (size_t)snprintf(buf, size, "%s: jobs take up to %s at %.3g s", label, worst,
                            chart_window(cell, at, WINDOW_TIME_S));
    if (used >= size)
        return;
    if (lag >= CHART_STILL_S && lag >= most / 4)
        snprintf(buf + used, size - used,
                 ", where the loop stands still for %s; usually at most %s", late, usual);
    else
        snprintf(buf + used, size - used, ", usually at most %s; the loop is at most %s late then",
                 usual, late);
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups, group;
    size_t count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], work[CHART_LABEL_MAX * 2], loop[128];

    if (chart_groups(result, &groups, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_groups_filter(groups, count, chart_windows_any);
    if (count == 0) {
        free(groups);
        return err_set(err, -ENODATA,
                       "no cell tells its latency over time; open and closed loops do");
    }
    group = *choose(groups, count);
    group.count = group.count < PANELS_MAX ? group.count : PANELS_MAX;
    put_panels(data, &group);
    put_title(&group, title, sizeof title);
    snprintf(
        subtitle, sizeof subtitle,
        "%s; one run of each model; %s. Jobs of a window of %s by the time they were wanted: "
        "p50, p99, dots the longest, log scale. Below it how late a 1 ms heartbeat on the loop "
        "woke at most, from 0; lower is better. Red: the loop's worst stalls.",
        chart_group_title(&group, work, sizeof work), chart_load_loop(&group, 1, loop, sizeof loop),
        units_format_duration(chart_windows_width_s(group.cells[0]) * 1e9, (char[32]){""}, 32));
    chart_headings(data, result, &group, 1, title, subtitle);
    free(groups);
    return 0;
}

const struct chart chart_over_time = {
    .name = "over_time",
    .summary = "latency over time within a run, above the loop's lag",
    .script = "plots/over_time.gp",
    .extract = extract,
};
