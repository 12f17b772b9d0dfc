#include "chart/chart_cells.h"

#include "result/result.h"

#include <math.h>
#include <string.h>

bool chart_cell_valid(const json_t *cell)
{
    return json_is_true(json_object_get(cell, "valid"));
}

bool chart_cell_batch(const json_t *cell)
{
    return metric_cells_of(cell) & METRIC_BATCH;
}

struct metric_value chart_value(const struct metric *m, const json_t *cell)
{
    struct metric_value v = metric_of(m, cell);
    double scale = metric_unit_scale(m);

    if (isnan(v.low) || isnan(v.high))
        v.low = v.high = v.median;
    return (struct metric_value){scale * v.median, scale * v.low, scale * v.high, v.confidence};
}

double chart_theory(const struct metric *m, const json_t *cell)
{
    double theory = metric_unit_scale(m) * metric_ideal(m, cell);
    double factor = chart_value(m, cell).median / theory;
    bool off = factor > CHART_THEORY_OFF || factor < 1 / CHART_THEORY_OFF;

    return off && metric_cells_of(cell) & METRIC_OPEN ? (double)NAN : theory;
}

const char *chart_kind(const struct metric *m)
{
    if (m->unit == METRIC_S || m->unit == METRIC_NS)
        return "time";
    return m->unit == METRIC_BYTES ? "size" : "count";
}
