/* Makespan: how long the whole batch took, by model, one panel for each job and count. */
#include "base/text.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"
#include "export/finding.h"
#include "result/result.h"

#include <stdio.h>

static bool has_makespan(const json_t *cell)
{
    return chart_cell_batch(cell) && metric_of(metric_named("makespan"), cell).median > 0;
}

/* The widest gap between two models that did the same work. */
static void describe_gap(const struct chart_view *v, char *buf, size_t size)
{
    double widest = 0;

    buf[0] = '\0';
    for (size_t g = 0; g < v->count; g++) {
        const json_t *best = chart_best(&v->groups[g], v->metric);
        const json_t *worst = chart_worst(&v->groups[g], v->metric);
        double gap =
            best ? metric_of(v->metric, worst).median / metric_of(v->metric, best).median : 0;
        char work[CHART_TITLE_MAX];

        if (best == worst || gap <= widest)
            continue;
        widest = gap;
        snprintf(buf, size, "; widest gap %.3g×, %s over %s in %s", gap,
                 result_string(best, "model"), result_string(worst, "model"),
                 chart_work_text(best, work, sizeof work));
    }
}

static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    char tally[256], gap[256];

    chart_tally(v->groups, v->count, v->metric, tally, sizeof tally);
    describe_gap(v, gap, sizeof gap);
    if (v->count == 1)
        finding_group(v->result, v->groups[0].key, buf, size);
    else if (tally[0])
        text_add(buf, size, "Shortest makespan: %s%s", tally, gap);
    else
        text_add(buf, size, "Makespan of %zu batches", v->count);
}

const struct chart chart_makespan = {
    .name = "makespan",
    .summary = "time for the whole batch, by job and model, beside the ideal",
    .metric = "makespan",
    .shows = has_makespan,
    .keep = CHART_WHOLE | CHART_WIDEST,
    .most = 12,
    .rows =
        &(const struct chart_rows){
            .panels = {{.metric = "makespan", .axis = "makespan, log scale"}},
            .text_width = 140,
        },
    .title = put_title,
    .subtitle = "Time from the start of a batch to the end of its last job; {runs}; further left "
                "is better. Black line: the ideal.",
    .left_out = "Batches with fewer models",
    .missing = "no cell is a batch with a makespan",
};
