/* The knee of a sweep: for each series, the highest rate that keeps a bound on a metric
 * (--slo p99=20ms), found by bisection with repeated runs.
 *
 * trust_judge() (summary/trust.h) says whether a run kept the bound, broke it, or is void; a run
 * that failed broke it. A rate keeps the bound when the median of its runs does; that is sure when
 * the whole interval of the median (math/stats.h) does. Void runs are not left out, since those
 * that are left would be the lucky ones: a rate keeps the bound when it does even if all its void
 * runs broke it, breaks it when it does even if they all kept it, and is void otherwise.
 *
 * The search grows the stretch until one end is surely kept and the other surely broken, then
 * narrows it (math/bracket.h). Void rates above all others end the stretch, too: there the machine
 * is likely the limit. The knee is the highest rate below the first broken one that is kept; its
 * interval reaches from the highest rate surely kept to the lowest surely broken, which no void one
 * is. Below SWEEP_ROUNDS_MIN rounds it has none. One thread. */
#include "sweep/sweep.h"

#include "base/text.h"
#include "base/units.h"
#include "load/load.h"
#include "math/bracket.h"
#include "math/stats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS     3
#define PROBES_MAX 24 /* probes for one knee */
#define POINTS_MAX (SWEEP_AXIS_VALUES_MAX + PROBES_MAX)
#define GROWTH     4.0
#define RATE_MIN   0.1
#define RATE_MAX   200000.0
#define RATE_GUESS 100.0 /* when nothing is known of the job */

/* One series along the axis of rates. */
struct search {
    struct sweep *sweep;
    size_t axis, series;
    double where[SWEEP_AXES_MAX];
    size_t n;
    struct bracket_point points[POINTS_MAX]; /* ascending; -1: surely kept */
    enum trust_outcome median[POINTS_MAX];
    size_t runs, voids; /* of all points */
};

/* The least and the greatest that the run's metric may be, in s: INFINITY where it broke the bound
 * whatever its metric is. */
static enum trust_outcome judge_run(const struct sweep *s, const struct sweep_run *run, double *low,
                                    double *high)
{
    const struct metric *slo = s->settings->slo;
    double bound_s = s->settings->slo_bound_ns / (double)NS_PER_S;
    double value_s = run_values_metric(&run->values, slo) * metric_unit_scale(slo);
    enum trust_outcome outcome = run->failure.text[0] != '\0'
                                     ? TRUST_BROKEN
                                     : trust_judge(&run->values, slo, bound_s, &s->timer_error);
    bool known = outcome == TRUST_KEPT || (outcome == TRUST_BROKEN && value_s > bound_s &&
                                           run->values.lost <= TRUST_LOST_MAX);

    *low = known ? value_s : outcome == TRUST_VOID ? -INFINITY : INFINITY;
    *high = known ? value_s : INFINITY;
    return outcome;
}

bool sweep_knee_judge(const struct sweep *s, const struct sweep_cell *cell,
                      struct sweep_verdict *out)
{
    double bound_s = s->settings->slo_bound_ns / (double)NS_PER_S;
    double lows[PLAN_ROUNDS_MAX], highs[PLAN_ROUNDS_MAX];
    struct stats_median low, high;

    *out = (struct sweep_verdict){.median = TRUST_VOID};
    if (cell->runs_count == 0)
        return false;
    for (size_t i = 0; i < cell->runs_count; i++)
        out->voids += judge_run(s, &cell->runs[i], &lows[i], &highs[i]) == TRUST_VOID;
    stats_median_of(lows, cell->runs_count, &low);
    stats_median_of(highs, cell->runs_count, &high);
    if (high.median <= bound_s)
        out->median = TRUST_KEPT;
    else if (low.median > bound_s)
        out->median = TRUST_BROKEN;
    out->sure = high.ci_high <= bound_s ? -1 : low.ci_low > bound_s ? 1 : 0;
    return true;
}

