#include "sweep/sweep_point.h"

#include "load/load.h"

#include <errno.h>
#include <math.h>

#define RATE_ANY 1000 /* to find the series with, where the search chooses rates */

/* How many jobs a run must have for the percentiles that are asked for. */
static size_t jobs_needed(const struct sweep_settings *settings)
{
    size_t needed = 0;

    if (settings->has_slo)
        needed = figure_types[settings->slo].samples_min;
    if (settings->has_metric && figure_types[settings->metric].samples_min > needed)
        needed = figure_types[settings->metric].samples_min;
    return needed;
}

/* Make an open loop by time long enough for that: by a quarter more, since arrivals are random. */
static int extend(const struct sweep_settings *settings, struct plan_line *line, struct err *err)
{
    struct plan_load *load = &line->load;
    size_t needed = jobs_needed(settings);
    double extended_ns;
    char rate[64];

    if (load->rates_count == 0 || needed == 0)
        return 0;
    if (line->counts_count > 0)
        return line->counts[0] >= needed
                   ? 0
                   : err_set(
                         err, -EINVAL, "%s needs %zu jobs in a run: give --jobs %zu or more",
                         figure_types[settings->has_slo ? settings->slo : settings->metric].name,
                         needed, needed);
    extended_ns = SWEEP_POINT_EXTENDED_BY * (double)needed / load->rates[0] * (double)NS_PER_S;
    if (load->duration_ns == 0)
        load->duration_ns = LOAD_DURATION_DEFAULT_NS;
    if (extended_ns <= (double)load->duration_ns)
        return 0;
    if (extended_ns > (double)SWEEP_POINT_EXTENDED_MAX_NS)
        return err_set(err, -EINVAL,
                       "%s needs %zu jobs in a run, and at %s that takes %.0f s: ask for another "
                       "percentile, begin at a higher rate, or give a longer --duration",
                       figure_types[settings->has_slo ? settings->slo : settings->metric].name,
                       needed, load_format_rate(load->rates[0], rate, sizeof rate),
                       extended_ns / (double)NS_PER_S);
    load->duration_ns = (uint64_t)ceil(extended_ns / (double)NS_PER_MS) * NS_PER_MS;
    return 0;
}

double sweep_point_rate_min(const struct sweep_settings *settings)
{
    uint64_t longest_ns = settings->line.load.duration_ns > SWEEP_POINT_EXTENDED_MAX_NS
                              ? settings->line.load.duration_ns
                              : SWEEP_POINT_EXTENDED_MAX_NS;

    return SWEEP_POINT_EXTENDED_BY * (double)jobs_needed(settings) * (double)NS_PER_S /
           (double)longest_ns;
}

int sweep_point_line(const struct sweep_settings *settings, const double *point,
                     struct plan_line *line, struct err *err)
{
    int r = 0;

    *line = settings->line;
    for (size_t a = 0; a < settings->axes_count && r == 0; a++) {
        const struct sweep_axis *axis = &settings->axes[a];
        double value = isnan(point[a]) && axis->count > 0 ? axis->values[0] : point[a];

        r = sweep_axis_apply(axis, isnan(value) ? RATE_ANY : value, line, err);
    }
    return r == 0 ? extend(settings, line, err) : r;
}

int sweep_point_plan(const struct sweep_settings *settings, const double *point, struct plan *plan,
                     struct err *err)
{
    struct plan_line line;
    int r;

    plan_init(plan);
    r = sweep_point_line(settings, point, &line, err);
    if (r == 0)
        r = plan_add(plan, &line, false, err);
    if (r == 0)
        r = plan_check_used(plan, &line, err);
    plan_set_seed(plan, settings->seed);
    return r;
}
