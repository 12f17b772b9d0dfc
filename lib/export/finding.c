#include "export/finding.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "job/job.h"
#include "model/model.h"
#include "result/metric.h"
#include "result/result.h"
#include "summary/trust.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define RATIO_DIGITS_MAX  1000 /* from here on ratios are whole numbers */
#define BLOCKED_SHARE_MIN 0.5  /* of a batch's makespan, in one piece */

/* A sentence that grows in the caller's buffer; what does not fit is cut. */
struct finding_text {
    char *buf;
    size_t size;
};

#define add(t, ...) text_add((t)->buf, (t)->size, __VA_ARGS__)

static void add_duration(struct finding_text *t, double s)
{
    char buf[32];

    add(t, "%s", units_format_duration(s * NS_PER_S, buf, sizeof buf));
}

static void add_ratio(struct finding_text *t, double ratio)
{
    char buf[32];

    if (ratio >= RATIO_DIGITS_MAX)
        add(t, "%sx", units_format_count((uint64_t)llround(ratio), buf, sizeof buf));
    else
        add(t, "%.3gx", ratio);
}

/* What stands before item i of n in "a, b and c". */
static const char *separator(size_t i, size_t n)
{
    return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}

/* The invalid ones with their first reason. */
static void add_invalid(struct finding_text *t, const struct ranking *r)
{
    for (size_t i = r->valid; i < r->count; i++) {
        const json_t *reasons = json_object_get(r->cells[i].cell, "reasons");
        const char *why = json_string_value(json_array_get(reasons, 0));

        add(t, "%s%s (%s)", i == r->valid ? "" : ", ", r->cells[i].label,
            why != NULL ? why : "not measured");
    }
}

/* What is not known of those of the first place: a share of the fastest, as a bound, which no
 * digit makes smaller. */
static void add_hidden(struct finding_text *t, const struct ranking *r)
{
    double percent = 100 * ranking_hidden(r), unit = percent < 10 ? 0.1 : 1;

    if (r->told && r->tied > 1)
        add(t, " (no difference larger than %.*f %%)", percent < 10 ? 1 : 0,
            fmax(0, ceil(percent / unit - 1e-9) * unit));
}

/* "at 500 jobs/s", "with 16 clients" */
static void add_load(struct finding_text *t, const json_t *cell)
{
    double rate = result_number(cell, "load.rate_per_s");
    double clients = result_number(cell, "load.clients");
    const char *changing = result_string(cell, "load.rates.text");

    if (*changing != '\0')
        add(t, "at %s ", changing);
    else if (isfinite(rate))
        add(t, "at %.10g job%s/s ", rate, TEXT_S(rate));
    else
        add(t, "with %.0f client%s ", clients, TEXT_S(clients));
}

/* "tasks in 10.2 ms (p99 12 ms)" */
static void add_latency(struct finding_text *t, const struct ranked *r, bool first)
{
    const struct metric *p99 = metric_named("p99");
    char text[METRIC_TEXT];

    add(t, first ? "%s answered in " : "%s in ", r->label);
    add_duration(t, r->median_s);
    if (first)
        add(t, " at the mean");
    if (isfinite(metric_of(p99, r->cell).median))
        add(t, " (p99 %s)", metric_cell_text(p99, r->cell, text, sizeof text));
}

/* By how much the fastest is ahead of what all are compared with. */
static void add_ahead(struct finding_text *t, const struct ranking *r)
{
    const struct ranked *other = ranking_reference(r);

    if (other == NULL)
        return;
    add(t, ", ");
    add_ratio(t, other->median_s / r->cells[0].median_s);
    add(t, " faster than %s", other->label);
}

static bool only_computes(const struct ranked *r)
{
    struct job job;

    return job_parse(result_string(r->cell, "spec"), &job, NULL) == 0 &&
           job_traits(&job).only_computes;
}

/* "100 sleeps", "1 tcp job" */
static void add_work(struct finding_text *t, const struct ranked *r)
{
    const char *job = result_string(r->cell, "job");
    char count[32];

    add(t, "%s %s%s%s", units_format_count((uint64_t)r->jobs, count, sizeof count), job,
        strcmp(job, "sleep") == 0 ? "" : " job", TEXT_S(r->jobs));
}

