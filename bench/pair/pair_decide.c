#include "pair/pair_decide.h"

#include "math/stats.h"
#include "math/stats_laws.h"
#include "math/stats_ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define SCREEN_ALPHA  0.20 /* the fresh blocks clear what is suspected without reason */
#define CONFIRM_ALPHA 0.01 /* of the whole suite */
#define NULL_ALPHA    0.10 /* how often the relinked base may differ in the screen */
#define AGAIN_ALPHA   0.05 /* of a regression, against the base linked again */
#define CONFIDENCE    0.95

/* A suspect was chosen because its effect was large, so the fresh blocks will show less. */
#define SHRINK 0.7

const char *const pair_verdict_words[] = {
    [PAIR_PASS] = "pass",
    [PAIR_REGRESSION] = "regression",
    [PAIR_INCONCLUSIVE] = "inconclusive",
};

/* Test whether the contender is slower than the relinked base, too. */
static int test_again(const struct pair_series *s, double minimal, double *p)
{
    struct stats_signed_rank again;
    double *values = malloc(s->count * sizeof *values);
    int r = values != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < s->count && r == 0; i++)
        values[i] = s->contender[i] - s->relinked[i];
    if (r == 0)
        r = stats_signed_rank_of(values, s->count, minimal, &again);
    if (r == 0)
        *p = again.above;
    free(values);
    return r;
}

/* Test a series with this spread. alpha: p will be compared with it. */
static int test_series(const struct pair_series *s, double spread, double alpha,
                       struct pair_test *out)
{
    struct stats_signed_rank contender, above, below;
    int r;

    *out = (struct pair_test){
        .spread = spread,
        .minimal = NAN,
        .smallest = INFINITY,
        .p = 1,
        .null_p = 1,
        .null_above_p = 1,
        .again_p = 1,
    };
    if (s->count < PAIR_POWER_BLOCKS_MIN)
        return 0;
    out->minimal = pair_power_minimal(spread, s->count);
    r = pair_power_smallest(spread, s->count, alpha, &out->smallest);
    if (r == 0)
        r = stats_signed_rank_of(s->contender, s->count, out->minimal, &contender);
    if (r == 0)
        r = stats_signed_rank_of(s->relinked, s->count, out->minimal, &above);
    if (r == 0)
        r = stats_signed_rank_of(s->relinked, s->count, -out->minimal, &below);
    if (r != 0)
        return r;
    out->p = contender.above;
    out->null_above_p = above.above;
    out->null_p = fmin(1, 2 * fmin(above.above, below.below));
    return test_again(s, out->minimal, &out->again_p);
}

static int screen_one(struct pair_comparison *m)
{
    double spread;
    int r = pair_power_spread(m->screen.contender, m->screen.relinked, m->screen.count, &spread);

    m->fresh_wanted = 0;
    m->suspect = false;
    if (r == 0)
        r = test_series(&m->screen, spread, SCREEN_ALPHA, &m->screened);
    if (r == 0)
        m->suspect = m->screened.p <= SCREEN_ALPHA;
    return r;
}

/* Does the screen leave a question open, and is there a spread to plan with? */
static bool is_open(const struct pair_comparison *m)
{
    return isfinite(m->screened.minimal) && (m->suspect || m->screened.smallest > m->worth);
}

/* How many blocks show, with 90 %, the effect that a suspect seems to have, or `worth` when that is
 * less or nothing is suspected. One block may be disturbed, so there must be enough blocks for the
 * others to outvote it. */
static int want_blocks(struct pair_comparison *m, double alpha)
{
    struct stats_hodges_lehmann hl;
    double effect = m->worth, smallest = INFINITY;
    size_t n = PAIR_SCREEN_BLOCKS;
    bool bears = false;
    int r = stats_hodges_lehmann_of(m->screen.contender, m->screen.count, CONFIDENCE, &hl);

    if (m->suspect)
        effect = fmin(effect, SHRINK * hl.estimate);
    while (r == 0) {
        r = pair_power_smallest(m->screened.spread, n, alpha, &smallest);
        if (r == 0)
            r = pair_power_bears_one(n, alpha, &bears);
        if (n >= PAIR_FRESH_MAX || (smallest <= effect && bears))
            break;
        n++;
    }
    /* An effect that can never be seen is not worth the time of those that can. */
    m->fresh_wanted = m->suspect || smallest <= effect ? n : 0;
    return r;
}

