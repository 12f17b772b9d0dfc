#include "advise/advise.h"

#include "math/bracket.h"
#include "math/stats.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define GROWTH       1.5
#define GROWTH_NEAR  1.25 /* where the ceiling is near, or below */
#define DIGITS       3
#define RATE_MAX     200000.0
#define RATE_MIN     0.1
#define NEAR_CEILING 0.9
#define OF_CEILING   0.7 /* the first rate: it is likely kept, and says much */

const char *const advise_verdict_words[] = {
    [ADVISE_KEEPS] = "keeps", [ADVISE_BREAKS] = "breaks", [ADVISE_UNTOLD] = "cannot tell"};

double advise_chance(size_t for_it, size_t against)
{
    double n = (double)(for_it + against), term = pow(0.5, n), sum = 0;

    for (size_t k = 0; k <= against; k++) { /* term: n choose k, over 2^n */
        sum += term;
        term *= (n - (double)k) / (double)(k + 1);
    }
    return sum;
}

/* Does it say where the bracket is? */
static bool is_judged(const struct advise_run *run)
{
    return run->poison == 0 && !run->cut;
}

/* How many runs contradict a highest rate just above `rate`; 0: below all of them. */
static size_t contradictions(const struct advise_candidate *c, double rate)
{
    size_t n = 0;

    for (size_t i = 0; i < c->runs_count; i++) {
        bool kept = c->runs[i].outcome == TRUST_KEPT;

        n += is_judged(&c->runs[i]) && kept != (c->runs[i].rate_per_s <= rate);
    }
    return n;
}

/* The lowest rate of a run above `rate`; INFINITY without one. */
static double rate_above(const struct advise_candidate *c, double rate)
{
    double next = INFINITY;

    for (size_t i = 0; i < c->runs_count; i++)
        if (is_judged(&c->runs[i]) && c->runs[i].rate_per_s > rate)
            next = fmin(next, c->runs[i].rate_per_s);
    return next;
}

/* On a line from one end of the bracket to the other, in logarithms of both. */
static double likely_rate(const struct advice *a, const struct advise_candidate *c,
                          const struct advise_bracket *b)
{
    double kept_s = ADVISE_MEDIAN(c, b->kept_per_s, 0, value_s), share = 0.5;
    double broken_s = ADVISE_MEDIAN(c, b->broken_per_s, 0, value_s);

    if (b->kept_per_s == 0 || isinf(b->broken_per_s))
        return b->kept_per_s;
    if (kept_s > 0 && kept_s <= a->bound_s && broken_s > a->bound_s)
        share = log(a->bound_s / kept_s) / log(broken_s / kept_s);
    return b->kept_per_s * pow(b->broken_per_s / b->kept_per_s, share);
}

struct advise_bracket advise_bracket_of(const struct advice *a, const struct advise_candidate *c)
{
    struct advise_bracket b = {.broken_per_s = rate_above(c, 0)};
    size_t least = contradictions(c, 0);

    for (double rate = rate_above(c, 0); isfinite(rate); rate = rate_above(c, rate)) {
        size_t n = contradictions(c, rate);

        if (n < least)
            b.kept_per_s = rate;
        if (n <= least)
            b.broken_per_s = rate_above(c, rate);
        least = n < least ? n : least;
    }
    b.by_machine = isfinite(b.broken_per_s);
    for (size_t i = 0; i < c->runs_count; i++)
        if (is_judged(&c->runs[i]) && c->runs[i].rate_per_s == b.broken_per_s &&
            c->runs[i].outcome != TRUST_VOID)
            b.by_machine = false;
    b.likely_per_s = likely_rate(a, c, &b);
    return b;
}

size_t advise_values(const struct advise_candidate *c, double rate_per_s, double poison,
                     size_t member, double *values)
{
    size_t n = 0;

    for (size_t i = 0; i < c->runs_count; i++) {
        const struct advise_run *run = &c->runs[i];
        double value = *(const double *)((const char *)run + member);

        if (run->rate_per_s == rate_per_s && run->poison == poison && !isnan(value))
            values[n++] = value;
    }
    return n;
}

double advise_median(const struct advise_candidate *c, double rate_per_s, double poison,
                     size_t member)
{
    double values[ADVISE_RUNS_MAX];
    size_t n = advise_values(c, rate_per_s, poison, member, values);

    return n > 0 ? stats_median(values, n) : (double)NAN;
}