/* Of the first place so many, each by its own figure, and how far behind the reference is. */
static void add_first_place(struct finding_text *t, const struct ranking *r, size_t shown)
{
    for (size_t i = 0; i < shown; i++) {
        add(t, "%s", separator(i, shown));
        if (r->loop) {
            add_latency(t, &r->cells[i], i == 0);
            continue;
        }
        add(t, i == 0 ? "%s finished " : "%s", r->cells[i].label);
        if (i == 0)
            add_work(t, &r->cells[i]);
        add(t, " in ");
        add_duration(t, r->cells[i].median_s);
    }
    add_hidden(t, r);
    add_ahead(t, r);
}

static void add_lost(struct finding_text *t, const struct ranking *r, size_t kept_up)
{
    for (size_t i = kept_up; i < r->valid; i++) {
        double lost = r->cells[i].lost;

        add(t, "%s%s left ",
            i > kept_up ? separator(i - kept_up, r->valid - kept_up)
            : i > 0     ? "; "
                        : "",
            r->cells[i].label);
        add(t, lost < 0.0995 ? "%.2g %%" : "%.0f %%", 100 * lost);
    }
    if (kept_up < r->valid)
        add(t, " of the jobs unserved or refused");
}

/* "; pool(6) cannot keep up: 6 threads / 22.0 ms = 273/s at 300/s, 7 threads can": where the mean
 * service decides it, whatever a short run came to. */
static void add_shortfall(struct finding_text *t, const struct ranked *r)
{
    const struct metric *rate = metric_named("throughput");
    double service_s = result_number(r->cell, "summary.service_ns.mean") / NS_PER_S;
    double threads = result_number(r->cell, "threads");
    double wanted = result_number(r->cell, "load.rate_per_s");
    char served[METRIC_TEXT], at[METRIC_TEXT];

    if (!(threads <= wanted * service_s) || only_computes(r) ||
        result_get(r->cell, "load.rates") != NULL ||
        (r->model != NULL && r->model->lanes != MODEL_LANES_POOL))
        return;
    add(t, "; %s cannot keep up: %.0f thread%s / ", r->label, threads, TEXT_S(threads));
    add_duration(t, service_s);
    add(t, " = %s at %s, %.0f threads can",
        metric_text(rate, threads / service_s, served, sizeof served),
        metric_text(rate, wanted, at, sizeof at), floor(wanted * service_s) + 1);
}

/* The sentence on cells of an open or a closed loop. */
static void add_loop(struct finding_text *t, const struct ranking *r)
{
    size_t kept_up = 0;

    while (kept_up < r->valid && r->cells[kept_up].lost == 0)
        kept_up++;
    add_load(t, r->cells[0].cell);
    if (kept_up > 0)
        add_first_place(t, r, r->tied < kept_up ? r->tied : kept_up);
    add_lost(t, r, kept_up);
    for (size_t i = 0; i < r->valid; i++)
        add_shortfall(t, &r->cells[i]);
}

static const struct ranked *find_model(const struct ranking *r, const char *model)
{
    for (size_t i = 0; i < r->valid; i++)
        if (strcmp(result_string(r->cells[i].cell, "model"), model) == 0)
            return &r->cells[i];
    return NULL;
}

static void add_single(struct finding_text *t, const struct ranking *ranking)
{
    const struct ranked *r = &ranking->cells[0];
    char rate[32];

    add_first_place(t, ranking, 1);
    if (isnan(r->ideal_s)) {
        add(t, ", %s a second",
            units_format_count((uint64_t)llround(r->jobs / r->median_s), rate, sizeof rate));
    } else {
        add(t, "; ideal ");
        add_duration(t, r->ideal_s);
    }
}

static void add_comparison(struct finding_text *t, const struct ranking *r)
{
    const struct ranked *first = &r->cells[0], *other = ranking_reference(r);

    add_first_place(t, r, r->tied);
    if (other != NULL && first->ideal_s > 0 && other->ideal_s > 0) {
        add(t, "; ideal ");
        add_ratio(t, other->ideal_s / first->ideal_s);
    }
}