int pair_screen(struct pair_comparison *metrics, size_t count)
{
    size_t open = 0;
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++) {
        r = screen_one(&metrics[i]);
        open += r == 0 && is_open(&metrics[i]);
    }
    for (size_t i = 0; i < count && r == 0; i++)
        if (is_open(&metrics[i]))
            r = want_blocks(&metrics[i], CONFIRM_ALPHA / (double)open);
    return r;
}

static int estimate(struct pair_comparison *m)
{
    const struct pair_series *s = m->fresh.count > 0 ? &m->fresh : &m->screen;
    struct stats_hodges_lehmann hl = {NAN, NAN, NAN, 0}, null = hl;
    int r = 0;

    if (s->count > 0)
        r = stats_hodges_lehmann_of(s->contender, s->count, CONFIDENCE, &hl);
    if (s->count > 0 && r == 0)
        r = stats_hodges_lehmann_of(s->relinked, s->count, CONFIDENCE, &null);
    m->estimate = hl.estimate;
    m->ci_low = hl.ci_low;
    m->ci_high = hl.ci_high;
    m->null_estimate = null.estimate;
    return r;
}

/* Correct for the number of metrics that are confirmed. p[count] is room to work in. */
static int correct(struct pair_comparison *metrics, size_t count, size_t family, double *p,
                   bool null)
{
    size_t at = 0;
    int r;

    for (size_t i = 0; i < count; i++)
        if (metrics[i].fresh_wanted > 0)
            p[at++] = null ? metrics[i].confirmed.null_above_p : metrics[i].confirmed.p;
    r = stats_holm_adjust(p, family, p);
    for (size_t i = 0, from = 0; i < count && r == 0; i++)
        if (metrics[i].fresh_wanted > 0)
            *(null ? &metrics[i].null_p_holm : &metrics[i].p_holm) = p[from++];
    return r;
}

/* Use the larger of the two spreads: a machine that was quiet during the screen and is noisy now
 * shows less than was planned. */
static int confirm_one(struct pair_comparison *m, double alpha)
{
    double spread;
    int r = pair_power_spread(m->fresh.contender, m->fresh.relinked, m->fresh.count, &spread);

    if (r == 0)
        r = test_series(&m->fresh, fmax(spread, m->screened.spread), alpha, &m->confirmed);
    return r;
}

static int confirm(struct pair_comparison *metrics, size_t count)
{
    double *p = calloc(count + 1, sizeof *p);
    size_t family = 0;
    int r = p != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < count; i++) {
        metrics[i].p_holm = metrics[i].null_p_holm = 1;
        family += metrics[i].fresh_wanted > 0;
    }
    for (size_t i = 0; i < count && r == 0; i++)
        r = confirm_one(&metrics[i], CONFIRM_ALPHA / fmax(1, (double)family));
    if (r == 0 && family > 0)
        r = correct(metrics, count, family, p, false);
    if (r == 0 && family > 0)
        r = correct(metrics, count, family, p, true);
    free(p);
    return r;
}

static void judge(struct pair_comparison *m)
{
    m->verdict = PAIR_INCONCLUSIVE;
    if (!isfinite(m->screened.minimal))
        m->reason = "too few blocks";
    else if (m->null_p_holm <= CONFIRM_ALPHA)
        m->reason = "the relinked base differs from the base as well";
    else if (m->p_holm <= CONFIRM_ALPHA && m->confirmed.again_p > AGAIN_ALPHA)
        m->reason = "slower than the base, but not than the base linked again";
    else if (m->p_holm <= CONFIRM_ALPHA)
        m->verdict = PAIR_REGRESSION;
    else if (m->suspect && m->fresh.count < m->fresh_wanted)
        m->reason = "suspected, and not measured often enough to confirm it";
    else if (pair_smallest(m) > m->worth)
        m->reason = "too little power";
    else
        m->verdict = PAIR_PASS;
    if (m->verdict != PAIR_INCONCLUSIVE)
        m->reason = NULL;
}

/* P(X >= k) for X binomial with n and p. */
static double binomial_above(size_t k, size_t n, double p)
{
    double term = pow(1 - p, (double)n), below = 0;

    for (size_t i = 0; i < k; i++) {
        below += term;
        term *= (double)(n - i) / (double)(i + 1) * p / (1 - p);
    }
    return fmax(0, 1 - below);
}

