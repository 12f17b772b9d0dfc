#include "gate/gate_judge.h"

#include "gate/gate_fingerprint.h"
#include "gate/gate_rows.h"
#include "gate/gate_shape.h"
#include "gate/gate_soft.h"
#include "result/result.h"
#include "result/trust.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Documents keep 12 digits; less than this is rounding. */
#define ROUNDING 1e-9

struct count {
    double value;
    enum gate_kind kind;
};

/* Both sides were checked when they were read. */
static struct count count_of(const json_t *count)
{
    struct count c = {0, GATE_KINDS_COUNT};

    gate_shape_count(count, "", &c.value, &c.kind, NULL);
    return c;
}

static enum gate_outcome outcome_of(struct count before, struct count now)
{
    double step = before.kind == GATE_INSTRUCTIONS ? GATE_JUDGE_INSTRUCTIONS_MAX * before.value
                                                   : ROUNDING * fmax(1, before.value);

    if (now.value > before.value + step)
        return GATE_WORSE;
    return now.value < before.value - step ? GATE_BETTER : GATE_SAME;
}

/* A count of the baseline, which the run must have in the same kind. 0 or -ENOMEM. */
static int judge_count(struct gate *gate, const char *cell, const char *metric,
                       const json_t *stored, const json_t *measured)
{
    struct count before = count_of(stored), now;
    struct gate_row row = {cell, metric, GATE_COUNTS, GATE_SAME, before.value, NAN, NAN, NAN};

    if (before.kind == GATE_SCHEDULED)
        return measured != NULL
                   ? 0
                   : trust_add(gate->faults, "the run lacks %s of \"%s\"", metric, cell);
    if (measured == NULL)
        return trust_add(gate->faults, "the run lacks %s of \"%s\"", metric, cell);
    now = count_of(measured);
    if (now.kind != before.kind)
        return trust_add(gate->faults,
                         "%s of \"%s\" is %s in the baseline and %s in the run, so that they "
                         "cannot be compared",
                         metric, cell, gate_shape_kind_name(before.kind),
                         gate_shape_kind_name(now.kind));
    row.now = now.value;
    row.outcome = outcome_of(before, now);
    return gate_rows_add(gate, &row);
}

static int judge_cell(struct gate *gate, const char *cell, json_t *stored, const json_t *measured)
{
    const char *metric;
    json_t *count;
    int rc = 0;

    if (measured == NULL)
        return trust_add(gate->faults, "the run lacks the cell \"%s\"", cell);
    json_object_foreach(stored, metric, count)
    {
        if (rc == 0)
            rc = judge_count(gate, cell, metric, count, json_object_get(measured, metric));
    }
    return rc;
}

/* What the run has and the baseline has not. */
static int add_new(struct gate *gate, const json_t *stored, const json_t *measured)
{
    const char *cell, *metric;
    json_t *metrics, *count;
    int rc = 0;

    json_object_foreach((json_t *)measured, cell, metrics)
    {
        json_object_foreach(metrics, metric, count)
        {
            struct gate_row row = {cell, metric, GATE_COUNTS, GATE_NEW, NAN, 0, NAN, NAN};

            row.now = count_of(count).value;
            if (rc == 0 && count_of(count).kind != GATE_SCHEDULED &&
                json_object_get(json_object_get(stored, cell), metric) == NULL)
                rc = gate_rows_add(gate, &row);
        }
    }
    return rc;
}

static int judge_counts(struct gate *gate, const json_t *baseline, const json_t *extract)
{
    json_t *stored = json_object_get(baseline, "counts");
    const json_t *measured = json_object_get(extract, "counts");
    const char *cell;
    json_t *metrics;
    int rc = 0;

    json_object_foreach(stored, cell, metrics)
    {
        if (rc == 0)
            rc = judge_cell(gate, cell, metrics, json_object_get(measured, cell));
    }
    return rc == 0 ? add_new(gate, stored, measured) : rc;
}

/* Builds whose counts differ by design, and those that may. */
static int compare_builds(struct gate *gate, const json_t *before, const json_t *now)
{
    const char *was = result_string(before, "build_type"), *is = result_string(now, "build_type");
    char differing[200];

    if (strcmp(was, is) != 0)
        return trust_add(gate->faults,
                         "the baseline is of a %s build and the run of a %s build, whose counts "
                         "cannot be compared",
                         was[0] != '\0' ? was : "nameless", is[0] != '\0' ? is : "nameless");
    if (!gate_fingerprint_build_differs(before, now, differing, sizeof differing))
        return 0;
    return trust_add(gate->notes,
                     "the baseline was recorded with another version of: %s; instructions, and "
                     "calls inside of libraries, may differ for that reason alone",
                     differing);
}

int gate_judge(const json_t *baseline, const json_t *run, const json_t *extract,
               const json_t *faults, struct gate *out)
{
    int rc;

    *out = (struct gate){.faults = json_deep_copy(faults), .notes = json_array()};
    if (out->faults == NULL || out->notes == NULL)
        return -ENOMEM;
    rc = compare_builds(out, json_object_get(baseline, "context"), json_object_get(run, "context"));
    /* Without any counts, each of them missing would only repeat what is said already. */
    if (rc == 0 && json_object_size(json_object_get(extract, "counts")) > 0)
        rc = judge_counts(out, baseline, extract);
    if (rc == 0 && json_array_size(out->faults) == 0)
        rc = gate_soft_judge(baseline, json_object_get(extract, "session"), out);
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
    json_decref(gate->faults);
    json_decref(gate->notes);
    *gate = (struct gate){0};
}
