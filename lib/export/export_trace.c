/* The JSON of the "Trace Event Format", which Perfetto (ui.perfetto.dev) and chrome://tracing read.
 *
 * A process there is a cell, from the start of one run on. Its lanes hold the beats of the loop,
 * and jobs by the thread that ran them, the loop that did, or as one task beside another; where a
 * lane is for running alone, lanes of their own hold the waits. A lane takes what begins after its
 * last slice has ended, so that no two slices of a lane overlap. */
#include "base/array.h"
#include "base/text.h"
#include "base/units.h"
#include "export/export.h"
#include "measure/sample.h"
#include "model/model.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { INTENDED, SUBMITTED, STARTED, FINISHED, LANE, INDEX, RESULT };

/* What a lane is for. Those of threads and loops have a number, too. */
enum use { BEATS, THREAD, LOOP, ONE_LOOP, TASK, OWN_THREAD, WAIT };

struct lane {
    enum use use;
    double number;
    size_t slot; /* among those of this use and number, from 1 on */
    double free_ns;
};

/* The events of one cell. */
struct trace {
    json_t *events;
    const json_t *cell;
    int pid;
    struct lane *lanes; /* a lane's tid is its index here and 1 */
    size_t count, capacity;
    int rc; /* 0, or what went wrong first */
};

static double at_ns(const json_t *row, size_t column)
{
    return json_number_value(json_array_get(row, column));
}

/* The format counts in us. */
static json_t *us(double ns)
{
    return result_new_number(ns / 1e3);
}

static void add(struct trace *t, json_t *event)
{
    if (json_array_append_new(t->events, event) != 0)
        t->rc = -ENOMEM;
}

/* Name a process (tid 0) or a lane, and say where it stands. */
static void add_name(struct trace *t, const char *kind, int tid, const char *name, double order)
{
    char key[32];

    snprintf(key, sizeof key, "%s_name", kind);
    add(t, json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "name", key, "ph", "M", "pid", t->pid, "tid",
                     tid, "args", "name", name));
    snprintf(key, sizeof key, "%s_sort_index", kind);
    add(t, json_pack("{s:s, s:s, s:i, s:i, s:{s:o}}", "name", key, "ph", "M", "pid", t->pid, "tid",
                     tid, "args", "sort_index", result_new_number(order)));
}

static void name_lane(struct trace *t, const struct lane *l, int tid)
{
    static const char *const names[] = {"heartbeat", "thread", "loop",   "loop",
                                        "task",      "thread", "waiting"};
    bool numbered = l->use == THREAD || l->use == LOOP;
    char name[96] = "";

    text_add(name, sizeof name, "%s", names[l->use]);
    if (numbered)
        text_add(name, sizeof name, " %.0f", l->number + 1);
    if (l->use == LOOP)
        text_add(name, sizeof name, ", task %zu", l->slot);
    else if (l->use >= TASK)
        text_add(name, sizeof name, " %zu", l->slot);
    else if (l->slot > 1)
        text_add(name, sizeof name, " (%zu)", l->slot);
    add_name(t, "thread", tid, name, l->use * 1e6 + l->number * 1e3 + (double)l->slot);
}

/* The tid of a lane for that which is free in time, until then. */
static int take_lane(struct trace *t, enum use use, double number, double begin_ns, double end_ns)
{
    size_t slot = 1, i;

    for (i = 0; i < t->count; i++) {
        const struct lane *l = &t->lanes[i];

        if (l->use != use || l->number != number)
            continue;
        if (l->free_ns <= begin_ns)
            break;
        slot++;
    }
    if (i == t->count) {
        if (array_grow(&t->lanes, t->count, &t->capacity, sizeof *t->lanes) < 0) {
            t->rc = -ENOMEM;
            return 0;
        }
        t->lanes[t->count++] = (struct lane){.use = use, .number = number, .slot = slot};
        name_lane(t, &t->lanes[i], (int)i + 1);
    }
    t->lanes[i].free_ns = end_ns;
    return (int)i + 1;
}

/* A number in us has 12 digits, 10 ns from 1,000 s on. Both ends are rounded, not the duration: so
 * a slice ends where the next one begins. */
static double rounded_ns(double ns)
{
    return ns < 1e12 ? ns : rint(ns / 10) * 10;
}

static void add_slice(struct trace *t, int tid, const char *name, const char *category,
                      double begin_ns, double end_ns, json_t *args)
{
    begin_ns = rounded_ns(begin_ns);
    end_ns = rounded_ns(end_ns);
    add(t, json_pack("{s:s, s:s, s:s, s:o, s:o, s:i, s:i, s:o}", "name", name, "cat", category,
                     "ph", "X", "ts", us(begin_ns), "dur", us(fmax(0, end_ns - begin_ns)), "pid",
                     t->pid, "tid", tid, "args", args));
}

/* ---- Jobs ---- */

static enum use use_of(const json_t *cell)
{
    const struct model *m = model_find(result_string(cell, "model"), NULL);

    if (m == NULL)
        return TASK;
    if (m->lane_is_thread)
        return THREAD;
    if (m->has_loops)
        return LOOP;
    if (m->lanes == MODEL_LANES_ONE)
        return ONE_LOOP;
    return m->on_threads && m->lanes == MODEL_LANES_JOBS ? OWN_THREAD : TASK;
}

/* What became of the job, after "job 7 ". */
static const char *outcome_of(double result)
{
    return result == SAMPLE_REFUSED    ? "was refused"
           : result == SAMPLE_UNSERVED ? "was not served"
           : result != 0               ? "failed"
                                       : "ran";
}

