#include "harness_internal.h"
#include "precision.h"

unsigned harness_rounds_of(const struct harness *h, size_t index)
{
    unsigned planned = h->plan->cells[index].rounds;

    return h->options.precision > 0 && h->rounds > planned ? h->rounds : planned;
}

size_t harness_imprecise(const struct harness *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->plan->count; i++) {
        const struct harness_cell *c = &h->cells[i];

        n += !c->given_up &&
             precision_of(&h->plan->cells[i].cell, c->runs, c->count) > h->options.precision;
    }
    return n;
}

/* One more round than was planned. */
static void add_round(struct harness *h)
{
    for (size_t i = 0; i < h->plan->count; i++)
        h->total += !h->cells[i].given_up && h->cells[i].count == harness_rounds_of(h, i);
}

bool harness_goes_on(struct harness *h)
{
    bool planned = h->rounds < plan_rounds(h->plan);

    h->end = h->options.precision > 0 ? HARNESS_PRECISION : HARNESS_ROUNDS;
    if (!planned && (h->options.precision <= 0 || harness_imprecise(h) == 0))
        return false;
    h->end = HARNESS_TIME_LIMIT;
    if (h->rounds > 0 && h->options.time_limit_ns > 0 &&
        clock_now_ns() - h->begin_ns >= h->options.time_limit_ns)
        return false;
    h->end = HARNESS_ROUNDS;
    if (h->rounds == PLAN_ROUNDS_MAX)
        return false;
    if (!planned)
        add_round(h);
    return true;
}

enum harness_end harness_ended_by(const struct harness *h)
{
    return h->end;
}

unsigned harness_rounds(const struct harness *h)
{
    return h->rounds;
}
