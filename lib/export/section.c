#include "export/finding.h"

#include "base/clock.h"
#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "job/job.h"
#include "math/stats.h"
#include "model/model.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REACHED      0.9 /* of a limit: it holds back */
#define MEAN_OFF     0.05
#define SPREAD_OFF   0.1
#define SLACK_MIN_NS 1000
#define NUMBER_MAX   1e7 /* of jobs, clients, threads: a document may hold any number */

/* ---- Notes ---- */

/* A note while it is written, and what it says of several cells. */
struct note {
    const json_t *result;
    char text[1024];
    double fewest_jobs;                 /* of the shortest run */
    char of_loop[256], of_threads[256]; /* cells whose sleeps wait there */
};

#define ADD(n, ...) text_add((n)->text, sizeof(n)->text, __VA_ARGS__)

static const char *figure(const char *metric, double value, char *buf)
{
    return metric_text(metric_named(metric), value, buf, METRIC_TEXT);
}

static double median_of(const char *metric, const json_t *cell)
{
    return metric_of(metric_named(metric), cell).median;
}

static void count_jobs(struct note *n, const struct ranked *r)
{
    const json_t *jobs;
    size_t i;

    n->fewest_jobs = fmin(n->fewest_jobs, r->jobs);
    json_array_foreach(result_get(r->cell, "summary.jobs.values"), i, jobs) n->fewest_jobs =
        fmin(n->fewest_jobs, json_number_value(jobs));
}

static void say_p99(struct note *n, const json_t *first)
{
    double jobs = fmin(fmax(n->fewest_jobs, 0), NUMBER_MAX);
    double needed = (double)metric_named("p99")->ranked_from;
    char have[32], need[32], more[32];
    size_t low, high;

    (void)first;
    units_format_count((uint64_t)jobs, have, sizeof have);
    if (jobs < needed) {
        ADD(n, "p99 needs %s jobs a run; this has %s: %s more",
            units_format_count((uint64_t)needed, need, sizeof need), have,
            units_format_count((uint64_t)(needed - jobs), more, sizeof more));
        return;
    }
    stats_rank_interval((size_t)jobs, 0.99, &low, &high);
    ADD(n,
        "p99 is the median of the runs'; with %s jobs a run, each of them lies with 95 %% between "
        "the run's p%.4g and p%.4g",
        have, 100 * (double)low / jobs, 100 * (double)high / jobs);
}

/* How long the job's service is by its parameters and what was measured alone, and how it spreads;
 * a mean of 0 where these do not say all of it. */
static struct job_spread nominal(const json_t *cell)
{
    double ideal_s = result_number(cell, "summary.ideal_job_s"), measured_ns;
    struct job_spread spread = {0};
    struct job job;

    if (job_parse(result_string(cell, "spec"), &job, NULL) < 0 || job_traits(&job).only_computes)
        return spread;
    spread = job_spread(&job, 0);
    measured_ns = ideal_s * NS_PER_S - spread.mean_wait_ns - spread.mean_cpu_ns;
    if (job_traits(&job).is_measured && measured_ns > 0 && ideal_s < NUMBER_MAX) /* NAN: it draws */
        spread = job_spread(&job, (uint64_t)measured_ns);
    spread.mean_wait_ns += spread.mean_cpu_ns;
    return spread.whole ? spread : (struct job_spread){0};
}

