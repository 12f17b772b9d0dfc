/* Loop lag: how late a 1 ms heartbeat on the event loop woke while the work ran. */
#include "base/text.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <string.h>

static double lag_of(const json_t *cell)
{
    return metric_of(metric_named("lag"), cell).median;
}

static bool has_lag(const json_t *cell)
{
    return lag_of(cell) > 0;
}

/* The valid cell with the model's longest lag over all groups; NULL when there is none. */
static const json_t *worst_of(const struct chart_view *v, const char *model)
{
    const json_t *worst = NULL;

    for (size_t i = 0; i < v->cells_count; i++)
        if (strcmp(result_string(v->cells[i], "model"), model) == 0 &&
            chart_cell_valid(v->cells[i]) && lag_of(v->cells[i]) >= 0 &&
            (!worst || lag_of(v->cells[i]) > lag_of(worst)))
            worst = v->cells[i];
    return worst;
}

/* The model that blocked the loop longest, and the one that never blocked it for long. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const json_t *worst = NULL, *best = NULL;
    char time[METRIC_TEXT], work[CHART_TITLE_MAX];

    for (size_t c = 0; c < v->groups[0].count; c++) {
        const json_t *own = worst_of(v, result_string(v->groups[0].cells[c], "model"));

        worst = own && (!worst || lag_of(own) > lag_of(worst)) ? own : worst;
        best = own && (!best || lag_of(own) < lag_of(best)) ? own : best;
    }
    if (!worst) {
        text_add(buf, size, "Loop lag by model");
        return;
    }
    text_add(buf, size, "Longest lag of the event loop: %s under %s (%s)",
             metric_cell_text(v->metric, worst, time, sizeof time), result_string(worst, "model"),
             chart_work_text(worst, work, sizeof work));
    if (strcmp(result_string(best, "model"), result_string(worst, "model")) != 0)
        text_add(buf, size, ", %s under %s", metric_cell_text(v->metric, best, time, sizeof time),
                 result_string(best, "model"));
}

const struct chart chart_lag = {
    .name = "lag",
    .summary = "how late the event loop woke, by job and model",
    .metric = "lag",
    .shows = has_lag,
    .keep = CHART_WHOLE | CHART_WIDEST | CHART_ONE_A_SPEC,
    .most = 8,
    .rows =
        &(const struct chart_rows){
            .panels = {{.metric = "lag",
                        .p50 = "lag_p50",
                        .p99 = "lag_p99",
                        .axis = "loop lag, log scale",
                        .before = "max "}},
            .text_width = 114,
            .reference = 1e-3, /* the beat itself */
            .share_range = true,
        },
    .title = put_title,
    .subtitle = "How late a 1 ms heartbeat on the loop woke: bar p50, hollow p99, filled the "
                "longest of a run ({runs}); {loop}; further left is better, the ideal is 0. Black "
                "line: one beat.",
    .missing = "no cell has a heartbeat",
};
