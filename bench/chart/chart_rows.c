#include "base/text.h"
#include "chart/chart_curves.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>

static double median_of(const char *metric, const json_t *cell)
{
    return metric ? chart_value(metric_named(metric), cell).median : (double)NAN;
}

static void include_group(struct chart_range *range, const struct chart_rows_panel *panel,
                          const struct chart_group *group)
{
    const struct metric *metric = metric_named(panel->metric);

    for (size_t c = 0; c < group->count; c++) {
        const json_t *cell = chart_group_cell(group, c);
        struct metric_value v = chart_value(metric, cell);

        chart_range_include(range, v.median);
        chart_range_include(range, v.low);
        chart_range_include(range, v.high);
        chart_range_include(range, chart_theory(metric, cell));
        chart_range_include(range, median_of(panel->p50, cell));
        chart_range_include(range, median_of(panel->p99, cell));
    }
}

/* What stands at the end of a row: "max 1.2 ms", "1.25 ms  1.25× ideal", "not measured". */
static void describe(const struct chart_rows_panel *panel, const json_t *cell, char *buf,
                     size_t size)
{
    const struct metric *metric = metric_named(panel->metric);
    double median = chart_value(metric, cell).median, ideal = chart_theory(metric, cell);
    bool valid = chart_cell_valid(cell);
    char value[METRIC_TEXT];

    buf[0] = '\0';
    if (!isnan(median) && (median > 0 || !panel->nothing))
        text_add(buf, size, "%s%s", panel->before ? panel->before : "",
                 metric_cell_text(metric, cell, value, sizeof value));
    else if (!isnan(median))
        text_add(buf, size, "%s", panel->nothing);
    if (valid && ideal > 0 && !isnan(median))
        text_add(buf, size, "  %.*f× ideal", median < 10 * ideal ? 2 : 0, median / ideal);
    if (!valid)
        text_add(buf, size, "%sinvalid", *buf ? "  " : "");
    else if (!*buf)
        text_add(buf, size, "not measured");
}

/* Append a small mark's value. */
static void add_mark(const char *metric, const json_t *cell, char *hover, size_t size)
{
    char text[METRIC_TEXT];

    if (metric && !isnan(median_of(metric, cell)))
        text_add(hover, size, "; %s %s", metric_named(metric)->title,
                 metric_cell_text(metric_named(metric), cell, text, sizeof text));
}

/* An interval that reaches down to zero has no lower end on this axis: it ends with the panel. */
static void put_row(struct chart_data *data, size_t index, size_t row, const json_t *cell,
                    const struct chart_rows_panel *panel, double lo)
{
    const struct metric *metric = metric_named(panel->metric);
    struct metric_value v = chart_value(metric, cell);
    char label[CHART_LABEL_MAX], text[128], hover[CHART_HOVER_MAX];

    describe(panel, cell, text, sizeof text);
    snprintf(hover, sizeof hover, "%s: ", result_label(cell, label, sizeof label));
    chart_add_value(metric, cell, hover, sizeof hover);
    add_mark(panel->p50, cell, hover, sizeof hover);
    add_mark(panel->p99, cell, hover, sizeof hover);
    CHART_ROW(data, CHART_N(index), CHART_N(row), CHART_T(label),
              CHART_T(result_string(cell, "model")), CHART_N(chart_cell_valid(cell)),
              CHART_N(fmax(v.low, lo)), CHART_N(chart_positive(v.median)),
              CHART_N(chart_positive(v.high)), CHART_N(chart_positive(chart_theory(metric, cell))),
              CHART_N(chart_positive(median_of(panel->p50, cell))),
              CHART_N(chart_positive(median_of(panel->p99, cell))), CHART_T(text), CHART_T(hover));
}

static void put_panel(struct chart_data *data, size_t index, const struct chart_rows_panel *panel,
                      const struct chart_group *group, const struct chart_range *shared)
{
    struct chart_range range = CHART_NO_RANGE;
    char work[CHART_WORK_MAX], title[2 * CHART_WORK_MAX];

    include_group(&range, panel, group);
    range = shared ? *shared : range;
    chart_range_finish(&range);
    for (size_t c = 0; c < group->count; c++)
        put_row(data, index, c + 1, chart_group_cell(group, c), panel, range.lo);
    chart_work(chart_group_cell(group, 0), NULL, work, sizeof work);
    snprintf(title, sizeof title, "%s%s%s", panel->title ? panel->title : "",
             panel->title ? ": " : "", work);
    chart_data_panel_title(data, index, title);
    chart_data_text_at(data, "panel_axis", index, "%s", panel->axis);
    chart_data_text_at(data, "panel_unit", index, "%s", chart_kind(metric_named(panel->metric)));
    chart_data_number_at(data, "panel_lo", index, range.lo);
    chart_data_number_at(data, "panel_hi", index, range.hi);
}

/* Which small marks there are: 1: of p50, 2: of p99 too, 0: none. */
static int legend_of(const struct chart_view *v, const struct chart_rows_panel *panel)
{
    int legend = panel->p50 != NULL;

    for (size_t i = 0; i < v->cells_count; i++)
        if (median_of(panel->p99, v->cells[i]) > 0)
            legend = 2;
    return legend;
}

bool chart_rows_put(struct chart_view *v, struct chart_data *data)
{
    const struct chart_rows *form = &v->chart->rows;
    size_t kinds = form->panels[1].metric ? 2 : 1, rows = 0;
    struct chart_range range = CHART_NO_RANGE;

    chart_range_include(&range, form->reference);
    for (size_t g = 0; g < v->count; g++) {
        include_group(&range, &form->panels[0], &v->groups[g]);
        rows = v->groups[g].count > rows ? v->groups[g].count : rows;
    }
    chart_data_number(data, "panels", (double)(kinds * v->count));
    chart_data_number(data, "rows", (double)rows);
    chart_data_number(data, "text_width", form->text_width);
    chart_data_number(data, "legend", legend_of(v, &form->panels[0]));
    chart_data_number(data, "reference", chart_positive(form->reference));
    chart_data_table(data, "rows",
                     "panel row label model valid low median high ideal p50 p99 text hover");
    for (size_t g = 0; g < v->count; g++)
        for (size_t k = 0; k < kinds; k++)
            put_panel(data, kinds * g + k + 1, &form->panels[k], &v->groups[g],
                      form->share_range ? &range : NULL);
    return true;
}
