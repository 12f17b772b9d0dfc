#include "export/export.h"

#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const json_t *count_of(const struct export_metric *m)
{
    return result_get(m->cell, m->metric->paths[0]);
}

static bool has_all_runs(const struct export_metric *m)
{
    for (size_t i = 0; i < m->samples; i++)
        if (!isfinite(metric_run(m->metric, m->cell, i)))
            return false;
    return m->samples > 0;
}

static size_t add_metrics(const json_t *cell, struct export_metric *out)
{
    unsigned cells = metric_cells_of(cell);
    size_t n = 0;

    for (size_t i = 0; i < metrics_count; i++) {
        struct export_metric m = {&metrics[i], METRIC_MEASURED, metric_of(&metrics[i], cell),
                                  metric_runs(&metrics[i], cell), cell};
        size_t repeats;

        if ((metrics[i].exported & cells) == 0 || !isfinite(m.value.median))
            continue;
        if (metric_is_count(&metrics[i])) {
            repeats = json_array_size(json_object_get(count_of(&m), "totals"));
            m.kind = metric_kind(&metrics[i], cell);
            m.samples = m.kind == METRIC_EXACT || repeats == 0 ? 1 : repeats;
        } else if (!has_all_runs(&m)) {
            continue;
        }
        out[n++] = m;
    }
    return n;
}

/* Per job, from the totals at N and at 2N jobs. */
static double repeat_of(const json_t *count, size_t i)
{
    const json_t *totals = json_array_get(json_object_get(count, "totals"), i);
    const json_t *jobs = json_object_get(count, "jobs");
    double more =
        json_number_value(json_array_get(jobs, 1)) - json_number_value(json_array_get(jobs, 0));

    if (json_array_size(totals) != 2 || !(more > 0))
        return NAN;
    return (json_number_value(json_array_get(totals, 1)) -
            json_number_value(json_array_get(totals, 0))) /
           more;
}

double export_metric_sample(const struct export_metric *m, size_t i)
{
    double repeat;

    if (i >= m->samples)
        return NAN;
    if (m->kind == METRIC_MEASURED)
        return metric_run(m->metric, m->cell, i);
    repeat = m->samples > 1 ? repeat_of(count_of(m), i) : m->value.median;
    return isfinite(repeat) ? repeat : NAN;
}

const struct export_metric *export_cell_metric(const struct export_cell *c, const char *key)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->metrics[i].metric->key, key) == 0)
            return &c->metrics[i];
    return NULL;
}

bool export_cell_is_loop(const struct export_cell *c)
{
    return (metric_cells_of(c->cell) & METRIC_LOOP) != 0;
}

static size_t same_before(const json_t *cells, size_t index)
{
    const char *name = result_string(json_array_get(cells, index), "name");
    size_t same = 0;

    for (size_t i = 0; i < index; i++)
        same += strcmp(result_string(json_array_get(cells, i), "name"), name) == 0;
    return same;
}

/* All reasons joined; to be freed. NULL when out of memory. */
static char *reasons_of(const json_t *cell)
{
    const json_t *reasons = json_object_get(cell, "reasons"), *reason;
    char *text = NULL;
    size_t size, i;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (json_array_size(reasons) == 0)
        fputs("no reason is given", out);
    json_array_foreach(reasons, i, reason)
        fprintf(out, "%s%s", i > 0 ? "; " : "", json_string_value(reason));
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static int visit_cell(struct export_cell *c, int (*visit)(const struct export_cell *c, void *arg),
                      void *arg)
{
    struct export_metric *all = calloc(metrics_count, sizeof *all);
    const char *plain = result_string(c->cell, "name");
    char *name = NULL, *reasons = reasons_of(c->cell);
    int rc = -ENOMEM;

    if (all == NULL || reasons == NULL || (c->same == 0 && asprintf(&name, "%s", plain) < 0) ||
        (c->same > 0 && asprintf(&name, "%s #%zu", plain, c->same + 1) < 0))
        goto out;
    c->name = name;
    c->reasons = reasons;
    c->metrics = all;
    c->count = c->valid ? add_metrics(c->cell, all) : 0;
    c->headline = export_cell_metric(c, metric_headline(c->cell)->key);
    rc = visit(c, arg);
out:
    free(name);
    free(reasons);
    free(all);
    return rc;
}

int export_cells(const json_t *result, int (*visit)(const struct export_cell *c, void *arg),
                 void *arg)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;
    int rc = 0;

    json_array_foreach(cells, i, cell)
    {
        struct export_cell c = {
            .cell = cell,
            .index = i,
            .same = same_before(cells, i),
            .valid = json_is_true(json_object_get(cell, "valid")),
        };

        if ((rc = visit_cell(&c, visit, arg)) != 0)
            break;
    }
    return rc;
}

const char *export_cell_untimed(const struct export_cell *c)
{
    return !c->valid ? "it is invalid" : c->headline == NULL ? "its time is not known" : NULL;
}

const char *export_cell_unknown(const struct export_cell *c)
{
    return !c->valid ? "it is invalid" : c->count == 0 ? "nothing of it is known" : NULL;
}

json_t *export_without_nulls(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, key, value)
    {
        if (json_is_null(value))
            json_object_del(object, key);
    }
    return object;
}

json_t *export_line(const char *text)
{
    char *line = strdup(text);
    json_t *string;

    for (char *at = line; at != NULL && *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            *at = ' ';
    string = line != NULL && line[strspn(line, " ")] == '\0' ? json_null() : json_string(line);
    free(line);
    return string;
}

int export_write_json(const json_t *result, json_t *document, const json_t *cells,
                      int (*visit)(const struct export_cell *c, void *arg), void *arg, FILE *out)
{
    int rc = document != NULL ? export_cells(result, visit, arg) : -ENOMEM;

    if (rc == 0 && json_array_size(cells) + json_object_size(cells) == 0)
        rc = -ENODATA;
    if (rc == 0)
        rc = result_dump(document, out);
    json_decref(document);
    return rc;
}
