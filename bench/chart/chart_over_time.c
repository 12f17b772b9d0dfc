/* Over time: latency by the time at which jobs were wanted, above the loop's lag on the same axis,
 * so that a stall and its cause line up; and what the fluid limit expects of a rate that changes,
 * or of a target that misbehaves. One run of each model, in windows as the document has them. */
#include "base/text.h"
#include "base/units.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <math.h>

/* A loop that is late by less is not said to be blocked. */
#define BLOCKED_S 5e-3

/* ---- Windows ---- */

enum member { TIME_S, JOBS, P50, P99, LONGEST, LAG, IN_FLIGHT, FLUID };

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

/* A time of a window, in s; NAN for what a window without jobs, or without a beat, does not have,
 * and for theory where there is none. */
static double window(const json_t *cell, size_t i, enum member member)
{
    const json_t *value = json_array_get(json_array_get(windows_of(cell), i), member);

    if (!json_is_number(value))
        return NAN;
    return json_number_value(value) * (member == TIME_S || member == JOBS ? 1 : 1e-9);
}

/* ---- What stands out ---- */

/* What a cell's run came to; all 0 of a cell that does not count. */
struct peak {
    double longest_s, at_s; /* the longest latency, and when that job was wanted */
    double lag_s;           /* of the loop at most */
    double lag_then_s;      /* the same while the jobs of the longest latency's window ran */
    double p50_s;           /* of all its latencies */
};

static struct peak peak_of(const json_t *cell)
{
    struct peak peak = {.p50_s = chart_value(metric_named("p50"), cell).median};
    size_t n = windows_count(cell), at = 0;
    double end_s;

    if (!chart_cell_valid(cell))
        return (struct peak){0};
    for (size_t i = 0; i < n; i++) {
        at = window(cell, i, LONGEST) > peak.longest_s ? i : at;
        peak.longest_s = fmax(peak.longest_s, window(cell, i, LONGEST));
        peak.lag_s = fmax(peak.lag_s, window(cell, i, LAG));
    }
    peak.at_s = window(cell, at, TIME_S);
    end_s = peak.at_s + width_s(cell) + peak.longest_s;
    for (size_t i = at; i < n && window(cell, i, TIME_S) <= end_s; i++)
        peak.lag_then_s = fmax(peak.lag_then_s, window(cell, i, LAG));
    return peak;
}

/* A loop that was blocked tells more, as a cause, than the largest jump of a latency. */
static double weight(const struct peak *peak)
{
    const double blocked = 1e6;

    if (!(peak->longest_s > 0))
        return 0;
    return peak->lag_s >= BLOCKED_S ? blocked + peak->lag_s : peak->longest_s / peak->p50_s;
}

static const json_t *worst(const struct chart_group *group, struct peak *of)
{
    const json_t *found = chart_group_cell(group, 0);

    *of = peak_of(found);
    for (size_t c = 1; c < group->count; c++) {
        struct peak peak = peak_of(chart_group_cell(group, c));

        if (weight(&peak) > weight(of)) {
            found = chart_group_cell(group, c);
            *of = peak;
        }
    }
    return found;
}

/* Do windows have so many jobs that their percentiles mean something? */
static bool is_full(const struct chart_group *group)
{
    const double least_jobs = 20;
    const json_t *cell = chart_group_cell(group, 0);

    return result_number(cell, "jobs") >= least_jobs * (double)windows_count(cell);
}

/* The group with the most models; of those the one in which most stands out. */
static bool says_more(const struct chart_group *a, const struct chart_group *b)
{
    struct peak of_a, of_b;

    if (a->count != b->count)
        return a->count > b->count;
    if (is_full(a) != is_full(b))
        return is_full(a);
    worst(a, &of_a);
    worst(b, &of_b);
    return weight(&of_a) > weight(&of_b);
}

/* ---- Panels ---- */

static double largest(const json_t *cell, enum member member)
{
    double most = 0;

    for (size_t i = 0; i < windows_count(cell); i++)
        most = fmax(most, window(cell, i, member));
    return most;
}

/* Windows in which the loop was late by at least half of the run's longest lag are marked as
 * stalls. Returns whether any is. */
