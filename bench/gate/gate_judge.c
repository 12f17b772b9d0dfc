#include "gate/gate.h"

#include "base/array.h"
#include "base/text.h"
#include "math/stats.h"
#include "model/model.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Documents keep 12 digits; less than this is rounding. */
#define ROUNDING 1e-9

/* How far a count may rise: by a share, or by so many a job. */
#define INSTRUCTIONS_SHARE 0.01
#define THREADS_SHARE      0.5
#define LOOSE_STEP         0.5

/* An interval is at least this wide on each side, or sessions that happen to agree would warn of
 * nothing. */
#define RATIO_STEP 0.02 /* share of a ratio, a time, or a scheduled count */
#define COUNT_STEP 0.01 /* of a scheduled count a job, where the share is less */

/* Earlier versions kept no architecture: there, the name of the CPU is the architecture where the
 * kernel names no model, as it does on x86 only. */
static const char *architecture_of(const json_t *context)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const char *named = result_string(context, "architecture");
    const char *cpu = result_string(context, "cpu");

    if (named[0] != '\0')
        return named;
    return cpu[0] != '\0' && cpu[strspn(cpu, word)] == '\0' ? cpu : "x86_64";
}

static const char *text_of(const json_t *context, const char *key)
{
    return strcmp(key, "architecture") == 0 ? architecture_of(context)
                                            : result_string(context, key);
}

/* A run whose jobs did not use libcurl names no version, nor does a program without liburing. */
static bool differs(const json_t *before, const json_t *now, const char *key)
{
    const char *was = text_of(before, key), *is = text_of(now, key);
    bool ring = strcmp(key, "liburing") == 0;

    if ((is[0] == '\0' && (ring || strcmp(key, "libcurl") == 0)) || (was[0] == '\0' && ring))
        return false;
    return strcmp(was, is) != 0;
}

/* What makes counts soft where it differs. */
static const struct version {
    const char *key, *name;
    unsigned mismatch;
} versions[] = {
    {"architecture", "architecture", GATE_OTHER_CODE},
    {"compiler", "compiler", GATE_OTHER_CODE},
    {"libc", "libc", GATE_OTHER_CODE},
    {"build_type", "build type", GATE_OTHER_CODE},
    {"libuv", "libuv", GATE_OTHER_LOOP},
    {"libcurl", "libcurl", GATE_OTHER_REQUESTS},
    {"liburing", "liburing", GATE_OTHER_RING},
    {NULL, NULL, 0},
};

unsigned gate_mismatch_of(const json_t *before, const json_t *now)
{
    unsigned mismatch = 0;

    for (const struct version *v = versions; v->key != NULL; v++)
        if (differs(before, now, v->key))
            mismatch |= v->mismatch;
    return mismatch;
}

/* Models whose jobs other threads take run nothing of libuv's a job, nor does one that runs a whole
 * batch without a turn of the loop. */
static bool runs_on_loop(const json_t *cell)
{
    const struct model *m = model_find(result_string(cell, "model"), NULL);

    if (m != NULL && !m->on_threads && m->io == MODEL_IO_BLOCKING)
        return strcmp(result_string(cell, "load.kind"), "batch") != 0;
    return m == NULL || !m->any_thread || m->has_loops;
}

/* Of a job of several parts, the number of the part stands before the name. */
static bool is_by_libcurl(const json_t *cell)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(cell, "params"), name, value)
    {
        const char *dot = strchr(name, '.');

        if (strcmp(dot != NULL ? dot + 1 : name, "client") == 0 && json_is_string(value) &&
            strcmp(json_string_value(value), "curl") == 0)
            return true;
    }
    return false;
}

static bool is_on_ring(const json_t *cell)
{
    const struct model *m = model_find(result_string(cell, "model"), NULL);

    return m != NULL && m->io == MODEL_IO_RING;
}

