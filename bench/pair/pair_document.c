#include "pair/pair_document.h"

#include "pair/pair_reasons.h"
#include "result/result.h"
#include "summary/document.h"

#include <math.h>
#include <stdio.h>

static json_t *test_json(const struct pair_test *t, size_t blocks)
{
    if (blocks == 0)
        return json_null();
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "blocks", (json_int_t)blocks, "p",
                     result_new_number(t->p), "null_p", result_new_number(t->null_p), "spread",
                     result_new_number(t->spread), "minimal", result_new_number(exp(t->minimal)));
}

static json_t *metric_json(const struct pair_metric *m, const struct pair_cell *cell, size_t kind)
{
    char name[CELL_NAME_SIZE + 64];

    snprintf(name, sizeof name, "%s of %s", pair_kinds[kind].name, cell->name);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o, s:o, "
        "s:o}",
        "name", name, "cell", cell->name, "kind", pair_kinds[kind].name, "unit",
        pair_kinds[kind].unit, "verdict", pair_verdict_words[m->verdict], "reason", m->reason,
        "ratio", result_new_number(exp(m->estimate)), "ci_low", result_new_number(exp(m->ci_low)),
        "ci_high", result_new_number(exp(m->ci_high)), "null_ratio",
        result_new_number(exp(m->null_estimate)), "smallest",
        result_new_number(exp(pair_smallest(m))), "worth", result_new_number(exp(m->worth)),
        "suspect", m->suspect, "fresh_wanted", (json_int_t)m->fresh_wanted, "p_holm",
        result_new_number(m->p_holm), "null_p_holm", result_new_number(m->null_p_holm), "screened",
        test_json(&m->screened, m->screen.count), "confirmed",
        test_json(&m->confirmed, m->fresh.count));
}

static json_t *block_json(const struct pair_block *b)
{
    json_t *turns = json_array(), *block = json_object();
    int rc = turns == NULL || block == NULL ? -1 : 0;

    for (size_t i = 0; i < b->turns_count && rc == 0; i++) {
        const struct pair_turn *t = &b->turns[i];
        json_t *turn = json_pack("{s:s, s:I}", "arm", pair_arm_names[t->arm], "layout",
                                 (json_int_t)b->layouts[t->arm]);

        for (size_t k = 0; k < PAIR_KINDS && turn != NULL; k++)
            rc |= json_object_set_new(turn, pair_kinds[k].name, result_new_number(t->values[k]));
        rc |= json_array_append_new(turns, turn);
    }
    if (rc == 0)
        rc = json_object_set_new(block, "fresh", json_boolean(b->fresh));
    if (rc == 0)
        rc = json_object_set(block, "turns", turns);
    json_decref(turns);
    if (rc == 0)
        return block;
    json_decref(block);
    return NULL;
}

static json_t *cell_json(const struct pair_cell *c)
{
    json_t *blocks = json_array();
    int rc = blocks == NULL ? -1 : 0;

    for (size_t i = 0; i < c->count && rc == 0; i++)
        rc = json_array_append_new(blocks, block_json(&c->blocks[i]));
    if (rc == 0)
        return json_pack("{s:s, s:s, s:s?, s:o}", "name", c->name, "args", c->args, "inject",
                         c->inject, "blocks", blocks);
    json_decref(blocks);
    return NULL;
}

static json_t *programs_json(const struct pair_programs *p)
{
    json_t *out = json_object();
    int rc = out == NULL ? -1 : 0;

    for (size_t arm = 0; arm < PAIR_ARMS && rc == 0; arm++) {
        json_t *paths = json_array();

        for (size_t i = 0; i < p->arms[arm].count; i++)
            rc |= json_array_append_new(paths, json_string(p->arms[arm].paths[i]));
        rc |= json_object_set_new(out, pair_arm_names[arm], paths);
    }
    if (rc == 0)
        return out;
    json_decref(out);
    return NULL;
}

/* Who ran this, where: as result documents have it. */
static json_t *context_json(uint64_t seed)
{
    struct document_session session = {.seed = seed, .rounds = 1};
    json_t *result = document_create(&session);
    json_t *context = json_incref(json_object_get(result, "context"));

    json_decref(result);
    return context;
}

static int add_head(json_t *d, const struct pair_outcome *o)
{
    const struct pair_settings *s = o->session->settings;
    const struct pair_conclusion *c = &o->conclusion;
    const struct pair_host_noise *n = &o->noise;
    const size_t *retried = o->session->retried;
    json_t *head = json_pack(
        "{s:i, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:b, s:{s:o, s:o, s:o, s:I}, s:o, "
        "s:{s:b, s:I}, s:{s:I, s:I, s:I}, s:{s:I, s:I, s:I}}",
        "schema_version", 1, "kind", "tva-pair", "verdict", pair_verdict_words[c->verdict],
        "reasons", pair_reasons(o), "context", context_json(s->seed), "seed", (json_int_t)s->seed,
        "budget_s", result_new_number(clock_seconds(s->budget_ns)), "elapsed_s",
        result_new_number(clock_seconds(o->elapsed_ns)), "cut", o->session->cut, "host", "steal",
        result_new_number(n->steal), "load_before", result_new_number(n->load_before), "load_after",
        result_new_number(n->load_after), "cores", (json_int_t)n->cores, "programs",
        programs_json(s->programs), "null", "rejected", c->null_rejected, "strayed",
        (json_int_t)c->null_strayed, "counts", "pass", (json_int_t)c->counts[PAIR_PASS],
        "regression", (json_int_t)c->counts[PAIR_REGRESSION], "inconclusive",
        (json_int_t)c->counts[PAIR_INCONCLUSIVE], "retried", pair_arm_names[PAIR_BASE],
        (json_int_t)retried[PAIR_BASE], pair_arm_names[PAIR_RELINKED],
        (json_int_t)retried[PAIR_RELINKED], pair_arm_names[PAIR_CONTENDER],
        (json_int_t)retried[PAIR_CONTENDER]);
    int rc = head == NULL ? -1 : json_object_update(d, head);

    json_decref(head);
    return rc;
}

json_t *pair_document_create(const struct pair_outcome *o)
{
    json_t *d = json_object(), *metrics = json_array(), *cells = json_array();
    const struct pair_collection *c = o->collection;
    int rc = d == NULL || metrics == NULL || cells == NULL ? -1 : add_head(d, o);

    for (size_t i = 0; i < c->count && rc == 0; i++)
        rc = json_array_append_new(
            metrics, metric_json(&c->metrics[i], &o->session->cells[c->cells[i]], c->kinds[i]));
    for (size_t i = 0; i < o->session->count && rc == 0; i++)
        rc = json_array_append_new(cells, cell_json(&o->session->cells[i]));
    if (rc == 0)
        rc = json_object_set(d, "metrics", metrics) | json_object_set(d, "cells", cells);
    json_decref(metrics);
    json_decref(cells);
    if (rc == 0)
        return d;
    json_decref(d);
    return NULL;
}
