#include "result/result.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

enum kind { TEXT, NUMBER, INTEGER, BOOLEAN, OBJECT, LIST, QUANTITY, DISTRIBUTION };

/* What an object has to have: a table a kind of object, ended by a NULL key. */
struct rule {
    const char *key;
    enum kind kind;
    bool or_null;
};

/* What the schema requires, object by object. */

static const struct rule document_rules[] = {
    {"tva_version", TEXT, false}, {"partial", BOOLEAN, false}, {"suite", TEXT, true},
    {"seed", INTEGER, false},     {"rounds", INTEGER, false},  {"context", OBJECT, false},
    {"cells", LIST, false},       {NULL, OBJECT, false},
};

static const struct rule context_rules[] = {
    {"date", TEXT, false},
    {"host", TEXT, false},
    {"kernel", TEXT, false},
    {"cpu", TEXT, false},
    {"cores", INTEGER, false},
    {"governor", TEXT, true},
    {"virtual_machine", BOOLEAN, true},
    {"memory_bytes", INTEGER, false},
    {"compiler", TEXT, false},
    {"build_type", TEXT, false},
    {"libuv", TEXT, false},
    {"libc", TEXT, false},
    {"commit", TEXT, false},
    {"timer_slack_ns", INTEGER, false},
    {"uv_threadpool_size", INTEGER, false},
    {"limits", OBJECT, false},
    {NULL, OBJECT, false},
};

static const struct rule cell_rules[] = {
    {"name", TEXT, false},          {"group", TEXT, false},     {"job", TEXT, false},
    {"spec", TEXT, false},          {"model", TEXT, false},     {"params", OBJECT, false},
    {"jobs", INTEGER, false},       {"threads", INTEGER, true}, {"stack_bytes", INTEGER, true},
    {"runs", INTEGER, false},       {"valid", BOOLEAN, false},  {"reasons", LIST, false},
    {"warnings", LIST, false},      {"ledger", OBJECT, true},   {"summary", OBJECT, true},
    {"latency_curve", LIST, false}, {"timeline", OBJECT, true}, {NULL, OBJECT, false},
};

/* What earlier versions did not write. */

static const struct rule cell_optional_rules[] = {
    {"load", OBJECT, false},
    {"arrivals", OBJECT, true},
    {"latency_uncorrected_curve", LIST, false},
    {"over_time", OBJECT, true},
    {"point", OBJECT, false},
    {"injected", OBJECT, false},
    {"counts", OBJECT, false},
    {NULL, OBJECT, false},
};

static const struct rule summary_optional_rules[] = {
    {"offered_per_s", QUANTITY, true},
    {"jobs", QUANTITY, true},
    {"latency_mean_s", QUANTITY, true},
    {"latency_p50_s", QUANTITY, true},
    {"latency_p90_s", QUANTITY, true},
    {"latency_p99_s", QUANTITY, true},
    {"latency_p999_s", QUANTITY, true},
    {"latency_max_s", QUANTITY, true},
    {"latency_uncorrected_p99_s", QUANTITY, true},
    {"heartbeat_lag_p50_ns", QUANTITY, true},
    {"heartbeat_lag_p99_ns", QUANTITY, true},
    {"ideal_job_s", NUMBER, true},
    {"latency_uncorrected_ns", DISTRIBUTION, true},
    {"dispatch_lateness_ns", DISTRIBUTION, true},
    {"in_flight", OBJECT, true},
    {"littles_law", OBJECT, true},
    {"steady", OBJECT, true},
    {"mean_wait_ci_s", OBJECT, true},
    {"theory", OBJECT, true},
    {NULL, OBJECT, false},
};

static const struct rule over_time_rules[] = {
    {"window_s", NUMBER, false},
    {"windows", LIST, false},
    {NULL, OBJECT, false},
};

static const struct rule ledger_rules[] = {
    {"jobs", INTEGER, false},      {"operations", INTEGER, false}, {"bytes_in", INTEGER, false},
    {"bytes_out", INTEGER, false}, {"checksum", TEXT, false},      {"errors", OBJECT, false},
    {NULL, OBJECT, false},
};

