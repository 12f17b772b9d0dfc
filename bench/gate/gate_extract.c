#include "gate/gate.h"

#include "base/text.h"
#include "math/stats.h"
#include "result/result.h"
#include "run/cell.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define REFERENCE_MODEL  "tasks"
#define FINGERPRINT_SIZE 800
#define GIB              1073741824.0

/* Larger numbers are damage: no count a job, no time in seconds and no ratio comes near. */
#define NUMBER_MAX 1e15

/* ---- The form ---- */

/* Is it plain ASCII without control characters, at most as long as a cell's name? */
static bool is_name(const char *text)
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
        if (!is_name(name))
            return err_set(err, -EINVAL,
                           "%.300s has a name that is empty, too long or not plain ASCII", where);
    }
    return 0;
}

/* Of instructions: {"task_step": 12.5}, or nothing. */
static int check_functions(const json_t *functions, const char *where, struct err *err)
{
    const char *name;
    json_t *value;
    double ignored;

    if (functions == NULL)
        return 0;
    if (check_names(functions, where, true, err) != 0)
        return -EINVAL;
    json_object_foreach((json_t *)functions, name, value)
    {
        if (take_number(value, ANY, where, &ignored, err) != 0)
            return -EINVAL;
    }
    return 0;
}

/* Read a count: {"value": 3, "kind": "exact"}. 0, or -EINVAL with *err naming `where`. */
static int take_count(const json_t *count, const char *where, struct gate_count *out,
                      struct err *err)
{
    const char *name = json_string_value(json_object_get(count, "kind"));

    if (!json_is_object(count))
        return err_set(err, -EINVAL, "%.300s is missing or no object", where);
    out->kind = metric_kind_named(name != NULL ? name : "");
    if (out->kind == METRIC_MEASURED || out->kind == METRIC_KINDS)
        return err_set(err, -EINVAL, "the kind of %.300s is none that this tva knows", where);
    if (check_functions(json_object_get(count, "functions"), where, err) != 0)
        return -EINVAL;
    return take_number(json_object_get(count, "value"), metric_is_loose(out->kind) ? ANY : FROM_0,
                       where, &out->value, err);
}

struct gate_count gate_shape_count_of(const json_t *count)
{
    struct gate_count c = {NAN, METRIC_KINDS};

    take_count(count, "", &c, NULL);
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
        struct gate_count count;
        char what[300];

        snprintf(what, sizeof what, "%.80s: %.60s of \"%.140s\"", where, w.metric, w.cell);
        rc = counts ? take_count(w.value, what, &count, err)
                    : take_number(w.value, range, what, &count.value, err);
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

        if (text == NULL || !is_name(text))
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

/* ---- What a run has ---- */

/* What is kept of a session, under their keys. */
static const char *const kept[] = {"makespan", "cpu_total"};

/* The cell that the others of its group are divided by: that of tasks if there is one, else the
 * group's first, which the suite decides. */
static const json_t *reference_of(const json_t *run, const json_t *cell)
{
    const char *group = result_string(cell, "group");
    const json_t *first = NULL, *other;
    size_t i;

    json_array_foreach(json_object_get(run, "cells"), i, other)
    {
        if (strcmp(result_string(other, "group"), group) != 0)
            continue;
        if (strcmp(result_string(other, "model"), REFERENCE_MODEL) == 0)
            return other;
        if (first == NULL)
            first = other;
    }
    return first;
}

/* "pool(4)/tasks null x 10000": a cell and its reference. Returns buf. */
static char *ratio_name(const json_t *cell, const json_t *reference, char *buf, size_t size)
{
    char one[RESULT_LABEL], other[RESULT_LABEL];

    snprintf(buf, size, "%s/%s %s", result_label(cell, one, sizeof one),
             result_label(reference, other, sizeof other), result_string(cell, "group"));
    return buf;
}

/* The median over the rounds of cell / reference, on the log scale; NAN when no round has both. */
static double median_ratio(const json_t *cell, const json_t *reference, const struct metric *m)
{
    double logs[METRIC_RUNS_MAX];
    size_t runs = metric_runs(m, cell), n = 0;

    for (size_t i = 0; i < runs; i++) {
        double a = metric_run(m, cell, i), b = metric_run(m, reference, i);

        if (a > 0 && b > 0)
            logs[n++] = log(a / b);
    }
    return n > 0 ? exp(stats_median(logs, n)) : (double)NAN;
}

/* Times and ratios depend on the machine; in a ratio of models that did the same work in the same
 * rounds it cancels out in part. Without a reference: medians over runs in seconds, {"makespan_s":
 * ..., "cpu_s": ...}; with one: ratios of the same. A value that was not measured or is 0 is left
 * out. NULL when out of memory. */
static json_t *medians_of(const json_t *cell, const json_t *reference)
{
    json_t *out = json_object();
    int rc = 0;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const struct metric *m = metric_named(kept[i]);
        double v = reference != NULL ? median_ratio(cell, reference, m) : metric_of(m, cell).median;

        if (isfinite(v) && v > 0)
            rc |= json_object_set_new(out, m->key, result_new_number(v));
    }
    return result_built(out, rc);
}

