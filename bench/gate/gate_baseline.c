#include "gate/gate_baseline.h"

#include "gate/gate_judge.h"
#include "gate/gate_shape.h"
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
        return err_set(err, -EINVAL, "%.200s is no baseline: its kind is not \"%s\"; %s", name,
                       KIND, REMEDY);
    if (!json_is_integer(version))
        return err_set(err, -EINVAL, "%.200s is no baseline: it has no schema_version; %s", name,
                       REMEDY);
    if (json_integer_value(version) != GATE_BASELINE_SCHEMA_VERSION)
        return err_set(err, -EINVAL,
                       "%.200s has schema_version %" JSON_INTEGER_FORMAT
                       ", this tva reads version %d; save a new one with tva baseline save",
                       name, json_integer_value(version), GATE_BASELINE_SCHEMA_VERSION);
    if (!json_is_object(json_object_get(baseline, "context")))
        return err_set(err, -EINVAL, "%.200s is damaged: context is missing or no object; %s", name,
                       REMEDY);
    if (gate_shape_counts(json_object_get(baseline, "counts"), &fault) != 0 ||
        check_sessions(json_object_get(baseline, "sessions"), &fault) != 0)
        return err_set(err, -EINVAL, "%.100s is damaged: %.280s; %s", name, fault.text, REMEDY);
    return 0;
}

/* The file's text, ended by a zero, and its length. NULL with *err set. */
static char *read_text(const char *path, size_t *len, struct err *err)
{
    /* O_NONBLOCK: opening a pipe must not wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *in = NULL;
    char *text = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        err_set(err, -errno, "cannot read %.200s: %s; save one with tva baseline save", path,
                strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_size > SIZE_MAX_BYTES)
        err_set(err, -EINVAL, "%.200s is no baseline: no plain file of up to %d MiB; %s", path,
                SIZE_MAX_BYTES >> 20, REMEDY);
    else if ((in = fdopen(fd, "r")) == NULL || (text = malloc((size_t)st.st_size + 1)) == NULL)
        err_set(err, -ENOMEM, "cannot read %.200s: out of memory", path);
    else
        *len = fread(text, 1, (size_t)st.st_size, in);
    if (text != NULL && ferror(in)) {
        err_set(err, -EIO, "cannot read %.200s", path);
        free(text);
        text = NULL;
    }
    if (in != NULL)
        fclose(in);
    else if (fd >= 0)
        close(fd);
    return text;
}

json_t *gate_baseline_read(const char *path, struct err *err)
{
    json_error_t syntax;
    json_t *baseline;
    size_t len = 0;
    char *text = read_text(path, &len, err);

    if (text == NULL)
        return NULL;
    baseline = json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
    free(text);
    if (baseline == NULL) {
        err_set(err, -EINVAL, "%.200s is damaged: %s, line %d; %s", path,
                len == 0 ? "it is empty" : "it is no JSON", syntax.line, REMEDY);
        return NULL;
    }
    return result_built(baseline, gate_baseline_check(baseline, path, err));
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

/* What the baseline has and the run lacks. */
struct lost {
    size_t cells, counts;
    char first[300];
};

/* Both documents were checked when they were read. NULL: the count is missing. */
static bool is_hard(const json_t *count)
{
    enum metric_kind kind = METRIC_SCHEDULED;
    double value;

    return gate_shape_count(count, "", &value, &kind, NULL) == 0 && kind != METRIC_SCHEDULED;
}

static void note_first(struct lost *lost, const char *what, const char *cell)
{
    if (lost->cells + lost->counts == 0)
        snprintf(lost->first, sizeof lost->first, "%.60s \"%.200s\"", what, cell);
}

static void look_for_counts(struct lost *lost, const char *cell, json_t *stored,
                            const json_t *measured)
{
    const char *metric;
    json_t *count;

    json_object_foreach(stored, metric, count)
    {
        char what[64];

        if (!is_hard(count) || is_hard(json_object_get(measured, metric)))
            continue;
        snprintf(what, sizeof what, "%.40s of", metric);
        note_first(lost, what, cell);
        lost->counts++;
    }
}

int gate_baseline_check_losses(const json_t *old, const json_t *extract, const char *name,
                               struct err *err)
{
    const json_t *measured = json_object_get(extract, "counts");
    struct lost lost = {0};
    const char *cell;
    json_t *of_cell;

    json_object_foreach(json_object_get(old, "counts"), cell, of_cell)
    {
        const json_t *now = json_object_get(measured, cell);

        if (now != NULL) {
            look_for_counts(&lost, cell, of_cell, now);
            continue;
        }
        note_first(&lost, "the cell", cell);
        lost.cells++;
    }
    if (lost.cells + lost.counts == 0)
        return 0;
    return err_set(err, -EINVAL,
                   "%.100s lacks %zu cell%s and %zu other count%s of the baseline, first %s; count "
                   "them, too, or drop them with --replace",
                   name, lost.cells, lost.cells == 1 ? "" : "s", lost.counts,
                   lost.counts == 1 ? "" : "s", lost.first);
}

/* Did a count that is hard but not exact rise by no more than it may? */
static bool has_crept(const json_t *stored, const json_t *measured)
{
    enum metric_kind was = METRIC_SCHEDULED, is = METRIC_SCHEDULED;
    double before, now;

    return gate_shape_count(stored, "", &before, &was, NULL) == 0 && was > METRIC_EXACT &&
           was < METRIC_SCHEDULED && gate_shape_count(measured, "", &now, &is, NULL) == 0 &&
           is == was && now > before && now <= before + gate_judge_step(was, before);
}

int gate_baseline_keep_lower(const json_t *old, const json_t *run, json_t *extract)
{
    struct gate_mismatch m =
        gate_mismatch_of(json_object_get(old, "context"), json_object_get(run, "context"));
    json_t *stored = json_object_get(old, "counts"), *of_cell, *count;
    const char *cell, *metric;
    int kept = 0;

    if (m.code || m.loop || m.requests)
        return 0;
    json_object_foreach(stored, cell, of_cell)
    {
        json_t *measured = json_object_get(json_object_get(extract, "counts"), cell);

        json_object_foreach(of_cell, metric, count)
        {
            if (!has_crept(count, json_object_get(measured, metric)))
                continue;
            if (json_object_set(measured, metric, count) != 0)
                return -ENOMEM;
            kept++;
        }
    }
    return kept;
}
