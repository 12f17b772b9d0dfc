#include "pair/pair_blocks.h"

#include "math/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

double pair_block_log(const struct pair_block *block, enum pair_arm arm, size_t metric)
{
    double logs[PAIR_TURNS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < block->turns_count; i++) {
        if (block->turns[i].arm != arm)
            continue;
        logs[n] = log(block->turns[i].values[metric]);
        if (isnan(logs[n++]))
            return NAN;
    }
    return n == 0 ? NAN : stats_median(logs, n);
}

/* In how many blocks of the screen each arm has a value. The blocks that confirm do not decide
 * which metrics are judged: else a suspect that lacks a value there would not be judged. */
struct presence {
    size_t arms[PAIR_ARMS], blocks;
};

static struct presence presence_of(const struct pair_cell *c, size_t metric)
{
    struct presence p = {0};

    for (size_t i = 0; i < c->count; i++) {
        const struct pair_block *block = &c->blocks[i];

        if (block->fresh)
            continue;
        for (enum pair_arm arm = 0; arm < PAIR_ARMS; arm++)
            p.arms[arm] += !isnan(pair_block_log(block, arm, metric));
        p.blocks++;
    }
    return p;
}

/* Append the ratios of the screen's or of the fresh blocks to values[], contender's and then
 * relinked's. Returns the end of what was written. */
static double *take_series(const struct pair_cell *c, size_t metric, bool fresh, double *values,
                           struct pair_series *out)
{
    double *relinked = values + c->count;

    *out = (struct pair_series){.contender = values, .relinked = relinked};
    for (size_t i = 0; i < c->count; i++) {
        const struct pair_block *block = &c->blocks[i];
        double base = pair_block_log(block, PAIR_BASE, metric);
        double contender = pair_block_log(block, PAIR_CONTENDER, metric) - base;
        double again = pair_block_log(block, PAIR_RELINKED, metric) - base;

        if (block->fresh != fresh || isnan(contender) || isnan(again))
            continue;
        values[out->count] = contender;
        relinked[out->count++] = again;
    }
    return relinked + c->count;
}

/* A run of some ms may have no CPU time by chance. So does a whole side of few blocks. */
#define BLOCKS_TO_TELL 3

static int check_sides(const struct pair_cell *c, const struct presence *p, size_t metric,
                       struct err *err)
{
    size_t base = p->arms[PAIR_BASE], contender = p->arms[PAIR_CONTENDER];
    bool base_lacks = base == 0 && 2 * contender > p->blocks;
    bool contender_lacks = contender == 0 && 2 * base > p->blocks;

    if (p->blocks < BLOCKS_TO_TELL || (!base_lacks && !contender_lacks))
        return 0;
    return err_set(err, -EINVAL, "the %s has no %s of %s, and the %s has it",
                   base_lacks ? "base" : "contender", pair_metric(metric)->title, c->name,
                   base_lacks ? "contender" : "base");
}

/* Do two arms have the metric in all blocks? One arm alone may have it by chance. */
static bool is_there(const struct presence *p)
{
    size_t full = 0;

    for (size_t arm = 0; arm < PAIR_ARMS; arm++)
        full += p->arms[arm] == p->blocks;
    return full >= 2;
}

static int allocate(const struct pair_blocks *s, struct pair_collection *out)
{
    size_t values = 1;

    for (size_t i = 0; i < s->count; i++)
        values += s->cells[i].count * 4 * PAIR_METRICS;
    *out = (struct pair_collection){
        .comparisons = calloc(s->count * PAIR_METRICS + 1, sizeof *out->comparisons),
        .values = calloc(values, sizeof *out->values),
    };
    return out->comparisons != NULL && out->values != NULL ? 0 : -ENOMEM;
}

int pair_collect(const struct pair_blocks *s, struct pair_collection *out, struct err *err)
{
    int r = allocate(s, out);
    double *at = out->values;

    if (r < 0)
        err_set(err, r, "out of memory");
    for (size_t i = 0; i < s->count * PAIR_METRICS && r == 0; i++) {
        struct pair_comparison *m = &out->comparisons[out->count];
        const struct pair_cell *c = &s->cells[i / PAIR_METRICS];
        struct presence p = presence_of(c, i % PAIR_METRICS);

        r = check_sides(c, &p, i % PAIR_METRICS, err);
        if (r < 0 || !is_there(&p))
            continue;
        m->cell = i / PAIR_METRICS;
        m->metric = i % PAIR_METRICS;
        m->worth = log1p(pair_metrics[m->metric].worth);
        at = take_series(c, m->metric, false, at, &m->screen);
        at = take_series(c, m->metric, true, at, &m->fresh);
        out->count++;
    }
    if (r < 0)
        pair_collection_deinit(out);
    return r;
}

void pair_collection_deinit(struct pair_collection *c)
{
    free(c->comparisons);
    free(c->values);
    *c = (struct pair_collection){0};
}

size_t pair_collection_ask(const struct pair_collection *c, struct pair_blocks *s)
{
    size_t blocks = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct pair_comparison *m = &c->comparisons[i];
        struct pair_cell *cell = &s->cells[m->cell];

        if (m->fresh_wanted > cell->fresh_wanted)
            cell->fresh_wanted = (unsigned)m->fresh_wanted;
        cell->suspect = cell->suspect || m->suspect;
    }
    for (size_t i = 0; i < s->count; i++)
        blocks += s->cells[i].fresh_wanted;
    return blocks;
}
