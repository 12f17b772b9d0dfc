#include "gate/gate_judge.h"

#include "gate/gate_mismatch.h"
#include "gate/gate_rows.h"
#include "gate/gate_shape.h"
#include "gate/gate_soft.h"
#include "result/result.h"
#include "summary/trust.h"

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

/* What is judged against what. */
struct hard {
    const json_t *run;
    struct gate_mismatch mismatch;
    struct gate *gate;
};

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

/* A count of the baseline, which the run must have; in the same kind, where it is hard. 0 or
 * -ENOMEM. */
static int judge_count(const struct hard *h, const json_t *cell, const char *name,
                       const char *metric, const json_t *stored, const json_t *measured)
{
    struct count before = count_of(stored), now;
    struct gate_row row = {name,         metric, GATE_COUNTS, GATE_SAME, false,
                           before.value, NAN,    NAN,         NAN};

    if (measured == NULL)
        return result_add_sentence(h->gate->faults, "the run lacks %s of \"%s\"", metric, name);
    if (before.kind == GATE_SCHEDULED)
        return 0;
    now = count_of(measured);
    row.soft = gate_mismatch_softens(&h->mismatch, cell, before.kind);
    if (now.kind != before.kind && !row.soft)
        return result_add_sentence(
            h->gate->faults,
            "%s of \"%s\" is %s in the baseline and %s in the run, so that they "
            "cannot be compared",
            metric, name, gate_shape_kind_name(before.kind), gate_shape_kind_name(now.kind));
    row.now = now.value;
    row.outcome = outcome_of(before, now);
    if (row.soft && row.outcome == GATE_WORSE)
        row.outcome = GATE_OUTSIDE;
    return gate_rows_add(h->gate, &row);
}

static int judge_cell(const struct hard *h, const char *name, json_t *stored,
                      const json_t *measured)
{
    const json_t *cell = cell_of(h->run, name);
    const char *metric;
    json_t *count;
    int rc = 0;

    if (measured == NULL)
        return result_add_sentence(h->gate->faults, "the run lacks the cell \"%s\"", name);
    json_object_foreach(stored, metric, count)
    {
        if (rc == 0)
            rc = judge_count(h, cell, name, metric, count, json_object_get(measured, metric));
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
            struct gate_row row = {cell, metric, GATE_COUNTS, GATE_NEW, false, NAN, 0, NAN, NAN};

            row.now = count_of(count).value;
            if (rc == 0 && count_of(count).kind != GATE_SCHEDULED &&
                json_object_get(json_object_get(stored, cell), metric) == NULL)
                rc = gate_rows_add(gate, &row);
        }
    }
    return rc;
}

/* A gate that cannot see is not open. */
static int refuse_when_all_is_soft(struct gate *gate)
{
    size_t soft = 0;

    for (size_t i = 0; i < gate->count; i++) {
        if (gate->rows[i].outcome != GATE_NEW && !gate->rows[i].soft)
            return 0;
        soft += gate->rows[i].soft;
    }
    if (soft == 0)
        return 0;
    return result_add_sentence(gate->faults,
                               "with other versions than the baseline's, named above, none of "
                               "its counts is hard; save a baseline with these versions");
}

static int judge_counts(const struct hard *h, const json_t *baseline, const json_t *extract)
{
    json_t *stored = json_object_get(baseline, "counts");
    const json_t *measured = json_object_get(extract, "counts");
    const char *name;
    json_t *metrics;
    int rc = 0;

    json_object_foreach(stored, name, metrics)
    {
        if (rc == 0)
            rc = judge_cell(h, name, metrics, json_object_get(measured, name));
    }
    if (rc == 0)
        rc = add_new(h->gate, stored, measured);
    return rc == 0 ? refuse_when_all_is_soft(h->gate) : rc;
}

int gate_judge(const json_t *baseline, const json_t *run, const json_t *extract,
               const json_t *faults, struct gate *out)
{
    const json_t *before = json_object_get(baseline, "context");
    const json_t *now = json_object_get(run, "context");
    struct hard h = {run, gate_mismatch_of(before, now), out};
    int rc;

    *out = (struct gate){.faults = json_deep_copy(faults), .notes = json_array()};
    if (out->faults == NULL || out->notes == NULL)
        return -ENOMEM;
    rc = gate_mismatch_add_note(&h.mismatch, before, now, out->notes);
    /* Without any counts, each of them missing would only repeat what is said already. */
    if (rc == 0 && json_object_size(json_object_get(extract, "counts")) > 0)
        rc = judge_counts(&h, baseline, extract);
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
