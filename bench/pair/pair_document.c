#include "pair/pair_document.h"

#include "base/build_id.h"
#include "base/clock.h"
#include "base/text.h"
#include "measure/usage.h"
#include "result/result.h"
#include "summary/document.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static json_t *test_json(const struct pair_test *t, size_t blocks)
{
    if (blocks == 0)
        return json_null();
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "blocks", (json_int_t)blocks, "p",
                     result_new_number(t->p), "null_p", result_new_number(t->null_p), "spread",
                     result_new_number(t->spread), "minimal", result_new_number(exp(t->minimal)));
}

static json_t *metric_json(const struct pair_comparison *m, const struct pair_blocks *blocks)
{
    const struct metric *metric = pair_metric(m->metric);
    const char *cell = blocks->cells[m->cell].name;
    char name[CELL_NAME_SIZE + 64];

    snprintf(name, sizeof name, "%s of %s", metric->title, cell);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o, "
        "s:o, s:o}",
        "name", name, "cell", cell, "key", metric->key, "title", metric->title, "unit",
        metric_unit_name(metric), "verdict", pair_verdict_words[m->verdict], "reason", m->reason,
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
    json_t *turns = json_array();
    int rc = 0;

    for (size_t i = 0; i < b->turns_count && rc == 0; i++) {
        const struct pair_turn *t = &b->turns[i];
        json_t *turn = json_pack("{s:s, s:I}", "arm", pair_arm_names[t->arm], "layout",
                                 (json_int_t)b->layouts[t->arm]);

        for (size_t k = 0; k < PAIR_METRICS && turn != NULL; k++)
            rc |= json_object_set_new(turn, pair_metric(k)->key, result_new_number(t->values[k]));
        rc |= json_array_append_new(turns, turn);
    }
    return json_pack("{s:b, s:o}", "fresh", b->fresh, "turns", result_built(turns, rc));
}

static json_t *cell_json(const struct pair_cell *c)
{
    json_t *blocks = json_array();
    int rc = 0;

    for (size_t i = 0; i < c->count && rc == 0; i++)
        rc = json_array_append_new(blocks, block_json(&c->blocks[i]));
    return json_pack("{s:s, s:s, s:s?, s:o}", "name", c->name, "args", c->args, "inject",
                     c->inject[0] != '\0' ? c->inject : NULL, "blocks", result_built(blocks, rc));
}

/* The programs of each arm, or plugins: their paths, or what tells their builds apart. */
static json_t *programs_json(const struct pair_programs *p, bool builds)
{
    json_t *out = json_object();
    char build[BUILD_ID_SIZE];
    int rc = 0;

    for (size_t arm = 0; arm < PAIR_ARMS && rc == 0; arm++) {
        json_t *list = json_array();

        for (size_t i = 0; i < p->arms[arm].count; i++) {
            const char *path = p->arms[arm].paths[i];

            rc |= json_array_append_new(
                list, json_string(builds ? build_id_of(path, build, sizeof build) : path));
        }
        rc |= json_object_set_new(out, pair_arm_names[arm], list);
    }
    return result_built(out, rc);
}

static int add_regressions(json_t *reasons, const struct pair_outcome *o)
{
    const struct pair_collection *c = o->collection;
    int rc = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct pair_comparison *m = &c->comparisons[i];

        if (m->verdict == PAIR_REGRESSION)
            rc |= result_add_sentence(
                reasons,
                "%s of %s: %.1f %% %s (95 %%: %.1f to %.1f), confirmed in %zu fresh block%s",
                pair_metric(m->metric)->title, o->blocks->cells[m->cell].name,
                100 * expm1(m->estimate), pair_metric(m->metric)->more, 100 * expm1(m->ci_low),
                100 * expm1(m->ci_high), m->fresh.count, TEXT_S(m->fresh.count));
    }
    return rc;
}

/* Add a sentence for each different reason, with the number of its metrics. */
static int add_inconclusive(json_t *reasons, const struct pair_outcome *o)
{
    const struct pair_collection *c = o->collection;
    int rc = 0;

    for (size_t i = 0; i < c->count; i++) {
        const char *reason = c->comparisons[i].reason;
        size_t same = 0;
        bool first = reason != NULL;

        for (size_t k = 0; k < c->count && first; k++) {
            bool equal = c->comparisons[k].reason && strcmp(c->comparisons[k].reason, reason) == 0;

            first = !(equal && k < i);
            same += equal;
        }
        if (first)
            rc |= result_add_sentence(reasons, "%zu of %zu metric%s cannot be judged: %s", same,
                                      c->count, TEXT_S(c->count), reason);
    }
    return rc;
}

static int add_failures(json_t *reasons, const struct pair_blocks *s)
{
    const size_t *n = s->retried;

    if (n[PAIR_BASE] + n[PAIR_RELINKED] + n[PAIR_CONTENDER] == 0)
        return 0;
    return result_add_sentence(
        reasons,
        "runs failed and did not when they were tried again: %zu of the base, %zu of the "
        "relinked base, %zu of the contender",
        n[PAIR_BASE], n[PAIR_RELINKED], n[PAIR_CONTENDER]);
}

