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

/* A finite number in range: 0 and *out, or -EINVAL with *err saying what is wrong with `where`. */
static int take_number(const json_t *value, bool negative_too, const char *where, double *out,
                       struct err *err)
{
    double v = json_number_value(value);

    if (!json_is_number(value))
        return err_set(err, -EINVAL, "%.300s is missing or no number", where);
    if (!isfinite(v) || fabs(v) > NUMBER_MAX)
        return err_set(err, -EINVAL, "%.300s is %g, which is out of range", where, v);
    if (v < 0 && !negative_too)
        return err_set(err, -EINVAL, "%.300s is %g, and cannot be negative", where, v);
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
    return take_number(json_object_get(count, "value"), metric_is_loose(*kind), where, value, err);
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

int gate_shape_counts(const json_t *counts, struct err *err)
{
    const char *cell, *metric;
    json_t *of_cell, *count;
    int rc = check_names(counts, "counts", false, err);

    if (rc != 0)
        return rc;
    json_object_foreach((json_t *)counts, cell, of_cell)
    {
        if ((rc = check_names(of_cell, cell, false, err)) != 0)
            return rc;
        json_object_foreach(of_cell, metric, count)
        {
            char where[300];
            enum metric_kind kind;
            double value;

            snprintf(where, sizeof where, "%.100s of \"%.180s\"", metric, cell);
            if ((rc = gate_shape_count(count, where, &value, &kind, err)) != 0)
                return rc;
        }
    }
    return 0;
}

/* Check {"cell": {"metric": number}}. Numbers must be above 0, except with `negative_too`, for
 * scheduled counts. */
static int check_values(const json_t *values, const char *where, bool negative_too, struct err *err)
{
    const char *cell, *metric;
    json_t *of_cell, *number;
    int rc = check_names(values, where, true, err);

    if (rc != 0)
        return rc;
    json_object_foreach((json_t *)values, cell, of_cell)
    {
        if ((rc = check_names(of_cell, cell, true, err)) != 0)
            return rc;
        json_object_foreach(of_cell, metric, number)
        {
            char what[300];
            double value;

            snprintf(what, sizeof what, "%.80s: %.60s of \"%.140s\"", where, metric, cell);
            if ((rc = take_number(number, negative_too, what, &value, err)) != 0)
                return rc;
            if (value == 0 && !negative_too)
                return err_set(err, -EINVAL, "%s is 0, and has to be above 0", what);
        }
    }
    return 0;
}

int gate_shape_session(const json_t *session, const char *where, struct err *err)
{
    static const char *const texts[] = {"date", "fingerprint"};
    static const struct {
        const char *key;
        bool negative_too;
    } values[] = {{"ratios", false}, {"scheduled", true}, {"times", false}};
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
        rc = check_values(json_object_get(session, values[i].key), what, values[i].negative_too,
                          err);
    }
    return rc;
}

bool gate_shape_has_times(const json_t *session)
{
    static const char *const keys[] = {"times", "ratios"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *cell;
        json_t *of_cell;

        json_object_foreach(json_object_get(session, keys[i]), cell, of_cell)
        {
            if (json_object_size(of_cell) > 0)
                return true;
        }
    }
    return false;
}
