#include "sweep/sweep_verdict.h"

#include "math/stats.h"
#include "summary/trust_load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

bool sweep_verdict_late(const struct sweep *s, const struct sweep_run *run)
{
    const struct stats_distribution *own = &s->timer_error;
    double percentile = run->figures.late_percentile, own_ns = 0;

    if (own->count > 0)
        own_ns = (double)(percentile >= 0.999  ? own->p999
                          : percentile >= 0.99 ? own->p99
                          : percentile >= 0.9  ? own->p90
                                               : own->p50);
    return run->figures.late_ns > own_ns + TRUST_LATENESS_MAX_NS;
}

/* What a run counts as: its metric, or more than any bound. */
static double value_of(const struct sweep *s, const struct sweep_run *run)
{
    double value = run->figures.values[s->settings->slo];

    if (run->failure.text[0] != '\0' || !(run->figures.lost <= SWEEP_VERDICT_LOST_MAX) ||
        sweep_verdict_late(s, run))
        return INFINITY;
    return isnan(value) ? INFINITY : value;
}

bool sweep_verdict_of(const struct sweep *s, const struct sweep_cell *cell, int *sure, bool *kept)
{
    double bound_ns = s->settings->slo_bound_ns;
    double *values = calloc(cell->runs_count + 1, sizeof *values);
    struct stats_median median;
    int r = -ENODATA;

    for (size_t i = 0; values != NULL && i < cell->runs_count; i++)
        values[i] = value_of(s, &cell->runs[i]);
    if (values != NULL && cell->runs_count > 0)
        r = stats_median_of(values, cell->runs_count, &median);
    free(values);
    if (r < 0)
        return false;
    *kept = median.median <= bound_ns;
    *sure = median.ci_high <= bound_ns ? -1 : median.ci_low > bound_ns ? 1 : 0;
    return true;
}
