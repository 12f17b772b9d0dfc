#include "chart/chart_axis.h"

#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

double chart_axis_value(const json_t *cell, const char *axis)
{
    static const struct {
        const char *axis, *path;
    } own[] = {
        {"rate", "load.rate_per_s"}, {"clients", "load.clients"},
        {"poison", "load.poison"},   {"jobs", "jobs"},
        {"threads", "threads"},      {"pool", "threads"},
    };
    const json_t *point = json_object_get(json_object_get(cell, "point"), axis);

    if (json_is_number(point))
        return json_number_value(point);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i].axis, axis) == 0)
            return result_number(cell, own[i].path);
    return NAN;
}

size_t chart_axes_count(const json_t *result)
{
    return json_array_size(json_object_get(json_object_get(result, "sweep"), "axes"));
}

const char *chart_axes_name(const json_t *result, size_t index)
{
    const json_t *axes = json_object_get(json_object_get(result, "sweep"), "axes");

    return result_string(json_array_get(axes, index), "name");
}

const json_t *chart_axes_values(const json_t *result, size_t index)
{
    const json_t *axes = json_object_get(json_object_get(result, "sweep"), "axes");

    return json_object_get(json_array_get(axes, index), "values");
}

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

struct chart_axis chart_axis_of(const json_t *result, const char *name)
{
    static const char *const shares[] = {"poison", "cpu", "share", NULL};
    const json_t *axes = json_object_get(json_object_get(result, "sweep"), "axes"), *axis;
    struct chart_axis out = {.name = name, .kind = "count", .scale = 1};
    const char *unit = "";
    size_t i;

    json_array_foreach(axes, i, axis)
    {
        if (strcmp(result_string(axis, "name"), name) == 0)
            unit = result_string(axis, "unit");
    }
    if (strcmp(unit, "ns") == 0 || strcmp(unit, "s") == 0) {
        out.kind = "time";
        out.scale = unit[0] == 'n' ? 1e-9 : 1;
    } else if (strcmp(unit, "bytes") == 0 || strcmp(unit, "B") == 0) {
        out.kind = "size";
    } else if (strcmp(unit, "%") == 0) {
        out.kind = "share";
        out.scale = 0.01;
    } else if (is_one_of(unit, shares) || (!*unit && is_one_of(name, shares))) {
        out.kind = "share";
    }
    return out;
}

char *chart_axis_text(const struct chart_axis *axis, double value, char *buf, size_t size)
{
    char number[32];

    if (strcmp(axis->kind, "share") == 0)
        snprintf(buf, size, "%.3g%%", 100 * axis->scale * value);
    else if (strcmp(axis->kind, "time") == 0)
        units_format_duration(axis->scale * value * 1e9, buf, size < 32 ? size : 32);
    else if (strcmp(axis->kind, "size") == 0)
        units_format_size(axis->scale * value, buf, size < 32 ? size : 32);
    else if (strcmp(axis->name, "rate") == 0)
        snprintf(buf, size, value < 100 ? "%.3g/s" : "%.0f/s", value);
    else if (value == floor(value) && value < 1e15)
        snprintf(buf, size, "%s %s", units_format_count((uint64_t)value, number, sizeof number),
                 axis->name);
    else
        snprintf(buf, size, "%.3g %s", value, axis->name);
    return buf;
}

bool chart_axes_ends(const json_t *result, const char *name, double ends[2])
{
    for (size_t a = 0; a < chart_axes_count(result); a++) {
        const json_t *values = chart_axes_values(result, a);
        size_t n = json_array_size(values);

        if (strcmp(chart_axes_name(result, a), name) != 0 || n == 0)
            continue;
        ends[0] = json_number_value(json_array_get(values, 0));
        ends[1] = json_number_value(json_array_get(values, n - 1));
        return true;
    }
    return false;
}
