/* Crossovers of a sweep: where, along an axis, one model becomes better than another.
 *
 * The grid shows between which values the better model changes: the nearest two with a difference
 * larger than the noise (math/crossing.h), one in each direction. Bisection measures both models
 * between them, in the same interleaved rounds, until the ends are close enough, or as close as the
 * noise allows (math/bracket.h). The crossing and its interval are estimated from all runs of the
 * stretch; the interval is never narrower than the gap between the values measured on either side.
 * Below SWEEP_ROUNDS_MIN rounds there is no difference, so no crossing.
 *
 * A change back that rests on one value of the axis contradicts the change before it: at 5 % a
 * comparison, chance alone brings about one. The two become one answer, "undecided between", from
 * the first interval's lower end to the second's upper one. One thread. */
#include "sweep/sweep.h"

#include "math/bracket.h"
#include "math/crossing.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS     3 /* of a value to probe */
#define POINTS_MAX (SWEEP_AXIS_VALUES_MAX + 64)
#define PROBES_MAX 12 /* probes for one crossover */
#define CLEAR_MIN  2  /* points between two crossovers that do not contradict each other */

/* Two series along one axis: at which values both were measured, and which is better there. */
struct pair {
    struct sweep *sweep;
    size_t axis, a, b;            /* a and b: series */
    double where[SWEEP_AXES_MAX]; /* on the other axes; NAN where it makes no difference */
    size_t n;
    struct bracket_point points[POINTS_MAX]; /* ascending; 1: a is better */
    size_t counts[POINTS_MAX][2];            /* of values */
    double values[];                         /* of both at each point, for every round */
};

/* The values of the sweep's metric at points[i] of a (which: 0) or b (1): counts[i][which] of them.
 */
static double *pair_values(struct pair *p, size_t i, size_t which)
{
    return p->values + (2 * i + which) * sweep_runs_max(p->sweep->settings);
}

static bool comparable(const struct sweep *s, size_t axis, size_t a, size_t b)
{
    return strcmp(s->series[a].group, s->series[b].group) == 0 &&
           (s->series[a].applies[axis] || s->series[b].applies[axis]);
}

/* Go on to the next two series that can be compared, and axis along which they can. false when
 * there are no more. */
static bool next_pair(struct pair *p)
{
    const struct sweep *s = p->sweep;

    while (p->axis < s->settings->axes_count) {
        if (++p->b >= s->series_count) {
            p->a++;
            p->b = p->a + 1;
        }
        if (p->b >= s->series_count) {
            p->axis++;
            p->a = p->b = 0;
        } else if (comparable(s, p->axis, p->a, p->b)) {
            return true;
        }
    }
    return false;
}

/* Fill in point number `i`. 1, 0 when one of the two has no value there, or -ENOMEM. */
static int look_at(struct pair *p, size_t i)
{
    const struct sweep *s = p->sweep;
    const struct metric *metric = s->metric;
    const size_t series[2] = {p->a, p->b};
    double sorted[2][PLAN_ROUNDS_MAX]; /* the bootstrap draws from values in the order of runs */
    int sign, r;

    p->where[p->axis] = p->points[i].x;
    for (size_t k = 0; k < 2; k++) {
        size_t cell = sweep_find(s, series[k], p->where);

        if (cell == SIZE_MAX)
            return 0;
        p->counts[i][k] = sweep_values(&s->cells[cell], metric, pair_values(p, i, k));
        if (p->counts[i][k] == 0)
            return 0;
        memcpy(sorted[k], pair_values(p, i, k), p->counts[i][k] * sizeof sorted[k][0]);
    }
    r = crossing_compare(sorted[0], p->counts[i][0], sorted[1], p->counts[i][1], &sign);
    p->points[i].sign = metric->more_is_better ? sign : -sign;
    return r < 0 ? r : 1;
}

