#include "gate/gate.h"

#include "base/text.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KIND           "tva-baseline"
#define SIZE_MAX_BYTES (16 << 20)
#define REMEDY         "restore it, or delete it and save a new one with tva baseline save"

static int check_sessions(const json_t *sessions, struct err *err)
{
    const json_t *session;
    char where[32];
    size_t i;
    int rc = 0;

    if (!json_is_array(sessions))
        return err_set(err, -EINVAL, "sessions is missing or no list");
    json_array_foreach(sessions, i, session)
    {
        snprintf(where, sizeof where, "sessions[%zu]", i);
        if (rc == 0)
            rc = gate_shape_session(session, where, err);
    }
    return rc;
}

int gate_baseline_check(const json_t *baseline, const char *name, struct err *err)
{
    const json_t *version = json_object_get(baseline, "schema_version");
    struct err fault;

    if (strcmp(result_string(baseline, "kind"), KIND) != 0)
        return err_set(err, -EINVAL, "%.*s is no baseline: its kind is not \"%s\"; %s",
                       TEXT_FIT(name, 200), KIND, REMEDY);
    if (!json_is_integer(version))
        return err_set(err, -EINVAL, "%.*s is no baseline: it has no schema_version; %s",
                       TEXT_FIT(name, 200), REMEDY);
    if (json_integer_value(version) != GATE_BASELINE_SCHEMA_VERSION)
        return err_set(err, -EINVAL,
                       "%.*s has schema_version %" JSON_INTEGER_FORMAT
                       ", this tva reads version %d; save a new one with tva baseline save",
                       TEXT_FIT(name, 200), json_integer_value(version),
                       GATE_BASELINE_SCHEMA_VERSION);
    if (!json_is_object(json_object_get(baseline, "context")))
        return err_set(err, -EINVAL, "%.*s is damaged: context is missing or no object; %s",
                       TEXT_FIT(name, 200), REMEDY);
    if (gate_shape_counts(json_object_get(baseline, "counts"), &fault) != 0 ||
        check_sessions(json_object_get(baseline, "sessions"), &fault) != 0)
        return err_set(err, -EINVAL, "%.*s is damaged: %.*s; %s", TEXT_FIT(name, 100),
                       TEXT_FIT(fault.text, 280), REMEDY);
    return 0;
}

json_t *gate_baseline_read(const char *path, struct err *err)
{
    json_error_t syntax;
    json_t *baseline = NULL;
    struct stat st;

    if (stat(path, &st) < 0 || access(path, R_OK) < 0)
        err_set(err, -errno, "cannot read %.*s: %s; save one with tva baseline save",
                TEXT_FIT(path, 200), strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_size > SIZE_MAX_BYTES)
        err_set(err, -EINVAL, "%.*s is no baseline: no plain file of up to %d MiB; %s",
                TEXT_FIT(path, 200), SIZE_MAX_BYTES >> 20, REMEDY);
    else if ((baseline = json_load_file(path, JSON_REJECT_DUPLICATES, &syntax)) == NULL)
        err_set(err, -EINVAL, "%.*s is damaged: %s, line %d; %s", TEXT_FIT(path, 200),
                st.st_size == 0 ? "it is empty" : "it is no JSON", syntax.line, REMEDY);
    return result_built(baseline, baseline != NULL ? gate_baseline_check(baseline, path, err) : 0);
}

static bool is_same_session(const json_t *a, const json_t *b)
{
    return strcmp(result_string(a, "date"), result_string(b, "date")) == 0 &&
           strcmp(result_string(a, "fingerprint"), result_string(b, "fingerprint")) == 0;
}

json_t *gate_baseline_add(const json_t *old, const json_t *run, const json_t *extract)
{
    const json_t *kept = json_object_get(old, "sessions"), *session;
    json_t *added = json_object_get(extract, "session");
    json_t *sessions = json_array();
    size_t i;
    int rc = 0;

    json_array_foreach(kept, i, session)
    {
        if (gate_shape_has_times(session) && !is_same_session(session, added))
            rc |= json_array_append(sessions, (json_t *)session);
    }
    if (gate_shape_has_times(added))
        rc |= json_array_append(sessions, added);
    while (json_array_size(sessions) > GATE_BASELINE_SESSIONS_MAX)
        json_array_remove(sessions, 0);
    return json_pack("{si ss sO sO so}", "schema_version", GATE_BASELINE_SCHEMA_VERSION, "kind",
                     KIND, "context", json_object_get(run, "context"), "counts",
                     json_object_get(extract, "counts"), "sessions", result_built(sessions, rc));
}

double gate_baseline_span_s(const json_t *baseline)
{
    const json_t *sessions = json_object_get(baseline, "sessions"), *session;
    double first = INFINITY, last = -INFINITY;
    size_t i;

    json_array_foreach(sessions, i, session)
    {
        struct tm tm = {0};
        const char *end = strptime(result_string(session, "date"), "%Y-%m-%dT%H:%M:%SZ", &tm);
        double at = end != NULL && *end == '\0' ? (double)timegm(&tm) : NAN;

        if (isnan(at))
            return NAN;
        first = fmin(first, at);
        last = fmax(last, at);
    }
    return json_array_size(sessions) > 1 ? last - first : NAN;
}

int gate_baseline_check_losses(const json_t *old, const json_t *extract, const char *name,
                               struct err *err)
{
    const json_t *measured = json_object_get(extract, "counts");
    struct gate_walk w = {.cells = json_object_get(old, "counts")};
    size_t cells = 0, counts = 0;
    const char *lacking = NULL;
    char first[300] = "";

    while (gate_shape_next(&w)) {
        bool whole = json_object_get(measured, w.cell) == NULL;
        struct gate_count now = gate_shape_count_of(gate_shape_at(measured, w.cell, w.metric));

        if (whole ? w.cell == lacking
                  : now.kind < METRIC_SCHEDULED ||
                        gate_shape_count_of(w.value).kind >= METRIC_SCHEDULED)
            continue;
        lacking = w.cell;
        if (cells + counts == 0)
            snprintf(first, sizeof first, "%.40s%s \"%.200s\"", whole ? "the cell" : w.metric,
                     whole ? "" : " of", w.cell);
        cells += whole;
        counts += !whole;
    }
    if (cells + counts == 0)
        return 0;
    return err_set(err, -EINVAL,
                   "%.*s lacks %zu cell%s and %zu other count%s of the baseline, first %s; count "
                   "them, too, or drop them with --replace",
                   TEXT_FIT(name, 100), cells, TEXT_S(cells), counts, TEXT_S(counts), first);
}

int gate_baseline_keep_lower(const json_t *old, const json_t *run, json_t *extract)
{
    struct gate_walk w = {.cells = json_object_get(old, "counts")};
    int kept = 0;

    if (gate_mismatch_of(json_object_get(old, "context"), json_object_get(run, "context")) != 0)
        return 0;
    while (gate_shape_next(&w)) {
        json_t *measured = json_object_get(json_object_get(extract, "counts"), w.cell);
        struct gate_count was = gate_shape_count_of(w.value);
        struct gate_count is = gate_shape_count_of(json_object_get(measured, w.metric));

        if (was.kind == METRIC_EXACT || was.kind >= METRIC_SCHEDULED || is.kind != was.kind ||
            is.value <= was.value || is.value > was.value + gate_judge_step(was.kind, was.value))
            continue;
        if (json_object_set(measured, w.metric, w.value) != 0)
            return -ENOMEM;
        kept++;
    }
    return kept;
}