bool gate_mismatch_softens(unsigned mismatch, const json_t *cell, enum metric_kind kind)
{
    return (mismatch & GATE_OTHER_CODE && kind >= METRIC_INSTRUCTIONS && kind <= METRIC_PAGES) ||
           (mismatch & GATE_OTHER_LOOP && runs_on_loop(cell)) ||
           (mismatch & GATE_OTHER_REQUESTS && is_by_libcurl(cell)) ||
           (mismatch & GATE_OTHER_RING && is_on_ring(cell));
}

/* When anything differs, append a sentence that names it, what is soft for that reason, and what to
 * do. 0 or -ENOMEM. */
static int add_mismatch_note(unsigned mismatch, const json_t *before, const json_t *now,
                             json_t *notes)
{
    static const char *const softened[] = {
        "instructions and pages", "counts of cells that run on the loop",
        "counts of cells whose requests libcurl makes", "counts of cells that wait in io_uring"};
    char differing[800] = "", soft[240] = "";

    if (mismatch == 0)
        return 0;
    for (const struct version *v = versions; v->key != NULL; v++) {
        const char *was = text_of(before, v->key), *is = text_of(now, v->key);

        if (differs(before, now, v->key))
            text_add(differing, sizeof differing, "%s%s (%.60s, now %.60s)",
                     differing[0] != '\0' ? ", " : "", v->name, was[0] != '\0' ? was : "?",
                     is[0] != '\0' ? is : "?");
    }
    for (size_t i = 0; i < sizeof softened / sizeof *softened; i++)
        if (mismatch & 1u << i)
            text_add(soft, sizeof soft, "%s%s", soft[0] != '\0' ? ", " : "", softened[i]);
    return result_add_sentence(
        notes,
        "the baseline was recorded with another %s; for that reason alone these may "
        "differ, and only warn: %s. To make them hard, save a baseline "
        "with these versions (tva baseline save), or compare with a "
        "revision that is built here (make regress BASE=<revision>)",
        differing, soft);
}

/* A run whose counts are judged. */
struct counts_judge {
    const json_t *run;
    unsigned mismatch;
    struct gate *gate;
};

/* Append a row. 0 or -ENOMEM. */
static int add_row(struct gate *gate, const struct gate_row *row)
{
    if (array_grow(&gate->rows, gate->count, &gate->capacity, sizeof *gate->rows) < 0)
        return -ENOMEM;
    gate->rows[gate->count++] = *row;
    return 0;
}

/* The cell that the counts are of; NULL when the run has none of that name. */
static const json_t *cell_of(const json_t *run, const char *name)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        if (strcmp(result_string(cell, "name"), name) == 0)
            return cell;
    }
    return NULL;
}

double gate_judge_step(enum metric_kind kind, double before)
{
    switch (kind) {
    case METRIC_INSTRUCTIONS:
        return INSTRUCTIONS_SHARE * before;
    case METRIC_THREADS:
        return THREADS_SHARE * before;
    case METRIC_PAGES:
    case METRIC_WAKES:
        return LOOSE_STEP;
    default:
        return ROUNDING * fmax(1, before);
    }
}

static enum gate_outcome outcome_of(struct gate_count before, struct gate_count now)
{
    double step = gate_judge_step(before.kind, before.value);

    if (now.value > before.value + step)
        return GATE_WORSE;
    return now.value < before.value - step ? GATE_BETTER : GATE_SAME;
}

/* Judge a count of the baseline. The run must have it, and a hard count in the same kind. 0 or
 * -ENOMEM. */
static int judge_count(const struct counts_judge *h, const struct gate_walk *stored,
                       const json_t *measured)
{
    struct gate_count before = gate_shape_count_of(stored->value);
    struct gate_count now = gate_shape_count_of(measured);
    struct gate_row row = {stored->cell, stored->metric, GATE_COUNTS, GATE_SAME, false,
                           before.value, now.value,      NAN,         NAN};

    if (measured == NULL)
        return result_add_sentence(h->gate->faults, "the run lacks %s of \"%s\"", row.metric,
                                   row.cell);
    if (before.kind == METRIC_SCHEDULED)
        return 0;
    row.soft = gate_mismatch_softens(h->mismatch, cell_of(h->run, row.cell), before.kind);
    if (now.kind != before.kind && !row.soft)
        return result_add_sentence(
            h->gate->faults,
            "%s of \"%s\" is %s in the baseline and %s in the run, so they cannot be compared",
            row.metric, row.cell, metric_kinds[before.kind], metric_kinds[now.kind]);
    row.outcome = outcome_of(before, now);
    if (row.soft && row.outcome == GATE_WORSE)
        row.outcome = GATE_OUTSIDE;
    return add_row(h->gate, &row);
}

