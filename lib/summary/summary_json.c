#include "summary/summary.h"

#include "result/result.h"

#include <math.h>
#include <string.h>

static const char *const distribution_names[SUMMARY_DISTRIBUTIONS] = {
    [SUMMARY_LATENCY] = "latency_ns",
    [SUMMARY_WAIT] = "wait_ns",
    [SUMMARY_SERVICE] = "service_ns",
    [SUMMARY_UNCORRECTED] = "latency_uncorrected_ns",
    [SUMMARY_LATENESS] = "dispatch_lateness_ns",
    [SUMMARY_LAG] = "heartbeat_lag_ns",
};

static int set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value);
}

static int set_number(json_t *object, const char *name, double value)
{
    return set(object, name, result_new_number(value));
}

static json_t *count_or_null(uint64_t value, bool known)
{
    return known ? result_new_count(value) : json_null();
}

json_t *summary_json_distribution(const struct stats_distribution *d)
{
    json_t *object;
    int rc = 0;

    if (d->count == 0)
        return json_null();
    object = json_object();
    rc |= set(object, "min", result_new_count(d->min));
    for (size_t k = 0; k < STATS_PERCENTILES; k++)
        if (!isnan(d->at[k]))
            rc |= set_number(object, stats_percentile_names[k], d->at[k]);
    rc |= set(object, "max", result_new_count(d->max));
    rc |= set_number(object, "mean", d->mean);
    rc |= set_number(object, "stddev", d->stddev);
    rc |= set(object, "count", result_new_count(d->count));
    return result_built(object, rc);
}

static json_t *quantity_json(const struct summary_quantity *q)
{
    json_t *values = json_array();
    int rc = 0;

    if (q->count == 0) {
        json_decref(values);
        return json_null();
    }
    for (size_t i = 0; i < q->count; i++)
        rc |= json_array_append_new(values, result_new_number(q->values[i]));
    if (result_built(values, rc) == NULL)
        return NULL;
    return json_pack("{so so so so so}", "median", result_new_number(q->median.median), "ci_low",
                     result_new_number(q->median.ci_low), "ci_high",
                     result_new_number(q->median.ci_high), "confidence",
                     result_new_number(q->median.confidence), "values", values);
}

static json_t *curve_json(const struct stats_curve *curve)
{
    json_t *list = json_array();
    int rc = 0;

    for (size_t i = 0; i < curve->count; i++) {
        const struct stats_curve_point *p = &curve->points[i];
        json_t *point = json_pack("[ooo]", result_new_number(p->percentile),
                                  result_new_count(p->value), result_new_count(p->count));

        if (p->of_runs > 0)
            rc |= json_array_append_new(point, result_new_number(p->of_runs));
        rc |= json_array_append_new(list, point);
    }
    return result_built(list, rc);
}

static json_t *in_flight_json(const struct summary *s)
{
    return json_pack("{so so}", "mean", quantity_json(&s->quantities[RUN_IN_FLIGHT]), "max",
                     result_new_count(s->in_flight_max));
}

static json_t *little_json(const struct little *l)
{
    return json_pack("{so so so so so}", "in_flight", result_new_number(l->worst.in_system),
                     "rate_per_s", result_new_number(l->worst.arrivals_per_s), "latency_s",
                     result_new_number(l->worst.latency_s), "error",
                     result_new_number(l->worst.error), "late_s",
                     result_new_number(l->late_ns / NS_PER_S));
}

static json_t *steady_json(const struct summary_steady *s)
{
    return s->known ? json_pack("{sb so}", "ok", (int)s->ok, "truncation",
                                result_new_number(s->truncation))
                    : json_null();
}

static json_t *mean_wait_json(const struct summary_steady *s)
{
    return s->wait_known ? json_pack("{so so so so}", "mean", result_new_number(s->wait_s.mean),
                                     "ci_low", result_new_number(s->wait_s.ci_low), "ci_high",
                                     result_new_number(s->wait_s.ci_high), "batches",
                                     result_new_count(s->wait_s.batches))
                         : json_null();
}