/* Fill in points, counts and values of what was measured so far. 0 or -ENOMEM. */
static int look(struct pair *p)
{
    double at[POINTS_MAX];
    size_t all = sweep_points(p->sweep, p->axis, p->a, p->b, p->where, at, POINTS_MAX);

    p->n = 0;
    for (size_t i = 0; i < all; i++) {
        int r;

        p->points[p->n].x = at[i];
        r = look_at(p, p->n);
        if (r < 0)
            return r;
        p->n += r > 0;
    }
    return 0;
}

/* Measure both at x. */
static int probe(struct pair *p, double x, struct err *err)
{
    const struct sweep_series *series = p->sweep->series;
    const size_t both[] = {p->a, p->b};
    char what[2 * SWEEP_LABEL_SIZE + 64];
    int r;

    snprintf(what, sizeof what, "where %s and %s change places", series[p->a].label,
             series[p->b].label);
    p->where[p->axis] = x;
    r = sweep_probe(p->sweep, both, 2, p->where, p->axis, what, err);
    return r == 0 ? look(p) : r;
}

static struct bracket_scale scale_of(const struct pair *p)
{
    const struct sweep_settings *settings = p->sweep->settings;
    const struct sweep_axis *axis = &settings->axes[p->axis];
    double range = axis->values[axis->count - 1] - axis->values[0];

    return (struct bracket_scale){
        .log = axis->log,
        .whole = axis->unit == SWEEP_COUNT || axis->unit == SWEEP_BYTES,
        .width = axis->log ? settings->width : settings->width * range,
        .digits = DIGITS,
    };
}

/* Measure inside the bracket, which begins at x, until it is narrow enough. 0 with *bracket up to
 * date; -ENOENT when it turned out to be none. */
static int narrow(struct pair *p, double begin, struct bracket *bracket, struct err *err)
{
    struct bracket_scale scale = scale_of(p);
    int r = 0;

    for (size_t looks = 0; r == 0; looks++) {
        size_t from = 0;
        double x;

        while (from < p->n && p->points[from].x < begin)
            from++;
        if (!bracket_find(p->points, p->n, from, bracket))
            return -ENOENT;
        if (looks == PROBES_MAX || p->n == POINTS_MAX || !sweep_may_search(p->sweep) ||
            !bracket_next(p->points, bracket, &scale, &x))
            return 0;
        r = probe(p, x, err);
    }
    return r;
}

/* Estimate the crossing from the runs between the bracket's ends. */
static int estimate(struct pair *p, const struct bracket *bracket, struct sweep_answer *out)
{
    struct crossing_point points[CROSSING_POINTS_MAX];
    struct crossing crossing;
    size_t n = 0;
    int first = p->points[bracket->low].sign, r;

    for (size_t i = bracket->low; i <= bracket->high && n < CROSSING_POINTS_MAX; i++)
        points[n++] =
            (struct crossing_point){p->points[i].x, pair_values(p, i, 0), pair_values(p, i, 1),
                                    p->counts[i][0], p->counts[i][1]};
    if (!p->sweep->metric->more_is_better)
        first = -first;
    r = crossing_of(points, n, first, p->sweep->settings->axes[p->axis].log,
                    p->sweep->settings->seed, &crossing);
    if (r < 0)
        return r;
    out->at = crossing.at;
    out->ci_low = crossing.ci_low;
    out->ci_high = crossing.ci_high;
    for (size_t i = 0; i + 1 < n; i++)
        if (points[i].x <= out->at && out->at <= points[i + 1].x) {
            out->ci_low = fmin(out->ci_low, points[i].x);
            out->ci_high = fmax(out->ci_high, points[i + 1].x);
            break;
        }
    return 0;
}

/* An end of an interval, as people read it. */
static double end_of(const struct sweep_axis *axis, double end)
{
    return sweep_axis_round(axis->unit, bracket_round(end, DIGITS));
}

static char *end_text(const struct sweep_axis *axis, double end, char *buf, size_t size)
{
    return sweep_axis_format(axis->unit, end_of(axis, end), buf, size);
}