static const struct rule summary_rules[] = {
    {"makespan_s", QUANTITY, true},
    {"throughput_per_s", QUANTITY, true},
    {"ideal_makespan_s", NUMBER, true},
    {"efficiency", NUMBER, true},
    {"latency_ns", DISTRIBUTION, true},
    {"wait_ns", DISTRIBUTION, true},
    {"service_ns", DISTRIBUTION, true},
    {"heartbeat_lag_ns", DISTRIBUTION, true},
    {"heartbeat_lag_max_ns", QUANTITY, true},
    {"cpu_user_s", QUANTITY, true},
    {"cpu_sys_s", QUANTITY, true},
    {"ctx_voluntary", QUANTITY, true},
    {"ctx_involuntary", QUANTITY, true},
    {"max_rss_bytes", QUANTITY, true},
    {"memory_per_job_bytes", QUANTITY, true},
    {"target_cpu_s", QUANTITY, true},
    {"steal_s", QUANTITY, true},
    {"warmup_s", QUANTITY, true},
    {"errors", INTEGER, false},
    {NULL, OBJECT, false},
};

static const struct rule quantity_rules[] = {
    {"median", NUMBER, false},  {"confidence", NUMBER, false}, {"ci_low", NUMBER, false},
    {"ci_high", NUMBER, false}, {"values", LIST, false},       {NULL, OBJECT, false},
};

static const struct rule distribution_rules[] = {
    {"min", NUMBER, false},    {"max", NUMBER, false},    {"mean", NUMBER, false},
    {"stddev", NUMBER, false}, {"count", INTEGER, false}, {NULL, OBJECT, false},
};

static const struct rule timeline_rules[] = {
    {"jobs", LIST, false},
    {"beats", LIST, false},
    {NULL, OBJECT, false},
};

static const char *kind_name(enum kind kind)
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

static int check_object(const json_t *object, const struct rule *rules, const struct place *place);

static int check_member(const json_t *value, const struct rule *rule, const struct place *place)
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
        return check_object(value, quantity_rules, &inside);
    if (rule->kind == DISTRIBUTION)
        return check_object(value, distribution_rules, &inside);
    return 0;
}

static int check_object(const json_t *object, const struct rule *rules, const struct place *place)
{
    for (const struct rule *rule = rules; rule->key != NULL; rule++) {
        int rc = check_member(json_object_get(object, rule->key), rule, place);

        if (rc != 0)
            return rc;
    }
    return 0;
}

static int check_optional(const json_t *object, const struct rule *rules, const struct place *place)
{
    for (const struct rule *rule = rules; rule->key != NULL; rule++) {
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

static int check_part(const json_t *cell, const char *key, const struct rule *rules,
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

    if ((rc = check_optional(cell, cell_optional_rules, place)) != 0 ||
        (rc = check_optional(summary, summary_optional_rules, place)) != 0 ||
        (rc = check_rows(json_object_get(cell, "latency_uncorrected_curve"), 3, place,
                         "latency_uncorrected_curve")) != 0)
        return rc;
    return json_is_object(over_time) ? check_part(cell, "over_time", over_time_rules, place) : 0;
}

static int check_cell(const json_t *cell, size_t index, const struct place *place)
{
    char where[64];
    struct place inside = {place->name, where, place->err};
    const json_t *timeline = json_object_get(cell, "timeline");
    int rc;

    snprintf(where, sizeof where, "cells[%zu].", index);
    if ((rc = check_object(cell, cell_rules, &inside)) != 0 ||
        (rc = check_texts(json_object_get(cell, "reasons"), &inside, "reasons")) != 0 ||
        (rc = check_texts(json_object_get(cell, "warnings"), &inside, "warnings")) != 0 ||
        (rc = check_part(cell, "ledger", ledger_rules, &inside)) != 0 ||
        (rc = check_part(cell, "summary", summary_rules, &inside)) != 0 ||
        (rc = check_part(cell, "timeline", timeline_rules, &inside)) != 0 ||
        (rc = check_rows(json_object_get(cell, "latency_curve"), 3, &inside, "latency_curve")) !=
            0 ||
        (rc = check_rows(json_object_get(timeline, "jobs"), 5, &inside, "timeline.jobs")) != 0)
        return rc;
    rc = check_rows(json_object_get(timeline, "beats"), 2, &inside, "timeline.beats");
    return rc == 0 ? check_loop(cell, &inside) : rc;
}

int result_check(const json_t *document, const char *name, struct err *err)
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
    if ((rc = check_object(document, document_rules, &top)) != 0 ||
        (rc = check_part(document, "context", context_rules, &top)) != 0)
        return rc;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        if ((rc = check_cell(cell, i, &top)) != 0)
            return rc;
    }
    return 0;
}
