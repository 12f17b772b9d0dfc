#include "advise/advise.h"

#include "result/result.h"
#include "summary/document.h"

#include <math.h>

#define NUMBER(value) result_new_number(value)

static json_t *run_json(const struct advise_run *run)
{
    return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:b}", "rate_per_s",
                     NUMBER(run->rate_per_s), "poison", NUMBER(run->poison), "outcome",
                     trust_outcome_words[run->outcome], "value_s", NUMBER(run->value_s),
                     "cpu_per_job_s", NUMBER(run->cpu_s), "max_rss_bytes",
                     NUMBER(run->memory_bytes), "target_cores", NUMBER(run->target_cores), "failed",
                     (int)run->failed);
}

/* 0 counts as not known. */
static json_t *above_zero(double value)
{
    return NUMBER(value > 0 ? value : (double)NAN);
}

static json_t *candidate_json(const struct advice *a, size_t index)
{
    const struct advise_candidate *c = &a->candidates[index];
    json_t *runs = json_array();
    int rc = 0;

    for (size_t i = 0; i < c->runs_count; i++)
        rc |= json_array_append_new(runs, run_json(&c->runs[i]));
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:b, s:s, s:I, s:I, s:o, s:o, s:o, s:b, s:b, s:b, s:s?, s:o, s:o, "
        "s:o, s:o}",
        "label", c->label, "model", c->model->name, "threads", above_zero(c->threads),
        "ceiling_per_s", NUMBER(c->ceiling_per_s), "left_out", (int)c->left_out, "verdict",
        advise_verdict_words[c->verdict], "kept_runs", (json_int_t)c->kept_runs, "broken_runs",
        (json_int_t)c->broken_runs, "kept_per_s", above_zero(c->bracket.kept_per_s), "broken_per_s",
        NUMBER(c->bracket.broken_per_s), "likely_per_s", above_zero(c->bracket.likely_per_s),
        "by_machine", (int)c->bracket.by_machine, "advised", (int)(index == a->best), "tied",
        (int)c->tied, "failure", c->failure.text[0] != '\0' ? c->failure.text : NULL, "value_s",
        NUMBER(ADVISE_MEDIAN(c, a->rate_per_s, 0, value_s)), "cpu_per_job_s",
        NUMBER(ADVISE_MEDIAN(c, c->bracket.kept_per_s, 0, cpu_s)), "max_rss_bytes",
        NUMBER(ADVISE_MEDIAN(c, c->bracket.kept_per_s, 0, memory_bytes)), "runs",
        result_built(runs, rc));
}

/* What blocking calls do to a model on a loop. */
static json_t *poison_json(const struct advice *a)
{
    const struct advise_candidate *c;

    if (a->poisoned == SIZE_MAX)
        return json_null();
    c = &a->candidates[a->poisoned];
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "label", c->label, "share", NUMBER(ADVISE_POISON),
                     "rate_per_s", NUMBER(a->work_per_s), "value_s",
                     NUMBER(ADVISE_MEDIAN(c, a->work_per_s, ADVISE_POISON, value_s)),
                     "value_without_s", NUMBER(ADVISE_MEDIAN(c, a->work_per_s, 0, value_s)));
}

/* The best, and at the working rate what it costs. */
static json_t *advised_json(const struct advice *a)
{
    const struct advise_candidate *c;

    if (a->best == SIZE_MAX)
        return json_null();
    c = &a->candidates[a->best];
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "label", c->label, "rate_per_s",
                     NUMBER(a->work_per_s), "value_s",
                     NUMBER(ADVISE_MEDIAN(c, a->work_per_s, 0, value_s)), "cpu_per_job_s",
                     NUMBER(ADVISE_MEDIAN(c, a->work_per_s, 0, cpu_s)), "max_rss_bytes",
                     NUMBER(ADVISE_MEDIAN(c, a->work_per_s, 0, memory_bytes)), "target_cores",
                     NUMBER(ADVISE_MEDIAN(c, a->work_per_s, 0, target_cores)), "chance",
                     NUMBER(advise_chance(c->kept_runs, c->broken_runs)));
}

json_t *advise_document(const struct advice *a)
{
    char text[ADVISE_TEXT_SIZE];
    json_t *candidates = json_array(), *left_out = json_array();
    int rc = 0;

    for (size_t i = 0; i < a->candidates_count; i++)
        rc |= json_array_append_new(candidates, candidate_json(a, i));
    for (size_t i = 0; i < a->left_out_count; i++)
        rc |= json_array_append_new(left_out, json_string(a->left_out[i]));
    return json_pack(
        "{s:i, s:s, s:o, s:I, s:s, s:o, s:o, s:{s:s, s:o, s:b}, s:{s:o, s:o}, s:i, s:{s:o, s:o}, "
        "s:s, s:o, s:o, s:o, s:o, s:o, s:s}",
        "schema_version", 1, "kind", "tva-advise", "context", document_context(), "seed",
        (json_int_t)a->seed, "job", a->job, "rate_per_s", above_zero(a->rate_per_s), "time_limit_s",
        NUMBER(a->limit_s), "slo", "metric", a->metric->name, "bound_s", NUMBER(a->bound_s),
        "given", (int)a->bound_given, "alone", "service_s", NUMBER(a->service_s), "cpu_s",
        NUMBER(a->cpu_s), "cores", (int)a->cores, "threads", "little", NUMBER(a->little), "goetz",
        NUMBER(a->goetz), "verdict", advise_verdict_words[a->verdict], "advised", advised_json(a),
        "poison", poison_json(a), "candidates", result_built(candidates, rc), "left_out", left_out,
        "elapsed_s", NUMBER(a->elapsed_s), "text", advise_text(a, text, sizeof text));
}
