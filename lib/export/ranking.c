#include "export/ranking.h"

#include "base/array.h"
#include "math/stats_ranks.h"
#include "model/model.h"
#include "result/metric.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MOST 30 /* more are not needed to tell any number of models apart */

static const struct metric *metric_by(const struct ranking *r, const json_t *cell)
{
    return r->by != NULL ? r->by : metric_headline(cell);
}

static struct ranked ranked_of(const struct ranking *ranking, const json_t *cell)
{
    const struct metric *by = metric_by(ranking, cell), *lag = metric_named("lag");
    struct metric_value value = metric_of(by, cell);
    double lost = metric_of(metric_named("lost"), cell).median;
    struct ranked r = {
        .cell = cell,
        .model = model_find(result_string(cell, "model"), NULL),
        .median_s = value.median,
        .low_s = value.low,
        .high_s = value.high,
        .ideal_s = metric_ideal(by, cell),
        .lag_s = metric_of(lag, cell).median * metric_unit_scale(lag),
        .jobs = result_number(cell, "jobs"),
        .runs = result_number(cell, "runs"),
        .lost = lost > 0 ? lost : 0,
    };

    r.valid = json_is_true(json_object_get(cell, "valid")) &&
              (r.median_s > 0 || (ranking->by != NULL && r.median_s == 0));
    result_label(cell, r.label, sizeof r.label);
    return r;
}

/* By how much a is better, as a ratio of medians. */
static double lead(const struct ranking *r, const struct ranked *a, const struct ranked *b)
{
    return r->by != NULL && r->by->more_is_better ? a->median_s / b->median_s
                                                  : b->median_s / a->median_s;
}

static bool is_before(const struct ranking *r, const struct ranked *a, const struct ranked *b)
{
    if ((a->lost > 0) != (b->lost > 0))
        return a->lost == 0;
    return lead(r, a, b) > 1;
}

/* Insertion keeps equals in the document's order; a group has a handful of cells. */
static void insert(struct ranking *r, struct ranked entry)
{
    size_t at = r->count++;

    entry.at = at;
    if (entry.valid) {
        while (at > 0 && (!r->cells[at - 1].valid || is_before(r, &entry, &r->cells[at - 1])))
            at--;
        memmove(&r->cells[at + 1], &r->cells[at], (r->count - 1 - at) * sizeof entry);
        r->valid++;
    }
    r->cells[at] = entry;
}

/* Two-sided p of the rank-sum test. 0 or -ENOMEM. */
static int compare_runs(const struct ranking *r, const struct ranked *a, const struct ranked *b,
                        double *p)
{
    double of_a[METRIC_RUNS_MAX], of_b[METRIC_RUNS_MAX];
    size_t a_count = metric_values(metric_by(r, a->cell), a->cell, of_a);
    size_t b_count = metric_values(metric_by(r, b->cell), b->cell, of_b);
    struct stats_rank_sum test = {.p = 1};
    int rc = 0;

    if (a_count > 0 && b_count > 0)
        rc = stats_rank_sum_of(of_a, a_count, of_b, b_count, &test);
    *p = test.p;
    return rc;
}

/* The pairs of n things. */
static size_t pairs_of(size_t n)
{
    return n * (n - 1) / 2;
}

/* 2 / C(2r, r) is the smallest p of r runs against r. */
size_t ranking_runs_needed(size_t n)
{
    double p = 2;
    size_t r = 0;

    while (r < RANKING_RUNS_MIN || (p * (double)pairs_of(n) > RANKING_ALPHA && r < RUNS_MOST)) {
        r++;
        p *= (double)r / (double)(2 * (2 * r - 1)); /* C(2r, r) = C(2r-2, r-1) * 2(2r-1) / r */
    }
    return r;
}

/* Find who is behind the fastest: the pairs of the first come first. 0 or -ENOMEM. */
static int judge(struct ranking *r)
{
    size_t n = r->valid, pairs = n > 0 ? pairs_of(n) : 0, at = 0;
    double *p = malloc((pairs + 1) * sizeof *p);
    int rc = p != NULL ? 0 : -ENOMEM;

    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n && rc == 0; b++)
            rc = compare_runs(r, &r->cells[a], &r->cells[b], &p[at++]);
    if (rc == 0)
        rc = stats_holm_adjust(p, pairs, p);
    for (size_t k = 1; k < n && rc == 0; k++)
        r->cells[k].behind =
            r->told && ((r->cells[k].lost > 0 && r->cells[0].lost == 0) ||
                        (p[k - 1] <= RANKING_ALPHA &&
                         lead(r, &r->cells[0], &r->cells[k]) >= 1 + RANKING_EFFECT));
    free(p);
    return rc;
}

