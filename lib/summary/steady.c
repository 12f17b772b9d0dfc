#include "summary/steady.h"

#include "math/stats_batch.h"
#include "math/stats_mser.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define CONFIDENCE 0.95

typedef uint64_t figure_fn(const struct sample *s);

/* What job number k had on average over the runs, in s; NAN when none let it in. */
static double mean_of_job(const struct summary_input *in, size_t k, figure_fn *of)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < in->count; i++) {
        const struct sample *s = &in->runs[i]->samples[in->runs[i]->warmup_samples + k];

        if (!summary_has_latency(s))
            continue;
        sum += (double)of(s);
        n++;
    }
    return n > 0 ? sum / (double)n / NS_PER_S : NAN;
}

static size_t jobs_of_all_runs(const struct summary_input *in)
{
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < in->count; i++)
        if (summary_counted(in->runs[i]) < least)
            least = summary_counted(in->runs[i]);
    return least;
}

static size_t series_of(const struct summary_input *in, figure_fn *of, double *series)
{
    size_t jobs = jobs_of_all_runs(in), n = 0;

    for (size_t k = 0; k < jobs; k++) {
        double value = mean_of_job(in, k, of);

        if (isfinite(value))
            series[n++] = value;
    }
    return n;
}

static double mean_of(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

static bool halves_agree(const double *series, size_t n)
{
    double first = mean_of(series, n / 2), second = mean_of(series + n / 2, n - n / 2);

    return fabs(second - first) <= STEADY_DRIFT_MAX * fmin(first, second);
}

static json_t *steady_json(const double *latencies, size_t n)
{
    struct stats_mser mser;

    if (stats_mser(latencies, n, &mser) != 0)
        return json_null();
    return json_pack("{sb so}", "ok", (int)(mser.steady || halves_agree(latencies, n)),
                     "truncation", result_new_number((double)mser.truncate / (double)n));
}

static json_t *mean_wait_json(const double *waits, size_t n)
{
    struct stats_batch_means means;

    if (stats_batch_means(waits, n, CONFIDENCE, &means) != 0)
        return json_null();
    return json_pack("{so so so so}", "mean", result_new_number(means.mean), "ci_low",
                     result_new_number(means.ci_low), "ci_high", result_new_number(means.ci_high),
                     "batches", result_new_count(means.batches));
}

int steady_add(json_t *summary, const struct summary_input *in)
{
    bool loop = in->cell->load.kind != LOAD_BATCH && in->count > 0;
    double *series = malloc(((loop ? jobs_of_all_runs(in) : 0) + 1) * sizeof *series);
    size_t n;
    int rc = 0;

    if (series == NULL)
        return -ENOMEM;
    n = loop ? series_of(in, sample_latency_ns, series) : 0;
    rc |= json_object_set_new(summary, "steady", steady_json(series, n));
    n = loop ? series_of(in, sample_wait_ns, series) : 0;
    rc |= json_object_set_new(summary, "mean_wait_ci_s", mean_wait_json(series, n));
    free(series);
    return rc == 0 ? 0 : -ENOMEM;
}
