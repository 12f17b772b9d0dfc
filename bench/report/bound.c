#include "report/bound.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "load/load.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define NAME_SIZE 64

static const char *const examples[METRIC_UNITS] = {
    [METRIC_S] = "20ms",    [METRIC_NS] = "20ms", [METRIC_RATE] = "500/s",
    [METRIC_BYTES] = "64k", [METRIC_COUNT] = "3", [METRIC_SHARE] = "1%",
};

/* 0 or a negative errno. */
static int parse_value(const struct metric *m, const char *text, double *out)
{
    uint64_t whole = 0;
    int r;

    switch (m->unit) {
    case METRIC_RATE:
        return load_parse_rate(text, out);
    case METRIC_SHARE:
        return units_parse_share(text, out);
    case METRIC_COUNT:
        text = units_parse_decimal(text, out);
        return text != NULL && *text == '\0' ? 0 : -EINVAL;
    case METRIC_BYTES:
        r = units_parse_size(text, &whole);
        break;
    default:
        r = units_parse_duration(text, &whole);
    }
    *out = (double)whole / (m->unit == METRIC_S ? (double)NS_PER_S : 1);
    return r;
}

int bound_parse(const char *text, struct bound *out, struct err *err)
{
    size_t length = strcspn(text, "<>");
    const char *value = text + length;
    char name[NAME_SIZE];

    if (length == 0 || length >= sizeof name || *value == '\0')
        return err_set(err, -EINVAL,
                       "\"%s\" is no bound: write METRIC<VALUE or METRIC>VALUE, as in p99<20ms",
                       text);
    memcpy(name, text, length);
    name[length] = '\0';
    *out = (struct bound){
        .text = text,
        .metric = metric_find(name, NULL, err),
        .above = *value == '>',
    };
    if (out->metric == NULL)
        return -EINVAL;
    if (parse_value(out->metric, value + 1, &out->value) < 0)
        return err_set(err, -EINVAL, "bound %s: \"%s\" is no value for %s, as %s is", text,
                       value + 1, out->metric->title, examples[out->metric->unit]);
    return 0;
}

static bool can_rank(const struct metric *m)
{
    return m->ranked_from > 0;
}

int bound_parse_slo(const char *text, const struct metric **metric, double *bound_ns,
                    struct err *err)
{
    size_t length = strcspn(text, "=");
    uint64_t ns = 0;
    char name[NAME_SIZE];

    if (length == 0 || length >= sizeof name || text[length] == '\0')
        return err_set(err, -EINVAL, "--slo \"%s\" is no bound: write METRIC=T, as in p99=20ms",
                       text);
    memcpy(name, text, length);
    name[length] = '\0';
    *metric = metric_find(name, can_rank, err);
    if (*metric == NULL)
        return -EINVAL;
    if ((*metric)->unit == METRIC_RATE)
        return err_set(err, -EINVAL,
                       "--slo %s: a bound is on a latency or the loop lag, as in p99=20ms", name);
    if (units_parse_duration(text + length + 1, &ns) < 0 || ns == 0)
        return err_set(err, -EINVAL,
                       "--slo %s: \"%s\" is not a duration above 0 with its unit, as in 20ms", name,
                       text + length + 1);
    *bound_ns = (double)ns;
    return 0;
}

static bool keeps(const struct bound *b, double value)
{
    return b->above ? value > b->value : value < b->value;
}

enum bound_verdict bound_judge(const struct bound *b, const json_t *cell)
{
    struct metric_value v = metric_of(b->metric, cell);
    bool low = keeps(b, isfinite(v.low) ? v.low : v.median);
    bool high = keeps(b, isfinite(v.high) ? v.high : v.median);

    if (json_is_false(json_object_get(cell, "valid")) || !isfinite(v.median) || low != high)
        return BOUND_UNKNOWN;
    return low ? BOUND_KEPT : BOUND_BROKEN;
}

/* The cell's line: what was measured, and what to do where that does not tell. */
static void write_cell(const struct bound *b, const json_t *cell, enum bound_verdict verdict,
                       FILE *out)
{
    struct metric_value v = metric_of(b->metric, cell);
    char median[METRIC_TEXT], low[METRIC_TEXT], high[METRIC_TEXT], interval[128] = "";
    const char *name = result_string(cell, "name");

    if (json_is_false(json_object_get(cell, "valid"))) {
        wrap_print(out, "  unknown: ", "%s is invalid", name);
        return;
    }
    if (!isfinite(v.median)) {
        wrap_print(out, "  unknown: ", "%s has no %s; more jobs or another load would give it one",
                   name, b->metric->title);
        return;
    }
    metric_text(b->metric, v.median, median, sizeof median);
    if (v.confidence > 0 && isfinite(v.low) && isfinite(v.high))
        snprintf(interval, sizeof interval, " (%.0f %% interval %s to %s)", 100 * v.confidence,
                 metric_text(b->metric, v.low, low, sizeof low),
                 metric_text(b->metric, v.high, high, sizeof high));
    wrap_print(out, verdict == BOUND_BROKEN ? "  broken: " : "  unknown: ", "%s: %s is %s%s%s",
               name, b->metric->title, median, interval,
               verdict == BOUND_UNKNOWN ? "; more --rounds would narrow it" : "");
}

enum bound_verdict bound_write(const struct bound *bounds, size_t n, const json_t *result,
                               FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    enum bound_verdict worst = BOUND_KEPT;
    size_t k;

    for (size_t i = 0; i < n; i++) {
        size_t kept = 0;
        bool single = false;

        json_array_foreach(cells, k, cell)
        {
            kept += bound_judge(&bounds[i], cell) == BOUND_KEPT;
            single = single || metric_of(bounds[i].metric, cell).confidence == 0;
        }
        fprintf(out, "\n%s: %zu of %zu cell%s keep%s it%s.\n", bounds[i].text, kept,
                json_array_size(cells), TEXT_S(json_array_size(cells)), kept == 1 ? "s" : "",
                single ? ", by a single run, which says nothing of the next" : "");
        json_array_foreach(cells, k, cell)
        {
            enum bound_verdict verdict = bound_judge(&bounds[i], cell);

            if (verdict != BOUND_KEPT)
                write_cell(&bounds[i], cell, verdict, out);
            worst = verdict > worst ? verdict : worst;
        }
    }
    return worst;
}
