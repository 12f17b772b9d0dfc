#include "sweep/sweep.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "harness/harness.h"
#include "load/load.h"
#include "measure/sysinfo.h"
#include "ranks/ranks.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs of open loops are made longer than asked for, up to this, until they have as many jobs as
 * the percentile that is asked for needs, and a quarter more, since arrivals are random; and until
 * they are as long as the bound needs (summary/trust.h). */
#define EXTENDED_MAX_NS (60 * NS_PER_S)
#define EXTENDED_BY     1.25

#define RATE_ANY 1000 /* finds the series when the search chooses the rates */

/* How many jobs a run needs for the percentiles that are asked for. */
static size_t jobs_needed(const struct sweep_settings *settings)
{
    size_t needed = 0;

    if (settings->slo != NULL)
        needed = settings->slo->ranked_from;
    if (settings->metric != NULL && settings->metric->ranked_from > needed)
        needed = settings->metric->ranked_from;
    return needed;
}

/* Make an open loop by time long enough for these jobs, and for the bound. */
static int extend(const struct sweep_settings *settings, struct plan_line *line, struct err *err)
{
    struct plan_load *load = &line->load;
    size_t needed = jobs_needed(settings);
    double bounds_ns = settings->slo != NULL ? TRUST_BOUNDS * settings->slo_bound_ns : 0;
    double extended_ns;
    char rate[64];

    if (load->rates_count == 0 || needed == 0)
        return 0;
    if (line->counts_count > 0)
        return line->counts[0] >= needed
                   ? 0
                   : err_set(err, -EINVAL, "%s needs %zu jobs in a run: give --jobs %zu or more",
                             (settings->slo != NULL ? settings->slo : settings->metric)->name,
                             needed, needed);
    extended_ns = EXTENDED_BY * (double)needed / load->rates[0] * (double)NS_PER_S;
    if (load->duration_ns == 0)
        load->duration_ns = LOAD_DURATION_DEFAULT_NS;
    if (bounds_ns > (double)load->duration_ns && bounds_ns > (double)EXTENDED_MAX_NS)
        return err_set(
            err, -EINVAL,
            "such a bound is kept or broken in runs of %.0f s: give a --duration as long",
            bounds_ns / (double)NS_PER_S);
    if (fmax(extended_ns, bounds_ns) <= (double)load->duration_ns)
        return 0;
    if (extended_ns > (double)EXTENDED_MAX_NS)
        return err_set(err, -EINVAL,
                       "%s needs %zu jobs in a run, and at %s that takes %.0f s: ask for another "
                       "percentile, begin at a higher rate, or give a longer --duration",
                       (settings->slo != NULL ? settings->slo : settings->metric)->name, needed,
                       load_format_rate(load->rates[0], rate, sizeof rate),
                       extended_ns / (double)NS_PER_S);
    load->duration_ns =
        (uint64_t)ceil(fmax(extended_ns, bounds_ns) / (double)NS_PER_MS) * NS_PER_MS;
    return 0;
}

double sweep_rate_min(const struct sweep_settings *settings)
{
    uint64_t longest_ns = settings->line.load.duration_ns > EXTENDED_MAX_NS
                              ? settings->line.load.duration_ns
                              : EXTENDED_MAX_NS;

    return EXTENDED_BY * (double)jobs_needed(settings) * (double)NS_PER_S / (double)longest_ns;
}

/* The line with the values of a point; on axes where the point has NAN, with the first value. 0, or
 * -EINVAL with *err set. */
