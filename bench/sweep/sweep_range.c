#include "sweep/sweep_range.h"

#include "base/units.h"
#include "load/load.h"
#include "math/bracket.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS    4
#define TOLERANCE 1e-9 /* of a range's end: what steps in floating point miss it by */

/* A range being read. */
struct reader {
    const char *name;
    const struct sweep_limits *limits;
    struct sweep_axis *out;
    struct err *err;
};

static int parse_value(enum sweep_unit unit, const char *text, double *out)
{
    uint64_t whole = 0;
    int r = -EINVAL;

    switch (unit) {
    case SWEEP_SHARE:
        return units_parse_share(text, out);
    case SWEEP_RATE:
        return load_parse_rate(text, out);
    case SWEEP_COUNT:
        r = units_parse_count(text, &whole);
        break;
    case SWEEP_BYTES:
        r = units_parse_size(text, &whole);
        break;
    case SWEEP_DURATION:
        r = units_parse_duration(text, &whole);
        break;
    }
    if (r == 0)
        *out = unit == SWEEP_DURATION ? (double)whole / (double)NS_PER_S : (double)whole;
    return r;
}

char *sweep_value_format(enum sweep_unit unit, double value, char *buf, size_t size)
{
    switch (unit) {
    case SWEEP_COUNT:
        snprintf(buf, size, "%.0f", value);
        break;
    case SWEEP_BYTES:
        return units_exact_size((uint64_t)value, buf, size);
    case SWEEP_DURATION:
        return units_exact_duration((uint64_t)llround(value * (double)NS_PER_S), buf, size);
    case SWEEP_SHARE:
        snprintf(buf, size, "%.*g%%", DIGITS, value * 100);
        break;
    case SWEEP_RATE:
        return load_format_rate(value, buf, size);
    }
    return buf;
}

double sweep_value_round(enum sweep_unit unit, double value)
{
    if (unit == SWEEP_COUNT || unit == SWEEP_BYTES)
        return round(value);
    value = bracket_round(value, DIGITS);
    if (unit == SWEEP_DURATION)
        value = round(value * (double)NS_PER_S) / (double)NS_PER_S;
    return value;
}

static const char *example(enum sweep_unit unit)
{
    static const char *const examples[] = {
        [SWEEP_COUNT] = "64", [SWEEP_BYTES] = "4k",   [SWEEP_DURATION] = "10ms",
        [SWEEP_SHARE] = "5%", [SWEEP_RATE] = "500/s",
    };

    return examples[unit];
}

static int take_value(const struct reader *in, const char *text, double *out)
{
    const struct sweep_limits *limits = in->limits;
    char low[48], high[48];
    int r = parse_value(limits->unit, text, out);

    if (r == -EINVAL)
        return err_set(in->err, r, "--over %s: \"%s\" is no value; write for example %s", in->name,
                       text, example(limits->unit));
    if (r == 0 && *out >= limits->min && *out <= limits->max)
        return 0;
    return err_set(in->err, -EINVAL, "--over %s: %s is out of range; valid: %s to %s", in->name,
                   text, sweep_value_format(limits->unit, limits->min, low, sizeof low),
                   sweep_value_format(limits->unit, limits->max, high, sizeof high));
}

/* Values that rounding makes equal to the last are not taken twice. */
static int append(const struct reader *in, double value)
{
    struct sweep_axis *out = in->out;

    if (out->count > 0 && out->values[out->count - 1] == value)
        return 0;
    if (out->count == SWEEP_AXIS_VALUES_MAX)
        return err_set(in->err, -EINVAL,
                       "--over %s has more than %d values: widen the step or narrow the range",
                       in->name, SWEEP_AXIS_VALUES_MAX);
    out->values[out->count++] = value;
    return 0;
}