/* All rates at which the series was measured. */
static void look(struct search *k)
{
    const struct sweep *s = k->sweep;
    double at[POINTS_MAX];
    size_t all = sweep_points(s, k->axis, k->series, k->series, k->where, at, POINTS_MAX);

    k->n = k->runs = k->voids = 0;
    for (size_t i = 0; i < all; i++) {
        const struct sweep_cell *cell;
        struct sweep_verdict verdict;

        k->where[k->axis] = at[i];
        cell = &s->cells[sweep_find(s, k->series, k->where)];
        if (!sweep_knee_judge(s, cell, &verdict))
            continue;
        k->points[k->n] = (struct bracket_point){at[i], verdict.sure};
        k->median[k->n++] = verdict.median;
        k->runs += cell->runs_count;
        k->voids += verdict.voids;
    }
    for (size_t i = k->n; i > 0 && k->median[i - 1] == TRUST_VOID; i--)
        k->points[i - 1].sign = 1; /* ends the stretch */
}

/* Half the rate of one job after the other. */
static double first_guess(const struct search *k)
{
    const struct job *job = &k->sweep->series[k->series].base.job;
    struct job_spread spread = job_spread(job, 0);
    double alone_ns = spread.mean_wait_ns + spread.mean_cpu_ns, alone;

    if (alone_ns <= 0)
        return RATE_GUESS;
    alone = bracket_round((double)NS_PER_S / alone_ns / 2, DIGITS);
    return fmin(fmax(alone, fmax(RATE_MIN, sweep_rate_min(k->sweep->settings))), RATE_MAX);
}

/* The rate to probe next. false when the search is over. */
static bool next_rate(const struct search *k, double *rate)
{
    const struct bracket_scale scale = {
        .log = true, .width = k->sweep->settings->width, .digits = DIGITS};
    struct bracket bracket;

    if (k->n == 0) {
        *rate = first_guess(k);
        return true;
    }
    if (k->points[0].sign >= 0) {
        double least = fmax(RATE_MIN, sweep_rate_min(k->sweep->settings));

        *rate = fmax(bracket_round(k->points[0].x / GROWTH, DIGITS), least);
        return *rate < k->points[0].x;
    }
    if (!bracket_find(k->points, k->n, 0, &bracket)) {
        *rate = bracket_round(k->points[k->n - 1].x * GROWTH, DIGITS);
        return *rate <= RATE_MAX;
    }
    return bracket_next(k->points, &bracket, &scale, rate);
}

static int probe(struct search *k, double rate, struct err *err)
{
    char what[SWEEP_LABEL_SIZE + 64];
    int r;

    snprintf(what, sizeof what, "for the highest rate of %s", k->sweep->series[k->series].label);
    k->where[k->axis] = rate;
    r = sweep_probe(k->sweep, &k->series, 1, k->where, k->axis, what, err);
    if (r == 0)
        look(k);
    return r;
}

/* Find the knee among the measured rates. */
static void settle(const struct search *k, struct sweep_answer *out)
{
    struct bracket bracket;

    out->at = out->ci_low = out->ci_high = NAN;
    for (size_t i = 0; i < k->n && k->median[i] != TRUST_BROKEN; i++)
        if (k->median[i] == TRUST_KEPT)
            out->at = k->points[i].x;
    if (bracket_find(k->points, k->n, 0, &bracket) && k->points[bracket.low].sign < 0 &&
        k->median[bracket.high] != TRUST_VOID) {
        out->ci_low = k->points[bracket.low].x;
        out->ci_high = k->points[bracket.high].x;
        if (!(out->at >= out->ci_low)) /* a median above the bound, but not surely, below it */
            out->at = out->ci_low;
        out->at = fmin(out->at, out->ci_high);
    }
    if (k->sweep->settings->rounds < SWEEP_ROUNDS_MIN)
        out->ci_low = out->ci_high = NAN;
}

/* Describe a knee without an interval. */
static void say_least(const struct search *k, double knee, char *buf, size_t size)
{
    char rate[64], next[64];
    size_t at = 0;

    while (at < k->n && !(k->points[at].x > knee))
        at++;
    load_format_rate(knee, rate, sizeof rate);
    if (at == k->n)
        snprintf(buf, size, " up to at least %s, the highest rate that was tried", rate);
    else
        snprintf(buf, size, " up to at least %s; at %s, tried next, %s", rate,
                 load_format_rate(k->points[at].x, next, sizeof next),
                 k->median[at] == TRUST_VOID ? "too many runs are void" : "most runs did not");
}

/* A rate above the knee at which the bound was kept all the same, the highest. */
static void say_kept_above(const struct search *k, double knee, char *buf, size_t size)
{
    char rate[64];
    size_t at = k->n;

    while (at > 0 && k->median[at - 1] != TRUST_KEPT)
        at--;
    if (at > 0 && !(k->points[at - 1].x <= knee))
        text_add(buf, size, "; yet at %s most runs did",
                 load_format_rate(k->points[at - 1].x, rate, sizeof rate));
}