/* What is used up of what there is, by the first of these that is. */
static void add_brake(struct note *n, const struct ranked *r, double share)
{
    const json_t *cell = r->cell;
    double clients = fmin(result_number(cell, "load.clients"), NUMBER_MAX);
    double run_s = median_of("makespan", cell);
    double threads = fmin(fmax(result_number(cell, "threads"), 0), NUMBER_MAX); /* NAN: no pool */
    unsigned cores = (unsigned)fmin(fmax(result_number(n->result, "context.cores"), 1), NUMBER_MAX);
    double client = 0, lanes = clients;
    double both, loops = fmax(result_number(cell, "target_loops"), 1); /* NAN: not known */
    double target_all = result_number(cell, "summary.target_cpu_s.median") / run_s;
    double busiest = result_number(cell, "summary.target_busiest_cpu_s.median") / run_s;
    double target = fmax(target_all / fmin(loops, cores), busiest); /* of a loop; NAN: as above */
    double service_s = result_number(cell, "summary.service_ns.mean") / NS_PER_S;
    char text[METRIC_TEXT];

    if (r->model != NULL) {
        client = median_of("cpu_total", cell) / run_s /
                 (double)model_cpu_lanes(r->model, (unsigned)threads, cores);
        lanes = (double)model_lanes(r->model, (uint64_t)clients, (unsigned)threads);
    }
    both = (median_of("cpu_total", cell) / run_s + target_all) / cores;
    if (share >= REACHED)
        ADD(n, "by the number of clients");
    else if (client >= REACHED)
        ADD(n, "by the client's CPU (%s busy)", figure("efficiency", client, text));
    else if (target >= REACHED)
        ADD(n, "by the target's CPU (%s%s busy)", loops > 1 ? "its busiest loop " : "",
            figure("efficiency", target, text));
    else if (cores > 1 && both >= REACHED)
        ADD(n, "by the machine's CPU, which client and target share (%s busy)",
            figure("efficiency", both, text));
    else if (lanes < clients && median_of("throughput", cell) * service_s >= REACHED * lanes)
        ADD(n, lanes > 1 ? "by its %.0f threads" : "since it takes one job at a time", lanes);
    else {
        ADD(n, "by no single limit (the client's CPU %s busy", figure("efficiency", client, text));
        if (isfinite(target))
            ADD(n, ", the target's %s", figure("efficiency", target, text));
        ADD(n, ")");
    }
}

static bool misbehaved(const json_t *cell)
{
    return json_is_object(result_get(cell, "summary.pathology"));
}

static void say_ceiling(struct note *n, const struct ranked *r)
{
    double clients = result_number(r->cell, "load.clients");
    double wait_s = nominal(r->cell).mean_wait_ns / NS_PER_S;
    double share = median_of("throughput", r->cell) * wait_s / clients;
    char text[METRIC_TEXT], wait[METRIC_TEXT];

    if (!(share > 0) || misbehaved(r->cell))
        return;
    if (n->text[0] == '\0')
        ADD(n, "ceiling %s (%.0f client%s / %s): ", figure("throughput", clients / wait_s, text),
            clients, TEXT_S(clients), figure("mean", wait_s, wait));
    else
        ADD(n, "; ");
    ADD(n, "%s reached %s of it, held back ", r->label, figure("efficiency", share, text));
    add_brake(n, r, share);
}

/* Of the mean job, where each begins at once: elsewhere most waits for a thread. */
static void say_late(struct note *n, const struct ranked *r)
{
    static const char *const parts[] = {"late_timer_s", "late_wake_up_s", "late_read_write_s"};
    char path[64], text[4][METRIC_TEXT];
    double sum_s = 0;

    for (size_t i = 0; i < 3; i++) {
        double part_s;

        snprintf(path, sizeof path, "summary.%s.median", parts[i]);
        part_s = result_number(r->cell, path);
        figure("mean", part_s, text[i]);
        sum_s += part_s;
    }
    if (isnan(sum_s) || r->model == NULL || r->model->lanes != MODEL_LANES_JOBS)
        return;
    ADD(n, "%s%s %s (%s + %s + %s)",
        n->text[0] == '\0' ? "late beyond the delay, on average (the target's timer + wake-ups + "
                             "reads and writes): "
                           : ", ",
        r->label, figure("mean", sum_s, text[3]), text[0], text[1], text[2]);
}

