#include "pair/pair_reasons.h"

#include "pair/pair_spread.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SENTENCE 1400

__attribute__((format(printf, 2, 3))) static int add(json_t *reasons, const char *format, ...)
{
    char text[SENTENCE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return json_array_append_new(reasons, json_string(text));
}

static int add_regressions(json_t *reasons, const struct pair_outcome *o)
{
    const struct pair_collection *c = o->collection;
    int rc = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct pair_metric *m = &c->metrics[i];

        if (m->verdict == PAIR_REGRESSION)
            rc |= add(reasons,
                      "%s of %s: %.1f %% more (95 %%: %.1f to %.1f), confirmed in %zu fresh blocks",
                      pair_kinds[c->kinds[i]].name, o->session->cells[c->cells[i]].name,
                      100 * expm1(m->estimate), 100 * expm1(m->ci_low), 100 * expm1(m->ci_high),
                      m->fresh.count);
    }
    return rc;
}

/* One sentence a kind of reason, with how many metrics it is true of. */
static int add_inconclusive(json_t *reasons, const struct pair_outcome *o)
{
    const struct pair_collection *c = o->collection;
    int rc = 0;

    for (size_t i = 0; i < c->count; i++) {
        const char *reason = c->metrics[i].reason;
        size_t same = 0;
        bool first = reason != NULL;

        for (size_t k = 0; k < c->count && first; k++) {
            bool equal = c->metrics[k].reason && strcmp(c->metrics[k].reason, reason) == 0;

            first = !(equal && k < i);
            same += equal;
        }
        if (first)
            rc |= add(reasons, "%zu of %zu metrics cannot be judged: %s", same, c->count, reason);
    }
    return rc;
}

static int add_failures(json_t *reasons, const struct pair_session *s)
{
    const size_t *n = s->retried;

    if (n[PAIR_BASE] + n[PAIR_RELINKED] + n[PAIR_CONTENDER] == 0)
        return 0;
    return add(reasons,
               "runs failed and did not when they were tried again: %zu of the base, %zu of the "
               "relinked base, %zu of the contender",
               n[PAIR_BASE], n[PAIR_RELINKED], n[PAIR_CONTENDER]);
}

json_t *pair_reasons(const struct pair_outcome *o)
{
    const struct pair_conclusion *c = &o->conclusion;
    json_t *reasons = json_array();
    char noise[160];
    int rc = reasons == NULL ? -1 : 0;

    if (rc == 0)
        rc = add_regressions(reasons, o) | add_inconclusive(reasons, o);
    if (rc == 0 && c->null_rejected)
        rc = add(reasons,
                 "the base differs from itself when linked again (in %zu of %zu metrics), so that "
                 "this machine is too noisy now",
                 c->null_strayed, o->collection->count);
    if (rc == 0)
        rc = add_failures(reasons, o->session);
    if (rc == 0 && o->session->cut)
        rc = add(reasons, "there was no time for all blocks: --budget allows more");
    if (rc == 0 && c->verdict == PAIR_INCONCLUSIVE)
        rc = add(reasons, "%s", pair_host_describe(&o->noise, noise, sizeof noise));
    if (rc == 0)
        return reasons;
    json_decref(reasons);
    return NULL;
}
