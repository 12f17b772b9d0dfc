#include "pair/pair_collect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double pair_block_log(const struct pair_block *block, enum pair_arm arm, size_t kind)
{
    double logs[PAIR_TURNS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < block->turns_count; i++) {
        if (block->turns[i].arm != arm)
            continue;
        logs[n] = log(block->turns[i].values[kind]);
        if (isnan(logs[n++]))
            return NAN;
    }
    qsort(logs, n, sizeof *logs, compare);
    return n == 0 ? NAN : (logs[(n - 1) / 2] + logs[n / 2]) / 2;
}

/* In how many blocks of the screen each arm has a value. What is measured later has no say in what
 * is judged: else a suspect could get away by having no value for once. */
struct presence {
    size_t arms[PAIR_ARMS], blocks;
};

static struct presence presence_of(const struct pair_cell *c, size_t kind)
{
    struct presence p = {0};

    for (size_t i = 0; i < c->count; i++) {
        const struct pair_block *block = &c->blocks[i];

        if (block->fresh)
            continue;
        for (enum pair_arm arm = 0; arm < PAIR_ARMS; arm++)
            p.arms[arm] += !isnan(pair_block_log(block, arm, kind));
        p.blocks++;
    }
    return p;
}

/* Append the ratios of the screen's or of the fresh blocks to values[], contender's and then
 * relinked's. Returns the end of what was written. */
static double *take_series(const struct pair_cell *c, size_t kind, bool fresh, double *values,
                           struct pair_series *out)
{
    double *relinked = values + c->count;

    *out = (struct pair_series){.contender = values, .relinked = relinked};
    for (size_t i = 0; i < c->count; i++) {
        const struct pair_block *block = &c->blocks[i];
        double base = pair_block_log(block, PAIR_BASE, kind);
        double contender = pair_block_log(block, PAIR_CONTENDER, kind) - base;
        double again = pair_block_log(block, PAIR_RELINKED, kind) - base;

        if (block->fresh != fresh || isnan(contender) || isnan(again))
            continue;
        values[out->count] = contender;
        relinked[out->count++] = again;
    }
    return relinked + c->count;
}

static int check_sides(const struct pair_cell *c, const struct presence *p, size_t kind,
                       struct err *err)
{
    size_t base = p->arms[PAIR_BASE], contender = p->arms[PAIR_CONTENDER];
    bool base_lacks = base == 0 && 2 * contender > p->blocks;
    bool contender_lacks = contender == 0 && 2 * base > p->blocks;

    if (!base_lacks && !contender_lacks)
        return 0;
    return err_set(err, -EINVAL, "the %s has no %s of %s, and the %s has it",
                   base_lacks ? "base" : "contender", pair_kinds[kind].name, c->name,
                   base_lacks ? "contender" : "base");
}

/* Do two arms have it throughout? One alone may by chance. */
static bool is_there(const struct presence *p)
{
    size_t full = 0;

    for (size_t arm = 0; arm < PAIR_ARMS; arm++)
        full += p->arms[arm] == p->blocks;
    return full >= 2;
}

static int allocate(const struct pair_session *s, struct pair_collection *out)
{
    size_t metrics = s->count * PAIR_KINDS, values = 1;

    for (size_t i = 0; i < s->count; i++)
        values += s->cells[i].count * 4 * PAIR_KINDS;
    *out = (struct pair_collection){
        .metrics = calloc(metrics + 1, sizeof *out->metrics),
        .cells = calloc(metrics + 1, sizeof *out->cells),
        .kinds = calloc(metrics + 1, sizeof *out->kinds),
        .values = calloc(values, sizeof *out->values),
    };
    return out->metrics && out->cells && out->kinds && out->values ? 0 : -ENOMEM;
}

int pair_collect(const struct pair_session *s, struct pair_collection *out, struct err *err)
{
    int r = allocate(s, out);
    double *at = out->values;

    if (r < 0) {
        pair_collection_deinit(out);
        return err_set(err, r, "out of memory");
    }
    for (size_t i = 0; i < s->count * PAIR_KINDS; i++) {
        const struct pair_cell *c = &s->cells[i / PAIR_KINDS];
        size_t kind = i % PAIR_KINDS;
        struct presence p = presence_of(c, kind);
        struct pair_metric *m = &out->metrics[out->count];

        r = check_sides(c, &p, kind, err);
        if (r < 0) {
            pair_collection_deinit(out);
            return r;
        }
        if (!is_there(&p))
            continue;
        at = take_series(c, kind, false, at, &m->screen);
        at = take_series(c, kind, true, at, &m->fresh);
        m->worth = log1p(pair_kinds[kind].worth);
        out->cells[out->count] = i / PAIR_KINDS;
        out->kinds[out->count++] = kind;
    }
    return 0;
}

void pair_collection_deinit(struct pair_collection *c)
{
    free(c->metrics);
    free(c->cells);
    free(c->kinds);
    free(c->values);
    *c = (struct pair_collection){0};
}

size_t pair_collection_ask(const struct pair_collection *c, struct pair_session *s)
{
    size_t blocks = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct pair_metric *m = &c->metrics[i];
        struct pair_cell *cell = &s->cells[c->cells[i]];

        if (m->fresh_wanted > cell->fresh_wanted)
            cell->fresh_wanted = (unsigned)m->fresh_wanted;
        cell->suspect = cell->suspect || m->suspect;
    }
    for (size_t i = 0; i < s->count; i++)
        blocks += s->cells[i].fresh_wanted;
    return blocks;
}