/* An unstable queue has infinite means, which JSON has as null. */
static json_t *prediction_json(const struct summary_prediction *p)
{
    static const char *const names[STATS_PERCENTILES][2] = {{"wait_p50_s", "latency_p50_s"},
                                                            {"wait_p90_s", "latency_p90_s"},
                                                            {"wait_p99_s", "latency_p99_s"},
                                                            {"wait_p999_s", "latency_p999_s"}};
    bool limited = p->queue.servers != THEORY_QUEUE_UNLIMITED;
    json_t *object;
    int rc = 0;

    if (!p->known)
        return json_null();
    object = json_pack("{ss so so sb}", "model", p->solved.name, "servers",
                       count_or_null(p->queue.servers, limited), "utilisation",
                       result_new_number(limited ? p->solved.utilisation : NAN), "exact",
                       (int)p->solved.exact);
    rc |= set_number(object, "arrivals_per_s", p->queue.arrivals_per_s);
    rc |= set_number(object, "service_mean_s", p->queue.service_s);
    rc |= set_number(object, "service_scv", p->queue.service_scv);
    rc |= set_number(object, "mean_wait_s", p->solved.mean_wait_s);
    rc |= set_number(object, "wait_probability", p->solved.wait_probability);
    rc |= set_number(object, "mean_latency_s", p->solved.mean_latency_s);
    for (size_t i = 0; i < STATS_PERCENTILES; i++) {
        rc |= set_number(object, names[i][0], p->wait_s[i]);
        rc |= set_number(object, names[i][1], p->latency_s[i]);
    }
    rc |= set_number(object, "excess_wait_s", p->excess_wait_s);
    return result_built(object, rc);
}

/* null where the model has no limit. */
static json_t *fluid_json(const struct summary_fluid *f)
{
    return json_pack("{so so so so so}", "capacity_per_s", result_new_number(f->capacity_per_s),
                     "backlog", result_new_number(f->solved.backlog), "backlog_at_s",
                     result_new_number(f->solved.backlog_s), "wait_max_s",
                     result_new_number(f->solved.wait_s), "left",
                     result_new_number(f->solved.left));
}

static json_t *pathology_json(const struct summary_pathology *p)
{
    return json_pack("{ss so so so so so}", "text", p->text, "capacity_per_s",
                     result_new_number(p->capacity_per_s), "stall_s", result_new_number(p->stall_s),
                     "stalled", result_new_number(p->stalled), "stall_mean_s",
                     result_new_number(p->stall_mean_s), "added_s", result_new_number(p->added_s));
}

static json_t *mean_json(const struct stats_batch_means *m)
{
    return json_pack("{so so so}", "mean", result_new_number(m->mean), "ci_low",
                     result_new_number(m->ci_low), "ci_high", result_new_number(m->ci_high));
}

static json_t *check_mean_json(const struct queue_check *c)
{
    return json_pack("{so so so so so so ss}", "theory", result_new_number(c->expected), "measured",
                     mean_json(&c->measured), "ideal", result_new_number(c->ideal), "adjusted",
                     mean_json(&c->adjusted), "tolerance",
                     result_new_number(queue_check_tolerance(c)), "passed_on",
                     result_new_number(queue_check_passed_on(c)), "verdict",
                     queue_verdict_words[queue_check_mean_verdict(c)]);
}

static json_t *check_ks_json(const struct queue_check *c)
{
    return json_pack("{so so so ss}", "distance", result_new_number(c->ks), "critical",
                     result_new_number(c->ks_critical), "from_ideal",
                     result_new_number(c->ks_ideal), "verdict",
                     queue_verdict_words[queue_check_ks_verdict(c)]);
}

static json_t *queue_check_json(const struct queue_check_cell *cell)
{
    const struct queue_check *c = &cell->check;

    if (!cell->known)
        return json_null();
    return json_pack("{ss so so so so ss so so so so so so so sb}", "model", c->theory.name,
                     "servers", count_or_null(cell->queue.servers, !c->unlimited), "utilisation",
                     result_new_number(c->unlimited ? NAN : c->theory.utilisation),
                     "service_mean_s", result_new_number(cell->queue.service_s), "jobs",
                     result_new_count(c->jobs), "quantity", c->unlimited ? "in_system" : "wait_s",
                     "mean", check_mean_json(c), "ks", check_ks_json(c), "wait_probability",
                     result_new_number(c->theory.wait_probability), "waited",
                     result_new_number(c->waited), "found_free", result_new_count(c->found_free),
                     "hand_off_s", result_new_number(c->hand_off_s), "littles_law_error",
                     result_new_number(cell->little_error), "ok", (int)cell->ok);
}

