/* The universal scalability law, fitted to sweeps over the clients of a closed loop: for each
 * series, the throughput of all its runs against the number of clients (math/theory_scalability.h).
 * A law that misses the median of a measured point by more than SWEEP_SCALABILITY_MISS of it
 * explains nothing: the answer says so and has no figures of the law. */
#include "sweep/sweep.h"

#include "base/text.h"
#include "math/stats.h"

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
    double values[PLAN_ROUNDS_MAX];
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

/* By how much the law misses a measured point at most, as a share of it. *n: where. */
static double worst_miss(struct fit *f, const struct theory_scalability *law, double *n)
{
    double worst = 0;

    for (size_t i = 0, count; i < f->count; i += count) {
        double miss;

        for (count = 0; i + count < f->count && f->points[i + count].n == f->points[i].n; count++)
            f->values[count] = f->points[i + count].x;
        miss =
            fabs(theory_scalability_at(law, f->points[i].n) / stats_median(f->values, count) - 1);
        if (miss > worst) {
            worst = miss;
            *n = f->points[i].n;
        }
    }
    return worst;
}

/* "pool(6): one client gets 98.1/s, contention 2.1%, coherency 0.031%; most throughput, 590/s, at
 * 56 clients" */
static void say(const struct fit *f, struct sweep_answer *out)
{
    const struct theory_scalability *law = &out->law;
    const struct metric *rate = metric_named("throughput"), *share = metric_named("efficiency"),
                        *count = metric_named("in_flight");
    char lambda[METRIC_TEXT], sigma[METRIC_TEXT], peak[METRIC_TEXT];
    double kappa = 100 * law->kappa;
    size_t size = sizeof out->sentence;

    snprintf(out->sentence, size, "%.200s: one client gets %s, contention %s, coherency %.*f%%; ",
             f->sweep->series[f->series].label,
             metric_text(rate, law->lambda, lambda, sizeof lambda),
             metric_text(share, law->sigma, sigma, sizeof sigma),
             kappa > 0 ? (int)fmin(fmax(1 - floor(log10(kappa)), 0), 9) : 0, kappa);
    if (isinf(law->peak))
        text_add(out->sentence, size, "no peak");
    else
        text_add(out->sentence, size, "most throughput, %s, at %s client%s",
                 metric_text(rate, law->peak_x, lambda, sizeof lambda),
                 metric_text(count, round(law->peak), peak, sizeof peak), TEXT_S(round(law->peak)));
    sweep_slice_say(f->sweep, f->axis, f->where, out->sentence, size);
}

/* Take the law out of the answer. */
static void drop_law(const struct fit *f, double miss, double n, struct sweep_answer *out)
{
    out->law = (struct theory_scalability){NAN, NAN, NAN, NAN, NAN, NAN};
    snprintf(
        out->sentence, sizeof out->sentence,
        "%.200s: the scalability law misses its throughput with %.0f client%s by %.0f%%, so it "
        "is not shown",
        f->sweep->series[f->series].label, n, TEXT_S(n), 100 * miss);
    sweep_slice_say(f->sweep, f->axis, f->where, out->sentence, sizeof out->sentence);
}

/* Fit one slice. 0, also when nothing can be fitted, or -ENOMEM with *err set. */
static int fit_slice(struct fit *f, struct sweep_answers *out, struct err *err)
{
    struct sweep_answer item = {.kind = SWEEP_SCALABILITY, .axis = f->axis, .series = f->series};
    double miss, n = NAN;

    take_points(f);
    if (theory_scalability_fit(f->points, f->count, &item.law) < 0)
        return 0;
    memcpy(item.where, f->where, sizeof item.where);
    miss = worst_miss(f, &item.law, &n);
    if (miss > SWEEP_SCALABILITY_MISS)
        drop_law(f, miss, n, &item);
    else
        say(f, &item);
    return sweep_answer_add(out, &item, err);
}

int sweep_scalability_fit(const struct sweep *s, struct sweep_answers *out, struct err *err)
{
    struct fit f = {.sweep = s, .axis = sweep_find_axis(s->settings, "clients")};
    int r = 0;

    if (f.axis == SIZE_MAX)
        return 0;
    f.points = calloc(s->cells_count * sweep_runs_max(s->settings) + 1, sizeof *f.points);
    if (f.points == NULL)
        r = err_set(err, -ENOMEM, "out of memory");
    for (; r == 0 && f.series < s->series_count; f.series++) {
        size_t slice = 0;

        while (r == 0 && sweep_slice_next(s, f.axis, f.series, f.series, &slice, f.where))
            r = fit_slice(&f, out, err);
    }
    free(f.points);
    return r;
}
