#include "gate/gate_shape.h"

#include "run/cell.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Larger numbers are damage: no count a job, no time in seconds and no ratio comes near. */
#define NUMBER_MAX 1e15

bool gate_shape_is_name(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return len > 0 && len < CELL_NAME_SIZE;
}

enum range { ABOVE_0, FROM_0, ANY };

/* A finite number in range: 0 and *out, or -EINVAL with *err saying what is wrong with `where`. */
static int take_number(const json_t *value, enum range range, const char *where, double *out,
                       struct err *err)
{
    double v = json_number_value(value);

    if (!json_is_number(value))
        return err_set(err, -EINVAL, "%.300s is missing or no number", where);
    if (!isfinite(v) || fabs(v) > NUMBER_MAX)
        return err_set(err, -EINVAL, "%.300s is %g, which is out of range", where, v);
    if (v < 0 && range != ANY)
        return err_set(err, -EINVAL, "%.300s is %g, and cannot be negative", where, v);
    if (v == 0 && range == ABOVE_0)
        return err_set(err, -EINVAL, "%.300s is 0, and has to be above 0", where);
    *out = v;
    return 0;
}

int gate_shape_count(const json_t *count, const char *where, double *value, enum metric_kind *kind,
                     struct err *err)
{
    const char *name = json_string_value(json_object_get(count, "kind"));

    if (!json_is_object(count))
        return err_set(err, -EINVAL, "%.300s is missing or no object", where);
    *kind = metric_kind_named(name != NULL ? name : "");
    if (*kind == METRIC_MEASURED || *kind == METRIC_KINDS)
        return err_set(err, -EINVAL, "the kind of %.300s is none that this tva knows", where);
    return take_number(json_object_get(count, "value"), metric_is_loose(*kind) ? ANY : FROM_0,
                       where, value, err);
}

struct gate_count gate_shape_count_of(const json_t *count)
{
    struct gate_count c = {NAN, METRIC_KINDS};

    gate_shape_count(count, "", &c.value, &c.kind, NULL);
    return c;
}

bool gate_shape_next(struct gate_walk *w)
{
    json_t *cells = (json_t *)w->cells;

    if (w->metric_at != NULL)
        w->metric_at = json_object_iter_next(w->of_cell, w->metric_at);
    while (w->metric_at == NULL) {
        w->cell_at =
            w->cell_at != NULL ? json_object_iter_next(cells, w->cell_at) : json_object_iter(cells);
        if (w->cell_at == NULL)
            return false;
        w->cell = json_object_iter_key(w->cell_at);
        w->of_cell = json_object_iter_value(w->cell_at);
        w->metric_at = json_object_iter(w->of_cell);
    }
    w->metric = json_object_iter_key(w->metric_at);
    w->value = json_object_iter_value(w->metric_at);
    return true;
}

json_t *gate_shape_at(const json_t *cells, const char *cell, const char *metric)
{
    return json_object_get(json_object_get(cells, cell), metric);
}

/* Check that it is an object whose members have names that can be shown. */
static int check_names(const json_t *object, const char *where, bool empty_too, struct err *err)
{
    const char *name;
    json_t *member;

    if (!json_is_object(object))
        return err_set(err, -EINVAL, "%.300s is missing or no object", where);
    if (!empty_too && json_object_size(object) == 0)
        return err_set(err, -EINVAL, "%.300s is empty", where);
    json_object_foreach((json_t *)object, name, member)
    {
        if (!gate_shape_is_name(name))
            return err_set(err, -EINVAL,
                           "%.300s has a name that is empty, too long or not plain ASCII", where);
    }
    return 0;
}

/* Check {"cell": {"metric": value}} in names, and in values: numbers of that range, or counts. */
static int check_values(const json_t *values, const char *where, bool counts, enum range range,
                        struct err *err)
{
    struct gate_walk w = {.cells = values};
    const char *cell;
    json_t *of_cell;
    int rc = check_names(values, where, !counts, err);

    if (rc == 0)
        json_object_foreach((json_t *)values, cell, of_cell)
        {
            if ((rc = check_names(of_cell, cell, !counts, err)) != 0)
                break;
        }
    while (rc == 0 && gate_shape_next(&w)) {
        char what[300];
        enum metric_kind kind;
        double value;

        snprintf(what, sizeof what, "%.80s: %.60s of \"%.140s\"", where, w.metric, w.cell);
        rc = counts ? gate_shape_count(w.value, what, &value, &kind, err)
                    : take_number(w.value, range, what, &value, err);
    }
    return rc;
}

int gate_shape_counts(const json_t *counts, struct err *err)
{
    return check_values(counts, "counts", true, ANY, err);
}

int gate_shape_session(const json_t *session, const char *where, struct err *err)
{
    static const char *const texts[] = {"date", "fingerprint"};
    static const struct {
        const char *key;
        enum range range;
    } values[] = {{"ratios", ABOVE_0}, {"scheduled", ANY}, {"times", ABOVE_0}};
    char what[100];
    int rc = 0;

    if (!json_is_object(session))
        return err_set(err, -EINVAL, "%.80s is no object", where);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = json_string_value(json_object_get(session, texts[i]));

        if (text == NULL || !gate_shape_is_name(text))
            return err_set(err, -EINVAL, "%.80s.%s is missing or no line of text", where, texts[i]);
    }
    for (size_t i = 0; rc == 0 && i < sizeof values / sizeof *values; i++) {
        snprintf(what, sizeof what, "%.80s.%s", where, values[i].key);
        rc = check_values(json_object_get(session, values[i].key), what, false, values[i].range,
                          err);
    }
    return rc;
}

bool gate_shape_has_times(const json_t *session)
{
    return gate_shape_next(&(struct gate_walk){.cells = json_object_get(session, "times")}) ||
           gate_shape_next(&(struct gate_walk){.cells = json_object_get(session, "ratios")});
}
