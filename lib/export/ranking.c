#include "export/ranking.h"

#include "base/clock.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EFFECT_MIN 1.02 /* smaller ratios are not worth a sentence, however certain */

static void range_of(const json_t *values, double *min, double *max)
{
    size_t i;
    const json_t *value;

    *min = *max = NAN;
    json_array_foreach(values, i, value)
    {
        *min = fmin(*min, json_number_value(value));
        *max = fmax(*max, json_number_value(value));
    }
}

/* Those of earlier versions are not. */
static bool is_loop(const json_t *cell)
{
    const char *kind = result_string(cell, "load.kind");

    return kind[0] != '\0' && strcmp(kind, "batch") != 0;
}

static double lost_share(const json_t *cell)
{
    double lost =
        result_number(cell, "arrivals.refused") + result_number(cell, "arrivals.unserved");
    double offered = result_number(cell, "arrivals.offered");

    return lost > 0 && offered > 0 ? lost / offered : 0;
}

static struct ranked ranked_of(const json_t *cell)
{
    bool loop = is_loop(cell);
    const json_t *summary = json_object_get(cell, "summary");
    const json_t *figure = json_object_get(summary, loop ? "latency_mean_s" : "makespan_s");
    double threads = result_number(cell, "threads");
    struct ranked r = {
        .cell = cell,
        .median_s = result_number(figure, "median"),
        .low_s = result_number(figure, "ci_low"),
        .high_s = result_number(figure, "ci_high"),
        .ideal_s = result_number(summary, loop ? "theory.mean_latency_s" : "ideal_makespan_s"),
        .lag_s = result_number(cell, "summary.heartbeat_lag_max_ns.median") / (double)NS_PER_S,
        .jobs = result_number(cell, "jobs"),
        .runs = result_number(cell, "runs"),
        .lost = lost_share(cell),
    };

    range_of(json_object_get(figure, "values"), &r.min_s, &r.max_s);
    r.valid = json_is_true(json_object_get(cell, "valid")) && r.median_s > 0;
    if (isnan(threads))
        snprintf(r.label, sizeof r.label, "%s", result_string(cell, "model"));
    else
        snprintf(r.label, sizeof r.label, "%s(%.0f)", result_string(cell, "model"), threads);
    return r;
}

static bool is_before(const struct ranked *a, const struct ranked *b)
{
    if ((a->lost > 0) != (b->lost > 0))
        return a->lost == 0;
    return a->median_s < b->median_s;
}

/* Insertion keeps equals in the document's order; a group has a handful of cells. */
static void insert(struct ranking *r, struct ranked entry)
{
    size_t at = r->count++;

    if (entry.valid) {
        while (at > 0 && (!r->cells[at - 1].valid || is_before(&entry, &r->cells[at - 1])))
            at--;
        memmove(&r->cells[at + 1], &r->cells[at], (r->count - 1 - at) * sizeof entry);
        r->valid++;
    }
    r->cells[at] = entry;
}

int ranking_init(struct ranking *r, const json_t *result, const char *group)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;

    *r = (struct ranking){.cells = calloc(json_array_size(cells) + 1, sizeof *r->cells)};
    if (r->cells == NULL)
        return -ENOMEM;
    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) == 0)
            insert(r, ranked_of(cell));
        r->loop = r->loop || (r->count > 0 && is_loop(r->cells[0].cell));
    }
    return 0;
}

void ranking_deinit(struct ranking *r)
{
    free(r->cells);
    r->cells = NULL;
}

bool ranking_differ(const struct ranked *a, const struct ranked *b)
{
    const struct ranked *fast = a->median_s <= b->median_s ? a : b;
    const struct ranked *slow = fast == a ? b : a;

    if ((a->lost > 0) != (b->lost > 0))
        return true;
    return fast->high_s < slow->low_s && slow->median_s >= fast->median_s * EFFECT_MIN;
}

size_t ranking_tied(const struct ranking *r)
{
    size_t n = 0;

    while (n < r->valid && !ranking_differ(&r->cells[0], &r->cells[n]))
        n++;
    return n;
}