static int point_line(const struct sweep_settings *settings, const double *point,
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

/* The cells of all series at a point, in their order; `name` as for plan_leave_out(). 0 or a
 * negative errno with *err set; free it with plan_deinit() in both cases. */
static int point_plan(const struct sweep_settings *settings, const double *point, const char *name,
                      struct plan *plan, struct err *err)
{
    struct plan_line line;
    int r;

    *plan = (struct plan){0};
    r = point_line(settings, point, &line, err);
    if (r == 0)
        r = plan_add(plan, &line, false, err);
    if (r == 0)
        r = plan_check_used(plan, &line, err);
    if (r == 0)
        plan_leave_out(plan, &line, name);
    plan_set_seed(plan, settings->seed);
    return r;
}

/* Refuse jobs that differ only in what is swept over: they would be measured as one. */
static int check_jobs(const struct sweep_settings *settings, const double *point, struct err *err)
{
    char one[JOB_TEXT_SIZE], other[JOB_TEXT_SIZE];
    struct plan_line line;
    int r = point_line(settings, point, &line, err);

    for (size_t i = 1; i < line.specs_count && r == 0; i++)
        for (size_t k = 0; k < i && r == 0; k++)
            if (strcmp(job_format(&line.specs[i], one, sizeof one),
                       job_format(&line.specs[k], other, sizeof other)) == 0)
                r = err_set(err, -EINVAL,
                            "the axes make some of these jobs the same: give --job once, without "
                            "what is swept over");
    return r;
}

size_t sweep_find_axis(const struct sweep_settings *settings, const char *name)
{
    for (size_t a = 0; a < settings->axes_count; a++)
        if (strcmp(settings->axes[a].name, name) == 0)
            return a;
    return SIZE_MAX;
}

static void make_series(const struct sweep *s, const struct cell *base, bool several_groups,
                        struct sweep_series *out)
{
    const struct sweep_settings *settings = s->settings;
    char threads[16] = "";

    out->base = *base;
    cell_group(base, out->group, sizeof out->group);
    if (base->model->uses_threads && sweep_find_axis(settings, "threads") == SIZE_MAX)
        snprintf(threads, sizeof threads, "(%u)", base->threads);
    snprintf(out->label, sizeof out->label, "%s%s%s%s", base->model->name, threads,
             several_groups ? " " : "", several_groups ? out->group : "");
    for (size_t a = 0; a < settings->axes_count; a++)
        out->applies[a] = sweep_axis_applies(&settings->axes[a], base);
}

static int find_series(struct sweep *s, struct err *err)
{
    double first[SWEEP_AXES_MAX];
    struct plan plan = {0};
    int r;

    for (size_t a = 0; a < SWEEP_AXES_MAX; a++)
        first[a] = NAN;
    r = check_jobs(s->settings, first, err);
    if (r == 0)
        r = point_plan(s->settings, first, "tva sweep", &plan, err);
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

/* Refuse an axis that makes no difference to any series. */
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

/* The point with NAN where it makes no difference to the series. */
static void settle_point(const struct sweep *s, size_t series, const double *point, double *out)
{
    for (size_t a = 0; a < SWEEP_AXES_MAX; a++)
        out[a] =
            a < s->settings->axes_count && s->series[series].applies[a] ? point[a] : (double)NAN;
}

size_t sweep_find(const struct sweep *s, size_t series, const double *point)
{
    double wanted[SWEEP_AXES_MAX];

    settle_point(s, series, point, wanted);
    for (size_t i = 0; i < s->cells_count; i++) {
        size_t same = 0;

        if (s->cells[i].series != series)
            continue;
        while (same < SWEEP_AXES_MAX && (s->cells[i].point[same] == wanted[same] ||
                                         (isnan(wanted[same]) && isnan(s->cells[i].point[same]))))
            same++;
        if (same == SWEEP_AXES_MAX)
            return i;
    }
    return SIZE_MAX;
}

/* Take the runs that the state has of this cell. */
static int restore(struct sweep *s, struct sweep_cell *cell, struct err *err)
{
    char args[PLAN_ARGS_SIZE];
    int r = 0;

    plan_cell_args(&cell->cell, args, sizeof args);
    for (size_t i = 0; i < sweep_state_count(s->state) && r == 0; i++) {
        struct sweep_run run = {.stored = i};
        struct run_record record;

        if (cell->runs_count == sweep_runs_max(s->settings))
            break;
        if (strcmp(sweep_state_key(s->state, i), args) != 0)
            continue;
        r = sweep_state_read(s->state, i, &record, err);
        if (r == 0 && run_values_of(&record, &cell->cell, KERNEL_MEMORY_UNKNOWN, &run.values) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
        run_record_deinit(&record);
        if (r == 0)
            cell->runs[cell->runs_count++] = run;
    }
    return r;
}

static int add_cell(struct sweep *s, size_t series, const double *point, const struct cell *cell,
                    bool refined, struct err *err)
{
    struct sweep_cell *c;

    if (array_grow(&s->cells, s->cells_count, &s->cells_capacity, sizeof *c) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    c = &s->cells[s->cells_count];
    *c = (struct sweep_cell){.cell = *cell, .series = series, .refined = refined};
    settle_point(s, series, point, c->point);
    c->runs = calloc(sweep_runs_max(s->settings), sizeof *c->runs);
    if (c->runs == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    s->cells_count++;
    return s->state != NULL ? restore(s, c, err) : 0;
}

/* Add the cells at a point, of all series (SIZE_MAX) or the wanted one, that are not there. 0 or a
 * negative errno with *err set. */
static int add_point(struct sweep *s, const double *point, size_t wanted, bool refined,
                     struct err *err)
{
    struct plan plan;
    int r = point_plan(s->settings, point, NULL, &plan, err);

    if (r == 0 && plan.count != s->series_count)
        r = err_set(err, -EINVAL,
                    "at some values of the axes cells are the same: give each model, job and load "
                    "once");
    for (size_t i = 0; i < s->series_count && r == 0; i++)
        if ((wanted == SIZE_MAX || wanted == i) && sweep_find(s, i, point) == SIZE_MAX)
            r = add_cell(s, i, point, &plan.cells[i].cell, refined, err);
    plan_deinit(&plan);
    return r;
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
        r = add_point(s, point, SIZE_MAX, false, err);
    }
    return r;
}

/* The fewest jobs in a run of an open loop; 0 when there are other loads. */
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

static const struct metric *choose_metric(const struct sweep *s)
{
    static const char *const latencies[] = {"p99", "p90", "p50", "mean"};
    double jobs = fewest_arrivals(s);
    size_t i = 0;

    if (s->settings->metric != NULL)
        return s->settings->metric;
    if (s->settings->slo != NULL)
        return s->settings->slo;
    if (jobs == 0)
        return metric_named("throughput");
    while (i + 1 < sizeof latencies / sizeof *latencies &&
           jobs < EXTENDED_BY * (double)metric_named(latencies[i])->ranked_from)
        i++;
    return metric_named(latencies[i]);
}

bool sweep_can_rank(const struct metric *metric)
{
    return metric->ranked_from > 0;
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

void sweep_deinit(struct sweep *s)
{
    for (size_t i = 0; i < s->cells_count; i++)
        free(s->cells[i].runs);
    free(s->cells);
    free(s->series);
}

char *sweep_identity(const struct sweep *s)
{
    const struct sweep_settings *settings = s->settings;
    const struct harness_ranks *ranks = ranks_harness(ranks_get());
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
    if (ranks != NULL)
        fprintf(out, "ranks %u\n", ranks->count);
    if (settings->slo != NULL)
        fprintf(out, "slo %s=%.0fns\n", settings->slo->name, settings->slo_bound_ns);
    for (size_t i = 0; i < s->series_count; i++)
        fprintf(out, "cell %s\n", plan_cell_args(&s->series[i].base, args, sizeof args));
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

int sweep_use_state(struct sweep *s, struct sweep_state *state, struct err *err)
{
    int r = 0;

    s->state = state;
    for (size_t i = 0; i < s->cells_count && r == 0; i++) {
        job_set_seed(&s->cells[i].cell.job, s->settings->seed);
        r = restore(s, &s->cells[i], err);
    }
    return r;
}

/* What keep() needs when the harness calls it. */
struct link {
    struct sweep *sweep;
    const size_t *indexes; /* of the sweep's cells, parallel to the plan's */
    struct err *err;
};

static int keep(void *arg, size_t index, struct run_record *record)
{
    struct link *link = arg;
    struct sweep *s = link->sweep;
    struct sweep_cell *cell = &s->cells[link->indexes[index]];
    struct sweep_run run = {.stored = sweep_state_count(s->state), .failure = record->failure};
    char args[PLAN_ARGS_SIZE];
    bool cut = interrupt_check(s->interrupt) != 0 && run_lacks_rank(record);
    int r = 0;

    /* The loss of a rank ends the session. The next one carries out this run again. */
    if (!cut && run_carried_out(record)) {
        if (run_values_of(record, &cell->cell, KERNEL_MEMORY_UNKNOWN, &run.values) < 0)
            return err_set(link->err, -ENOMEM, "out of memory");
        plan_cell_args(&cell->cell, args, sizeof args);
        r = sweep_state_append(s->state, args, record, link->err);
    }
    if (r == 0 && !cut)
        cell->runs[cell->runs_count++] = run;
    run_record_deinit(record);
    *record = (struct run_record){0};
    return r;
}

static int carry_out(struct sweep *s, const struct plan *plan, const size_t *indexes, bool shown,
                     struct err *err)
{
    struct progress quiet;
    struct link link = {s, indexes, err};
    struct harness_options options = {
        .seed = s->settings->seed ^ hash_mix(s->probes),
        .timeout_ns = s->settings->timeout_ns,
        .vary_seed = true,
        .command = "tva sweep",
        .keep = keep,
        .keep_arg = &link,
        .ranks = ranks_harness(ranks_get()),
    };
    struct harness *h = harness_create(plan, &options);
    int r;

    if (h == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    progress_init(&quiet, true);
    r = harness_measure(h, s->interrupt, shown ? s->progress : &quiet);
    harness_destroy(h);
    return r;
}

size_t sweep_runs_max(const struct sweep_settings *settings)
{
    size_t most = settings->slo != NULL ? 2 * (size_t)settings->rounds : settings->rounds;

    return most < PLAN_ROUNDS_MAX ? most : PLAN_ROUNDS_MAX;
}

size_t sweep_runs_wanted(const struct sweep *s, const struct sweep_cell *cell)
{
    struct sweep_verdict verdict;

    return s->settings->slo != NULL && cell->runs_count >= s->settings->rounds &&
                   sweep_knee_judge(s, cell, &verdict) && verdict.voids > 0 && verdict.sure == 0
               ? sweep_runs_max(s->settings)
               : s->settings->rounds;
}

/* How many more runs the cell should have now. None when it failed as often as the harness allows.
 */
static size_t runs_lacking(const struct sweep *s, const struct sweep_cell *cell)
{
    size_t failures = 0, wanted = sweep_runs_wanted(s, cell);

    for (size_t i = 0; i < cell->runs_count; i++)
        failures += cell->runs[i].failure.text[0] != '\0';
    return cell->runs_count < wanted && failures < HARNESS_FAILURES_MAX ? wanted - cell->runs_count
                                                                        : 0;
}

size_t sweep_runs_left(const struct sweep *s)
{
    size_t left = 0;

    for (size_t i = 0; i < s->cells_count; i++)
        if (s->cells[i].runs_count < s->settings->rounds)
            left += runs_lacking(s, &s->cells[i]);
    return left;
}

int sweep_measure(struct sweep *s, const size_t *indexes, size_t n, bool shown, struct err *err)
{
    struct plan plan = {.cells = calloc(n + 1, sizeof *plan.cells), .capacity = n + 1};
    size_t *wanted = calloc(n + 1, sizeof *wanted);
    bool room = plan.cells != NULL && wanted != NULL;
    int r = room ? 0 : err_set(err, -ENOMEM, "out of memory");

    for (size_t i = 0; i < n && room; i++) {
        size_t index = indexes != NULL ? indexes[i] : i;
        const struct sweep_cell *c = &s->cells[index];
        size_t lacking = runs_lacking(s, c);

        if (lacking == 0 || (indexes == NULL && c->runs_count >= s->settings->rounds))
            continue;
        plan.cells[plan.count] = (struct plan_cell){
            .cell = c->cell,
            .rounds = (unsigned)lacking,
            .runs_before = (unsigned)c->runs_count,
        };
        wanted[plan.count++] = index;
    }
    if (r == 0 && plan.count > 0)
        r = carry_out(s, &plan, wanted, shown, err);
    free(plan.cells);
    free(wanted);
    return r;
}

size_t sweep_values(const struct sweep_cell *cell, const struct metric *metric, double *out)
{
    size_t n = 0;

    for (size_t i = 0; i < cell->runs_count; i++) {
        const struct sweep_run *run = &cell->runs[i];
        double value = run_values_metric(&run->values, metric);

        if (run->failure.text[0] == '\0' && !isnan(value))
            out[n++] = value;
    }
    return n;
}

double sweep_median(const struct sweep *s, const struct sweep_cell *cell)
{
    double values[PLAN_ROUNDS_MAX];
    size_t n = sweep_values(cell, s->metric, values);

    return n > 0 ? stats_median(values, n) : (double)NAN;
}

int sweep_answer_add(struct sweep_answers *answers, const struct sweep_answer *answer,
                     struct err *err)
{
    if (array_grow(&answers->items, answers->count, &answers->capacity, sizeof *answer) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    answers->items[answers->count] = *answer;
    answers->items[answers->count++].where[answer->axis] = NAN;
    return 0;
}

bool sweep_may_search(const struct sweep *s)
{
    return clock_now_ns() < s->search_end_ns;
}

int sweep_probe(struct sweep *s, const size_t *series, size_t n, const double *where, size_t axis,
                const char *what, struct err *err)
{
    uint64_t now_ns = clock_now_ns();
    char text[64];
    size_t cells[2];
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i++) {
        if (sweep_find(s, series[i], where) == SIZE_MAX)
            r = add_point(s, where, series[i], true, err);
        cells[i] = sweep_find(s, series[i], where);
    }
    if (r < 0)
        return r;
    if (!s->settings->quiet)
        progress_note(s->progress, "looking %s: %s (at most %.0f s left)", what,
                      sweep_axis_phrase(&s->settings->axes[axis], where[axis], text, sizeof text),
                      s->search_end_ns > now_ns ? clock_seconds(s->search_end_ns - now_ns) : 0);
    s->probes++;
    r = s->measure(s, cells, n, false, err);
    return r == 0 && sweep_may_search(s) ? s->measure(s, cells, n, false, err) : r;
}

const char *sweep_verb_end(const char *label)
{
    size_t len = strcspn(label, " ");

    return len > 0 && label[len - 1] == 's' ? "" : "s";
}

/* Fill in where[] of slice number `slice`. Is it a slice that no earlier number had? *more: there
 * are this many slices. */
static bool choose_slice(const struct sweep *s, size_t axis, size_t a, size_t b, size_t slice,
                         double *where, bool *more)
{
    bool fresh = true;

    for (size_t i = 0; i < SWEEP_AXES_MAX; i++)
        where[i] = NAN;
    for (size_t i = 0; i < s->settings->axes_count; i++) {
        const struct sweep_axis *other = &s->settings->axes[i];

        if (i == axis || other->count == 0)
            continue;
        if (s->series[a].applies[i] || s->series[b].applies[i])
            where[i] = other->values[slice % other->count];
        else
            fresh = fresh && slice % other->count == 0;
        slice /= other->count;
    }
    *more = slice == 0;
    return fresh && *more;
}

size_t sweep_points(const struct sweep *s, size_t axis, size_t a, size_t b, const double *where,
                    double *out, size_t max)
{
    double at[SWEEP_AXES_MAX];
    size_t n = 0;

    memcpy(at, where, sizeof at);
    for (size_t i = 0; i < s->cells_count && n < max; i++) {
        const struct sweep_cell *c = &s->cells[i];

        at[axis] = c->point[axis];
        if ((c->series == a || c->series == b) && !isnan(at[axis]) &&
            sweep_find(s, c->series, at) == i)
            out[n++] = at[axis];
    }
    return stats_sort_unique(out, n);
}

bool sweep_slice_next(const struct sweep *s, size_t axis, size_t a, size_t b, size_t *slice,
                      double *where)
{
    bool fresh = false;

    for (bool more = true; more && !fresh; (*slice)++)
        fresh = choose_slice(s, axis, a, b, *slice, where, &more);
    return fresh;
}

void sweep_slice_say(const struct sweep *s, size_t axis, const double *where, char *buf,
                     size_t size)
{
    for (size_t i = 0; i < s->settings->axes_count; i++) {
        char text[64];

        if (i != axis && !isnan(where[i]))
            text_add(buf, size, ", at %s",
                     sweep_axis_phrase(&s->settings->axes[i], where[i], text, sizeof text));
    }
}
