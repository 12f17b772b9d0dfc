/* Makespan: how long the whole batch took, by model, one panel for each job and count. */
#include "chart/chart.h"
#include "export/finding.h"

#include <ctype.h>

/* The answer, or the finding of the only batch. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    answer_sentence(v->result, buf, size);
    buf[0] = (char)toupper((unsigned char)buf[0]);
    if (!*buf && v->count == 1)
        finding_group(v->result, v->groups[0].lines[0].work, buf, size);
}

const struct chart chart_makespan = {
    .name = "makespan",
    .summary = "time for the whole batch, by job and model, beside the ideal",
    .metric = "makespan",
    .choice = {.load = METRIC_BATCH, .has = "makespan", .keep = CHART_WHOLE | CHART_WIDEST},
    .most = 12,
    .rows = {.panels = {{.metric = "makespan", .axis = "makespan"}}, .text_width = 140},
    .title = put_title,
    .finding = "Shortest makespan: {tally}; {of}: {ranked}",
    .subtitle = "Time from the start of a batch to the end of its last job; {runs}; further left "
                "is better. Black line: the ideal.",
    .left_out = "Batches with fewer models",
    .missing = "no cell is a batch with a makespan",
};