/* Those of the first place move before those behind; else the order stays. */
static void bring_up_tied(struct ranking *r)
{
    for (size_t k = 0; k < r->valid; k++) {
        struct ranked cell = r->cells[k];

        if (cell.behind)
            continue;
        memmove(&r->cells[r->tied + 1], &r->cells[r->tied], (k - r->tied) * sizeof cell);
        r->cells[r->tied++] = cell;
    }
}

/* 0 or -ENOMEM. */
static int add(struct ranking *r, const json_t *cell)
{
    if (array_grow(&r->cells, r->count, &r->capacity, sizeof *r->cells) < 0)
        return -ENOMEM;
    r->loop = (metric_cells_of(cell) & METRIC_LOOP) != 0;
    r->counted = r->counted || (metric_cells_of(cell) & METRIC_COUNTED) != 0;
    r->measured = r->measured || json_object_get(cell, "counts") == NULL ||
                  json_is_object(json_object_get(cell, "summary"));
    insert(r, ranked_of(r, cell));
    return 0;
}

/* All cells are in: judge. 0 or -ENOMEM. */
static int finish(struct ranking *r)
{
    r->rows = calloc(r->count + 1, sizeof *r->rows);
    r->runs_needed = ranking_runs_needed(r->valid);
    r->told = true;
    for (size_t i = 0; i < r->valid; i++) {
        const json_t *cell = r->cells[i].cell;

        r->told = r->told && metric_runs(metric_by(r, cell), cell) >= r->runs_needed;
    }
    if (r->rows == NULL || judge(r) != 0)
        return -ENOMEM;
    bring_up_tied(r);
    for (size_t i = 0; i < r->count; i++)
        r->rows[r->cells[i].at] = &r->cells[i];
    return 0;
}

int rankings_init(struct rankings *all, const json_t *result)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    int rc = 0;
    size_t i;

    *all = (struct rankings){.of = calloc(json_array_size(cells) + 1, sizeof *all->of)};
    if (all->of == NULL)
        return -ENOMEM;
    json_array_foreach(cells, i, cell)
    {
        const char *group = result_string(cell, "group");
        struct ranking *r = all->of, *end = all->of + all->count;

        while (r < end && strcmp(r->group, group) != 0)
            r++;
        if (r == end) {
            *r = (struct ranking){.result = result, .group = group};
            all->count++;
        }
        rc |= add(r, cell);
    }
    for (i = 0; i < all->count && rc == 0; i++)
        rc = finish(&all->of[i]);
    return rc == 0 ? 0 : -ENOMEM;
}

void rankings_deinit(struct rankings *all)
{
    while (all->count > 0)
        ranking_deinit(&all->of[--all->count]);
    free(all->of);
    all->of = NULL;
}

int ranking_init_by(struct ranking *r, const json_t *const *cells, size_t count,
                    const struct metric *by)
{
    int rc = 0;

    *r = (struct ranking){.by = by};
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = add(r, cells[i]);
    if (rc == 0)
        rc = finish(r);
    if (rc != 0)
        ranking_deinit(r);
    return rc;
}

void ranking_deinit(struct ranking *r)
{
    free(r->cells);
    free(r->rows);
    *r = (struct ranking){.cells = NULL};
}

bool ranking_differ(const struct ranking *r, const struct ranked *fast, const struct ranked *slow)
{
    double p = 1;

    if (fast == r->cells)
        return slow->behind;
    return r->told && compare_runs(r, fast, slow, &p) == 0 &&
           p * (double)pairs_of(r->valid) <= RANKING_ALPHA &&
           lead(r, fast, slow) >= 1 + RANKING_EFFECT;
}

double ranking_hidden(const struct ranking *r)
{
    double low = INFINITY, high = 0;

    for (size_t k = 0; k < r->tied; k++) {
        low = fmin(low, r->cells[k].low_s);
        high = fmax(high, r->cells[k].high_s);
    }
    return r->tied > 1 ? high / low - 1 : 0;
}

const struct ranked *ranking_reference(const struct ranking *r)
{
    static const char *const names[] = {"sequential", "blocking"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = r->tied; k < r->valid; k++)
            if (r->cells[k].lost == 0 &&
                strcmp(result_string(r->cells[k].cell, "model"), names[i]) == 0)
                return &r->cells[k];
    for (size_t k = r->valid; k > r->tied; k--)
        if (r->cells[k - 1].lost == 0)
            return &r->cells[k - 1];
    return NULL;
}
