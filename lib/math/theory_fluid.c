#include "math/theory_fluid.h"

#include <math.h>

/* The rate, so far into the piece. */
static double rate_at(const struct theory_fluid_piece *p, double into_s)
{
    double share = p->duration_s > 0 ? into_s / p->duration_s : 0;

    return p->from_per_s + share * (p->to_per_s - p->from_per_s);
}

/* When the rate crosses the capacity within the first into_s of the piece; 0: it does not. */
static double crossing_s(const struct theory_fluid_piece *p, double into_s)
{
    double from = p->from_per_s - p->capacity_per_s;
    double to = rate_at(p, into_s) - p->capacity_per_s;

    return isfinite(from) && from * to < 0 ? from / (from - to) * into_s : 0;
}

/* The backlog so far into a piece that begins with `backlog`. On either side of the crossing the
 * backlog does not turn, so only its ends have to be held against 0. */
static double backlog_at(const struct theory_fluid_piece *p, double into_s, double backlog)
{
    double from = p->from_per_s - p->capacity_per_s;
    double to = rate_at(p, into_s) - p->capacity_per_s, cross_s = crossing_s(p, into_s);

    if (isinf(p->capacity_per_s))
        return 0;
    if (cross_s > 0) {
        backlog = fmax(0, backlog + from / 2 * cross_s);
        from = 0;
    }
    return fmax(0, backlog + (from + to) / 2 * (into_s - cross_s));
}

/* How long this backlog takes to leave, from so far into pieces[0] on. */
static double drain_s(const struct theory_fluid_piece *p, size_t n, double into_s, double backlog)
{
    double sum_s = 0;

    for (; n > 1 && isfinite(p->capacity_per_s); n--, p++, into_s = 0) {
        double rest_s = p->duration_s - into_s;

        if (p->capacity_per_s > 0 && backlog <= p->capacity_per_s * rest_s)
            break;
        backlog -= p->capacity_per_s * rest_s;
        sum_s += rest_s;
    }
    if (!(p->capacity_per_s > 0))
        return INFINITY;
    return sum_s + backlog / p->capacity_per_s;
}

struct theory_fluid theory_fluid_solve(const struct theory_fluid_piece *pieces, size_t n)
{
    struct theory_fluid f = {.backlog = 0};
    double begin_s = 0, begin = 0;

    for (size_t i = 0; i < n; i++) {
        const struct theory_fluid_piece *p = &pieces[i];
        const double looks_s[] = {0, crossing_s(p, p->duration_s), p->duration_s};
        double backlog = begin;

        for (size_t k = 0; k < sizeof looks_s / sizeof *looks_s; k++) {
            backlog = backlog_at(p, looks_s[k], begin);
            if (backlog > f.backlog) {
                f.backlog = backlog;
                f.backlog_s = begin_s + looks_s[k];
            }
            if (rate_at(p, looks_s[k]) > 0)
                f.wait_s = fmax(f.wait_s, drain_s(p, n - i, looks_s[k], backlog));
        }
        begin = backlog;
        begin_s += p->duration_s;
        if (p->from_per_s + p->to_per_s > 0)
            f.left = begin;
    }
    return f;
}

double theory_fluid_wait_s(const struct theory_fluid_piece *pieces, size_t n, double at_s)
{
    double backlog = 0;

    for (; n > 1 && at_s >= pieces->duration_s; n--, pieces++) {
        backlog = backlog_at(pieces, pieces->duration_s, backlog);
        at_s -= pieces->duration_s;
    }
    return drain_s(pieces, n, at_s, backlog_at(pieces, at_s, backlog));
}
