#include "sweep/sweep_pair.h"

#include "math/crossing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sweep_pair *sweep_pair_create(struct sweep *s)
{
    struct sweep_pair *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->sweep = s;
    p->values = calloc(SWEEP_PAIR_POINTS_MAX * 2, s->settings->rounds * sizeof *p->values);
    if (p->values != NULL)
        return p;
    free(p);
    return NULL;
}

void sweep_pair_destroy(struct sweep_pair *p)
{
    if (p != NULL)
        free(p->values);
    free(p);
}

double *sweep_pair_values(const struct sweep_pair *p, size_t i, size_t which)
{
    return p->values + (2 * i + which) * p->sweep->settings->rounds;
}

static bool comparable(const struct sweep *s, size_t axis, size_t a, size_t b)
{
    return strcmp(s->series[a].group, s->series[b].group) == 0 &&
           (s->series[a].applies[axis] || s->series[b].applies[axis]);
}

bool sweep_pair_next(struct sweep_pair *p)
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

static int compare(const void *a, const void *b)
{
    const struct bracket_point *x = a, *y = b;

    return (x->x > y->x) - (x->x < y->x);
}

/* All values of the axis at which one of them has a cell, each once. */
static void find_points(struct sweep_pair *p)
{
    const struct sweep *s = p->sweep;
    size_t kept = 0;

    p->n = 0;
    for (size_t i = 0; i < s->cells_count && p->n < SWEEP_PAIR_POINTS_MAX; i++) {
        const struct sweep_cell *c = &s->cells[i];
        double at[SWEEP_AXES_MAX];

        if ((c->series != p->a && c->series != p->b) || isnan(c->point[p->axis]))
            continue;
        memcpy(at, p->where, sizeof at);
        at[p->axis] = c->point[p->axis];
        if (sweep_find(s, c->series, at) == i)
            p->points[p->n++].x = at[p->axis];
    }
    qsort(p->points, p->n, sizeof *p->points, compare);
    for (size_t i = 0; i < p->n; i++)
        if (kept == 0 || p->points[kept - 1].x != p->points[i].x)
            p->points[kept++].x = p->points[i].x;
    p->n = kept;
}

/* Fill in point number `i`. 1, 0 when one of the two has no value there, or -ENOMEM. */
static int look_at(struct sweep_pair *p, size_t i)
{
    const struct sweep *s = p->sweep;
    enum figure metric = s->metric;
    const size_t series[2] = {p->a, p->b};
    int sign, r;

    p->where[p->axis] = p->points[i].x;
    for (size_t k = 0; k < 2; k++) {
        size_t cell = sweep_find(s, series[k], p->where);

        if (cell == SIZE_MAX)
            return 0;
        p->counts[i][k] = sweep_values(&s->cells[cell], metric, sweep_pair_values(p, i, k));
        if (p->counts[i][k] == 0)
            return 0;
    }
    r = crossing_compare(sweep_pair_values(p, i, 0), p->counts[i][0], sweep_pair_values(p, i, 1),
                         p->counts[i][1], &sign);
    p->points[i].sign = figure_types[metric].more_is_better ? sign : -sign;
    return r < 0 ? r : 1;
}

int sweep_pair_look(struct sweep_pair *p)
{
    size_t all, kept = 0;

    find_points(p);
    all = p->n;
    for (size_t i = 0; i < all; i++) {
        int r;

        p->points[kept].x = p->points[i].x;
        r = look_at(p, kept);
        if (r < 0)
            return r;
        kept += r > 0;
    }
    p->n = kept;
    return 0;
}
