/* Cost: CPU time and memory for one job, by job and model. */
#include "base/text.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"

static bool has_cost(const json_t *cell)
{
    return metric_of(metric_named("cpu"), cell).median > 0 ||
           metric_of(metric_named("memory"), cell).median > 0;
}

static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    char cpu[256], memory[256];

    chart_tally(v->groups, v->count, metric_named("cpu"), cpu, sizeof cpu);
    chart_tally(v->groups, v->count, metric_named("memory"), memory, sizeof memory);
    if (cpu[0] == '\0')
        text_add(buf, size, "CPU and memory a job");
    else
        text_add(buf, size, "Least CPU a job: %s%s%s", cpu, memory[0] ? ". Least memory: " : "",
                 memory);
}

const struct chart chart_cost = {
    .name = "cost",
    .summary = "CPU time and memory a job, by job and model",
    .metric = "cpu",
    .shows = has_cost,
    .keep = CHART_WHOLE | CHART_WIDEST | CHART_ONE_A_SPEC,
    .most = 6,
    .rows =
        &(const struct chart_rows){
            .panels = {{.metric = "cpu",
                        .title = "CPU a job",
                        .names_work = true,
                        .axis = "user and system time a job, log scale"},
                       {.metric = "memory",
                        .title = "Memory a job",
                        .axis = "growth of memory a job, log scale",
                        .nothing = "no growth seen"}},
            .text_width = 100,
        },
    .title = put_title,
    .subtitle = "CPU time of the measured process without the heartbeat's, and growth of "
                "its peak memory, divided by the jobs of a run; {runs}; {loop}; further left is "
                "better, the ideal is 0.",
    .missing = "no cell has CPU time or memory",
};
