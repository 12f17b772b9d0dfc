#include "sweep/sweep_scalability.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One series along the axis of clients. */
struct fit {
    const struct sweep *sweep;
    size_t axis, series;
    double where[SWEEP_AXES_MAX];
    struct theory_scalability_point *points; /* room for every run of the sweep */
    size_t count;
    double *values;
};

static void take_points(struct fit *f)
{
    const struct sweep *s = f->sweep;

    f->count = 0;
    for (size_t i = 0; i < s->cells_count; i++) {
        const struct sweep_cell *c = &s->cells[i];
        size_t n;

        f->where[f->axis] = c->point[f->axis];
        if (c->series != f->series || sweep_find(s, f->series, f->where) != i)
            continue;
        n = sweep_values(c, metric_named("throughput"), f->values);
        for (size_t k = 0; k < n; k++)
            f->points[f->count++] =
                (struct theory_scalability_point){c->point[f->axis], f->values[k]};
    }
}

/* "pool(6): one client gets 98.1 jobs/s, contention 2.1%, coherency 0.00031; most throughput, 590
 * jobs/s, at 56 clients" */
static void say(const struct fit *f, struct sweep_answer *out)
{
    const struct theory_scalability *law = &out->law;
    size_t size = sizeof out->sentence;

    snprintf(out->sentence, size,
             "%.200s: one client gets %.3g jobs/s, contention %.3g%%, coherency %.2g; ",
             f->sweep->series[f->series].label, law->lambda, 100 * law->sigma, law->kappa);
    if (isinf(law->peak))
        text_add(out->sentence, size, "no peak");
    else
        text_add(out->sentence, size, "most throughput, %.3g jobs/s, at %.3g clients", law->peak_x,
                 law->peak);
    sweep_slice_say(f->sweep, f->axis, f->where, out->sentence, size);
}

/* Fit one slice. 0, also when nothing can be fitted, or -ENOMEM with *err set. */
static int fit_slice(struct fit *f, struct sweep_answers *out, struct err *err)
{
    struct sweep_answer item = {.kind = SWEEP_SCALABILITY, .axis = f->axis, .series = f->series};

    take_points(f);
    if (theory_scalability_fit(f->points, f->count, &item.law) < 0)
        return 0;
    memcpy(item.where, f->where, sizeof item.where);
    say(f, &item);
    return sweep_answer_add(out, &item, err);
}

int sweep_scalability_fit(const struct sweep *s, struct sweep_answers *out, struct err *err)
{
    struct fit f = {.sweep = s};
    int r = 0;

    if (!sweep_find_axis(s->settings, "clients", &f.axis))
        return 0;
    f.points = calloc(s->cells_count * s->settings->rounds + 1, sizeof *f.points);
    f.values = calloc(s->settings->rounds, sizeof *f.values);
    if (f.points == NULL || f.values == NULL)
        r = err_set(err, -ENOMEM, "out of memory");
    for (; r == 0 && f.series < s->series_count; f.series++) {
        size_t slice = 0;

        while (r == 0 && sweep_slice_next(s, f.axis, f.series, f.series, &slice, f.where))
            r = fit_slice(&f, out, err);
    }
    free(f.points);
    free(f.values);
    return r;
}
