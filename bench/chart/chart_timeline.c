/* Timeline: every job of one batch, waiting and running, under each model on one time axis, with
 * the heartbeat of the event loop under it. */
#include "base/text.h"
#include "base/units.h"
#include "chart/chart_text.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How many jobs can be told apart on the page and still show a pattern. */
#define JOBS_BEST 40.0

/* A beat this late is marked: something blocked the loop. */
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
    return chart_cell_batch(cell) && json_array_size(jobs_of(cell)) > 0;
}

static double at_s(const json_t *rows, size_t row, size_t column)
{
    return json_number_value(json_array_get(json_array_get(rows, row), column)) * 1e-9;
}

/* When the last of the first rows ended: of all rows, or of one in so many. */
static double ended_s(const json_t *cell, size_t one_in)
{
    const json_t *jobs = jobs_of(cell);
    double last = 0;

    for (size_t i = 0; one_in * i < json_array_size(jobs); i++)
        last = fmax(last, at_s(jobs, i, FINISHED));
    return last;
}

static double makespan_s(const json_t *cell)
{
    return ended_s(cell, 1);
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

static double blocked_s(const json_t *cell)
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

static bool sleeps(const struct chart_group *group)
{
    return strcmp(result_string(group->cells[0], "job"), "sleep") == 0;
}

static double distance_from_best(const struct chart_group *group)
{
    return fabs(log(result_number(group->cells[0], "jobs") / JOBS_BEST));
}

/* Is a the better one to show? More models; then sleeps, which everybody knows; then a number of
 * jobs that suits the page. */
static bool better(const struct chart_group *a, const struct chart_group *b)
{
    if (chart_models(a) != chart_models(b))
        return chart_models(a) > chart_models(b);
    if (sleeps(a) != sleeps(b))
        return sleeps(a);
    return distance_from_best(a) < distance_from_best(b);
}

/* What the pattern of the bars means. */
static char *describe_overlap(const json_t *cell, char *buf, size_t size)
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
    return buf;
}

static void put_panel(struct chart_data *data, size_t panel, const json_t *cell)
{
    struct lag latest = latest_beat(cell);
    bool valid = chart_cell_valid(cell);
    char text[128], time[32];

    chart_data_text_at(data, "panel_model", panel, "%s", result_string(cell, "model"));
    chart_data_text_at(data, "panel_label", panel, "%s", result_label(cell, text, sizeof text));
    chart_data_number_at(data, "panel_makespan", panel, makespan_s(cell));
    chart_data_number_at(data, "panel_early", panel, ended_s(cell, 3));
    chart_data_number_at(data, "panel_valid", panel, valid);
    chart_data_text_at(data, "panel_done", panel, "done in %s%s",
                       units_format_duration(makespan_s(cell) * 1e9, time, sizeof time),
                       valid ? "" : " (invalid)");
    chart_data_text_at(data, "panel_overlap", panel, "%s",
                       describe_overlap(cell, text, sizeof text));
    units_format_duration(blocked_s(cell) * 1e9, time, sizeof time);
    chart_data_text_at(data, "panel_lag", panel, "lag at most %s", time);
    chart_data_text_at(data, "panel_blocked_text", panel, "the loop is blocked: no beat for %s",
                       time);
    chart_data_number_at(data, "panel_due", panel, latest.due_s);
    chart_data_number_at(data, "panel_woke", panel, latest.woke_s);
    chart_data_number_at(data, "panel_blocked", panel, blocked_s(cell) > LATE_S);
}

static void put_jobs(struct chart_data *data, size_t panel, const json_t *jobs)
{
    for (size_t i = 0; i < json_array_size(jobs); i++)
        CHART_ROW(data, CHART_N(panel), CHART_N(i + 1), CHART_N(at_s(jobs, i, INTENDED)),
                  CHART_N(at_s(jobs, i, SUBMITTED)), CHART_N(at_s(jobs, i, STARTED)),
                  CHART_N(at_s(jobs, i, FINISHED)));
}

static void put_beats(struct chart_data *data, size_t panel, const json_t *beats)
{
    for (size_t i = 0; i < json_array_size(beats); i++) {
        double due = at_s(beats, i, 0), woke = at_s(beats, i, 1);

        CHART_ROW(data, CHART_N(panel), CHART_N(due), CHART_N(woke), CHART_N(woke - due > LATE_S));
    }
}

static bool put_panels(struct chart_view *v, struct chart_data *data)
{
    double end_s = 0; /* of the time axis: the last thing that happened in any panel */

    chart_data_table(data, "jobs", "panel row intended_s submitted_s started_s finished_s");
    for (size_t c = 0; c < v->cells_count; c++) {
        put_panel(data, c + 1, v->cells[c]);
        put_jobs(data, c + 1, jobs_of(v->cells[c]));
        end_s = fmax(end_s, makespan_s(v->cells[c]));
    }
    chart_data_table(data, "beats", "panel due_s woke_s late");
    for (size_t c = 0; c < v->cells_count; c++)
        put_beats(data, c + 1, beats_of(v->cells[c]));
    chart_data_number(data, "panels", (double)v->cells_count);
    chart_data_number(data, "jobs", result_number(v->cells[0], "jobs"));
    chart_data_number(data, "end_s", end_s);
    return true;
}

/* The first and the last model to be done, and the one that blocked the loop the longest. */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const json_t *best = NULL, *worst = NULL, *blocked = NULL;
    char text[64], time[32];

    for (size_t c = 0; c < v->cells_count; c++) {
        const json_t *cell = v->cells[c];

        if (!chart_cell_valid(cell))
            continue;
        best = !best || makespan_s(cell) < makespan_s(best) ? cell : best;
        worst = !worst || makespan_s(cell) > makespan_s(worst) ? cell : worst;
        if (blocked_s(cell) > (blocked ? blocked_s(blocked) : LATE_S))
            blocked = cell;
    }
    if (!best) {
        text_add(buf, size, "One batch, job by job");
        return;
    }
    text_add(buf, size, "%s: %s, done in %s", result_string(best, "model"),
             describe_overlap(best, text, sizeof text),
             units_format_duration(makespan_s(best) * 1e9, time, sizeof time));
    if (best == worst)
        return;
    text_add(buf, size, "; %s takes %s", result_string(worst, "model"),
             units_format_duration(makespan_s(worst) * 1e9, time, sizeof time));
    if (blocked)
        text_add(buf, size, "%s%s blocks the loop for %s", blocked == worst ? " and" : "; ",
                 blocked == worst ? "" : result_string(blocked, "model"),
                 units_format_duration(blocked_s(blocked) * 1e9, time, sizeof time));
}

const struct chart chart_timeline = {
    .name = "timeline",
    .summary = "every job of one batch under each model, above the loop's heartbeat",
    .form = "timeline",
    .metric = "makespan",
    .shows = has_timeline,
    .better = better,
    .most = 6,
    .put = put_panels,
    .title = put_title,
    .subtitle = "{work}, all wanted at time 0; one run of each model. A row is a job; further left "
                "is better.",
    .missing = "no cell has a timeline; batches of up to 200 jobs have",
};
