/* Timeline: every job of one batch, waiting and running, under each model on one time axis, with
 * the heartbeat of the event loop under it. */
#include "chart/chart.h"

#include "base/units.h"
#include "chart/chart_cells.h"
#include "chart/chart_load.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PANELS_MAX 6

/* How many jobs can be told apart on the page and still show a pattern. */
#define JOBS_BEST 40.0

/* A beat this late is marked: the loop stood still. */
#define LATE_S 2e-3

enum column { INTENDED, SUBMITTED, STARTED, FINISHED };

static const json_t *jobs_of(const json_t *cell)
{
    return json_object_get(json_object_get(cell, "timeline"), "jobs");
}

static const json_t *beats_of(const json_t *cell)
{
    return json_object_get(json_object_get(cell, "timeline"), "beats");
}

static bool has_timeline(const json_t *cell)
{
    return chart_load_batch(cell) && json_array_size(jobs_of(cell)) > 0;
}

static double at_s(const json_t *rows, size_t row, size_t column)
{
    return json_number_value(json_array_get(json_array_get(rows, row), column)) * 1e-9;
}

static double makespan_s(const json_t *cell)
{
    const json_t *jobs = jobs_of(cell);
    double last = 0;

    for (size_t i = 0; i < json_array_size(jobs); i++)
        last = fmax(last, at_s(jobs, i, FINISHED));
    return last;
}

struct lag {
    double due_s, woke_s;
};

/* The beat that was the latest; due when it woke if there was none. */
static struct lag latest_beat(const json_t *cell)
{
    const json_t *beats = beats_of(cell);
    struct lag latest = {0, 0};

    for (size_t i = 0; i < json_array_size(beats); i++) {
        struct lag lag = {at_s(beats, i, 0), at_s(beats, i, 1)};

        if (lag.woke_s - lag.due_s > latest.woke_s - latest.due_s)
            latest = lag;
    }
    return latest;
}

static double freeze_s(const json_t *cell)
{
    struct lag latest = latest_beat(cell);

    return latest.woke_s - latest.due_s;
}

/* The most jobs that were running at the same time, seen from the middle of one of them: where a
 * job begins, one that has ended may not have been noticed yet (offload), and is no lane of its
 * own. */
static size_t most_at_once(const json_t *cell)
{
    const json_t *jobs = jobs_of(cell);
    size_t n = json_array_size(jobs), most = 0;

    for (size_t i = 0; i < n; i++) {
        double middle = (at_s(jobs, i, STARTED) + at_s(jobs, i, FINISHED)) / 2;
        size_t running = 0;

        for (size_t k = 0; k < n; k++)
            running += at_s(jobs, k, STARTED) <= middle && middle <= at_s(jobs, k, FINISHED);
        most = running > most ? running : most;
    }
    return most;
}

/* Is a the better one to show? More models; then sleeps, of which everybody knows what they do;
 * then a number of jobs that suits the page. */
static bool better(const struct chart_group *a, const struct chart_group *b)
{
    bool a_sleeps = strcmp(a->job, "sleep") == 0, b_sleeps = strcmp(b->job, "sleep") == 0;

    if (a->count != b->count)
        return a->count > b->count;
    if (a_sleeps != b_sleeps)
        return a_sleeps;
    return fabs(log(a->jobs / JOBS_BEST)) < fabs(log(b->jobs / JOBS_BEST));
}

/* When the first third of the rows has ended: right of it, the upper part of the panel is empty. */
static double early_s(const json_t *cell)
{
    const json_t *jobs = jobs_of(cell);
    double last = 0;

    for (size_t i = 0; 3 * i < json_array_size(jobs); i++)
        last = fmax(last, at_s(jobs, i, FINISHED));
    return last;
}

/* What the pattern of the bars means. */
static void describe_overlap(const json_t *cell, char *buf, size_t size)
{
    size_t jobs = json_array_size(jobs_of(cell)), at_once = most_at_once(cell);

    if (jobs == 1)
        snprintf(buf, size, "a single job");
    else if (at_once == jobs)
        snprintf(buf, size, "all %zu jobs at the same time", jobs);
    else if (at_once == 1)
        snprintf(buf, size, "one job at a time");
    else
        snprintf(buf, size, "%zu jobs at a time: %zu waves", at_once,
                 (jobs + at_once - 1) / at_once);
}

static void put_panel(struct chart_data *data, size_t panel, const json_t *cell)
{
    struct lag latest = latest_beat(cell);
    double makespan = makespan_s(cell);
    char text[128], time[32];

    chart_data_set_text_at(data, "panel_model", panel, result_string(cell, "model"));
    chart_data_set_text_at(data, "panel_label", panel, chart_cell_label(cell, text, sizeof text));
    chart_data_set_number_at(data, "panel_makespan", panel, makespan);
    chart_data_set_number_at(data, "panel_early", panel, early_s(cell));
    chart_data_set_number_at(data, "panel_valid", panel, chart_cell_valid(cell));
    snprintf(text, sizeof text, "done in %s%s",
             units_format_duration(makespan * 1e9, time, sizeof time),
             chart_cell_valid(cell) ? "" : " (invalid)");
    chart_data_set_text_at(data, "panel_done", panel, text);
    describe_overlap(cell, text, sizeof text);
    chart_data_set_text_at(data, "panel_overlap", panel, text);
    units_format_duration((latest.woke_s - latest.due_s) * 1e9, time, sizeof time);
    snprintf(text, sizeof text, "lag at most %s", time);
    chart_data_set_text_at(data, "panel_lag", panel, text);
    snprintf(text, sizeof text, "the loop is frozen: no beat for %s", time);
    chart_data_set_text_at(data, "panel_freeze", panel, text);
    chart_data_set_number_at(data, "panel_due", panel, latest.due_s);
    chart_data_set_number_at(data, "panel_woke", panel, latest.woke_s);
    chart_data_set_number_at(data, "panel_frozen", panel, latest.woke_s - latest.due_s > LATE_S);
}

