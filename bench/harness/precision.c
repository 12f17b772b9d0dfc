#include "precision.h"

#include "math/stats.h"
#include "summary/summary.h"

#include <math.h>
#include <stdlib.h>

#define CONFIDENCE_MIN 0.95

/* What the cell is judged by. */
static double headline(const struct cell *cell, const struct run_record *run)
{
    return cell->load.kind == LOAD_BATCH ? (double)run->makespan_ns : summary_mean_latency_ns(run);
}

double precision_of(const struct cell *cell, const struct run_record *runs, size_t n)
{
    double *values = calloc(n + 1, sizeof *values), reach = INFINITY;
    struct stats_median m;
    size_t known = 0;

    if (values == NULL)
        return INFINITY;
    for (size_t i = 0; i < n; i++) {
        double value = runs[i].failure.text[0] == '\0' ? headline(cell, &runs[i]) : NAN;

        if (isfinite(value))
            values[known++] = value;
    }
    if (known > 0 && stats_median_of(values, known, &m) == 0 && m.confidence >= CONFIDENCE_MIN &&
        m.median > 0)
        reach = fmax(m.ci_high - m.median, m.median - m.ci_low) / m.median;
    free(values);
    return reach;
}
