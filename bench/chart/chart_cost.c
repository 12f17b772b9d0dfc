/* Cost: CPU time and memory for one job, by job and model. */
#include "chart/chart.h"

static bool has_cost(const json_t *cell)
{
    return metric_of(metric_named("cpu"), cell).median > 0 ||
           metric_of(metric_named("memory"), cell).median > 0;
}

const struct chart chart_cost = {
    .name = "cost",
    .summary = "CPU time and memory a job, by job and model",
    .metric = "cpu",
    .choice = {.shows = has_cost, .keep = CHART_WHOLE | CHART_WIDEST | CHART_ONE_A_SPEC},
    .most = 3,
    .rows = {.panels = {{.metric = "cpu",
                         .title = "CPU a job",
                         .axis = "user and system time a job",
                         .nothing = "none seen"},
                        {.metric = "memory",
                         .title = "Memory a job",
                         .axis = "growth of memory a job",
                         .nothing = "no growth seen"}},
             .text_width = 100},
    .finding = "Least CPU a job: {tally}. Least memory: {tally memory}",
    .subtitle = "CPU time of the measured process without the heartbeat's, and growth of "
                "its peak memory, divided by the jobs of a run; {runs}; {loop}; further left is "
                "better, the ideal is 0.",
    .left_out = "Other jobs",
    .missing = "no cell has CPU time or memory",
};