/* Of a model with loops of its own: the longest lag of each, run by run. */
static json_t *loop_lags_json(const struct cell_runs *in)
{
    json_t *list = json_array();
    int rc = 0;

    for (size_t i = 0; i < in->count; i++) {
        const struct run_record *run = in->runs[i];
        json_t *lags = json_array();

        for (size_t k = 0; k < run->loops_count; k++)
            rc |= json_array_append_new(lags, count_or_null(run->lags_ns[k], run->lags_ns[k] > 0));
        rc |= json_array_append_new(list, lags);
    }
    return result_built(list, rc);
}

static json_t *summary_json(const struct cell_runs *in, const struct summary *s)
{
    bool loop = in->cell->load.kind != LOAD_BATCH;
    json_t *object = json_object();
    int rc = 0;

    for (size_t k = 0; k < RUN_VALUES; k++)
        if (strchr(run_value_paths[k], '.') == NULL)
            rc |= set(object, run_value_paths[k], quantity_json(&s->quantities[k]));
    for (size_t i = 0; i < SUMMARY_DISTRIBUTIONS; i++)
        rc |= set(object, distribution_names[i], summary_json_distribution(&s->distributions[i]));
    if (in->cell->model->has_loops)
        rc |= set(object, "loop_lags_max_ns", loop_lags_json(in));
    rc |= set_number(object, "ideal_makespan_s", s->ideal_makespan_s);
    rc |= set_number(object, "ideal_job_s", s->ideal_job_s);
    rc |= set_number(object, "efficiency", s->efficiency);
    rc |= set(object, "errors", result_new_count(s->errors.jobs));
    rc |= set(object, "in_flight", loop ? in_flight_json(s) : json_null());
    rc |= set(object, "littles_law", little_json(&s->little));
    rc |= set(object, "steady", steady_json(&s->steady));
    rc |= set(object, "mean_wait_ci_s", mean_wait_json(&s->steady));
    rc |= set(object, "theory", prediction_json(&s->prediction));
    if (s->pathology.known)
        rc |= set(object, "pathology", pathology_json(&s->pathology));
    if (s->fluid.known)
        rc |= set(object, "fluid", fluid_json(&s->fluid));
    rc |= set(object, "queue_check", queue_check_json(&s->queue_check));
    return result_built(object, rc);
}

static json_t *arrivals_json(const struct summary *s)
{
    uint64_t refused = s->refused < s->offered ? s->refused : s->offered;

    return json_pack("{so so so so}", "offered", result_new_count(s->offered), "admitted",
                     result_new_count(s->offered - refused), "refused",
                     result_new_count(s->refused), "unserved", result_new_count(s->unserved));
}

static json_t *over_time_json(const struct summary_over_time *o, bool with_fluid)
{
    json_t *list = json_array();
    int rc = 0;

    for (size_t k = 0; k < o->count; k++) {
        const struct stats_distribution *d = &o->windows[k].latency;
        json_t *row = json_pack(
            "[ooooooo]", result_new_number(clock_seconds(k * o->width_ns)),
            result_new_count(d->count), result_new_number(d->at[STATS_P50]),
            result_new_number(d->at[STATS_P99]), count_or_null(d->max, d->count > 0),
            result_new_count(o->windows[k].lag_ns), result_new_count(o->windows[k].in_flight));

        if (with_fluid)
            rc |= json_array_append_new(row, result_new_number(o->windows[k].fluid_ns));
        rc |= json_array_append_new(list, row);
    }
    if (result_built(list, rc) == NULL)
        return NULL;
    if (o->count > 0)
        return json_pack("{so so}", "window_s", result_new_number(clock_seconds(o->width_ns)),
                         "windows", list);
    json_decref(list);
    return json_null();
}

int summary_json_add(json_t *cell, const struct cell_runs *in, const struct summary *s)
{
    static const struct summary nothing;
    bool loop = in->cell->load.kind != LOAD_BATCH, any = in->count > 0;
    int rc = 0;

    s = any ? s : &nothing;
    if (s->ranks.count > 0)
        rc |= set(cell, "ranks", summary_ranks_json(&s->ranks));
    rc |= set(cell, "arrivals", loop && any ? arrivals_json(s) : json_null());
    rc |= set(cell, "summary", any ? summary_json(in, s) : json_null());
    rc |= set(cell, "latency_curve", curve_json(&s->latencies));
    rc |= set(cell, "latency_uncorrected_curve", curve_json(&s->uncorrected));
    rc |= set(cell, "timeline", summary_timeline_json(in->cell, s->timeline));
    rc |= set(cell, "over_time", over_time_json(&s->over_time, s->fluid.known));
    return rc;
}