/* The extract while it is made from the run. */
struct extract {
    const json_t *run;
    json_t *faults, *counts, *ratios, *scheduled,
        *times; /* the last four are parts of the extract */
};

/* 0 or -ENOMEM. */
static int set_at(json_t *cells, const char *cell, const char *metric, json_t *value)
{
    if (json_object_get(cells, cell) == NULL)
        json_object_set_new(cells, cell, json_object());
    return json_object_set_new(json_object_get(cells, cell), metric, value) == 0 ? 0 : -ENOMEM;
}

/* Check a count and add it; a malformed one adds a fault. 0 or -ENOMEM. */
static int add_count(struct extract *x, const char *cell, const char *metric, const json_t *count)
{
    struct gate_count c;
    char where[300];
    struct err err;
    int rc;

    snprintf(where, sizeof where, "%.100s of \"%.180s\"", metric, cell);
    if (!is_name(metric))
        return result_add_sentence(x->faults, "\"%s\" has a count without a proper name", cell);
    if (take_count(count, where, &c, &err) != 0)
        return result_add_sentence(x->faults, "%s; count again with tva run --counts", err.text);
    rc = set_at(x->counts, cell, metric,
                json_pack("{so ss sO*}", "value", result_new_number(c.value), "kind",
                          metric_kinds[c.kind], "functions", json_object_get(count, "functions")));
    if (rc == 0 && c.kind == METRIC_SCHEDULED)
        rc = set_at(x->scheduled, cell, metric, result_new_number(c.value));
    return rc;
}

static int add_counts(struct extract *x, const json_t *cell, const char *name)
{
    const json_t *counts = json_object_get(cell, "counts");
    const char *metric;
    json_t *count;
    int rc = 0;

    if (json_object_size(counts) == 0)
        return result_add_sentence(x->faults,
                                   "\"%s\" was not counted; count it with tva run --counts", name);
    json_object_foreach((json_t *)counts, metric, count)
    {
        if (rc == 0)
            rc = add_count(x, name, metric, count);
    }
    return rc;
}

static int add_timings(struct extract *x, const json_t *cell, const char *name)
{
    const json_t *reference = reference_of(x->run, cell);
    char pair[3 * CELL_NAME_SIZE];

    if (!json_is_object(json_object_get(cell, "summary")))
        return 0;
    if (json_object_set_new(x->times, name, medians_of(cell, NULL)) != 0)
        return -ENOMEM;
    if (reference == cell || !is_name(result_string(reference, "name")) ||
        !is_name(ratio_name(cell, reference, pair, sizeof pair)))
        return 0;
    return json_object_set_new(x->ratios, pair, medians_of(cell, reference)) == 0 ? 0 : -ENOMEM;
}

static int add_cell(struct extract *x, const json_t *cell)
{
    const char *name = result_string(cell, "name");
    const char *reason = json_string_value(json_array_get(json_object_get(cell, "reasons"), 0));

    if (!is_name(name))
        return result_add_sentence(x->faults, "the run has a cell without a proper name");
    if (!json_is_true(json_object_get(cell, "valid")))
        return result_add_sentence(x->faults, "\"%s\" is invalid in the run: %s", name,
                                   reason != NULL ? reason : "it gives no reason");
    if (json_object_get(x->counts, name) != NULL)
        return result_add_sentence(x->faults, "the run has \"%s\" twice", name);
    return add_counts(x, cell, name) == 0 ? add_timings(x, cell, name) : -ENOMEM;
}