/* Does the relinked base differ in more metrics than chance explains, or in one for certain? */
static void judge_null(const struct pair_comparison *metrics, size_t count,
                       struct pair_conclusion *out)
{
    size_t tested = 0;

    for (size_t i = 0; i < count; i++) {
        tested += isfinite(metrics[i].screened.minimal);
        out->null_strayed += metrics[i].screened.null_p <= NULL_ALPHA;
        out->null_rejected = out->null_rejected || metrics[i].null_p_holm <= CONFIRM_ALPHA;
    }
    if (out->null_strayed > 0 &&
        binomial_above(out->null_strayed, tested, NULL_ALPHA) <= CONFIRM_ALPHA)
        out->null_rejected = true;
}

int pair_conclude(struct pair_comparison *metrics, size_t count, struct pair_conclusion *out)
{
    int r = confirm(metrics, count);

    *out = (struct pair_conclusion){.verdict = PAIR_INCONCLUSIVE};
    for (size_t i = 0; i < count && r == 0; i++) {
        r = estimate(&metrics[i]);
        judge(&metrics[i]);
        out->counts[metrics[i].verdict]++;
    }
    if (r < 0)
        return r;
    judge_null(metrics, count, out);
    out->verdict = out->null_rejected                         ? PAIR_INCONCLUSIVE
                   : out->counts[PAIR_REGRESSION] > 0         ? PAIR_REGRESSION
                   : out->counts[PAIR_PASS] == count && count ? PAIR_PASS
                                                              : PAIR_INCONCLUSIVE;
    return 0;
}

double pair_smallest(const struct pair_comparison *m)
{
    if (m->fresh_wanted == 0)
        return m->screened.smallest;
    if (m->suspect && m->fresh.count > 0)
        return m->confirmed.smallest;
    return fmin(m->screened.smallest, m->confirmed.smallest);
}

#define POWER         0.9
#define NULL_QUANTILE 0.95
#define LEAST         1e-6
#define KEPT          0.75

/* Mean square of normal values of variance 1 that are closest to 0, `kept` of them:
 * 1 - 2 z f(z) / kept, where f is their density and z bounds them. */
static double kept_variance(double kept)
{
    double z = stats_normal_quantile(0.5 + kept / 2);

    return 1 - 2 * z * exp(-z * z / 2) / sqrt(2 * M_PI) / kept;
}

int pair_power_spread(const double *contender, const double *relinked, size_t n, double *out)
{
    struct stats_hodges_lehmann center;
    double *all, squares = 0;
    size_t kept = (size_t)(KEPT * 2 * (double)n);
    int r;

    *out = NAN;
    if (n < PAIR_POWER_BLOCKS_MIN)
        return 0;
    r = stats_hodges_lehmann_of(contender, n, CONFIDENCE, &center);
    if (r < 0)
        return r;
    all = malloc(2 * n * sizeof *all);
    if (all == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        all[i] = fabs(contender[i] - center.estimate);
        all[n + i] = fabs(relinked[i]);
    }
    stats_sort(all, 2 * n);
    for (size_t i = 0; i < kept; i++)
        squares += all[i] * all[i];
    free(all);
    /* The center takes away one degree of freedom. */
    *out = fmax(LEAST,
                sqrt(squares / ((double)kept - 1) / kept_variance((double)kept / (2 * (double)n))));
    return isfinite(*out) ? 0 : -EINVAL;
}

double pair_power_minimal(double spread, size_t n)
{
    return fmax(log1p(PAIR_EFFECT_LEAST),
                stats_normal_quantile(NULL_QUANTILE) * spread / sqrt((double)n));
}

int pair_power_smallest(double spread, size_t n, double alpha, double *out)
{
    double beyond = INFINITY;
    int r = stats_power_effect(n, spread, alpha, POWER, &beyond);

    *out = pair_power_minimal(spread, n) + beyond;
    return r;
}

int pair_power_bears_one(size_t n, double alpha, bool *out)
{
    double at[PAIR_FRESH_MAX * (PAIR_FRESH_MAX + 1) / 2 + 1], p = 0;
    int r = stats_signed_rank_probabilities(n, at);

    for (size_t w = 0; w <= n && r == 0; w++)
        p += at[w];
    *out = p <= alpha;
    return r;
}