/* The factor of "x1.5". */
static int take_factor(const struct reader *in, const char *text, double *out)
{
    char *end;
    double factor = strtod(text + 1, &end);

    if (strspn(text + 1, "0123456789.") != strlen(text + 1) || end == text + 1 || *end != '\0')
        return err_set(in->err, -EINVAL,
                       "--over %s: \"%s\" is no factor; write for example x1.5 or x2", in->name,
                       text);
    *out = factor;
    if (factor > 1)
        return 0;
    return err_set(in->err, -EINVAL,
                   "--over %s: the factor must be above 1, or %s never arrives at the end",
                   in->name, text);
}

static int multiply(const struct reader *in, double from, double to, const char *step)
{
    double factor = 0;
    int r = take_factor(in, step, &factor);

    if (r == 0 && from <= 0)
        r = err_set(in->err, -EINVAL,
                    "--over %s: no factor leads from 0 to anywhere; begin above 0, or add with +",
                    in->name);
    in->out->log = true;
    for (double x = from; r == 0 && x <= to * (1 + TOLERANCE); x *= factor)
        r = append(in, sweep_value_round(in->limits->unit, x));
    return r;
}

static int add(const struct reader *in, double from, double to, const char *step)
{
    double difference = 0;

    if (parse_value(in->limits->unit, step + 1, &difference) < 0)
        return err_set(in->err, -EINVAL, "--over %s: \"%s\" is no step; write for example +%s",
                       in->name, step, example(in->limits->unit));
    if (!(difference > 0))
        return err_set(in->err, -EINVAL,
                       "--over %s: the step must be above 0, or it never arrives at the end",
                       in->name);
    /* Not by adding up: each sum would carry the rounding of all before. */
    for (size_t i = 0; from + (double)i * difference <= to * (1 + TOLERANCE); i++) {
        int r = append(in, sweep_value_round(in->limits->unit, from + (double)i * difference));

        if (r < 0)
            return r;
    }
    return 0;
}

/* "a..b:xF" or "a..b:+D" */
static int take_stretch(const struct reader *in, char *text)
{
    char *to_text = strstr(text, "..") + 2, *step = strchr(to_text, ':');
    double from = 0, to = 0;
    int r;

    if (step == NULL || (step[1] != 'x' && step[1] != '+'))
        return err_set(in->err, -EINVAL,
                       "--over %s: \"%s\" has no step: write %s:xF to multiply or %s:+D to add",
                       in->name, text, text, text);
    *step++ = '\0';
    to_text[-2] = '\0';
    r = take_value(in, text, &from);
    if (r == 0)
        r = take_value(in, to_text, &to);
    if (r < 0)
        return r;
    if (from > to)
        return err_set(in->err, -EINVAL,
                       "--over %s: the range %s..%s is empty: its end is below its "
                       "begin",
                       in->name, text, to_text);
    return *step == 'x' ? multiply(in, from, to, step) : add(in, from, to, step);
}

static int take_item(const struct reader *in, char *item)
{
    double value = 0;
    int r;

    if (strstr(item, "..") != NULL)
        return take_stretch(in, item);
    r = take_value(in, item, &value);
    return r == 0 ? append(in, value) : r;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sort_values(struct sweep_axis *axis)
{
    size_t kept = 0;

    qsort(axis->values, axis->count, sizeof *axis->values, compare);
    for (size_t i = 0; i < axis->count; i++)
        if (kept == 0 || axis->values[kept - 1] != axis->values[i])
            axis->values[kept++] = axis->values[i];
    axis->count = kept;
}

int sweep_range_parse(const char *text, const char *name, const struct sweep_limits *limits,
                      struct sweep_axis *out, struct err *err)
{
    const struct reader in = {name, limits, out, err};
    char copy[SWEEP_AXIS_TEXT_MAX], *rest = copy, *item;
    int r = 0;

    out->count = 0;
    /* Lists of anything but shares are mostly powers of something. */
    out->log = strstr(text, "..") == NULL && limits->unit != SWEEP_SHARE;
    snprintf(copy, sizeof copy, "%s", text);
    while (r == 0 && (item = strsep(&rest, ",")) != NULL)
        r = take_item(&in, item);
    if (r < 0)
        return r;
    sort_values(out);
    if (out->values[0] <= 0)
        out->log = false;
    return 0;
}