static void say_service(struct note *n, const struct ranked *r)
{
    struct job_spread asked = nominal(r->cell);
    double mean_ns = result_number(r->cell, "summary.service_ns.mean");
    double cv = result_number(r->cell, "summary.service_ns.stddev") / mean_ns;
    double asked_cv = sqrt(asked.scv);
    char text[METRIC_TEXT];

    if (!json_is_object(result_get(r->cell, "summary.theory")) || asked.mean_wait_ns <= 0 ||
        (fabs(mean_ns / asked.mean_wait_ns - 1) <= MEAN_OFF &&
         fabs(cv - asked_cv) <= SPREAD_OFF * (1 + asked_cv)))
        return;
    if (n->text[0] == '\0')
        ADD(n,
            "service was not the %s (CV %.2f) that was asked for, so what waits exceed theory by "
            "is not the model's doing alone: ",
            units_format_duration(asked.mean_wait_ns, text, sizeof text), asked_cv);
    else
        ADD(n, ", ");
    ADD(n, "%s %s (CV %.2f)", r->label, units_format_duration(mean_ns, text, sizeof text), cv);
}

/* A rate that changes: what the fluid limit expects, and beside it what was measured. */
static void say_fluid(struct note *n, const struct ranked *r)
{
    double capacity = result_number(r->cell, "summary.fluid.capacity_per_s");
    double backlog = result_number(r->cell, "summary.fluid.backlog");
    double wait_s = result_number(r->cell, "summary.fluid.wait_max_s");
    double threads = fmin(fmax(result_number(r->cell, "threads"), 0), NUMBER_MAX); /* NAN: none */
    double in_flight = result_number(r->cell, "summary.in_flight.max"), lanes, waiting;
    char text[METRIC_TEXT], wait[METRIC_TEXT];

    if (isnan(backlog) || r->model == NULL || misbehaved(r->cell))
        return;
    lanes = (double)model_lanes(r->model, (uint64_t)NUMBER_MAX, (unsigned)threads);
    ADD(n, "%s%s ", n->text[0] == '\0' ? "as a fluid, where jobs have no luck of the draw: " : "; ",
        r->label);
    if (isnan(capacity))
        ADD(n, "has no limit to exceed");
    else if (!(backlog > 0))
        ADD(n, "bears all of it, up to %s", figure("throughput", capacity, text));
    else
        ADD(n, "bears %s, so %.0f job%s at %.3g s, the last for %s",
            figure("throughput", capacity, text), backlog,
            round(backlog) == 1 ? " waits" : "s wait",
            result_number(r->cell, "summary.fluid.backlog_at_s"), figure("mean", wait_s, wait));
    ADD(n, " (measured: at most ");
    waiting = fmax(0, in_flight - lanes);
    if (lanes < NUMBER_MAX)
        ADD(n, "%.0f job%s and ", waiting, TEXT_S(waiting));
    ADD(n, "%s)", figure("mean", result_number(r->cell, "summary.wait_ns.max") / NS_PER_S, text));
}

/* What theory expects of a target that misbehaves, whatever the load. */
static void add_pathology(struct note *n, const json_t *p)
{
    double stall_s = result_number(p, "stall_s"), stalled = result_number(p, "stalled");
    double added_s = result_number(p, "added_s"), capacity = result_number(p, "capacity_per_s");
    char text[METRIC_TEXT];

    ADD(n, "the target misbehaved as asked (%s)", result_string(p, "text"));
    if (isfinite(stall_s))
        ADD(n, "; a stall holds jobs for up to %s", figure("mean", stall_s, text));
    if (isfinite(stalled))
        ADD(n, ", %.3g %% of all, %s on average", 100 * stalled,
            figure("mean", result_number(p, "stall_mean_s"), text));
    if (isfinite(added_s))
        ADD(n, "; replies take up to %s more", figure("mean", added_s, text));
    if (isfinite(capacity))
        ADD(n, "; it bears at most %s", figure("throughput", capacity, text));
    ADD(n, "; measured: ");
}