/* Why nothing is ranked. */
static void add_few_runs(struct finding_text *t, const struct ranking *r)
{
    double fewest = INFINITY;

    for (size_t i = 0; i < r->valid; i++)
        fewest = fmin(fewest, r->cells[i].runs);
    if (r->valid > 1 && !r->told)
        add(t, "; not ranked: %.0f run%s, and to tell %zu models apart takes %zu of each", fewest,
            TEXT_S(fewest), r->valid, r->runs_needed);
    else if (fewest < TRUST_RUNS_MIN)
        add(t, "; from only %.0f run%s, so repeat it before relying on it", fewest, TEXT_S(fewest));
}

/* The null job does nothing, so all its time is the harness's. */
static void add_harness_cost(struct finding_text *t, const struct ranking *r)
{
    for (size_t i = 0; i < r->valid; i++) {
        add(t, "%s", i == 0 ? "the harness itself costs " : separator(i, r->valid));
        add_duration(t, r->cells[i].median_s / r->cells[i].jobs);
        add(t, "%s in %s", i == 0 ? " a job" : "", r->cells[i].label);
    }
}

static void add_computation(struct finding_text *t, const struct ranking *r)
{
    const struct ranked *sequential = find_model(r, "sequential"), *tasks = find_model(r, "tasks");

    if (sequential == NULL || tasks == NULL || tasks->jobs <= 1 || !only_computes(tasks))
        return;
    add(t,
        "; one event loop makes no computation faster: tasks took %.2f times as long as sequential",
        tasks->median_s / sequential->median_s);
}

static bool blocked(const struct ranked *r, bool loop)
{
    return r->lag_s >= FINDING_BLOCKED_S && (loop || r->lag_s >= BLOCKED_SHARE_MIN * r->median_s);
}

/* Where the loop's thread runs the jobs, they blocked it. Where threads do, making them did. */
static bool jobs_on_loop(const struct ranked *r)
{
    return r->model != NULL && !r->model->on_threads;
}

/* "blocking and sequential blocked the loop for 1.01 s and 998 ms": each by its own figure. */
static void add_blocked(struct finding_text *t, const struct ranking *r)
{
    size_t n = 0, i = 0;

    for (size_t k = 0; k < r->valid; k++)
        n += blocked(&r->cells[k], r->loop) && jobs_on_loop(&r->cells[k]);
    for (size_t k = 0; k < r->valid; k++)
        if (blocked(&r->cells[k], r->loop) && jobs_on_loop(&r->cells[k])) {
            add(t, "%s%s %sfor ", i == 0 ? "; " : separator(i, n), r->cells[k].label,
                i == 0 ? "blocked the loop " : "");
            add_duration(t, r->cells[k].lag_s);
            i++;
        }
    for (size_t k = 0; k < r->valid; k++)
        if (blocked(&r->cells[k], r->loop) &&
            strcmp(result_string(r->cells[k].cell, "model"), "threads") == 0) {
            add(t, "; making %s took the loop ", r->cells[k].label);
            add_duration(t, r->cells[k].lag_s);
        }
}

static void add_valid(struct finding_text *t, const struct ranking *r)
{
    const char *job = result_string(r->cells[0].cell, "job");

    if (r->loop)
        add_loop(t, r);
    else if (strcmp(job, "null") == 0)
        add_harness_cost(t, r);
    else if (r->valid == 1)
        add_single(t, r);
    else
        add_comparison(t, r);
    if (!r->loop)
        add_computation(t, r);
    add_blocked(t, r);
    add_few_runs(t, r);
    if (r->count > r->valid)
        add(t, "; invalid and not ranked: ");
}

char *finding_of(const struct ranking *r, char *buf, size_t size)
{
    struct finding_text t = {.buf = buf, .size = size};

    buf[0] = '\0';
    if (r->valid > 0) {
        add_valid(&t, r);
    } else {
        add(&t, "nothing valid was measured of ");
        add_work(&t, &r->cells[0]);
        add(&t, ": ");
    }
    add_invalid(&t, r);
    return buf;
}

char *finding_group(const json_t *result, const char *group, char *buf, size_t size)
{
    struct rankings all;

    buf[0] = '\0';
    if (rankings_init(&all, result) == 0)
        for (size_t i = 0; i < all.count; i++)
            if (strcmp(all.of[i].group, group) == 0)
                finding_of(&all.of[i], buf, size);
    rankings_deinit(&all);
    return buf;
}
