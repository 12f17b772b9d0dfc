#include "gate/gate_soft.h"

#include "gate/gate_rows.h"
#include "gate/gate_shape.h"
#include "math/stats_prediction.h"
#include "result/result.h"
#include "summary/trust.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Narrower than this no interval gets, or sessions that happen to agree would warn of nothing. */
#define RATIO_STEP 0.02 /* share of a ratio, a time, or a scheduled count */
#define COUNT_STEP 0.01 /* of a scheduled count a job, where the share is less */

static const struct part {
    enum gate_part part;
    const char *key;
    bool logs;        /* compared on the log scale */
    bool low_is_good; /* below what was expected is no warning */
    bool same_machine;
} parts[] = {
    {GATE_SCHEDULES, "scheduled", false, true, false},
    {GATE_RATIOS, "ratios", true, false, false},
    {GATE_TIMES, "times", true, true, true},
};

/* What is judged against what. */
struct soft {
    const json_t *sessions, *session;
    size_t alike;      /* stored sessions of this fingerprint */
    double confidence; /* of one interval */
    double *values;    /* room for one a session */
    struct gate *gate;
    size_t figures, unjudged; /* of the run; those that too few sessions have */
};

static bool is_alike(const json_t *a, const json_t *b)
{
    return strcmp(result_string(a, "fingerprint"), result_string(b, "fingerprint")) == 0;
}

/* The stored values of one figure, into s->values. Names have dots, so paths would not do. */
static size_t collect_from(const struct soft *s, const struct part *p, const char *cell,
                           const char *metric, bool alike_only)
{
    const json_t *stored;
    size_t i, n = 0;

    json_array_foreach(s->sessions, i, stored)
    {
        const json_t *figures = json_object_get(json_object_get(stored, p->key), cell);
        const json_t *v = json_object_get(figures, metric);

        if (v != NULL && (!alike_only || is_alike(stored, s->session)))
            s->values[n++] = p->logs ? log(json_number_value(v)) : json_number_value(v);
    }
    return n;
}

/* Those of this machine and build where there are enough of them. */
static size_t collect(const struct soft *s, const struct part *p, const char *cell,
                      const char *metric)
{
    size_t n = collect_from(s, p, cell, metric, true);

    return n >= STATS_PREDICTION_VALUES_MIN || p->same_machine
               ? n
               : collect_from(s, p, cell, metric, false);
}

static enum gate_outcome outcome_of(const struct part *p, double now,
                                    const struct stats_prediction *expected)
{
    if (now > expected->high)
        return GATE_OUTSIDE;
    if (now < expected->low)
        return p->low_is_good ? GATE_BETTER : GATE_OUTSIDE;
    return GATE_SAME;
}

static void widen(const struct part *p, struct stats_prediction *e)
{
    double step = p->logs ? log1p(RATIO_STEP) : fmax(COUNT_STEP, RATIO_STEP * fabs(e->mean));

    e->low = fmin(e->low, e->mean - step);
    e->high = fmax(e->high, e->mean + step);
}

static int judge_one(struct soft *s, const struct part *p, const char *cell, const char *metric,
                     double now)
{
    struct gate_row row = {cell, metric, p->part, GATE_UNJUDGED, false, NAN, now, NAN, NAN};
    struct stats_prediction e;
    size_t n = collect(s, p, cell, metric);

    if (stats_prediction_of(s->values, n, s->confidence, &e) == 0) {
        widen(p, &e);
        row.outcome = outcome_of(p, p->logs ? log(now) : now, &e);
        row.before = p->logs ? exp(e.mean) : e.mean;
        row.low = p->logs ? exp(e.low) : e.low;
        row.high = p->logs ? exp(e.high) : e.high;
    }
    s->unjudged += row.outcome == GATE_UNJUDGED;
    return gate_rows_add(s->gate, &row);
}

static int judge_part(struct soft *s, const struct part *p)
{
    const char *cell, *metric;
    json_t *metrics, *number;
    int rc = 0;

    json_object_foreach(json_object_get(s->session, p->key), cell, metrics)
    {
        json_object_foreach(metrics, metric, number)
        {
            if (rc == 0)
                rc = judge_one(s, p, cell, metric, json_number_value(number));
        }
    }
    return rc;
}

static size_t figures_count(const json_t *session)
{
    const char *cell;
    json_t *metrics;
    size_t n = 0;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_object_foreach(json_object_get(session, parts[i].key), cell, metrics)
        {
            n += json_object_size(metrics);
        }
    return n;
}

/* What was not judged, and why; after all parts were. */
static int add_notes(const struct soft *s)
{
    json_t *notes = s->gate->notes;

    if (!gate_shape_has_times(s->session) &&
        result_add_sentence(
            notes, "the run has counts only, so that times and the ratios between models are "
                   "not judged") != 0)
        return -ENOMEM;
    if (s->unjudged == 0)
        return 0;
    return result_add_sentence(
        notes,
        "%zu of %zu ratios, scheduled counts and times were not judged, since fewer "
        "than %d of the baseline's sessions have them (%zu stored, %zu of this "
        "machine and build, which is what times take); tva baseline save adds one",
        s->unjudged, s->figures, STATS_PREDICTION_VALUES_MIN, json_array_size(s->sessions),
        s->alike);
}

int gate_soft_judge(const json_t *baseline, const json_t *session, struct gate *gate)
{
    struct soft s = {.session = session, .gate = gate};
    const json_t *stored;
    size_t i;
    int rc = 0;

    s.sessions = json_object_get(baseline, "sessions");
    s.figures = figures_count(session);
    s.confidence = 1 - GATE_JUDGE_WARNED / (double)(s.figures > 0 ? s.figures : 1);
    s.values = calloc(json_array_size(s.sessions) + 1, sizeof *s.values);
    if (s.values == NULL)
        return -ENOMEM;
    json_array_foreach(s.sessions, i, stored)
    {
        s.alike += is_alike(stored, session);
    }
    for (i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++)
        rc = judge_part(&s, &parts[i]);
    if (rc == 0)
        rc = add_notes(&s);
    free(s.values);
    return rc;
}
