/* The custom input of github-action-benchmark: a list of name, unit, value, range and extra, as its
 * README has them; one file for tool customSmallerIsBetter, one for customBiggerIsBetter.
 *
 * It divides a value by the last one and alerts above a threshold; from 0 any rise is infinite. Of
 * an exact count that is right. Where noise alone goes from 0 to more, it would be a false alarm,
 * so counts up to the scheduler, and quantities not clearly above 0, are left out. */
#include "base/text.h"
#include "export/export.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct wanted {
    json_t *list;
    bool bigger;
};

/* Its comments are a Markdown table with names in backticks, which it does not escape. */
static json_t *name_of(const struct export_cell *c, const struct export_metric *m)
{
    json_t *name = NULL;
    char *text;

    if (asprintf(&text, "%s - %s", c->name, m->metric->key) < 0)
        return NULL;
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '|')
            *at = '/';
        else if (*at == '`' || iscntrl((unsigned char)*at))
            *at = ' ';
    }
    name = json_string(text);
    free(text);
    return name;
}

static json_t *entry_of(const struct export_cell *c, const struct export_metric *m)
{
    double confidence = 100 * m->value.confidence;
    bool range = isfinite(m->value.low) && isfinite(m->value.high);
    json_t *extra =
        m->kind == METRIC_MEASURED
            ? json_sprintf("median of %zu run%s; the range covers it at %.1f %%", m->samples,
                           TEXT_S(m->samples), isfinite(confidence) ? confidence : 0)
            : json_string(metric_kinds[m->kind]);

    return export_without_nulls(
        json_pack("{s:o, s:s, s:o, s:o, s:o}", "name", name_of(c, m), "unit",
                  metric_unit_name(m->metric), "value", result_new_number(m->value.median), "range",
                  range ? json_sprintf("%.6g to %.6g", m->value.low, m->value.high) : json_null(),
                  "extra", extra));
}

static bool can_be_divided(const struct export_metric *m)
{
    if (m->kind == METRIC_MEASURED)
        return m->value.median > 0 && !(m->value.low <= 0);
    return !metric_is_loose(m->kind);
}

static bool has_entry(const struct export_cell *c, const struct export_metric *m, bool bigger)
{
    return c->valid && m->metric->more_is_better == bigger && can_be_divided(m);
}

static const char *lack(const struct export_cell *c, bool bigger)
{
    for (size_t i = 0; i < c->count; i++)
        if (has_entry(c, &c->metrics[i], bigger))
            return NULL;
    return c->valid ? "it has no figure for it that is clearly above 0" : "it is invalid";
}

static const char *lack_smaller(const struct export_cell *c)
{
    return lack(c, false);
}

static const char *lack_bigger(const struct export_cell *c)
{
    return lack(c, true);
}

static int add_cell(const struct export_cell *c, void *arg)
{
    struct wanted *wanted = arg;

    for (size_t i = 0; i < c->count; i++) {
        if (has_entry(c, &c->metrics[i], wanted->bigger) &&
            json_array_append_new(wanted->list, entry_of(c, &c->metrics[i])) != 0)
            return -ENOMEM;
    }
    return 0;
}

static int write_entries(const json_t *result, bool bigger, FILE *out)
{
    struct wanted wanted = {json_array(), bigger};

    return export_write_json(result, wanted.list, wanted.list, add_cell, &wanted, out);
}

static int write_smaller(const json_t *result, FILE *out)
{
    return write_entries(result, false, out);
}

static int write_bigger(const json_t *result, FILE *out)
{
    return write_entries(result, true, out);
}

const struct exporter export_github_smaller = {
    .name = "github-benchmark-smaller",
    .suffix = ".smaller.json",
    .summary = "github-action-benchmark's customSmallerIsBetter: times, memory, exact counts",
    .lack = lack_smaller,
    .write = write_smaller,
};

const struct exporter export_github_bigger = {
    .name = "github-benchmark-bigger",
    .suffix = ".bigger.json",
    .summary = "github-action-benchmark's customBiggerIsBetter: throughput",
    .lack = lack_bigger,
    .write = write_bigger,
};