static void put_jobs(struct chart_data *data, const struct chart_group *group)
{
    chart_data_table(data, "jobs", "panel row intended_s submitted_s started_s finished_s");
    for (size_t c = 0; c < group->count; c++) {
        const json_t *jobs = jobs_of(group->cells[c]);

        for (size_t i = 0; i < json_array_size(jobs); i++) {
            chart_data_number(data, (double)c + 1);
            chart_data_number(data, (double)i + 1);
            for (size_t column = INTENDED; column <= FINISHED; column++)
                chart_data_number(data, at_s(jobs, i, column));
            chart_data_end_row(data);
        }
    }
}

static void put_beats(struct chart_data *data, const struct chart_group *group)
{
    chart_data_table(data, "beats", "panel due_s woke_s late");
    for (size_t c = 0; c < group->count; c++) {
        const json_t *beats = beats_of(group->cells[c]);

        for (size_t i = 0; i < json_array_size(beats); i++) {
            double due = at_s(beats, i, 0), woke = at_s(beats, i, 1);

            chart_data_number(data, (double)c + 1);
            chart_data_number(data, due);
            chart_data_number(data, woke);
            chart_data_number(data, woke - due > LATE_S);
            chart_data_end_row(data);
        }
    }
}

/* The end of the time axis: the last thing that happened in any panel. */
static double end_s(const struct chart_group *group)
{
    double end = 0;

    for (size_t c = 0; c < group->count; c++)
        end = fmax(end, makespan_s(group->cells[c]));
    return end;
}

/* The cell whose loop stood still the longest; NULL when none did for longer than is marked. */
static const json_t *frozen(const struct chart_group *group)
{
    const json_t *found = NULL;

    for (size_t c = 0; c < group->count; c++)
        if (chart_cell_valid(group->cells[c]) &&
            freeze_s(group->cells[c]) > (found ? freeze_s(found) : LATE_S))
            found = group->cells[c];
    return found;
}

static void put_title(const struct chart_group *group, char *buf, size_t size)
{
    const json_t *best = NULL, *worst = NULL, *still = frozen(group);
    char overlap[64], first[32], second[32], third[32], rest[96] = "";

    for (size_t c = 0; c < group->count; c++) {
        const json_t *cell = group->cells[c];

        if (!chart_cell_valid(cell))
            continue;
        best = !best || makespan_s(cell) < makespan_s(best) ? cell : best;
        worst = !worst || makespan_s(cell) > makespan_s(worst) ? cell : worst;
    }
    if (!best) {
        snprintf(buf, size, "One batch, job by job");
        return;
    }
    describe_overlap(best, overlap, sizeof overlap);
    units_format_duration(makespan_s(best) * 1e9, first, sizeof first);
    units_format_duration(makespan_s(worst) * 1e9, second, sizeof second);
    if (best == worst) {
        snprintf(buf, size, "%s: %s, done in %s", result_string(best, "model"), overlap, first);
        return;
    }
    if (still)
        snprintf(rest, sizeof rest, "%s%s freezes the loop for %s", still == worst ? " and" : "; ",
                 still == worst ? "" : result_string(still, "model"),
                 units_format_duration(freeze_s(still) * 1e9, third, sizeof third));
    snprintf(buf, size, "%s: %s, done in %s; %s takes %s%s", result_string(best, "model"), overlap,
             first, result_string(worst, "model"), second, rest);
}

static int extract(const json_t *result, struct chart_data *data, struct err *err)
{
    struct chart_group *groups, *group;
    size_t count;
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], work[CHART_LABEL_MAX * 2];

    if (chart_groups(result, &groups, &count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    count = chart_groups_filter(groups, count, has_timeline);
    if (count == 0) {
        free(groups);
        return err_set(err, -ENODATA, "no cell has a timeline; batches of up to 200 jobs have");
    }
    group = groups;
    for (size_t g = 1; g < count; g++)
        if (better(&groups[g], group))
            group = &groups[g];
    group->count = group->count < PANELS_MAX ? group->count : PANELS_MAX;
    for (size_t c = 0; c < group->count; c++)
        put_panel(data, c + 1, group->cells[c]);
    chart_data_set_number(data, "panels", (double)group->count);
    chart_data_set_number(data, "jobs", group->jobs);
    chart_data_set_number(data, "end_s", end_s(group));
    put_jobs(data, group);
    put_beats(data, group);
    put_title(group, title, sizeof title);
    snprintf(subtitle, sizeof subtitle,
             "%s, all wanted at time 0; one run of each model. A row is a job; further "
             "left is better.",
             chart_group_title(group, work, sizeof work));
    chart_headings(data, result, group, 1, title, subtitle);
    free(groups);
    return 0;
}

const struct chart chart_timeline = {
    .name = "timeline",
    .summary = "every job of one batch under each model, above the loop's heartbeat",
    .script = "plots/timeline.gp",
    .extract = extract,
};
