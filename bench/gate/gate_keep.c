#include "gate/gate_keep.h"

#include "gate/gate_judge.h"
#include "gate/gate_mismatch.h"
#include "gate/gate_shape.h"

#include <errno.h>
#include <stdio.h>

/* What the baseline has and the run has not. */
struct lost {
    size_t cells, counts;
    char first[300];
};

/* Both sides were checked when they were read. NULL is a count that is not there. */
static bool is_hard(const json_t *count)
{
    enum gate_kind kind = GATE_SCHEDULED;
    double value;

    return gate_shape_count(count, "", &value, &kind, NULL) == 0 && kind != GATE_SCHEDULED;
}

static void note_first(struct lost *lost, const char *what, const char *cell)
{
    if (lost->cells + lost->counts == 0)
        snprintf(lost->first, sizeof lost->first, "%.60s \"%.200s\"", what, cell);
}

static void look_for_counts(struct lost *lost, const char *cell, json_t *stored,
                            const json_t *measured)
{
    const char *metric;
    json_t *count;

    json_object_foreach(stored, metric, count)
    {
        char what[64];

        if (!is_hard(count) || is_hard(json_object_get(measured, metric)))
            continue;
        snprintf(what, sizeof what, "%.40s of", metric);
        note_first(lost, what, cell);
        lost->counts++;
    }
}

int gate_keep_check(const json_t *old, const json_t *extract, const char *name, struct err *err)
{
    const json_t *measured = json_object_get(extract, "counts");
    struct lost lost = {0};
    const char *cell;
    json_t *metrics;

    json_object_foreach(json_object_get(old, "counts"), cell, metrics)
    {
        const json_t *now = json_object_get(measured, cell);

        if (now != NULL) {
            look_for_counts(&lost, cell, metrics, now);
            continue;
        }
        note_first(&lost, "the cell", cell);
        lost.cells++;
    }
    if (lost.cells + lost.counts == 0)
        return 0;
    return err_set(err, -EINVAL,
                   "%.100s lacks %zu cell%s and %zu other count%s that the baseline holds code to, "
                   "first %s; count them, too, or let them go with --replace",
                   name, lost.cells, lost.cells == 1 ? "" : "s", lost.counts,
                   lost.counts == 1 ? "" : "s", lost.first);
}

/* Are both instructions, of which the run's have risen within the tolerance? */
static bool has_crept(const json_t *stored, const json_t *measured)
{
    enum gate_kind was = GATE_SCHEDULED, is = GATE_SCHEDULED;
    double before, now;

    return gate_shape_count(stored, "", &before, &was, NULL) == 0 && was == GATE_INSTRUCTIONS &&
           gate_shape_count(measured, "", &now, &is, NULL) == 0 && is == GATE_INSTRUCTIONS &&
           now > before && now <= before + GATE_JUDGE_INSTRUCTIONS_MAX * before;
}

int gate_keep_lower(const json_t *old, const json_t *run, json_t *extract)
{
    struct gate_mismatch m =
        gate_mismatch_of(json_object_get(old, "context"), json_object_get(run, "context"));
    json_t *stored = json_object_get(old, "counts"), *metrics, *count;
    const char *cell, *metric;
    int kept = 0;

    if (m.code || m.loop || m.requests)
        return 0;
    json_object_foreach(stored, cell, metrics)
    {
        json_t *measured = json_object_get(json_object_get(extract, "counts"), cell);

        json_object_foreach(metrics, metric, count)
        {
            if (!has_crept(count, json_object_get(measured, metric)))
                continue;
            if (json_object_set(measured, metric, count) != 0)
                return -ENOMEM;
            kept++;
        }
    }
    return kept;
}
