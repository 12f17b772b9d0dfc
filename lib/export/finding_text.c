#include "export/finding_text.h"

#include "base/clock.h"
#include "base/units.h"
#include "result/result.h"
#include "summary/trust.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define RATIO_DIGITS_MAX 1000 /* from here on ratios are whole numbers */

void finding_add(struct finding_text *t, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(t->buf + t->len, t->size - t->len, format, args);
    va_end(args);
    if (n > 0)
        t->len = t->len + (size_t)n < t->size ? t->len + (size_t)n : t->size - 1;
}

void finding_add_duration(struct finding_text *t, double s)
{
    char buf[32];

    finding_add(t, "%s", units_format_duration(s * NS_PER_S, buf, sizeof buf));
}

void finding_add_ratio(struct finding_text *t, double ratio)
{
    char buf[32];

    if (ratio >= RATIO_DIGITS_MAX)
        finding_add(t, "%sx", units_format_count((uint64_t)llround(ratio), buf, sizeof buf));
    else
        finding_add(t, "%.3gx", ratio);
}

const char *finding_separator(size_t i, size_t n)
{
    return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}

void finding_add_labels(struct finding_text *t, const struct ranked *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        finding_add(t, "%s%s", finding_separator(i, n), cells[i].label);
}

void finding_add_invalid(struct finding_text *t, const struct ranking *r)
{
    for (size_t i = r->valid; i < r->count; i++) {
        const json_t *reasons = json_object_get(r->cells[i].cell, "reasons");
        const char *why = json_string_value(json_array_get(reasons, 0));

        finding_add(t, "%s%s (%s)", i == r->valid ? "" : ", ", r->cells[i].label,
                    why != NULL ? why : "not measured");
    }
}

void finding_add_few_runs(struct finding_text *t, const struct ranking *r)
{
    double fewest = INFINITY;

    for (size_t i = 0; i < r->valid; i++)
        fewest = fmin(fewest, r->cells[i].runs);
    if (fewest < TRUST_RUNS_MIN)
        finding_add(t, "; from only %.0f run%s, so repeat it before relying on it", fewest,
                    fewest == 1 ? "" : "s");
}