static json_t *args_of(const json_t *row, double index)
{
    double result = at_ns(row, RESULT);
    const char *error = result < 0 && result > -4096 ? strerrorname_np(-(int)result) : NULL;

    return export_without_nulls(json_pack("{s:o, s:o, s:o}", "job", result_new_number(index),
                                          "submitted_us", us(at_ns(row, SUBMITTED)), "error",
                                          error != NULL ? json_string(error) : json_null()));
}

/* Rows of earlier versions have no index, since they are all there. */
static void add_job(struct trace *t, enum use use, const json_t *row, size_t i)
{
    double intended = at_ns(row, INTENDED), started = fmax(intended, at_ns(row, STARTED));
    double finished = fmax(started, at_ns(row, FINISHED)), result = at_ns(row, RESULT);
    double index = json_array_size(row) > INDEX ? at_ns(row, INDEX) : (double)i;
    double lane = use == THREAD || use == LOOP ? at_ns(row, LANE) : 0;
    bool alone = use == THREAD || use == ONE_LOOP;
    char name[64];
    int tid;

    tid = take_lane(t, alone ? WAIT : use, alone ? 0 : lane, intended, alone ? started : finished);
    snprintf(name, sizeof name, "job %.0f waited", index);
    add_slice(t, tid, name, "wait", intended, started, args_of(row, index));
    snprintf(name, sizeof name, "job %.0f %s", index, outcome_of(result));
    if (alone)
        tid = take_lane(t, use, lane, started, finished);
    add_slice(t, tid, name, "run", started, finished, args_of(row, index));
}

struct ordered {
    double started_ns;
    const json_t *row;
    size_t index;
};

static int by_start(const void *a, const void *b)
{
    double x = ((const struct ordered *)a)->started_ns, y = ((const struct ordered *)b)->started_ns;

    return (x > y) - (x < y);
}

/* In the order in which they ran: then no thread needs a second lane. */
static void add_jobs(struct trace *t)
{
    const json_t *rows = result_get(t->cell, "timeline.jobs");
    size_t count = json_array_size(rows);
    enum use use = use_of(t->cell);
    struct ordered *jobs = calloc(count, sizeof *jobs);

    if (jobs == NULL) {
        t->rc = -ENOMEM;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(rows, i);

        jobs[i] = (struct ordered){at_ns(row, STARTED), row, i};
    }
    qsort(jobs, count, sizeof *jobs, by_start);
    for (size_t i = 0; i < count; i++)
        add_job(t, use, jobs[i].row, jobs[i].index);
    free(jobs);
}

/* ---- Beats ---- */

/* A slice from when it was due until it came; a late one gets a mark, too. */
static void add_beat(struct trace *t, double due_ns, double woke_ns)
{
    bool late = woke_ns - due_ns > BEAT_LATE_NS;
    int tid = take_lane(t, BEATS, 0, due_ns, fmax(due_ns, woke_ns));
    char name[64], by[32];

    add_slice(t, tid, late ? "late beat" : "beat", "heartbeat", due_ns, woke_ns, json_object());
    if (!late)
        return;
    snprintf(name, sizeof name, "beat late by %s",
             units_format_duration(woke_ns - due_ns, by, sizeof by));
    add(t, json_pack("{s:s, s:s, s:s, s:s, s:o, s:i, s:i}", "name", name, "cat", "heartbeat", "ph",
                     "i", "s", "p", "ts", us(woke_ns), "pid", t->pid, "tid", tid));
}

static void add_beats(struct trace *t)
{
    const json_t *row, *rows = result_get(t->cell, "timeline.beats");
    size_t i;

    json_array_foreach(rows, i, row)
    {
        add_beat(t, at_ns(row, 0), at_ns(row, 1));
    }
}

/* ---- Cells ---- */

static const char *lack(const struct export_cell *c)
{
    if (!c->valid)
        return "it is invalid";
    return json_array_size(result_get(c->cell, "timeline.jobs")) == 0 ? "it has no timeline" : NULL;
}

static void add_labels(struct trace *t)
{
    size_t shown = json_array_size(result_get(t->cell, "timeline.jobs"));
    double jobs = result_number(t->cell, "jobs");
    char label[128];

    if (!(jobs > (double)shown))
        return;
    snprintf(label, sizeof label,
             "%zu of %.0f jobs: the first, the last, the slowest, and some evenly spread", shown,
             jobs);
    add(t, json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "name", "process_labels", "ph", "M", "pid",
                     t->pid, "tid", 0, "args", "labels", label));
}

static int add_cell(const struct export_cell *c, void *events)
{
    struct trace t = {.events = events, .cell = c->cell, .pid = (int)c->index + 1};

    if (lack(c) != NULL)
        return 0;
    add_name(&t, "process", 0, c->name, (double)c->index);
    add_labels(&t);
    add_beats(&t);
    add_jobs(&t);
    free(t.lanes);
    return t.rc;
}

static int write_trace(const json_t *result, FILE *out)
{
    json_t *events = json_array();
    json_t *document = json_pack(
        "{s:o, s:s, s:{s:s, s:s, s:s}}", "traceEvents", events, "displayTimeUnit", "ms",
        "otherData", "tva_version", result_string(result, "tva_version"), "commit",
        result_string(result, "context.commit"), "date", result_string(result, "context.date"));

    return export_write_json(result, document, events, add_cell, events, out);
}

const struct exporter export_trace = {
    .name = "trace",
    .suffix = ".trace.json",
    .summary = "jobs and heartbeat on a time axis, for ui.perfetto.dev and chrome://tracing",
    .lack = lack,
    .write = write_trace,
};