static bool any_cell_has(const json_t *run, const char *key)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        if (json_object_get(cell, key) != NULL)
            return true;
    }
    return false;
}

bool gate_extract_is_planted(const json_t *run)
{
    return any_cell_has(run, "injected");
}

/* The machine and build that absolute times belong to, as one line of text: times are compared only
 * between runs whose lines are equal. It leaves out host names, since a fleet of equal machines has
 * many, and counts memory in whole GiB, since what a kernel keeps for itself varies. "?" stands for
 * what the system did not say. What primitives cost is beside it, since they are never equal.
 * Returns buf. */
static char *fingerprint_of(const json_t *context, char *buf, size_t size)
{
    static const struct {
        const char *name, *key;
    } parts[] = {{"", "cpu"},
                 {"; cores ", "cores"},
                 {"; GiB ", "memory_bytes"},
                 {"; quota ", "cpu_quota"},
                 {"; architecture ", "architecture"},
                 {"; virtual ", "virtual_machine"},
                 {"; kernel ", "kernel"},
                 {"; governor ", "governor"},
                 {"; slack ", "timer_slack_ns"},
                 {"; compiler ", "compiler"},
                 {"; build ", "build_type"},
                 {"; libc ", "libc"},
                 {"; libuv ", "libuv"}};

    buf[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *value = json_object_get(context, parts[i].key);
        const char *text = json_string_value(value);
        bool quota = strcmp(parts[i].key, "cpu_quota") == 0;
        double number = json_number_value(value);

        if (quota && !(number > 0))
            continue;
        if (strcmp(parts[i].key, "memory_bytes") == 0)
            number = round(number / GIB);
        text_add(buf, size, "%s", parts[i].name);
        if (json_is_number(value))
            text_add(buf, size, quota ? "%.3g" : "%.0f", number);
        else if (json_is_boolean(value))
            text_add(buf, size, "%s", json_is_true(value) ? "yes" : "no");
        else
            text_add(buf, size, "%.100s", text != NULL && *text != '\0' ? text : "?");
    }
    for (char *c = buf; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return buf;
}

static json_t *skeleton(const json_t *run)
{
    const json_t *context = json_object_get(run, "context");
    char fingerprint[FINGERPRINT_SIZE];

    return json_pack("{s{} s{ss ss ss sO* sO* s{} s{} s{}}}", "counts", "session", "date",
                     result_string(context, "date"), "commit", result_string(context, "commit"),
                     "fingerprint", fingerprint_of(context, fingerprint, sizeof fingerprint),
                     "primitives", json_object_get(context, "primitives"), "plugins",
                     json_object_get(context, "plugins"), "ratios", "scheduled", "times");
}

json_t *gate_extract(const json_t *run, json_t *faults)
{
    json_t *out = skeleton(run), *session = json_object_get(out, "session");
    struct extract x = {
        .run = run,
        .faults = faults,
        .counts = json_object_get(out, "counts"),
        .ratios = json_object_get(session, "ratios"),
        .scheduled = json_object_get(session, "scheduled"),
        .times = json_object_get(session, "times"),
    };
    const json_t *cell;
    struct err err;
    size_t i;
    int rc = out != NULL ? 0 : -ENOMEM;

    if (rc == 0 && json_is_true(json_object_get(run, "partial")))
        rc = result_add_sentence(faults, "the run was cut short; measure all of it");
    if (rc == 0 && !any_cell_has(run, "counts"))
        rc = result_add_sentence(faults, "the run has no counts; measure it with tva run --counts");
    else
        json_array_foreach(json_object_get(run, "cells"), i, cell)
        {
            if (rc == 0)
                rc = add_cell(&x, cell);
        }
    if (rc == 0 && gate_shape_session(session, "the run's session", &err) != 0)
        rc = result_add_sentence(faults, "%s", err.text);
    return result_built(out, rc);
}