/* Why the verdict is what it is: an array of sentences on what is slower and by how much, what
 * is not known, and what to do. NULL when out of memory. */
static json_t *reasons_json(const struct pair_outcome *o)
{
    const struct pair_conclusion *c = &o->conclusion;
    const struct pair_host *h = &o->host;
    json_t *reasons = json_array();
    int rc = add_regressions(reasons, o) | add_inconclusive(reasons, o);

    if (rc == 0 && c->null_rejected)
        rc = result_add_sentence(
            reasons,
            "the base differs from itself when linked again (in %zu of %zu metric%s), so that "
            "this machine is too noisy now",
            c->null_strayed, o->collection->count, TEXT_S(o->collection->count));
    if (rc == 0)
        rc = add_failures(reasons, o->blocks);
    if (rc == 0 && o->blocks->cut)
        rc = result_add_sentence(reasons, "there was no time for all blocks: --budget allows more");
    if (rc == 0 && c->verdict == PAIR_INCONCLUSIVE)
        rc = result_add_sentence(
            reasons,
            "the host took %.1f %% of the CPU time (steal); load average %.1f before and %.1f "
            "after, on %lld core%s",
            100 * h->steal, h->load_before, h->load_after, (long long)h->cores, TEXT_S(h->cores));
    return result_built(reasons, rc);
}

static json_t *head_json(const struct pair_outcome *o)
{
    const struct pair_settings *s = o->blocks->settings;
    const struct pair_conclusion *c = &o->conclusion;
    const struct pair_host *h = &o->host;
    const size_t *retried = o->blocks->retried;

    return json_pack(
        "{s:i, s:s, s:s, s:o, s:o, s:s, s:I, s:o, s:o, s:b, s:{s:o, s:o, s:o, s:I}, s:o, s:o, "
        "s:{s:b, s:I}, s:{s:I, s:I, s:I}, s:{s:I, s:I, s:I}}",
        "schema_version", 2, "kind", "tva-pair", "verdict", pair_verdict_words[c->verdict],
        "reasons", reasons_json(o), "context", document_context(), "observed_by",
        o->blocks->observer->by_run ? "run" : "cell", "seed", (json_int_t)s->seed, "budget_s",
        result_new_number(clock_seconds(s->budget_ns)), "elapsed_s",
        result_new_number(clock_seconds(o->elapsed_ns)), "cut", o->blocks->cut, "host", "steal",
        result_new_number(h->steal), "load_before", result_new_number(h->load_before), "load_after",
        result_new_number(h->load_after), "cores", (json_int_t)h->cores, "programs",
        programs_json(&s->programs, false), "builds", programs_json(&s->programs, true), "null",
        "rejected", c->null_rejected, "strayed", (json_int_t)c->null_strayed, "counts", "pass",
        (json_int_t)c->counts[PAIR_PASS], "regression", (json_int_t)c->counts[PAIR_REGRESSION],
        "inconclusive", (json_int_t)c->counts[PAIR_INCONCLUSIVE], "retried",
        pair_arm_names[PAIR_BASE], (json_int_t)retried[PAIR_BASE], pair_arm_names[PAIR_RELINKED],
        (json_int_t)retried[PAIR_RELINKED], pair_arm_names[PAIR_CONTENDER],
        (json_int_t)retried[PAIR_CONTENDER]);
}

json_t *pair_document_create(const struct pair_outcome *o)
{
    json_t *d = head_json(o), *compared = json_array(), *cells = json_array();
    const struct pair_collection *c = o->collection;
    int rc = 0;

    for (size_t i = 0; i < c->count && rc == 0; i++)
        rc = json_array_append_new(compared, metric_json(&c->comparisons[i], o->blocks));
    for (size_t i = 0; i < o->blocks->count && rc == 0; i++)
        rc = json_array_append_new(cells, cell_json(&o->blocks->cells[i]));
    rc |= json_object_set_new(d, "metrics", compared);
    rc |= json_object_set_new(d, "cells", cells);
    return result_built(d, rc);
}

static double load_now(void)
{
    double load;

    return getloadavg(&load, 1) == 1 ? load : NAN;
}

static uint64_t steal_now(void)
{
    struct usage usage = {0};

    return usage_read(&usage) == 0 ? usage.steal_ns : 0;
}

void pair_host_begin(struct pair_host *h)
{
    *h = (struct pair_host){
        .begin_ns = clock_now_ns(), .steal_ns = steal_now(), .load_before = load_now()};
}

void pair_host_end(struct pair_host *h)
{
    uint64_t steal_ns = steal_now(), passed_ns = clock_now_ns() - h->begin_ns;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    h->load_after = load_now();
    h->cores = cores > 0 ? cores : 1;
    if (steal_ns > h->steal_ns && passed_ns > 0)
        h->steal = (double)(steal_ns - h->steal_ns) / ((double)passed_ns * (double)h->cores);
}
