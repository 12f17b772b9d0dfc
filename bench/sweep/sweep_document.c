#include "sweep/sweep_document.h"

#include "math/stats.h"
#include "result/result.h"
#include "summary/document.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void sweep_answers_deinit(struct sweep_answers *answers)
{
    free(answers->crossovers);
    free(answers->knees);
    free(answers->scalability);
}

/* {"rate": 100}, without the axes that make no difference. */
static json_t *point_json(const struct sweep *s, const double *point)
{
    json_t *object = json_object();
    int rc = 0;

    for (size_t a = 0; a < s->settings->axes_count; a++)
        if (!isnan(point[a]))
            rc |=
                json_object_set_new(object, s->settings->axes[a].name, result_new_number(point[a]));
    if (rc == 0)
        return object;
    json_decref(object);
    return NULL;
}

/* The values of the grid; none when the search chose them all. */
static json_t *values_json(const struct sweep *s, size_t axis)
{
    const struct sweep_axis *a = &s->settings->axes[axis];
    json_t *values = json_array();
    int rc = 0;

    for (size_t i = 0; i < a->count; i++)
        rc |= json_array_append_new(values, result_new_number(a->values[i]));
    if (rc == 0)
        return values;
    json_decref(values);
    return NULL;
}

static json_t *axes_json(const struct sweep *s)
{
    json_t *axes = json_array();
    int rc = 0;

    for (size_t a = 0; a < s->settings->axes_count; a++) {
        const struct sweep_axis *axis = &s->settings->axes[a];

        rc |= json_array_append_new(axes,
                                    json_pack("{ss ss ss sb so}", "name", axis->name, "unit",
                                              sweep_axis_unit_name(axis->unit), "range", axis->text,
                                              "log", (int)axis->log, "values", values_json(s, a)));
    }
    if (rc == 0)
        return axes;
    json_decref(axes);
    return NULL;
}

static json_t *slo_json(const struct sweep_settings *settings)
{
    if (settings->slo == NULL)
        return json_null();
    return json_pack("{ss so}", "metric", settings->slo->name, "bound_s",
                     result_new_number(settings->slo_bound_ns / (double)NS_PER_S));
}

static json_t *crossover_json(const struct sweep *s, const struct sweep_crossover *c)
{
    return json_pack("{ss ss ss ss so so so so ss}", "axis", s->settings->axes[c->axis].name,
                     "metric", s->metric->title, "from", s->series[c->from].label, "to",
                     s->series[c->to].label, "where", point_json(s, c->where), "at",
                     result_new_number(c->at), "ci_low", result_new_number(c->ci_low), "ci_high",
                     result_new_number(c->ci_high), "sentence", c->sentence);
}

static json_t *knee_json(const struct sweep *s, const struct sweep_knee *k)
{
    return json_pack("{ss so so so so ss}", "model", s->series[k->series].label, "where",
                     point_json(s, k->where), "rate_per_s", result_new_number(k->rate), "ci_low",
                     result_new_number(k->ci_low), "ci_high", result_new_number(k->ci_high),
                     "sentence", k->sentence);
}

static json_t *scalability_json(const struct sweep *s, const struct sweep_scalability *f)
{
    return json_pack("{ss so so so so so so so ss}", "model", s->series[f->series].label, "where",
                     point_json(s, f->where), "lambda", result_new_number(f->law.lambda), "sigma",
                     result_new_number(f->law.sigma), "kappa", result_new_number(f->law.kappa),
                     "r2", result_new_number(f->law.r2), "peak", result_new_number(f->law.peak),
                     "peak_per_s", result_new_number(f->law.peak_x), "sentence", f->sentence);
}

static json_t *sweep_json(const struct sweep *s, const struct sweep_answers *answers)
{
    json_t *crossovers = json_array(), *knees = json_array(), *scalability = json_array();
    int rc = 0;

    for (size_t i = 0; i < answers->crossovers_count; i++)
        rc |= json_array_append_new(crossovers, crossover_json(s, &answers->crossovers[i]));
    for (size_t i = 0; i < answers->knees_count; i++)
        rc |= json_array_append_new(knees, knee_json(s, &answers->knees[i]));
    for (size_t i = 0; i < answers->scalability_count; i++)
        rc |= json_array_append_new(scalability, scalability_json(s, &answers->scalability[i]));
    if (rc == 0)
        return json_pack("{so ss so so so so}", "axes", axes_json(s), "metric", s->metric->name,
                         "slo", slo_json(s->settings), "crossovers", crossovers, "knees", knees,
                         "scalability", scalability);
    json_decref(crossovers);
    json_decref(knees);
    json_decref(scalability);
    return NULL;
}

/* The median of the metric that models are compared by, a duration in ns; null without any. */
static json_t *figure_json(const struct sweep *s, const struct sweep_cell *cell)
{
    double *values = calloc(s->settings->rounds, sizeof *values);
    double scale = s->metric->unit == METRIC_S ? (double)NS_PER_S : 1;
    struct stats_median median = {.median = NAN};
    size_t n;

    if (values == NULL)
        return NULL;
    n = sweep_values(cell, s->metric, values);
    if (n > 0 && stats_median_of(values, n, &median) < 0)
        median.median = NAN;
    free(values);
    return result_new_number(scale * median.median);
}

/* Add what the sweep knows of a cell. 0 or -1. */
static int add_point(json_t *object, const struct sweep *s, const struct sweep_cell *cell)
{
    return json_object_set_new(object, "point", point_json(s, cell->point)) |
           json_object_set_new(object, "series", json_string(s->series[cell->series].label)) |
           json_object_set_new(object, "refined", json_boolean(cell->refined)) |
           json_object_set_new(object, "figure", figure_json(s, cell));
}

/* Read a cell's runs back and add it. 0 or a negative errno with *err set. */
static int add_cell(struct document *document, struct sweep *s, const struct sweep_cell *cell,
                    struct err *err)
{
    struct run_record *records = calloc(cell->runs_count + 1, sizeof *records);
    json_t *added;
    size_t n = 0;
    int r = 0;

    if (records == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    for (; n < cell->runs_count && r == 0; n++) {
        if (cell->runs[n].failure.text[0] != '\0')
            records[n].failure = cell->runs[n].failure;
        else
            r = sweep_state_read(s->state, cell->runs[n].stored, &records[n], err);
    }
    added = r == 0 ? document_add_cell(document, &cell->cell, records, n) : NULL;
    if (r == 0 && (added == NULL || add_point(added, s, cell) != 0))
        r = err_set(err, -ENOMEM, "out of memory");
    while (n-- > 0)
        run_record_deinit(&records[n]);
    free(records);
    return r;
}

json_t *sweep_document_create(struct sweep *s, const struct sweep_answers *answers, size_t *invalid,
                              struct err *err)
{
    struct document_session session = {
        .seed = s->settings->seed,
        .rounds = s->settings->rounds,
        .timer_error = s->timer_error.count > 0 ? &s->timer_error : NULL,
    };
    struct document *document = document_create(&session);
    json_t *result;
    int r = document != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");

    for (size_t i = 0; i < s->cells_count && r == 0; i++)
        if (s->cells[i].runs_count >
            0) /* the search may end before it has measured what it chose */
            r = add_cell(document, s, &s->cells[i], err);
    if (r < 0) {
        document_destroy(document);
        return NULL;
    }
    result = document_finish(document, invalid);
    if (json_object_set_new(result, "sweep", sweep_json(s, answers)) == 0)
        return result;
    err_set(err, -ENOMEM, "out of memory");
    json_decref(result);
    return NULL;
}