/* Judge each count of the baseline, and add a row for each hard count that it lacks, or has as a
 * scheduled one. */
static int judge_counts(const struct counts_judge *h, const json_t *stored, const json_t *measured)
{
    const char *lacking = NULL;
    struct gate_walk w = {.cells = stored};
    int rc = 0;

    while (rc == 0 && gate_shape_next(&w)) {
        if (json_object_get(measured, w.cell) != NULL)
            rc = judge_count(h, &w, gate_shape_at(measured, w.cell, w.metric));
        else if (w.cell != lacking)
            rc = result_add_sentence(h->gate->faults, "the run lacks the cell \"%s\"", w.cell);
        lacking = w.cell;
    }
    w = (struct gate_walk){.cells = measured};
    while (rc == 0 && gate_shape_next(&w)) {
        struct gate_count now = gate_shape_count_of(w.value);
        struct gate_row row = {w.cell, w.metric,  GATE_COUNTS, GATE_NEW, false,
                               NAN,    now.value, NAN,         NAN};

        if (now.kind < METRIC_SCHEDULED &&
            gate_shape_count_of(gate_shape_at(stored, w.cell, w.metric)).kind >= METRIC_SCHEDULED)
            rc = add_row(h->gate, &row);
    }
    return rc;
}

/* The parts of a session that are judged by the stored sessions. */
static const struct part {
    enum gate_part part;
    const char *key;
    bool logs;        /* compared on the log scale */
    bool low_is_good; /* a value below the interval is no warning */
    bool same_machine;
} parts[] = {
    {GATE_SCHEDULES, "scheduled", false, true, false},
    {GATE_RATIOS, "ratios", true, false, true},
    {GATE_TIMES, "times", true, true, true},
};

/* A session, and the stored sessions that it is compared with. */
struct session_judge {
    const json_t *sessions, *session;
    size_t alike;  /* stored sessions of this fingerprint */
    size_t values; /* of the session */
    struct gate *gate;
    size_t unjudged; /* values that too few sessions have */
};

static bool is_alike(const json_t *a, const json_t *b)
{
    return strcmp(result_string(a, "fingerprint"), result_string(b, "fingerprint")) == 0 &&
           result_primitive_apart(a, b) == NULL;
}

/* The stored values of one metric of a cell, into values[GATE_BASELINE_SESSIONS_MAX]. */
static size_t collect(const struct session_judge *s, const struct part *p,
                      const struct gate_walk *now, double *values)
{
    const json_t *stored;
    size_t i, n = 0;

    json_array_foreach(s->sessions, i, stored)
    {
        const json_t *v = gate_shape_at(json_object_get(stored, p->key), now->cell, now->metric);

        if (v != NULL && n < GATE_BASELINE_SESSIONS_MAX &&
            (!p->same_machine || is_alike(stored, s->session)))
            values[n++] = p->logs ? log(json_number_value(v)) : json_number_value(v);
    }
    return n;
}

static int judge_value(struct session_judge *s, const struct part *p, const struct gate_walk *now)
{
    double values[GATE_BASELINE_SESSIONS_MAX], value = json_number_value(now->value);
    struct gate_row row = {now->cell, now->metric, p->part, GATE_UNJUDGED, false, NAN,
                           value,     NAN,         NAN};
    double confidence = 1 - GATE_JUDGE_WARNED / (double)s->values;
    struct stats_prediction e;

    if (stats_prediction_of(values, collect(s, p, now, values), confidence, &e) == 0) {
        double at = p->logs ? log(value) : value;
        double step = p->logs ? log1p(RATIO_STEP) : fmax(COUNT_STEP, RATIO_STEP * fabs(e.mean));
        double low = fmin(e.low, e.mean - step), high = fmax(e.high, e.mean + step);

        row.outcome = at >= low && at <= high      ? GATE_SAME
                      : at < low && p->low_is_good ? GATE_BETTER
                                                   : GATE_OUTSIDE;
        row.before = p->logs ? exp(e.mean) : e.mean;
        row.low = p->logs ? exp(low) : low;
        row.high = p->logs ? exp(high) : high;
    }
    s->unjudged += row.outcome == GATE_UNJUDGED;
    return add_row(s->gate, &row);
}

