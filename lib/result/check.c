#include "result/result.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What a member has to be. */
enum kind {
    TEXT,
    NUMBER,
    INTEGER,
    BOOLEAN,
    LIST,
    TEXTS,
    ROWS_OF_2, /* or more numbers */
    ROWS_OF_3,
    ROWS_OF_5,
    CELLS,
    OBJECT, /* of any members; the kinds that follow are objects with the members of a table */
    QUANTITY,
    DISTRIBUTION,
    CONTEXT,
    LEDGER,
    SUMMARY,
    TIMELINE,
    OVER_TIME,
    KINDS,

    OR_NULL = 32,  /* beside a kind: the member may be null */
    OR_ABSENT = 64 /* and this: it may be missing, since earlier versions did not write it */
};

/* The members of one kind that an object has, with blanks between. Tables end with NULL. */
struct rule {
    unsigned kind;
    const char *keys;
};

static const struct rule document_rules[] = {
    {TEXT, "tva_version"},
    {BOOLEAN, "partial"},
    {TEXT | OR_NULL, "suite"},
    {INTEGER, "seed rounds"},
    {CONTEXT, "context"},
    {CELLS, "cells"},
    {0, NULL},
};

static const struct rule context_rules[] = {
    {TEXT, "date host kernel cpu compiler build_type libuv libc commit"},
    {TEXT | OR_ABSENT, "architecture"},
    {TEXT | OR_NULL, "governor"},
    {BOOLEAN | OR_NULL, "virtual_machine"},
    {INTEGER, "cores memory_bytes timer_slack_ns uv_threadpool_size"},
    {OBJECT, "limits"},
    {NUMBER | OR_NULL | OR_ABSENT, "cpu_quota"},
    {OBJECT | OR_ABSENT, "plugins"},
    {LIST | OR_ABSENT, "ranks"},
    {0, NULL},
};

static const struct rule cell_rules[] = {
    {TEXT, "name group job spec model"},
    {OBJECT, "params"},
    {INTEGER, "jobs runs"},
    {INTEGER | OR_NULL, "threads stack_bytes"},
    {INTEGER | OR_NULL | OR_ABSENT, "timer_slack_ns target_loops"},
    {BOOLEAN, "valid"},
    {TEXTS, "reasons warnings"},
    {LEDGER | OR_NULL, "ledger"},
    {SUMMARY | OR_NULL, "summary"},
    {ROWS_OF_3, "latency_curve"},
    {TIMELINE | OR_NULL, "timeline"},
    {OBJECT | OR_ABSENT, "load point injected counts"},
    {LIST | OR_ABSENT, "ranks"},
    {OBJECT | OR_NULL | OR_ABSENT, "arrivals"},
    {ROWS_OF_3 | OR_ABSENT, "latency_uncorrected_curve"},
    {OVER_TIME | OR_NULL | OR_ABSENT, "over_time"},
    {0, NULL},
};

static const struct rule ledger_rules[] = {
    {INTEGER, "jobs operations bytes_in bytes_out"},
    {TEXT, "checksum"},
    {OBJECT, "errors"},
    {0, NULL},
};

static const struct rule summary_rules[] = {
    {QUANTITY | OR_NULL,
     "makespan_s throughput_per_s heartbeat_lag_max_ns cpu_user_s cpu_sys_s ctx_voluntary "
     "ctx_involuntary max_rss_bytes memory_per_job_bytes target_cpu_s steal_s warmup_s"},
    {NUMBER | OR_NULL, "ideal_makespan_s efficiency"},
    {DISTRIBUTION | OR_NULL, "latency_ns wait_ns service_ns heartbeat_lag_ns"},
    {INTEGER, "errors"},
    {QUANTITY | OR_NULL | OR_ABSENT,
     "jobs offered_per_s latency_mean_s latency_p50_s latency_p90_s latency_p99_s "
     "latency_p999_s latency_max_s latency_uncorrected_p99_s heartbeat_lag_p50_ns "
     "heartbeat_lag_p99_ns memory_kernel_per_job_bytes first_makespan_s first_faults "
     "faults heartbeat_cpu_s target_busiest_cpu_s late_timer_s late_wake_up_s late_read_write_s "
     "tcp_retransmits"},
    {NUMBER | OR_NULL | OR_ABSENT, "ideal_job_s"},
    {DISTRIBUTION | OR_NULL | OR_ABSENT, "latency_uncorrected_ns dispatch_lateness_ns"},
    {OBJECT | OR_NULL | OR_ABSENT,
     "in_flight littles_law steady mean_wait_ci_s theory pathology fluid"},
    {0, NULL},
};

static const struct rule quantity_rules[] = {
    {NUMBER, "median confidence ci_low ci_high"},
    {LIST, "values"},
    {0, NULL},
};

static const struct rule distribution_rules[] = {
    {NUMBER, "min max mean stddev"},
    {INTEGER, "count"},
    {0, NULL},
};

