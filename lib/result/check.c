#include "result/check.h"

#include "result/check_rules.h"
#include "result/result.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

static const char *kind_name(enum check_kind kind)
{
    static const char *const names[] = {"a string",      "a number",      "an integer from 0 on",
                                        "true or false", "an object",     "a list",
                                        "a quantity",    "a distribution"};

    return names[kind];
}

/* Where in which document the check is. */
struct place {
    const char *name, *where;
    struct err *err;
};

static int fault(const struct place *place, const char *key, const char *wanted)
{
    return err_set(place->err, -EINVAL,
                   "%s is no complete result: %s%s is missing or not %s; measure again with this "
                   "version of tva",
                   place->name, place->where, key, wanted);
}

static int check_object(const json_t *object, const struct check_rule *rules,
                        const struct place *place);

static int check_member(const json_t *value, const struct check_rule *rule,
                        const struct place *place)
{
    char where[256];
    struct place inside = {place->name, where, place->err};
    bool good = false;

    if (rule->or_null && json_is_null(value))
        return 0;
    switch (rule->kind) {
    case TEXT:
        good = json_is_string(value);
        break;
    case NUMBER:
        good = json_is_number(value);
        break;
    case INTEGER:
        good = json_is_integer(value) && json_integer_value(value) >= 0;
        break;
    case BOOLEAN:
        good = json_is_boolean(value);
        break;
    case LIST:
        good = json_is_array(value);
        break;
    case OBJECT:
    case QUANTITY:
    case DISTRIBUTION:
        good = json_is_object(value);
        break;
    }
    if (!good)
        return fault(place, rule->key, kind_name(rule->kind));
    snprintf(where, sizeof where, "%.190s%.60s.", place->where, rule->key);
    if (rule->kind == QUANTITY)
        return check_object(value, check_quantity_rules, &inside);
    if (rule->kind == DISTRIBUTION)
        return check_object(value, check_distribution_rules, &inside);
    return 0;
}

static int check_object(const json_t *object, const struct check_rule *rules,
                        const struct place *place)
{
    for (const struct check_rule *rule = rules; rule->key != NULL; rule++) {
        int rc = check_member(json_object_get(object, rule->key), rule, place);

        if (rc != 0)
            return rc;
    }
    return 0;
}

static int check_optional(const json_t *object, const struct check_rule *rules,
                          const struct place *place)
{
    for (const struct check_rule *rule = rules; rule->key != NULL; rule++) {
        const json_t *value = json_object_get(object, rule->key);
        int rc = value != NULL ? check_member(value, rule, place) : 0;

        if (rc != 0)
            return rc;
    }
    return 0;
}

/* Each item of the list is itself a list of at least `numbers` numbers. */
static int check_rows(const json_t *list, size_t numbers, const struct place *place,
                      const char *key)
{
    size_t i;
    const json_t *row;

    json_array_foreach(list, i, row)
    {
        bool good = json_array_size(row) >= numbers;

        for (size_t k = 0; good && k < numbers; k++)
            good = json_is_number(json_array_get(row, k));
        if (!good)
            return fault(place, key, "a list of rows of numbers");
    }
    return 0;
}

static int check_texts(const json_t *list, const struct place *place, const char *key)
{
    size_t i;
    const json_t *text;

    json_array_foreach(list, i, text)
    {
        if (!json_is_string(text))
            return fault(place, key, "a list of sentences");
    }
    return 0;
}

static int check_part(const json_t *cell, const char *key, const struct check_rule *rules,
                      const struct place *place)
{
    char where[256];
    struct place inside = {place->name, where, place->err};
    const json_t *part = json_object_get(cell, key);

    snprintf(where, sizeof where, "%.190s%.60s.", place->where, key);
    return json_is_null(part) ? 0 : check_object(part, rules, &inside);
}

/* What loops have besides. */
static int check_loop(const json_t *cell, const struct place *place)
{
    const json_t *over_time = json_object_get(cell, "over_time");
    const json_t *summary = json_object_get(cell, "summary");
    int rc;

    if ((rc = check_optional(cell, check_cell_optional_rules, place)) != 0 ||
        (rc = check_optional(summary, check_summary_optional_rules, place)) != 0 ||
        (rc = check_rows(json_object_get(cell, "latency_uncorrected_curve"), 3, place,
                         "latency_uncorrected_curve")) != 0)
        return rc;
    return json_is_object(over_time) ? check_part(cell, "over_time", check_over_time_rules, place)
                                     : 0;
}

static int check_cell(const json_t *cell, size_t index, const struct place *place)
{
    char where[64];
    struct place inside = {place->name, where, place->err};
    const json_t *timeline = json_object_get(cell, "timeline");
    int rc;

    snprintf(where, sizeof where, "cells[%zu].", index);
    if ((rc = check_object(cell, check_cell_rules, &inside)) != 0 ||
        (rc = check_texts(json_object_get(cell, "reasons"), &inside, "reasons")) != 0 ||
        (rc = check_texts(json_object_get(cell, "warnings"), &inside, "warnings")) != 0 ||
        (rc = check_part(cell, "ledger", check_ledger_rules, &inside)) != 0 ||
        (rc = check_part(cell, "summary", check_summary_rules, &inside)) != 0 ||
        (rc = check_part(cell, "timeline", check_timeline_rules, &inside)) != 0 ||
        (rc = check_rows(json_object_get(cell, "latency_curve"), 3, &inside, "latency_curve")) !=
            0 ||
        (rc = check_rows(json_object_get(timeline, "jobs"), 5, &inside, "timeline.jobs")) != 0)
        return rc;
    rc = check_rows(json_object_get(timeline, "beats"), 2, &inside, "timeline.beats");
    return rc == 0 ? check_loop(cell, &inside) : rc;
}

int check_document(const json_t *document, const char *name, struct err *err)
{
    const json_t *version = json_object_get(document, "schema_version");
    struct place top = {name, "", err};
    const json_t *cell;
    size_t i;
    int rc;

    if (!json_is_integer(version))
        return err_set(err, -EINVAL,
                       "%s is no result: it has no schema_version; give a run.json written by "
                       "tva run",
                       name);
    if (json_integer_value(version) != RESULT_SCHEMA_VERSION)
        return err_set(err, -EINVAL,
                       "%s has schema_version %" JSON_INTEGER_FORMAT
                       ", this tva reads version %d; measure again with this version",
                       name, json_integer_value(version), RESULT_SCHEMA_VERSION);
    if ((rc = check_object(document, check_document_rules, &top)) != 0 ||
        (rc = check_part(document, "context", check_context_rules, &top)) != 0)
        return rc;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        if ((rc = check_cell(cell, i, &top)) != 0)
            return rc;
    }
    return 0;
}
