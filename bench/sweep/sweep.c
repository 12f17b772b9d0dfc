#include "sweep/sweep_point.h"

#include "measure/sysinfo.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Jobs that differ only in what is swept over would be measured as one. */
static int check_jobs(const struct sweep_settings *settings, const double *point, struct err *err)
{
    char one[JOB_TEXT_SIZE], other[JOB_TEXT_SIZE];
    struct plan_line line;
    int r = sweep_point_line(settings, point, &line, err);

    for (size_t i = 1; i < line.specs_count && r == 0; i++)
        for (size_t k = 0; k < i && r == 0; k++)
            if (strcmp(job_format(&line.specs[i], one, sizeof one),
                       job_format(&line.specs[k], other, sizeof other)) == 0)
                r = err_set(err, -EINVAL,
                            "the axes make some of these jobs the same: give --job once, without "
                            "what is swept over");
    return r;
}

static bool sweeps_threads(const struct sweep_settings *settings)
{
    for (size_t a = 0; a < settings->axes_count; a++)
        if (strcmp(settings->axes[a].name, "threads") == 0)
            return true;
    return false;
}

static void make_series(const struct sweep *s, const struct cell *base, bool several_groups,
                        struct sweep_series *out)
{
    const struct sweep_settings *settings = s->settings;
    char threads[16] = "";

    out->base = *base;
    cell_group(base, out->group, sizeof out->group);
    if (base->model->uses_threads && !sweeps_threads(settings))
        snprintf(threads, sizeof threads, "(%u)", base->threads);
    snprintf(out->label, sizeof out->label, "%s%s%s%s", base->model->name, threads,
             several_groups ? " " : "", several_groups ? out->group : "");
    for (size_t a = 0; a < settings->axes_count; a++)
        out->applies[a] = sweep_axis_applies(&settings->axes[a], base);
}

static int find_series(struct sweep *s, struct err *err)
{
    double first[SWEEP_AXES_MAX];
    struct plan plan;
    int r;

    for (size_t a = 0; a < SWEEP_AXES_MAX; a++)
        first[a] = NAN;
    plan_init(&plan);
    r = check_jobs(s->settings, first, err);
    if (r == 0)
        r = sweep_point_plan(s->settings, first, &plan, err);
    if (r == 0) {
        bool several = false;
        char one[CELL_NAME_SIZE], other[CELL_NAME_SIZE];

        for (size_t i = 1; i < plan.count; i++)
            several |= strcmp(cell_group(&plan.cells[0].cell, one, sizeof one),
                              cell_group(&plan.cells[i].cell, other, sizeof other)) != 0;
        s->series = calloc(plan.count, sizeof *s->series);
        if (s->series == NULL)
            r = err_set(err, -ENOMEM, "out of memory");
        for (size_t i = 0; r == 0 && i < plan.count; i++)
            make_series(s, &plan.cells[i].cell, several, &s->series[s->series_count++]);
    }
    plan_deinit(&plan);
    return r;
}

/* Each axis has to make a difference to something. */
static int check_axes(const struct sweep *s, struct err *err)
{
    const struct sweep_settings *settings = s->settings;

    for (size_t a = 0; a < settings->axes_count; a++) {
        bool used = false;

        for (size_t i = 0; i < s->series_count; i++)
            used |= s->series[i].applies[a];
        if (!used)
            return err_set(err, -EINVAL,
                           "--over %s makes no difference to any of these models: add one to which "
                           "it does, such as --model pool",
                           settings->axes[a].name);
    }
    return 0;
}

void sweep_deinit(struct sweep *s)
{
    for (size_t i = 0; i < s->cells_count; i++) {
        free(s->cells[i].key);
        free(s->cells[i].runs);
    }
    free(s->cells);
    free(s->series);
}

char *sweep_identity(const struct sweep *s)
{
    const struct sweep_settings *settings = s->settings;
    struct sysinfo_context context;
    char args[PLAN_ARGS_SIZE], *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    sysinfo_read(&context);
    fprintf(out, "tva %s %s %s\n", context.version, context.commit, context.build_type);
    fprintf(out, "cpu %s, %lld cores\n", context.cpu, (long long)context.cores);
    for (size_t a = 0; a < settings->axes_count; a++)
        fprintf(out, "over %s\n", settings->axes[a].text);
    fprintf(out, "rounds %u\n", settings->rounds);
    if (settings->has_slo)
        fprintf(out, "slo %s=%.0fns\n", figure_types[settings->slo].name, settings->slo_bound_ns);
    for (size_t i = 0; i < s->series_count; i++)
        fprintf(out, "cell %s\n", plan_cell_args(&s->series[i].base, args, sizeof args));
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static size_t grid_size(const struct sweep_settings *settings, size_t series)
{
    size_t size = series;

    for (size_t a = 0; a < settings->axes_count; a++)
        size *= settings->axes[a].count; /* at most 200 each: no overflow with 4 axes */
    return size;
}

static int add_grid(struct sweep *s, struct err *err)
{
    const struct sweep_settings *settings = s->settings;
    size_t cells = grid_size(settings, s->series_count);
    int r = 0;

    if (cells > SWEEP_CELLS_MAX)
        return err_set(err, -EINVAL,
                       "this sweep has %zu cells, more than %d: widen steps, or sweep over fewer "
                       "axes or models",
                       cells, SWEEP_CELLS_MAX);
    for (size_t k = 0; k < grid_size(settings, 1) && r == 0; k++) {
        double point[SWEEP_AXES_MAX] = {0};
        size_t rest = k;

        for (size_t a = 0; a < settings->axes_count; a++) {
            point[a] = settings->axes[a].values[rest % settings->axes[a].count];
            rest /= settings->axes[a].count;
        }
        r = sweep_add_point(s, point, SIZE_MAX, false, err);
    }
    return r;
}

/* The least number of jobs that a run of an open loop has; 0 when there are other loads. */
static double fewest_arrivals(const struct sweep *s)
{
    double fewest = INFINITY;

    for (size_t i = 0; i < s->cells_count; i++) {
        const struct cell *c = &s->cells[i].cell;
        double jobs =
            c->jobs > 0 ? (double)c->jobs : c->load.rate_per_s * clock_seconds(c->load.duration_ns);

        fewest = fmin(fewest, c->load.kind == LOAD_OPEN ? jobs : 0);
    }
    return isinf(fewest) ? 0 : fewest;
}

static enum figure choose_metric(const struct sweep *s)
{
    static const enum figure latencies[] = {FIGURE_P99, FIGURE_P90, FIGURE_P50, FIGURE_MEAN};
    double jobs = fewest_arrivals(s);
    size_t i = 0;

    if (s->settings->has_metric)
        return s->settings->metric;
    if (s->settings->has_slo)
        return s->settings->slo;
    if (jobs == 0)
        return FIGURE_THROUGHPUT;
    while (i + 1 < sizeof latencies / sizeof *latencies &&
           jobs < SWEEP_POINT_EXTENDED_BY * (double)figure_types[latencies[i]].samples_min)
        i++;
    return latencies[i];
}

int sweep_init(struct sweep *s, const struct sweep_settings *settings, struct err *err)
{
    int r;

    *s =
        (struct sweep){.settings = settings, .search_end_ns = UINT64_MAX, .measure = sweep_measure};
    r = find_series(s, err);
    if (r == 0)
        r = check_axes(s, err);
    if (r == 0)
        r = add_grid(s, err);
    if (r == 0)
        s->metric = choose_metric(s);
    return r;
}
