#include "sweep/sweep_crossover.h"

#include "math/bracket.h"
#include "math/crossing.h"
#include "sweep/sweep_pair.h"
#include "sweep/sweep_slice.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS     3  /* of a value to look at */
#define PROBES_MAX 12 /* values looked at for one crossover */

struct crossovers {
    struct sweep_crossover *items;
    size_t count, capacity;
};

/* Measure both at x. */
static int probe(struct sweep_pair *p, double x, struct err *err)
{
    struct sweep *s = p->sweep;
    const struct sweep_axis *axis = &s->settings->axes[p->axis];
    size_t cells[2];
    char text[64], left[32];
    int r;

    p->where[p->axis] = x;
    r = sweep_cell_at(s, p->a, p->where, &cells[0], err);
    if (r == 0)
        r = sweep_cell_at(s, p->b, p->where, &cells[1], err);
    if (r < 0)
        return r;
    if (!s->settings->quiet)
        progress_note(s->progress, "looking where %s and %s change places: %s (at most %s left)",
                      s->series[p->a].label, s->series[p->b].label,
                      sweep_axis_phrase(axis, x, text, sizeof text),
                      sweep_search_left(s, left, sizeof left));
    s->probes++;
    r = s->measure(s, cells, 2, false, err);
    if (r == 0)
        r = sweep_pair_look(p);
    return r;
}

static struct bracket_scale scale_of(const struct sweep_pair *p)
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

/* Measure in between until the bracket, which begins at x, is narrow enough. 0 with *bracket up to
 * date; -ENOENT when it has turned out to be none. */
static int narrow(struct sweep_pair *p, double begin, struct bracket *bracket, struct err *err)
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
        if (looks == PROBES_MAX || p->n == SWEEP_PAIR_POINTS_MAX || !sweep_may_search(p->sweep) ||
            !bracket_next(p->points, bracket, &scale, &x))
            return 0;
        r = probe(p, x, err);
    }
    return r;
}

static int add(struct crossovers *list, const struct sweep_crossover *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        struct sweep_crossover *items = realloc(list->items, capacity * sizeof *items);

        if (items == NULL)
            return -ENOMEM;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *item;
    return 0;
}

/* The runs between the bracket's ends, which say where the crossing is. */
static int estimate(const struct sweep_pair *p, const struct bracket *bracket, struct crossing *out)
{
    struct crossing_point points[CROSSING_POINTS_MAX];
    size_t n = 0;
    int first = p->points[bracket->low].sign, r;

    for (size_t i = bracket->low; i <= bracket->high && n < CROSSING_POINTS_MAX; i++)
        points[n++] =
            (struct crossing_point){p->points[i].x, sweep_pair_values(p, i, 0),
                                    sweep_pair_values(p, i, 1), p->counts[i][0], p->counts[i][1]};
    if (!figure_types[p->sweep->metric].more_is_better)
        first = -first;
    r = crossing_of(points, n, first, p->sweep->settings->axes[p->axis].log,
                    p->sweep->settings->seed, out);
    for (size_t i = 0; i + 1 < n && r == 0; i++)
        if (points[i].x <= out->at && out->at <= points[i + 1].x) {
            out->ci_low = fmin(out->ci_low, points[i].x);
            out->ci_high = fmax(out->ci_high, points[i + 1].x);
            break;
        }
    return r;
}

/* "tasks", "threads" are many; "pool(6)" is one. */
static const char *overtake(const char *label)
{
    size_t len = strcspn(label, " ");

    return len > 0 && label[len - 1] == 's' ? "overtake" : "overtakes";
}

/* "threads overtake tasks in throughput above 38% CPU share; 95% interval 33%..44%" */
static void say(const struct sweep_pair *p, struct sweep_crossover *c)
{
    const struct sweep *s = p->sweep;
    const struct sweep_axis *axis = &s->settings->axes[p->axis];
    double at = sweep_axis_round(axis->unit, bracket_round(c->at, 2));
    char text[64], low[48], high[48];

    if (axis->unit == SWEEP_COUNT || fabs(at / c->at - 1) > 0.02)
        at = sweep_axis_round(axis->unit, bracket_round(c->at, DIGITS));
    snprintf(c->sentence, sizeof c->sentence,
             "%.200s %s %.200s in %s above %s; 95%% interval %s..%s", s->series[c->to].label,
             overtake(s->series[c->to].label), s->series[c->from].label,
             figure_types[s->metric].title, sweep_axis_phrase(axis, at, text, sizeof text),
             sweep_axis_format(axis->unit,
                               sweep_axis_round(axis->unit, bracket_round(c->ci_low, DIGITS)), low,
                               sizeof low),
             sweep_axis_format(axis->unit,
                               sweep_axis_round(axis->unit, bracket_round(c->ci_high, DIGITS)),
                               high, sizeof high));
    sweep_slice_say(s, p->axis, c->where, c->sentence, sizeof c->sentence);
}

/* Every crossover of the pair along its axis. */
static int search_pair(struct sweep_pair *p, struct crossovers *list, struct err *err)
{
    struct bracket bracket;
    size_t from = 0;
    int r = sweep_pair_look(p);

    while (r == 0 && bracket_find(p->points, p->n, from, &bracket)) {
        struct sweep_crossover c = {.axis = p->axis};
        struct crossing crossing;

        r = narrow(p, p->points[bracket.low].x, &bracket, err);
        if (r == 0)
            r = estimate(p, &bracket, &crossing);
        if (r < 0)
            break;
        c.from = p->points[bracket.low].sign > 0 ? p->a : p->b;
        c.to = c.from == p->a ? p->b : p->a;
        c.at = crossing.at;
        c.ci_low = crossing.ci_low;
        c.ci_high = crossing.ci_high;
        memcpy(c.where, p->where, sizeof c.where);
        c.where[p->axis] = NAN;
        say(p, &c);
        r = add(list, &c);
        from = bracket.high;
    }
    return r == -ENOENT ? 0 : r;
}

static int search_slices(struct sweep_pair *p, struct crossovers *list, struct err *err)
{
    bool more = true;
    int r = 0;

    for (size_t slice = 0; r == 0; slice++) {
        bool fresh = sweep_slice_choose(p->sweep, p->axis, p->a, p->b, slice, p->where, &more);

        if (!more)
            break;
        if (fresh)
            r = search_pair(p, list, err);
    }
    return r;
}

int sweep_crossovers_find(struct sweep *s, struct sweep_crossover **out, size_t *count,
                          struct err *err)
{
    struct crossovers list = {0};
    struct sweep_pair *p = sweep_pair_create(s);
    int r = p != NULL ? 0 : -ENOMEM;

    while (r == 0 && sweep_pair_next(p))
        r = search_slices(p, &list, err);
    sweep_pair_destroy(p);
    if (r == -ENOMEM)
        err_set(err, r, "out of memory");
    *out = list.items;
    *count = list.count;
    return r;
}
