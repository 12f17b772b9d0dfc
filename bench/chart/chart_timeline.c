/* Timeline: every job of one batch, waiting and running, under each model on one time axis, with
 * the heartbeat of the event loop under it. */
#include "base/text.h"
#include "base/units.h"
#include "chart/chart.h"
#include "measure/sample.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How many jobs can be told apart on the page and still show a pattern; and how many models there
 * is room for. */
#define JOBS_BEST   40.0
#define MODELS_MOST 6

#define LATE_S (BEAT_LATE_NS * 1e-9)

enum column { INTENDED, SUBMITTED, STARTED, FINISHED };

static const json_t *jobs_of(const json_t *cell)
{
    return result_get(cell, "timeline.jobs");
}

static bool has_timeline(const json_t *cell)
{
    size_t jobs = json_array_size(jobs_of(cell)); /* fewer than there were: a sample */

    return chart_cell_batch(cell) && jobs > 0 && (double)jobs == result_number(cell, "jobs");
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

static char *makespan_text(const json_t *cell, char *buf, size_t size)
{
    return units_format_duration(ended_s(cell, 1) * 1e9, buf, size);
}

struct lag {
    double due_s, woke_s, late_s;
};

/* The beat that was the latest; 0 when there was none. */
static struct lag latest_beat(const json_t *cell)
{
    const json_t *beats = result_get(cell, "timeline.beats");
    struct lag latest = {0};

    for (size_t i = 0; i < json_array_size(beats); i++) {
        double due_s = at_s(beats, i, 0), woke_s = at_s(beats, i, 1);

        if (woke_s - due_s > latest.late_s)
            latest = (struct lag){due_s, woke_s, woke_s - due_s};
    }
    return latest;
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

/* How well the group shows what models do: its models count most; then sleeps, which everybody
 * knows; then a number of jobs that suits the page. */
static double worth(const struct chart_group *group)
{
    const json_t *cell = chart_group_cell(group, 0);
    double models = fmin((double)chart_models(group), MODELS_MOST);
    bool sleeps = strcmp(result_string(cell, "job"), "sleep") == 0;

    return 1e3 * models + 1e2 * sleeps - fabs(log(result_number(cell, "jobs") / JOBS_BEST));
}

static bool better(const struct chart_group *a, const struct chart_group *b)
{
    return worth(a) > worth(b);
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
    chart_data_number_at(data, "panel_makespan", panel, ended_s(cell, 1));
    chart_data_number_at(data, "panel_early", panel, ended_s(cell, 3));
    chart_data_number_at(data, "panel_valid", panel, valid);
    chart_data_text_at(data, "panel_done", panel, "done in %s%s",
                       makespan_text(cell, time, sizeof time), valid ? "" : " (invalid)");
    chart_data_text_at(data, "panel_overlap", panel, "%s",
                       describe_overlap(cell, text, sizeof text));
    units_format_duration(latest.late_s * 1e9, time, sizeof time);
    chart_data_text_at(data, "panel_lag", panel, "lag at most %s", time);
    chart_data_text_at(data, "panel_blocked_text", panel, "the loop is blocked: no beat for %s",
                       time);
    chart_data_number_at(data, "panel_due", panel, latest.due_s);
    chart_data_number_at(data, "panel_woke", panel, latest.woke_s);
    chart_data_number_at(data, "panel_blocked", panel, latest.late_s > LATE_S);
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
        end_s = fmax(end_s, ended_s(v->cells[c], 1));
    }
    chart_data_table(data, "beats", "panel due_s woke_s late");
    for (size_t c = 0; c < v->cells_count; c++)
        put_beats(data, c + 1, result_get(v->cells[c], "timeline.beats"));
    chart_data_number(data, "panels", (double)v->cells_count);
    chart_data_number(data, "jobs", result_number(v->cells[0], "jobs"));
    chart_data_number(data, "end_s", end_s);
    return true;
}

/* The first of the ranking and the last that is behind, and the model that blocked the loop
 * longest.
 */
static void put_title(const struct chart_view *v, char *buf, size_t size)
{
    const struct ranking *r = &v->ranking;
    const struct ranked *last = r->valid > r->tied ? &r->cells[r->valid - 1] : NULL;
    const json_t *blocked = NULL;
    double late_s = LATE_S;
    char text[64], time[32];

    if (r->valid == 0)
        return;
    for (size_t c = 0; c < r->valid; c++)
        if (latest_beat(r->cells[c].cell).late_s > late_s) {
            blocked = r->cells[c].cell;
            late_s = latest_beat(blocked).late_s;
        }
    text_add(buf, size, "%s: %s, done in %s", r->cells[0].label,
             describe_overlap(r->cells[0].cell, text, sizeof text),
             makespan_text(r->cells[0].cell, time, sizeof time));
    if (last)
        text_add(buf, size, "; %s takes %s", last->label,
                 makespan_text(last->cell, time, sizeof time));
    if (blocked)
        text_add(buf, size, "%s%s blocks the loop for %s",
                 last && blocked == last->cell ? " and" : "; ",
                 last && blocked == last->cell ? "" : result_string(blocked, "model"),
                 units_format_duration(late_s * 1e9, time, sizeof time));
}

const struct chart chart_timeline = {
    .name = "timeline",
    .summary = "every job of one batch under each model, above the loop's heartbeat",
    .form = "timeline",
    .metric = "makespan",
    .choice = {.shows = has_timeline},
    .better = better,
    .most = MODELS_MOST,
    .put = put_panels,
    .title = put_title,
    .subtitle = "{work}, all wanted at time 0; one run of each model. A row is a job; further left "
                "is better.",
    .left_out = "Other models",
    .missing = "no cell has a timeline; batches of up to 200 jobs have",
};