static struct gate_walk walk(const struct session_judge *s, const struct part *p)
{
    return (struct gate_walk){.cells = json_object_get(s->session, p->key)};
}

/* Say what was not judged, and why. Call it after all parts were judged. */
static int add_notes(const struct session_judge *s)
{
    json_t *notes = s->gate->notes;

    if (!gate_shape_has_times(s->session) &&
        result_add_sentence(
            notes, "the run has counts only, so times and ratios between models are not judged") !=
            0)
        return -ENOMEM;
    if (s->unjudged == 0)
        return 0;
    return result_add_sentence(
        notes,
        "not judged: %zu of %zu value%s (ratios, scheduled counts and times), since fewer "
        "than %d of the baseline's sessions have them (%zu stored, %zu of this "
        "machine and build, which alone judge ratios and times); tva baseline save adds one",
        s->unjudged, s->values, TEXT_S(s->values), STATS_PREDICTION_VALUES_MIN,
        json_array_size(s->sessions), s->alike);
}

/* Add a row for each ratio, scheduled count and time of the run's session, and a note on how many
 * could not be judged. Ratios and times are compared with the sessions of the same fingerprint,
 * scheduled counts with all. 0 or -ENOMEM. */
static int judge_session(const json_t *baseline, const json_t *session, struct gate *gate)
{
    struct session_judge s = {
        .sessions = json_object_get(baseline, "sessions"), .session = session, .gate = gate};
    const struct part *end = parts + sizeof parts / sizeof *parts;
    const json_t *stored;
    size_t i;
    int rc = 0;

    json_array_foreach(s.sessions, i, stored)
    {
        s.alike += is_alike(stored, session);
    }
    for (const struct part *p = parts; p < end; p++)
        for (struct gate_walk w = walk(&s, p); gate_shape_next(&w);)
            s.values++;
    for (const struct part *p = parts; p < end; p++)
        for (struct gate_walk w = walk(&s, p); rc == 0 && gate_shape_next(&w);)
            rc = judge_value(&s, p, &w);
    return rc == 0 ? add_notes(&s) : rc;
}

int gate_judge(const json_t *baseline, const json_t *run, struct gate *out)
{
    const json_t *before = json_object_get(baseline, "context");
    const json_t *now = json_object_get(run, "context"), *counts;
    struct counts_judge h = {run, gate_mismatch_of(before, now), out};
    int rc;

    *out = (struct gate){.faults = json_array(), .notes = json_array()};
    out->extract = gate_extract(run, out->faults);
    if (out->faults == NULL || out->notes == NULL || out->extract == NULL)
        return -ENOMEM;
    counts = json_object_get(out->extract, "counts");
    rc = add_mismatch_note(h.mismatch, before, now, out->notes);
    /* Without any counts a fault for each of them would only repeat the first one. */
    if (rc == 0 && json_object_size(counts) > 0)
        rc = judge_counts(&h, json_object_get(baseline, "counts"), counts);
    if (rc == 0)
        rc = gate_functions_add_note(baseline, out);
    if (rc == 0 && json_array_size(out->faults) == 0)
        rc = judge_session(baseline, json_object_get(out->extract, "session"), out);
    return rc;
}

size_t gate_judge_count(const struct gate *gate, enum gate_outcome outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < gate->count; i++)
        n += gate->rows[i].outcome == outcome;
    return n;
}

void gate_judge_deinit(struct gate *gate)
{
    free(gate->rows);
    json_decref(gate->extract);
    json_decref(gate->faults);
    json_decref(gate->notes);
    *gate = (struct gate){0};
}
