#include "export/ranking.h"

#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EFFECT_MIN 1.02 /* smaller ratios are not worth a sentence, however certain */

static bool is_loop(const json_t *cell)
{
    return (metric_cells_of(cell) & METRIC_LOOP) != 0;
}

static struct ranked ranked_of(const json_t *cell)
{
    const struct metric *headline = metric_headline(cell), *lag = metric_named("lag");
    struct metric_value value = metric_of(headline, cell);
    double lost = metric_of(metric_named("lost"), cell).median;
    double threads = result_number(cell, "threads");
    struct ranked r = {
        .cell = cell,
        .median_s = value.median,
        .low_s = value.low,
        .high_s = value.high,
        .min_s = NAN,
        .max_s = NAN,
        .ideal_s = metric_ideal(headline, cell),
        .lag_s = metric_of(lag, cell).median * metric_unit_scale(lag),
        .jobs = result_number(cell, "jobs"),
        .runs = result_number(cell, "runs"),
        .lost = lost > 0 ? lost : 0,
    };

    for (size_t i = 0; i < metric_runs(headline, cell); i++) {
        r.min_s = fmin(r.min_s, metric_run(headline, cell, i));
        r.max_s = fmax(r.max_s, metric_run(headline, cell, i));
    }
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