static void say_pathology(struct note *n, const struct ranked *r)
{
    const json_t *p = result_get(r->cell, "summary.pathology");
    double backlog = result_number(r->cell, "summary.fluid.backlog");
    char text[METRIC_TEXT], longest[METRIC_TEXT];

    if (!misbehaved(r->cell))
        return;
    if (n->text[0] == '\0')
        add_pathology(n, p);
    else
        ADD(n, ", ");
    ADD(n, "%s %s, a job up to %s", r->label,
        figure("throughput", median_of("throughput", r->cell), text),
        figure("mean", result_number(r->cell, "summary.latency_ns.max") / NS_PER_S, longest));
    if (isfinite(backlog))
        ADD(n, " (as a fluid %.0f job%s, up to %s)", backlog,
            round(backlog) == 1 ? " waits" : "s wait",
            figure("mean", result_number(r->cell, "summary.fluid.wait_max_s"), text));
}

static double slack_ns(const struct note *n, const json_t *cell)
{
    double own = result_number(cell, "timer_slack_ns");

    return isnan(own) ? result_number(n->result, "context.timer_slack_ns") : own;
}

/* Note where a cell's sleeps wait, if its slack is felt. */
static void add_sleeper(struct note *n, const struct ranked *r)
{
    char *buf = r->model != NULL && r->model->io != MODEL_IO_BLOCKING ? n->of_loop : n->of_threads;

    if (r->model != NULL && slack_ns(n, r->cell) > SLACK_MIN_NS &&
        strcmp(result_string(r->cell, "job"), "sleep") == 0)
        text_add(buf, sizeof n->of_loop, "%s%s", *buf != '\0' ? ", " : "", r->label);
}

static void say_slack(struct note *n, const json_t *cell)
{
    char slack[32];

    if (n->of_loop[0] == '\0' || n->of_threads[0] == '\0')
        return;
    ADD(n,
        "the kernel's timer slack lets sleeps of %s end up to %s late, and those of %s not: "
        "--timer-slack 1ns makes them alike",
        n->of_threads, units_format_duration(slack_ns(n, cell), slack, sizeof slack), n->of_loop);
}

/* Where the table has a column for it. */
static void say_first(struct note *n, const struct ranked *r)
{
    const struct metric *faults = metric_named("first_faults");
    char text[METRIC_TEXT];

    if (!metric_in_table(metric_named("first"), r->cell) ||
        isnan(metric_of(faults, r->cell).median))
        return;
    ADD(n, "%s%s with %s page faults",
        n->text[0] == '\0' ? "first is the process's first batch, from when the model was opened: "
                           : ", ",
        r->label, metric_cell_text(faults, r->cell, text, sizeof text));
}

json_t *section_notes(const struct ranking *r)
{
    static const struct {
        void (*of_cell)(struct note *n, const struct ranked *r);
        void (*of_all)(struct note *n, const json_t *first);
    } say[] = {
        {say_first, NULL},   {count_jobs, say_p99}, {say_ceiling, NULL},   {say_late, NULL},
        {say_service, NULL}, {say_fluid, NULL},     {say_pathology, NULL}, {add_sleeper, say_slack},
    };
    json_t *notes = json_array();
    int rc = 0;

    for (size_t i = 0; i < sizeof say / sizeof *say; i++) {
        struct note n = {.result = r->result, .fewest_jobs = INFINITY};
        const json_t *first = NULL;

        for (size_t k = 0; k < r->count; k++) {
            const struct ranked *row = r->rows[k];

            if (!json_is_true(json_object_get(row->cell, "valid")) ||
                !json_is_object(json_object_get(row->cell, "summary")))
                continue;
            first = first != NULL ? first : row->cell;
            say[i].of_cell(&n, row);
        }
        if (first != NULL && say[i].of_all != NULL)
            say[i].of_all(&n, first);
        if (n.text[0] != '\0')
            rc |= result_add_sentence(notes, "%s", n.text);
    }
    return result_built(notes, rc);
}

