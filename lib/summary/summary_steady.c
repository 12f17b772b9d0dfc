#include "summary/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

typedef uint64_t time_fn(const struct sample *s);

/* What job number k had on average over the runs, in s; NAN when none let it in. */
static double mean_of_job(const struct cell_runs *in, size_t k, time_fn *of)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < in->count; i++) {
        const struct sample *s = &in->runs[i]->samples[in->runs[i]->warmup_samples + k];

        if (!sample_has_latency(s))
            continue;
        sum += (double)of(s);
        n++;
    }
    return n > 0 ? sum / (double)n / NS_PER_S : NAN;
}

static size_t jobs_of_all_runs(const struct cell_runs *in)
{
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < in->count; i++)
        if (run_counted(in->runs[i]) < least)
            least = run_counted(in->runs[i]);
    return least;
}

static size_t series_of(const struct cell_runs *in, time_fn *of, double *series)
{
    size_t jobs = jobs_of_all_runs(in), n = 0;

    for (size_t k = 0; k < jobs; k++) {
        double value = mean_of_job(in, k, of);

        if (isfinite(value))
            series[n++] = value;
    }
    return n;
}

static bool halves_agree(const double *series, size_t n)
{
    double first = stats_mean(series, n / 2), second = stats_mean(series + n / 2, n - n / 2);

    return fabs(second - first) <= SUMMARY_DRIFT_MAX * fmin(first, second);
}

int summary_steady_of(const struct cell_runs *in, struct summary_steady *out)
{
    struct stats_mser mser;
    double *series;
    size_t n;

    *out = (struct summary_steady){.known = false};
    if (in->cell->load.kind == LOAD_BATCH || in->count == 0)
        return 0;
    series = malloc((jobs_of_all_runs(in) + 1) * sizeof *series);
    if (series == NULL)
        return -ENOMEM;
    n = series_of(in, sample_latency_ns, series);
    out->known = !cell_changes(in->cell) && stats_mser(series, n, &mser) == 0;
    if (out->known) {
        out->ok = mser.steady || halves_agree(series, n);
        out->truncation = (double)mser.truncate / (double)n;
    }
    n = series_of(in, sample_wait_ns, series);
    out->wait_known = !cell_changes(in->cell) && stats_batch_means(series, n, &out->wait_s) == 0;
    free(series);
    return 0;
}
