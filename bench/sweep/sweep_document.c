#include "sweep/sweep.h"

#include "ranks/ranks.h"
#include "result/result.h"
#include "summary/document.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* {"rate": 100}, without the axes that make no difference. */
static json_t *point_json(const struct sweep *s, const double *point)
{
    json_t *object = json_object();
    int rc = 0;

    for (size_t a = 0; a < s->settings->axes_count; a++)
        if (!isnan(point[a]))
            rc |=
                json_object_set_new(object, s->settings->axes[a].name, result_new_number(point[a]));
    return result_built(object, rc);
}

/* The values of the grid; none when the search chose them all. */
static json_t *values_json(const struct sweep *s, size_t axis)
{
    const struct sweep_axis *a = &s->settings->axes[axis];
    json_t *values = json_array();
    int rc = 0;

    for (size_t i = 0; i < a->count; i++)
        rc |= json_array_append_new(values, result_new_number(a->values[i]));
    return result_built(values, rc);
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
    return result_built(axes, rc);
}

static json_t *slo_json(const struct sweep_settings *settings)
{
    if (settings->slo == NULL)
        return json_null();
    return json_pack("{ss so}", "metric", settings->slo->name, "bound_s",
                     result_new_number(settings->slo_bound_ns / (double)NS_PER_S));
}

static json_t *answer_json(const struct sweep *s, const struct sweep_answer *a)
{
    const char *label = s->series[a->series].label;
    json_t *where = point_json(s, a->where), *at = result_new_number(a->at);
    json_t *low = result_new_number(a->ci_low), *high = result_new_number(a->ci_high);

    if (a->kind == SWEEP_CROSSOVER)
        return json_pack("{ss ss ss ss so so so so ss}", "axis", s->settings->axes[a->axis].name,
                         "metric", s->metric->title, "from", s->series[a->from].label, "to", label,
                         "where", where, "at", at, "ci_low", low, "ci_high", high, "sentence",
                         a->sentence);
    return json_pack("{ss so so so so ss}", "model", label, "where", where, "rate_per_s", at,
                     "ci_low", low, "ci_high", high, "sentence", a->sentence);
}

static json_t *scalability_json(const struct sweep *s, const struct sweep_answer *a)
{
    return json_pack("{ss so so so so so so so ss}", "model", s->series[a->series].label, "where",
                     point_json(s, a->where), "lambda", result_new_number(a->law.lambda), "sigma",
                     result_new_number(a->law.sigma), "kappa", result_new_number(a->law.kappa),
                     "r2", result_new_number(a->law.r2), "peak", result_new_number(a->law.peak),
                     "peak_per_s", result_new_number(a->law.peak_x), "sentence", a->sentence);
}

static json_t *sweep_json(const struct sweep *s, const struct sweep_answers *answers)
{
    json_t *object =
        json_pack("{so ss so s[] s[] s[]}", "axes", axes_json(s), "metric", s->metric->name, "slo",
                  slo_json(s->settings), "crossovers", "knees", "scalability");
    static const char *const lists[] = {[SWEEP_CROSSOVER] = "crossovers",
                                        [SWEEP_KNEE] = "knees",
                                        [SWEEP_SCALABILITY] = "scalability"};
    int rc = 0;

    for (size_t i = 0; i < answers->count; i++) {
        const struct sweep_answer *a = &answers->items[i];

        rc |= json_array_append_new(json_object_get(object, lists[a->kind]),
                                    a->kind == SWEEP_SCALABILITY ? scalability_json(s, a)
                                                                 : answer_json(s, a));
    }
    return result_built(object, rc);
}

/* Add what the sweep knows of a cell. 0 or -1. */
static int add_point(json_t *object, const struct sweep *s, const struct sweep_cell *cell)
{
    double scale = s->metric->unit == METRIC_S ? (double)NS_PER_S : 1; /* durations are in ns */

    return json_object_set_new(object, "point", point_json(s, cell->point)) |
           json_object_set_new(object, "series", json_string(s->series[cell->series].label)) |
           json_object_set_new(object, "refined", json_boolean(cell->refined)) |
           json_object_set_new(object, "median", result_new_number(scale * sweep_median(s, cell)));
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
    struct document *document;
    json_t *result;
    int r;

    ranks_describe(ranks_get(), &session);
    document = document_create(&session);
    r = document != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");

    for (size_t i = 0; i < s->cells_count && r == 0; i++)
        if (s->cells[i].runs_count >
            0) /* the search may end before it has measured what it chose */
            r = add_cell(document, s, &s->cells[i], err);
    if (r < 0) {
        document_destroy(document);
        return NULL;
    }
    result = document_finish(document, invalid);
    if (json_object_set_new(result, "sweep", sweep_json(s, answers)) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    return result_built(result, r);
}
