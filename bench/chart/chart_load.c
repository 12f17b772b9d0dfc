#include "chart/chart_load.h"

#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char *kind_of(const json_t *cell)
{
    return result_string(cell, "load.kind");
}

bool chart_load_open(const json_t *cell)
{
    return strcmp(kind_of(cell), "open") == 0;
}

bool chart_load_batch(const json_t *cell)
{
    return !chart_load_open(cell) && strcmp(kind_of(cell), "closed") != 0;
}

static bool is_axis(const char *const *axes, const char *name)
{
    for (; axes && *axes; axes++)
        if (strcmp(*axes, name) == 0)
            return true;
    return false;
}

char *chart_load_text(const json_t *cell, const char *const *axes, char *buf, size_t size)
{
    double poison = result_number(cell, "load.poison"), limit = result_number(cell, "load.limit");
    char count[32];
    size_t used = 0;

    buf[0] = '\0';
    if (chart_load_open(cell)) {
        if (!is_axis(axes, "rate"))
            used = (size_t)snprintf(buf, size, " @ %.5g/s", result_number(cell, "load.rate_per_s"));
    } else if (chart_load_batch(cell)) {
        if (!is_axis(axes, "jobs"))
            used = (size_t)snprintf(
                buf, size, " × %s",
                units_format_count((uint64_t)result_number(cell, "jobs"), count, sizeof count));
    } else if (!is_axis(axes, "clients")) {
        used = (size_t)snprintf(buf, size, ", %.0f clients", result_number(cell, "load.clients"));
    }
    if (poison > 0 && !is_axis(axes, "poison") && used < size)
        used += (size_t)snprintf(buf + used, size - used, ", poison %.3g%%", 100 * poison);
    if (limit > 0 && !is_axis(axes, "limit") && used < size)
        snprintf(buf + used, size - used, ", limit %.0f", limit);
    return buf;
}

/* What all open cells have in common: "Poisson arrivals", "10.0 s"; "" where they differ. */
struct common {
    const char *arrivals;
    double duration_s;
    bool first;
};

static void compare(struct common *common, const json_t *cell)
{
    const char *arrivals = result_string(cell, "load.arrivals");
    double duration_s = result_number(cell, "load.duration_s");

    if (common->first) {
        *common = (struct common){arrivals, duration_s, false};
        return;
    }
    if (strcmp(common->arrivals, arrivals) != 0)
        common->arrivals = "";
    if (common->duration_s != duration_s)
        common->duration_s = NAN;
}

char *chart_load_loop(const struct chart_group *groups, size_t count, char *buf, size_t size)
{
    struct common common = {"", NAN, true};
    size_t open = 0, closed = 0, batch = 0, used;
    char duration[32], arrivals[32];

    for (size_t g = 0; g < count; g++) {
        for (size_t c = 0; c < groups[g].count; c++) {
            const json_t *cell = groups[g].cells[c];

            *(chart_load_open(cell) ? &open : chart_load_batch(cell) ? &batch : &closed) += 1;
            if (!chart_load_batch(cell))
                compare(&common, cell);
        }
    }
    used = (size_t)snprintf(buf, size, "%s%s%s", batch ? "batch" : "",
                            batch && open + closed ? " and " : "",
                            open && closed ? "open and closed loop"
                            : open         ? "open loop"
                            : closed       ? "closed loop"
                                           : "");
    snprintf(arrivals, sizeof arrivals, "%s%.16s%s", *common.arrivals ? ", " : "",
             strcmp(common.arrivals, "poisson") == 0 ? "Poisson" : common.arrivals,
             *common.arrivals ? " arrivals" : "");
    if (open + closed > 0 && used < size)
        used += (size_t)snprintf(buf + used, size - used, "%s", arrivals);
    if (common.duration_s > 0 && used < size)
        snprintf(buf + used, size - used, ", %s a run",
                 units_format_duration(common.duration_s * 1e9, duration, sizeof duration));
    return buf;
}