/* "threads overtake tasks in throughput above 38% CPU share; 95% interval 33%..44%" */
static void say(const struct pair *p, struct sweep_answer *c)
{
    const struct sweep *s = p->sweep;
    const struct sweep_axis *axis = &s->settings->axes[p->axis];
    double at = sweep_axis_round(axis->unit, bracket_round(c->at, 2));
    char text[64], low[48], high[48];

    if (axis->unit == SWEEP_COUNT || fabs(at / c->at - 1) > 0.02)
        at = sweep_axis_round(axis->unit, bracket_round(c->at, DIGITS));
    snprintf(
        c->sentence, sizeof c->sentence,
        "%.200s overtake%s %.200s in %s above %s; 95%% interval %s..%s", s->series[c->series].label,
        sweep_verb_end(s->series[c->series].label), s->series[c->from].label, s->metric->title,
        sweep_axis_phrase(axis, at, text, sizeof text), end_text(axis, c->ci_low, low, sizeof low),
        end_text(axis, c->ci_high, high, sizeof high));
    sweep_slice_say(s, p->axis, c->where, c->sentence, sizeof c->sentence);
}

/* Do the crossovers before and behind points[from..to] contradict each other? */
static bool contradicts(const struct pair *p, size_t from, size_t to)
{
    size_t clear = 0;

    for (size_t i = from; i <= to; i++)
        clear += p->points[i].sign != 0;
    return clear < CLEAR_MIN;
}

/* Make one answer of two that contradict each other. */
static void merge(const struct pair *p, struct sweep_answer *before,
                  const struct sweep_answer *after)
{
    const struct sweep *s = p->sweep;
    const struct sweep_axis *axis = &s->settings->axes[p->axis];
    char low[48], high[64];

    before->at = NAN;
    before->ci_high = after->ci_high;
    snprintf(before->sentence, sizeof before->sentence,
             "%.200s against %.200s in %s: undecided between %s and %s, since crossings there "
             "contradict each other",
             s->series[before->from].label, s->series[before->series].label, s->metric->title,
             end_text(axis, before->ci_low, low, sizeof low),
             sweep_axis_phrase(axis, end_of(axis, before->ci_high), high, sizeof high));
    sweep_slice_say(s, p->axis, after->where, before->sentence, sizeof before->sentence);
}

/* Find each crossover of the pair along its axis. */
static int search_pair(struct pair *p, struct sweep_answers *out, struct err *err)
{
    struct bracket bracket;
    size_t from = 0, first = out->count;
    int r = look(p);

    while (r == 0 && bracket_find(p->points, p->n, from, &bracket)) {
        struct sweep_answer c = {.kind = SWEEP_CROSSOVER, .axis = p->axis};

        r = narrow(p, p->points[bracket.low].x, &bracket, err);
        if (r == 0)
            r = estimate(p, &bracket, &c);
        if (r != 0)
            break;
        c.from = p->points[bracket.low].sign > 0 ? p->a : p->b;
        c.series = c.from == p->a ? p->b : p->a;
        memcpy(c.where, p->where, sizeof c.where);
        say(p, &c);
        if (out->count > first && contradicts(p, from, bracket.low))
            merge(p, &out->items[out->count - 1], &c);
        else
            r = sweep_answer_add(out, &c, err);
        from = bracket.high;
    }
    return r == -ENOENT ? 0 : r;
}

int sweep_crossovers_find(struct sweep *s, struct sweep_answers *out, struct err *err)
{
    size_t values = 2 * POINTS_MAX * sweep_runs_max(s->settings);
    struct pair *p = calloc(1, sizeof *p + values * sizeof p->values[0]);
    int r = 0;

    if (p == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    p->sweep = s;
    while (r == 0 && next_pair(p)) {
        size_t slice = 0;

        while (r == 0 && sweep_slice_next(s, p->axis, p->a, p->b, &slice, p->where))
            r = search_pair(p, out, err);
    }
    free(p);
    if (r == -ENOMEM)
        err_set(err, r, "out of memory");
    return r;
}
