/* Loop lag: how late a 1 ms heartbeat on the event loop woke while the work ran. */
#include "chart/chart.h"

#include "base/units.h"
#include "chart/chart_cells.h"
#include "chart/chart_load.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 8

static struct metric_value longest(const json_t *cell)
{
    return chart_value(metric_named("lag"), cell);
}

static bool has_lag(const json_t *cell)
{
    return longest(cell).median > 0;
}

static void make_row(const json_t *cell, struct chart_row *row)
{
    char time[32];

    row->value = longest(cell);
    row->p50 = chart_value(metric_named("lag_p50"), cell).median;
    row->p99 = chart_value(metric_named("lag_p99"), cell).median;
    if (!isnan(row->value.median))
        snprintf(row->text, sizeof row->text, "max %s",
                 units_format_duration(row->value.median * 1e9, time, sizeof time));
}

/* The largest of a model's longest lags over all groups; NAN when no valid cell has one. */
static double worst_of(const struct chart_group *groups, size_t count, const char *model,
                       const struct chart_group **where)
{
    double worst = NAN;

    for (size_t g = 0; g < count; g++) {
        for (size_t c = 0; c < groups[g].count; c++) {
            const json_t *cell = groups[g].cells[c];

            if (strcmp(result_string(cell, "model"), model) == 0 && chart_cell_valid(cell) &&
                !(longest(cell).median <= worst)) {
                worst = longest(cell).median;
                *where = &groups[g];
            }
        }
    }
    return worst;
}

/* The model that froze the loop longest, and the one that never froze it for long. */
static void put_title(const struct chart_group *groups, size_t count, char *buf, size_t size)
{
    const char *worst_model = NULL, *best_model = NULL;
    const struct chart_group *worst_where = NULL, *where = NULL;
    double worst = 0, best = INFINITY;
    char worst_text[32], best_text[32], work[CHART_LABEL_MAX * 2], rest[96] = "";

    for (size_t c = 0; c < groups[0].count; c++) {
        const char *model = result_string(groups[0].cells[c], "model");
        double lag = worst_of(groups, count, model, &where);

        if (lag > worst) {
            worst = lag;
            worst_model = model;
            worst_where = where;
        }
        if (lag < best) {
            best = lag;
            best_model = model;
        }
    }
    if (!worst_model) {
        snprintf(buf, size, "Loop lag by model");
        return;
    }
    if (best_model != worst_model)
        snprintf(rest, sizeof rest, ", %s under %s",
                 units_format_duration(best * 1e9, best_text, sizeof best_text), best_model);
    snprintf(buf, size, "Longest freeze of the event loop: %s under %s (%s)%s",
             units_format_duration(worst * 1e9, worst_text, sizeof worst_text), worst_model,
             chart_group_title(worst_where, work, sizeof work), rest);
}

static void put_panels(struct chart_data *data, const struct chart_group *groups, size_t count)
{
    struct chart_range range = {INFINITY, 0};
    char title[CHART_LABEL_MAX * 2];
    struct chart_panel panel = {
        .title = title, .axis = "loop lag, log scale", .unit = "time", .row = make_row};

    for (size_t g = 0; g < count; g++)
        chart_rows_range(&range, &panel, &groups[g]);
    chart_range_include(&range, 1e-3); /* the beat itself, drawn as a line */
    chart_range_finish(&range);
    panel.range = &range;
    chart_rows_begin(data, count, chart_groups_rows(groups, count));
    for (size_t g = 0; g < count; g++) {
        chart_group_title(&groups[g], title, sizeof title);
        chart_rows_panel(data, g + 1, &panel, &groups[g]);
    }
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups;
    size_t count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], runs[128], loop[128];
    int status = chart_rows_groups(result, has_lag, PANELS_MAX, "no cell has a heartbeat", &groups,
                                   &count, err);

    if (status < 0)
        return status;
    put_panels(data, groups, count);
    put_title(groups, count, title, sizeof title);
    snprintf(
        subtitle, sizeof subtitle,
        "How late a 1 ms heartbeat on the loop woke: bar p50, hollow p99, filled the longest of "
        "a run (%s); %s; further left is better, the ideal is 0. Black line: one beat.",
        chart_runs_text(groups, count, metric_named("lag"), runs, sizeof runs),
        chart_load_loop(groups, count, loop, sizeof loop));
    chart_headings(data, result, groups, count, title, subtitle);
    free(groups);
    return 0;
}

const struct chart chart_lag = {
    .name = "lag",
    .summary = "how late the event loop woke, by job and model",
    .script = "plots/lag.gp",
    .extract = extract,
};