/* "pool(6) keeps latency p99 under 20 ms up to 480/s; 95% interval 470/s..505/s" */
static void say(const struct search *k, struct sweep_answer *knee)
{
    const struct sweep *s = k->sweep;
    const char *label = s->series[k->series].label;
    char bound[32], rate[64], low[64], high[64];
    double confidence = 1 - 2 * pow(0.5, s->settings->rounds);
    size_t size = sizeof knee->sentence, len;

    units_format_duration(s->settings->slo_bound_ns, bound, sizeof bound);
    len = (size_t)snprintf(knee->sentence, size, "%.200s keep%s %s under %s", label,
                           sweep_verb_end(label), s->settings->slo->title, bound);
    if (!isnan(knee->ci_low))
        snprintf(knee->sentence + len, size - len, " up to %s; %.0f%% interval %s..%s",
                 load_format_rate(knee->at, rate, sizeof rate),
                 confidence >= 0.95 ? 95 : 100 * confidence,
                 load_format_rate(knee->ci_low, low, sizeof low),
                 load_format_rate(knee->ci_high, high, sizeof high));
    else if (!isnan(knee->at))
        say_least(k, knee->at, knee->sentence + len, size - len);
    else
        snprintf(knee->sentence + len, size - len, " at no rate %s, down to %s",
                 k->n > 0 && k->median[0] == TRUST_VOID ? "for sure" : "that was tried",
                 k->n > 0 ? load_format_rate(k->points[0].x, low, sizeof low) : "none");
    say_kept_above(k, knee->at, knee->sentence, size);
    if (s->settings->rounds < SWEEP_ROUNDS_MIN && !isnan(knee->at))
        text_add(knee->sentence, size, "; no interval from %u round%s", s->settings->rounds,
                 TEXT_S(s->settings->rounds));
    sweep_slice_say(s, k->axis, k->where, knee->sentence, size);
    if (k->voids > 0)
        text_add(knee->sentence, size,
                 " (%zu of %zu runs %s void: a late generator or a stop may have decided %s, so %s "
                 "neither as kept nor as broken)",
                 k->voids, k->runs, k->voids == 1 ? "is" : "are", k->voids == 1 ? "it" : "them",
                 k->voids == 1 ? "it counts" : "they count");
}

/* Make runs again at the rates of the grid where void ones leave the verdict open. */
static int measure_again(struct search *k, struct err *err)
{
    const struct sweep *s = k->sweep;
    int r = 0;

    for (size_t i = 0; r == 0 && i < k->n && sweep_may_search(s); i++) {
        const struct sweep_cell *cell;

        k->where[k->axis] = k->points[i].x;
        cell = &s->cells[sweep_find(s, k->series, k->where)];
        if (cell->runs_count < sweep_runs_wanted(s, cell))
            r = probe(k, k->points[i].x, err);
    }
    return r;
}

static int search_knee(struct search *k, struct sweep_answers *out, struct err *err)
{
    struct sweep_answer knee = {.kind = SWEEP_KNEE, .axis = k->axis, .series = k->series};
    double rate;
    int r;

    look(k);
    r = measure_again(k, err);
    for (unsigned looks = 0; r == 0 && looks < PROBES_MAX && sweep_may_search(k->sweep); looks++) {
        if (!next_rate(k, &rate))
            break;
        r = probe(k, rate, err);
    }
    if (r < 0)
        return r;
    memcpy(knee.where, k->where, sizeof knee.where);
    settle(k, &knee);
    say(k, &knee);
    return sweep_answer_add(out, &knee, err);
}

int sweep_knees_find(struct sweep *s, struct sweep_answers *out, struct err *err)
{
    struct search *k = calloc(1, sizeof *k);
    int r = 0;

    if (k == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    k->sweep = s;
    k->axis = sweep_find_axis(s->settings, "rate");
    for (; k->series < s->series_count && r == 0; k->series++) {
        size_t slice = 0;

        while (r == 0 && sweep_slice_next(s, k->axis, k->series, k->series, &slice, k->where))
            r = search_knee(k, out, err);
    }
    free(k);
    return r;
}
