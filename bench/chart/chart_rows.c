#include "chart/chart_rows.h"

#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int chart_rows_groups(const json_t *result, bool (*has)(const json_t *cell), size_t most,
                      const char *missing, struct chart_group **groups, size_t *count,
                      struct err *err)
{
    if (chart_groups(result, groups, count) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    *count = chart_groups_having(*groups, *count, has);
    *count = chart_groups_widest(*groups, *count);
    *count = chart_groups_one_a_spec(*groups, *count);
    *count = *count < most ? *count : most;
    if (*count > 0)
        return 0;
    free(*groups);
    *groups = NULL;
    return err_set(err, -ENODATA, "%s", missing);
}

static struct chart_row make_row(const struct chart_panel *panel, const json_t *cell)
{
    struct chart_row row = {
        .value = {NAN, NAN, NAN, NAN}, .ideal = NAN, .p50 = NAN, .p99 = NAN, .text = ""};

    panel->row(cell, &row);
    return row;
}

void chart_rows_range(struct chart_range *range, const struct chart_panel *panel,
                      const struct chart_group *group)
{
    for (size_t c = 0; c < group->count; c++) {
        struct chart_row row = make_row(panel, group->cells[c]);

        chart_range_include_quantity(range, &row.value);
        chart_range_include(range, row.ideal);
        chart_range_include(range, row.p50);
        chart_range_include(range, row.p99);
    }
}

void chart_rows_begin(struct chart_data *data, size_t panels, size_t rows)
{
    chart_data_set_number(data, "panels", (double)panels);
    chart_data_set_number(data, "rows", (double)rows);
    chart_data_table(data, "rows",
                     "panel row label model valid low median high ideal p50 p99 text");
}

/* Only what is positive has a place on the axis. */
static double positive(double value)
{
    return value > 0 ? value : (double)NAN;
}

static void put_row(struct chart_data *data, size_t panel, size_t number, const json_t *cell,
                    const struct chart_row *row, double lo)
{
    bool valid = chart_cell_valid(cell);
    char label[CHART_LABEL_MAX], text[sizeof row->text + 16];

    if (valid)
        snprintf(text, sizeof text, "%s", row->text[0] ? row->text : "not measured");
    else
        snprintf(text, sizeof text, "%s%sinvalid", row->text, row->text[0] ? "  " : "");
    chart_data_number(data, (double)panel);
    chart_data_number(data, (double)number);
    chart_data_text(data, chart_cell_label(cell, label, sizeof label));
    chart_data_text(data, result_string(cell, "model"));
    chart_data_number(data, valid);
    /* An interval that reaches down to zero has no lower end on this axis: it ends with the panel.
     */
    chart_data_number(data, fmax(row->value.low, lo));
    chart_data_number(data, positive(row->value.median));
    chart_data_number(data, positive(row->value.high));
    chart_data_number(data, positive(row->ideal));
    chart_data_number(data, positive(row->p50));
    chart_data_number(data, positive(row->p99));
    chart_data_text(data, text);
    chart_data_end_row(data);
}

void chart_rows_panel(struct chart_data *data, size_t index, const struct chart_panel *panel,
                      const struct chart_group *group)
{
    struct chart_range range = {INFINITY, 0};

    if (panel->range) {
        range = *panel->range;
    } else {
        chart_rows_range(&range, panel, group);
        chart_range_finish(&range);
    }
    for (size_t c = 0; c < group->count; c++) {
        struct chart_row row = make_row(panel, group->cells[c]);

        put_row(data, index, c + 1, group->cells[c], &row, range.lo);
    }
    chart_data_set_text_at(data, "panel_title", index, panel->title);
    chart_data_set_text_at(data, "panel_axis", index, panel->axis);
    chart_data_set_text_at(data, "panel_unit", index, panel->unit);
    chart_data_set_number_at(data, "panel_lo", index, range.lo);
    chart_data_set_number_at(data, "panel_hi", index, range.hi);
}