/* ---- Tables and sentences ---- */

/* "10.3-10.6", in the unit that the median is shown in. */
static void add_interval(struct table *t, const struct metric *m, const json_t *cell)
{
    struct metric_value value = metric_of(m, cell);
    double unit = 1e-9;
    int decimals;

    if (!isfinite(value.median) || !isfinite(value.low) || !isfinite(value.high)) {
        table_cell(t, "-");
        return;
    }
    while (unit < 1 && value.median / unit >= 999.5)
        unit *= 1000;
    decimals = value.median / unit >= 99.95 ? 0 : value.median / unit >= 9.995 ? 1 : 2;
    table_cell(t, "%.*f-%.*f", decimals, value.low / unit, decimals, value.high / unit);
}

/* Does the table have the cell? */
static bool is_row(const json_t *cell, unsigned cells)
{
    return cells != METRIC_COUNTED || (metric_cells_of(cell) & METRIC_COUNTED) != 0;
}

enum column { NO_COLUMN, PLAIN, WITH_INTERVAL };

/* A column that any of the cells asks for. Intervals stand beside a batch's headline, and beside a
 * p99 that is known. */
static enum column column_of(const struct metric *m, const struct ranking *r, unsigned cells)
{
    bool shown = !m->aside, known = false;

    if ((m->table & cells) == 0)
        return NO_COLUMN;
    for (size_t i = 0; i < r->count; i++) {
        const json_t *cell = r->rows[i]->cell;

        if (!is_row(cell, cells))
            continue;
        shown = shown || metric_in_table(m, cell);
        known = known || isfinite(metric_of(m, cell).low);
    }
    if (!shown)
        return NO_COLUMN;
    return (m->headline & cells & METRIC_BATCH) != 0 || (known && strcmp(m->name, "p99") == 0)
               ? WITH_INTERVAL
               : PLAIN;
}

static void add_row(struct table *t, const struct ranked *row, const enum column *columns,
                    bool winner)
{
    bool valid = json_is_true(json_object_get(row->cell, "valid"));
    char label[RESULT_LABEL + 16];

    snprintf(label, sizeof label, "%s%s", row->label, valid ? "" : " (invalid)");
    table_strong(t, winner ? label : "", winner ? " *" : label);
    for (size_t k = 0; k < metrics_count; k++) {
        const struct metric *m = &metrics[k];
        char text[METRIC_TEXT];

        if (columns[k] == NO_COLUMN)
            continue;
        if (m->aside && !metric_in_table(m, row->cell))
            table_cell(t, "-");
        else
            table_cell(t, "%s", metric_cell_text(m, row->cell, text, sizeof text));
        if (columns[k] == WITH_INTERVAL)
            add_interval(t, m, row->cell);
    }
}

/* The table of the group's cells of that kind, a kind of load or METRIC_COUNTED for the counts: a
 * column for each metric of the catalogue that belongs to it, on request one that has the cells'
 * headlines relative to the fastest's. NULL when out of memory. */
static struct table *metric_table(const struct ranking *r, unsigned cells, bool relative)
{
    bool counted = cells == METRIC_COUNTED, some_win = !counted && r->tied < r->valid;
    enum column *columns = calloc(metrics_count, sizeof *columns);
    struct table *t = columns != NULL ? table_create() : NULL;

    relative = relative && !counted && r->valid > 1;
    table_column(t, counted ? "per job" : "model", TABLE_CODE | TABLE_HEAD);
    for (size_t k = 0; k < metrics_count && t != NULL; k++) {
        columns[k] = column_of(&metrics[k], r, cells);
        if (columns[k] == NO_COLUMN)
            continue;
        table_column(t, metrics[k].column, TABLE_RIGHT);
        if (columns[k] == WITH_INTERVAL)
            table_column(t, (metrics[k].headline & cells) != 0 ? "interval" : "p99 interval",
                         TABLE_LEFT);
    }
    if (relative)
        table_column(t, "relative", TABLE_RIGHT);
    for (size_t i = 0; i < r->count && t != NULL; i++) {
        const struct ranked *row = r->rows[i];

        if (!is_row(row->cell, cells))
            continue;
        add_row(t, row, columns, some_win && row < r->cells + r->tied);
        if (relative)
            table_cell(t, row->valid ? "%.2f" : "-", row->median_s / r->cells[0].median_s);
    }
    free(columns);
    return t;
}