static bool put_windows(struct chart_data *data, size_t panel, const json_t *cell)
{
    double lag_s = largest(cell, LAG), bound = lag_s >= BLOCKED_S ? lag_s / 2 : INFINITY;
    char label[CHART_LABEL_MAX];

    result_label(cell, label, sizeof label);
    for (size_t i = 0; i < windows_count(cell); i++)
        CHART_ROW(data, CHART_N(panel), CHART_N(window(cell, i, TIME_S)),
                  CHART_N(window(cell, i, TIME_S) + width_s(cell)),
                  CHART_N(chart_positive(window(cell, i, P50))),
                  CHART_N(chart_positive(window(cell, i, P99))),
                  CHART_N(chart_positive(window(cell, i, LONGEST))),
                  CHART_N(chart_positive(window(cell, i, LAG))),
                  CHART_N(window(cell, i, LAG) >= bound),
                  CHART_N(chart_positive(window(cell, i, FLUID))), CHART_T(label));
    return lag_s >= BLOCKED_S;
}

static void put_panel(struct chart_data *data, size_t panel, const json_t *cell)
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
}

static bool put_panels(struct chart_view *v, struct chart_data *data)
{
    struct chart_range range = CHART_NO_RANGE, widths = CHART_NO_RANGE;
    bool any_p99 = false, any_stall = false, any_fluid = false;
    double end_s = 0;
    char text[32];

    chart_data_table(data, "windows", "panel from_s to_s p50 p99 max lag stall fluid label");
    for (size_t c = 0; c < v->cells_count; c++) {
        const json_t *cell = v->cells[c];

        any_stall = put_windows(data, c + 1, cell) || any_stall;
        any_p99 = any_p99 || largest(cell, P99) > 0;
        any_fluid = any_fluid || largest(cell, FLUID) > 0;
        chart_range_include(&widths, width_s(cell));
        for (size_t i = 0; i < windows_count(cell); i++) {
            for (enum member member = P50; member <= LONGEST; member++)
                chart_range_include(&range, window(cell, i, member));
            chart_range_include(&range, window(cell, i, FLUID));
            end_s = fmax(end_s, window(cell, i, TIME_S) + width_s(cell));
        }
    }
    chart_range_finish(&range);
    for (size_t c = 0; c < v->cells_count; c++)
        put_panel(data, c + 1, v->cells[c]);
    chart_data_number(data, "panels", (double)v->cells_count);
    chart_data_number(data, "y_lo", range.lo);
    chart_data_number(data, "y_hi", range.hi);
    chart_data_number(data, "end_s", end_s);
    chart_data_number(data, "any_p99", any_p99);
    chart_data_number(data, "any_stall", any_stall);
    chart_data_number(data, "any_fluid", any_fluid);
    units_format_duration(widths.lo * 1e9, v->note, sizeof v->note);
    if (widths.lo < widths.hi) /* a panel of few jobs has longer windows */
        text_add(v->note, sizeof v->note, " to %s",
                 units_format_duration(widths.hi * 1e9, text, sizeof text));
    return true;
}

static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    struct peak peak;
    const json_t *cell = worst(&v->groups[0], &peak);
    char label[CHART_LABEL_MAX], time[32], usual[METRIC_TEXT], late[32];

    if (!(weight(&peak) > 0))
        return;
    text_add(buf, size, "%s: jobs take up to %s at %.3g s, ",
             result_label(cell, label, sizeof label),
             units_format_duration(peak.longest_s * 1e9, time, sizeof time), peak.at_s);
    metric_cell_text(metric_named("p50"), cell, usual, sizeof usual);
    units_format_duration(peak.lag_then_s * 1e9, late, sizeof late);
    if (peak.lag_then_s >= BLOCKED_S && peak.lag_then_s >= peak.longest_s / 4)
        text_add(buf, size, "where the loop is blocked for %s; half take at most %s", late, usual);
    else
        text_add(buf, size, "half at most %s; the loop is at most %s late then", usual, late);
}

const struct chart chart_over_time = {
    .name = "over_time",
    .summary = "latency over time within a run, above the loop's lag",
    .form = "over_time",
    .metric = "p99",
    .choice = {.shows = has_windows},
    .better = says_more,
    .most = 6,
    .put = put_panels,
    .title = put_title,
    .subtitle =
        "{work}; one run of each model; {loop}. Jobs by the time they were wanted, in windows "
        "of {note}; below it how late a 1 ms heartbeat on the loop woke at most, from 0. "
        "Lower is better.",
    .missing = "no cell tells its latency over time; open and closed loops do",
};
