#include "count/count.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>

/* In the catalogue (result/metric.h). */
static const char *const metric_names[COUNT_METRICS] = {
    [COUNT_SYSCALLS] = "syscalls",         [COUNT_ALLOCATIONS] = "allocations",
    [COUNT_ALLOCATED_BYTES] = "allocated", [COUNT_INSTRUCTIONS] = "instructions",
    [COUNT_WAKEUPS] = "wakeups",           [COUNT_MEMORY_CALLS] = "memory-calls",
    [COUNT_CONTEXT_SWITCHES] = "switches",
};

static const char *key_of(int metric)
{
    return metric_named(metric_names[metric])->key;
}

static json_t *totals_json(const struct count_series *s)
{
    json_t *list = json_array();
    int rc = 0;

    for (unsigned i = 0; i < s->repeats && rc == 0; i++)
        rc = json_array_append_new(list, json_pack("[o o]", result_new_count(s->totals[i][0]),
                                                   result_new_count(s->totals[i][1])));
    return result_built(list, rc);
}

/* Which calls of work a job makes, by name: those whose number grows with the jobs. */
static json_t *calls_json(const struct count_cell *c)
{
    json_t *calls = json_object();
    int rc = 0;

    for (size_t i = 0; i < COUNT_SYSCALLS_MAX && rc == 0; i++) {
        double jobs = (double)c->metrics[COUNT_SYSCALLS].jobs;
        double slope = ((double)c->calls[i][1] - (double)c->calls[i][0]) / jobs;
        const char *name = count_trace_syscall_name(i);
        char number[32];

        snprintf(number, sizeof number, "syscall_%zu", i);
        if (c->calls[i][0] != c->calls[i][1])
            rc = json_object_set_new(calls, name != NULL ? name : number, result_new_number(slope));
    }
    return result_built(calls, rc);
}

static enum metric_kind kind_of(const struct cell *cell, const struct count_cell *c, int metric)
{
    enum metric_kind kind = count_kind_by_design(cell, (enum count_metric)metric);
    int64_t slope;

    if (kind == METRIC_EXACT && count_agreeing(&c->metrics[metric], &slope) < COUNT_AGREE)
        return METRIC_SCHEDULED;
    return kind;
}

/* NULL when out of memory. */
static json_t *counts_json(const struct cell *cell, const struct count_cell *c)
{
    json_t *counts = json_object();
    int rc = 0;

    for (int m = 0; m < COUNT_METRICS && rc == 0; m++) {
        const struct count_series *s = &c->metrics[m];
        json_t *metric;

        if (s->repeats == 0)
            continue;
        metric = json_pack("{so ss s[o o] so}", "value", result_new_number(count_value(s)), "kind",
                           metric_kinds[kind_of(cell, c, m)], "jobs", result_new_count(s->jobs),
                           result_new_count(2 * s->jobs), "totals", totals_json(s));
        if (metric != NULL && m == COUNT_SYSCALLS)
            rc = json_object_set_new(metric, "calls", calls_json(c));
        rc |= json_object_set_new(counts, key_of(m), metric);
    }
    return result_built(counts, rc);
}

static int add_differences(json_t *warnings, const struct cell *cell, const struct count_cell *c)
{
    int rc = 0;

    for (int m = 0; m < COUNT_METRICS; m++)
        if (c->metrics[m].repeats > 0 &&
            kind_of(cell, c, m) != count_kind_by_design(cell, (enum count_metric)m))
            rc |= result_add_sentence(
                warnings,
                "%s was another in each repeat of the count, so that it cannot be "
                "held to a number",
                key_of(m));
    return rc;
}

int count_add(json_t *result_cell, const struct cell *cell, const struct count_cell *c)
{
    json_t *reasons = json_object_get(result_cell, "reasons");
    json_t *warnings = json_object_get(result_cell, "warnings");
    int rc = json_object_set_new(result_cell, "counts", counts_json(cell, c));

    if (c->complete && c->failure.text[0] != '\0')
        rc |= result_add_sentence(count_jobs(cell, COUNT_BY_TRACE) == 0 ? warnings : reasons, "%s",
                                  c->failure.text);
    rc |= add_differences(warnings, cell, c);
    return rc == 0 ? 0 : -ENOMEM;
}