static const struct rule timeline_rules[] = {
    {ROWS_OF_5, "jobs"},
    {ROWS_OF_2, "beats"},
    {0, NULL},
};

static const struct rule over_time_rules[] = {
    {NUMBER, "window_s"},
    {LIST, "windows"},
    {0, NULL},
};

static const struct {
    const char *name;
    const struct rule *members; /* of an object */
    size_t numbers;             /* of each item of a list of rows */
} kinds[KINDS] = {
    [TEXT] = {.name = "a string"},
    [NUMBER] = {.name = "a number"},
    [INTEGER] = {.name = "an integer from 0 on"},
    [BOOLEAN] = {.name = "true or false"},
    [LIST] = {.name = "a list"},
    [TEXTS] = {.name = "a list of sentences"},
    [ROWS_OF_2] = {.name = "a list of rows of numbers", .numbers = 2},
    [ROWS_OF_3] = {.name = "a list of rows of numbers", .numbers = 3},
    [ROWS_OF_5] = {.name = "a list of rows of numbers", .numbers = 5},
    [CELLS] = {.name = "a list"},
    [OBJECT] = {.name = "an object"},
    [QUANTITY] = {.name = "a quantity", .members = quantity_rules},
    [DISTRIBUTION] = {.name = "a distribution", .members = distribution_rules},
    [CONTEXT] = {.name = "an object", .members = context_rules},
    [LEDGER] = {.name = "an object", .members = ledger_rules},
    [SUMMARY] = {.name = "an object", .members = summary_rules},
    [TIMELINE] = {.name = "an object", .members = timeline_rules},
    [OVER_TIME] = {.name = "an object", .members = over_time_rules},
};

static bool is_row(const json_t *row, size_t numbers)
{
    bool good = json_array_size(row) >= numbers;

    for (size_t i = 0; good && i < numbers; i++)
        good = json_is_number(json_array_get(row, i));
    return good;
}

static bool is_list_of(const json_t *list, unsigned kind)
{
    bool good = json_is_array(list);
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        good = good && (kind == TEXTS ? json_is_string(item) : is_row(item, kinds[kind].numbers));
    }
    return good;
}

static bool is_of_kind(const json_t *value, unsigned kind)
{
    switch (kind) {
    case TEXT:
        return json_is_string(value);
    case NUMBER:
        return json_is_number(value);
    case INTEGER:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case BOOLEAN:
        return json_is_boolean(value);
    case LIST:
    case CELLS:
        return json_is_array(value);
    case TEXTS:
    case ROWS_OF_2:
    case ROWS_OF_3:
    case ROWS_OF_5:
        return is_list_of(value, kind);
    default:
        return json_is_object(value);
    }
}

/* Where in which document the check is. */
struct place {
    const char *name, *where;
    struct err *err;
};

static int check_object(const json_t *object, const struct rule *rules, const struct place *place);

static int check_cells(const json_t *cells, const struct place *place)
{
    char where[64];
    struct place inside = {place->name, where, place->err};
    const json_t *cell;
    size_t i;
    int rc = 0;

    json_array_foreach(cells, i, cell)
    {
        snprintf(where, sizeof where, "cells[%zu].", i);
        if (rc == 0)
            rc = check_object(cell, cell_rules, &inside);
    }
    return rc;
}

static int check_member(const json_t *value, unsigned rule, const char *key, int key_length,
                        const struct place *place)
{
    unsigned kind = rule & ~(unsigned)(OR_NULL | OR_ABSENT);
    char where[256];
    struct place inside = {place->name, where, place->err};

    if ((value == NULL && (rule & OR_ABSENT)) || (json_is_null(value) && (rule & OR_NULL)))
        return 0;
    if (!is_of_kind(value, kind))
        return err_set(place->err, -EINVAL,
                       "%s is no complete result: %s%.*s is missing or not %s; measure again with "
                       "this version of tva",
                       place->name, place->where, key_length, key, kinds[kind].name);
    if (kind == CELLS)
        return check_cells(value, place);
    snprintf(where, sizeof where, "%.190s%.*s.", place->where, key_length, key);
    return kinds[kind].members != NULL ? check_object(value, kinds[kind].members, &inside) : 0;
}

static int check_object(const json_t *object, const struct rule *rules, const struct place *place)
{
    int rc = 0;

    for (; rules->keys != NULL; rules++)
        for (const char *key = rules->keys; *key != '\0' && rc == 0; key += strspn(key, " ")) {
            size_t len = strcspn(key, " ");

            rc =
                check_member(json_object_getn(object, key, len), rules->kind, key, (int)len, place);
            key += len;
        }
    return rc;
}

int result_check(const json_t *document, const char *name, struct err *err)
{
    const json_t *version = json_object_get(document, "schema_version");

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
    return check_object(document, document_rules, &(struct place){name, "", err});
}