static void judge_candidate(const struct advice *a, struct advise_candidate *c)
{
    double rate = a->rate_per_s;

    c->bracket = advise_bracket_of(a, c);
    c->kept_runs = c->broken_runs = 0;
    for (size_t i = 0; i < c->runs_count; i++) {
        const struct advise_run *run = &c->runs[i];

        if (run->poison > 0)
            continue;
        c->kept_runs += run->outcome == TRUST_KEPT && run->rate_per_s >= rate;
        c->broken_runs += run->outcome == TRUST_BROKEN &&
                          (rate > 0 ? run->rate_per_s <= rate : c->bracket.kept_per_s == 0);
    }
    c->verdict = ADVISE_UNTOLD;
    if (advise_chance(c->kept_runs, c->broken_runs) <= ADVISE_CHANCE_MAX)
        c->verdict = ADVISE_KEEPS;
    if (c->left_out || advise_chance(c->broken_runs, c->kept_runs) <= ADVISE_CHANCE_MAX)
        c->verdict = ADVISE_BREAKS;
}

/* May it bear as much as `most`, by its runs and by arithmetic? */
static bool contends(const struct advise_candidate *c, const struct advise_candidate *most)
{
    return c == most || fmin(c->bracket.broken_per_s, c->limit_per_s) > most->bracket.kept_per_s;
}

/* Does nothing tell it from `best`, which likely bears more? */
static bool ties(const struct advise_candidate *c, const struct advise_candidate *best)
{
    return contends(c, best) || ADVISE_WIDTH * c->bracket.likely_per_s > best->bracket.kept_per_s;
}

/* Each of its runs needs less by a tenth than each of d's, and there are as many of them as chance
 * alone would arrange so once in 20 (the rank-sum test of 3 and 3). */
bool advise_is_cheaper(const struct advice *a, const struct advise_candidate *c,
                       const struct advise_candidate *d)
{
    size_t member = offsetof(struct advise_run, cpu_s);
    double of_c[ADVISE_RUNS_MAX], of_d[ADVISE_RUNS_MAX];
    size_t c_count = advise_values(c, a->work_per_s, 0, member, of_c);
    size_t d_count = advise_values(d, a->work_per_s, 0, member, of_d);

    if (c_count < 3 || d_count < 3)
        return false;
    stats_sort(of_c, c_count);
    stats_sort(of_d, d_count);
    return of_c[c_count - 1] < 0.9 * of_d[0];
}

void advise_judge(struct advice *a)
{
    bool all_break = a->candidates_count > 0;
    double most_per_s;

    a->best = a->poisoned = SIZE_MAX;
    for (size_t i = 0; i < a->candidates_count; i++) {
        struct advise_candidate *c = &a->candidates[i];

        judge_candidate(a, c);
        all_break &= c->verdict == ADVISE_BREAKS;
        if (c->verdict == ADVISE_KEEPS &&
            (a->best == SIZE_MAX ||
             c->bracket.likely_per_s > a->candidates[a->best].bracket.likely_per_s))
            a->best = i;
        if (!isnan(ADVISE_MEDIAN(c, a->work_per_s, ADVISE_POISON, memory_bytes)))
            a->poisoned = i;
    }
    a->verdict = a->best != SIZE_MAX ? ADVISE_KEEPS : all_break ? ADVISE_BREAKS : ADVISE_UNTOLD;
    for (size_t i = 0; i < a->candidates_count; i++) {
        struct advise_candidate *c = &a->candidates[i];

        c->tied = a->best != SIZE_MAX && i != a->best && c->verdict != ADVISE_BREAKS &&
                  c->kept_runs > c->broken_runs && ties(c, &a->candidates[a->best]);
    }
    most_per_s = a->best != SIZE_MAX ? a->candidates[a->best].bracket.likely_per_s : 0;
    for (size_t i = 0; i < a->candidates_count; i++)
        if (a->candidates[i].tied && a->candidates[i].verdict == ADVISE_KEEPS &&
            ADVISE_EQUAL * a->candidates[i].bracket.likely_per_s > most_per_s &&
            advise_is_cheaper(a, &a->candidates[i], &a->candidates[a->best])) {
            a->candidates[a->best].tied = true;
            a->candidates[i].tied = false;
            a->best = i;
        }
}

