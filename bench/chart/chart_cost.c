/* Cost: CPU time and memory for one job, by job and model. */
#include "chart/chart.h"

#include "chart/chart_cells.h"
#include "chart/chart_load.h"
#include "chart/chart_rows.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define GROUPS_MAX 6

static bool has_cost(const json_t *cell)
{
    return metric_of(metric_named("cpu"), cell).median > 0 ||
           metric_of(metric_named("memory"), cell).median > 0;
}

static void cpu_row(const json_t *cell, struct chart_row *row)
{
    const struct metric *cpu = metric_named("cpu");

    row->value = chart_value(cpu, cell);
    if (!isnan(row->value.median))
        metric_cell_text(cpu, cell, row->text, sizeof row->text);
}

static void memory_row(const json_t *cell, struct chart_row *row)
{
    const struct metric *memory = metric_named("memory");

    row->value = chart_value(memory, cell);
    if (row->value.median > 0)
        metric_cell_text(memory, cell, row->text, sizeof row->text);
    else if (!isnan(row->value.median))
        snprintf(row->text, sizeof row->text, "no growth seen");
}

static void put_panels(struct chart_data *data, const struct chart_group *groups, size_t count)
{
    char work[CHART_LABEL_MAX * 2], title[sizeof work + 32];
    struct chart_panel panel = {.title = title};

    chart_rows_begin(data, 2 * count, chart_groups_rows(groups, count));
    for (size_t g = 0; g < count; g++) {
        chart_group_title(&groups[g], work, sizeof work);
        snprintf(title, sizeof title, "CPU a job: %s", work);
        panel.axis = "user and system time a job, log scale";
        panel.unit = "time";
        panel.row = cpu_row;
        chart_rows_panel(data, 2 * g + 1, &panel, &groups[g]);
        snprintf(title, sizeof title, "Memory a job");
        panel.axis = "growth of memory a job, log scale";
        panel.unit = "size";
        panel.row = memory_row;
        chart_rows_panel(data, 2 * g + 2, &panel, &groups[g]);
    }
}

static void put_title(const struct chart_group *groups, size_t count, char *buf, size_t size)
{
    char cpu[256], memory[256];

    chart_tally(groups, count, metric_named("cpu"), cpu, sizeof cpu);
    chart_tally(groups, count, metric_named("memory"), memory, sizeof memory);
    if (cpu[0] && memory[0])
        snprintf(buf, size, "Least CPU a job: %s. Least memory: %s", cpu, memory);
    else if (cpu[0])
        snprintf(buf, size, "Least CPU a job: %s", cpu);
    else
        snprintf(buf, size, "CPU and memory a job");
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups;
    size_t count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], runs[128], loop[128];
    int status = chart_rows_groups(result, has_cost, GROUPS_MAX, "no cell has CPU time or memory",
                                   &groups, &count, err);

    if (status < 0)
        return status;
    put_panels(data, groups, count);
    put_title(groups, count, title, sizeof title);
    snprintf(
        subtitle, sizeof subtitle,
        "CPU time of the measured process, the 1 ms heartbeat's included, and growth of its peak "
        "memory, divided by the jobs of a run; %s; %s; further left is better, the ideal is 0.",
        chart_runs_text(groups, count, metric_named("cpu"), runs, sizeof runs),
        chart_load_loop(groups, count, loop, sizeof loop));
    chart_headings(data, result, groups, count, title, subtitle);
    free(groups);
    return 0;
}

const struct chart chart_cost = {
    .name = "cost",
    .summary = "CPU time and memory a job, by job and model",
    .script = "plots/cost.gp",
    .extract = extract,
};