static bool says(const json_t *cell, const char *key, const char *sentence)
{
    const json_t *text;
    size_t i;

    json_array_foreach(json_object_get(cell, key), i,
                       text) if (strcmp(json_string_value(text), sentence) == 0) return true;
    return false;
}

/* A sentence once for all cells that have it, unless one before row `first` has written it. */
static void write_sentence(const struct ranking *r, size_t first, const char *key,
                           const char *sentence, enum form form, FILE *out)
{
    char text[2 * FINDING_MAX] = "";

    for (size_t i = 0; i < r->count; i++) {
        if (!says(r->rows[i]->cell, key, sentence))
            continue;
        if (i < first)
            return;
        text_add(text, FINDING_MAX, "%s%s", i > first ? ", " : "", r->rows[i]->label);
    }
    text_add(text, sizeof text, ": %s", sentence);
    form_item(form, strcmp(key, "reasons") == 0 ? "  invalid: " : "  note: ", text, out);
}

static void write_sentences(const struct ranking *r, const char *key, enum form form, FILE *out)
{
    for (size_t i = 0; i < r->count; i++) {
        const json_t *text;
        size_t k;

        json_array_foreach(json_object_get(r->rows[i]->cell, key), k, text)
            write_sentence(r, i, key, json_string_value(text), form, out);
    }
}

static int write_notes(const struct ranking *r, enum form form, FILE *out)
{
    json_t *notes = section_notes(r), *text;
    int rc = notes != NULL ? 0 : -ENOMEM;
    size_t i;

    json_array_foreach(notes, i, text) form_item(form, "  note: ", json_string_value(text), out);
    json_decref(notes);
    return rc;
}

int section_write_figures(const struct ranking *r, enum form form, FILE *out)
{
    unsigned load = metric_cells_of(r->rows[0]->cell) & METRIC_ALL;
    bool relative = form != FORM_TEXT;
    int rc = 0;

    if (r->measured)
        rc = table_show(metric_table(r, load, relative), form, 2, out);
    if (r->measured && form == FORM_TEXT && r->tied < r->valid)
        wrap_print(out, "  * ",
                   "first place; valid models without this mark are slower, or lost jobs");
    if (r->measured && r->counted && form == FORM_MARKDOWN)
        fputc('\n', out);
    if (rc == 0 && r->counted)
        rc = table_show(metric_table(r, METRIC_COUNTED, relative), form, 2, out);
    if (form == FORM_MARKDOWN)
        fputc('\n', out);
    write_sentences(r, "reasons", form, out);
    write_sentences(r, "warnings", form, out);
    return rc == 0 ? write_notes(r, form, out) : rc;
}

int section_write(const struct ranking *r, enum form form, FILE *out)
{
    char finding[FINDING_MAX];
    int rc;

    finding_of(r, finding, sizeof finding);
    if (form == FORM_MARKDOWN) {
        fputs("\n## ", out);
        markdown_text(r->group, out);
        fputs("\n\n", out);
    } else {
        wrap_print(out, "", "%s", r->group);
    }
    if (r->measured && form == FORM_MARKDOWN) {
        markdown_text(finding, out);
        fputs(".\n\n", out);
    }
    rc = section_write_figures(r, form, out);
    if (r->measured && form == FORM_TEXT)
        wrap_print(out, "  => ", "%s", finding);
    if (form == FORM_TEXT)
        fputc('\n', out);
    return rc;
}