static double clamp_rate(double rate)
{
    return fmin(fmax(bracket_round(rate, DIGITS), RATE_MIN), RATE_MAX);
}

/* Beyond this rate nothing is looked for: many times the asked one, and at least as much as makes
 * runs short. */
static double rate_limit(const struct advice *a)
{
    double least = 2 * (double)a->metric->ranked_from;

    return a->rate_per_s > 0 ? fmax(ADVISE_RATE_FACTOR * a->rate_per_s, least) : INFINITY;
}

/* Where nothing was measured yet. */
static double first_rate(const struct advice *a, const struct advise_candidate *c)
{
    double ceiling = c->ceiling_per_s;

    if (!isfinite(ceiling))
        ceiling = fmax(a->rate_per_s, 1 / fmax(a->service_s, 1e-3)) / OF_CEILING;
    ceiling = fmin(ceiling, rate_limit(a));
    return clamp_rate(fmax(OF_CEILING * ceiling, a->rate_per_s));
}

size_t advise_runs_at(const struct advise_candidate *c, double rate_per_s)
{
    size_t n = 0;

    for (size_t i = 0; i < c->runs_count; i++)
        n += c->runs[i].rate_per_s == rate_per_s && c->runs[i].poison == 0;
    return n;
}

/* The next rate when all were kept so far; not above the ceiling where that leaves room. */
static double rate_beyond(const struct advise_candidate *c, double kept)
{
    double below = NEAR_CEILING * c->ceiling_per_s;

    if (isinf(below))
        return GROWTH * kept;
    return kept < 0.9 * below ? fmin(GROWTH * kept, below) : GROWTH_NEAR * kept;
}

const struct advise_candidate *advise_most(const struct advice *a)
{
    const struct advise_candidate *most = NULL;

    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];

        if (c->bracket.likely_per_s > (most != NULL ? most->bracket.likely_per_s : 0))
            most = c;
    }
    return most;
}

/* The rate at which the candidates that may bear the most, `most` and others, likely part; 0: their
 * runs say enough. */
static double parting_rate(const struct advice *a, const struct advise_candidate *most)
{
    const struct advise_bracket *b = &most->bracket;
    double next = 0;

    for (size_t i = 0; i < a->candidates_count; i++) {
        const struct advise_candidate *c = &a->candidates[i];

        if (c != most && contends(c, most))
            next = fmax(next, c->bracket.likely_per_s);
    }
    if (b->kept_per_s < a->rate_per_s && a->rate_per_s < b->broken_per_s)
        return a->rate_per_s; /* this decides the question */
    if (isinf(b->broken_per_s))
        return b->kept_per_s < fmin(OF_CEILING * rate_limit(a), RATE_MAX)
                   ? clamp_rate(rate_beyond(most, b->kept_per_s))
                   : 0;
    if (next == 0 && b->broken_per_s <= ADVISE_WIDTH * b->kept_per_s)
        return 0;
    return clamp_rate(
        fmax(sqrt(b->likely_per_s * (next > 0 ? next : b->likely_per_s)), b->kept_per_s));
}

double advise_next_rate(const struct advice *a, const struct advise_candidate *c)
{
    const struct advise_candidate *most = advise_most(a);
    const struct advise_bracket *b = &c->bracket;
    double reach, rate;
    bool again;

    if (c->runs_count == 0)
        return first_rate(a, c);
    if (most == NULL) /* below all that was broken */
        return b->broken_per_s > a->rate_per_s && a->rate_per_s > 0
                   ? a->rate_per_s
                   : clamp_rate(b->broken_per_s / GROWTH / GROWTH);
    if (contends(c, most)) {
        rate = parting_rate(a, most);
        again = b->kept_per_s < most->bracket.kept_per_s ||
                (a->rate_per_s == 0 && c->verdict == ADVISE_UNTOLD); /* once may be chance */
        return rate == 0 && again ? most->bracket.kept_per_s : rate;
    }
    reach = b->kept_per_s > 0 ? b->likely_per_s : b->broken_per_s;
    return isfinite(b->broken_per_s) && ADVISE_WIDTH * reach > most->bracket.kept_per_s &&
                   advise_runs_at(c, b->broken_per_s) < 2
               ? b->broken_per_s /* chance may have broken it */
               : 0;
}
