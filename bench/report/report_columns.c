#include "report/report_columns.h"

#include "result/result.h"

#include <math.h>
#include <string.h>

#define INTERVAL_WIDTH 12

const char *report_model(const json_t *cell, char *buf, size_t size)
{
    double threads = result_number(cell, "threads");

    if (!isfinite(threads))
        return result_string(cell, "model");
    snprintf(buf, size, "%s(%.0f)", result_string(cell, "model"), threads);
    return buf;
}

/* "10.3-10.6", in the unit that the median is shown in. */
static const char *interval_text(const struct metric *m, const json_t *cell, char *buf, size_t size)
{
    struct metric_value value = metric_of(m, cell);
    double unit = 1e-9;
    int decimals;

    if (!isfinite(value.median) || !isfinite(value.low) || !isfinite(value.high))
        return "-";
    while (unit < 1 && value.median / unit >= 999.5)
        unit *= 1000;
    decimals = value.median / unit >= 99.95 ? 0 : value.median / unit >= 9.995 ? 1 : 2;
    snprintf(buf, size, "%.*f-%.*f", decimals, value.low / unit, decimals, value.high / unit);
    return buf;
}

static int width_of(const struct metric *m)
{
    static const int widths[METRIC_UNITS] = {7, 7, 7, 8, 5, 5};
    int title = (int)strlen(m->column);

    return title > widths[m->unit] ? title : widths[m->unit];
}

/* The interval of a batch's headline has a column of its own. */
static bool has_interval(const struct metric *m, unsigned cells)
{
    return (m->headline & cells & METRIC_BATCH) != 0;
}

void report_write_titles(unsigned cells, FILE *out)
{
    fprintf(out, "  %-10s", cells == METRIC_COUNTED ? "per job" : "model");
    for (const struct metric *m = metrics; m < metrics + metrics_count; m++) {
        if ((m->table & cells) == 0)
            continue;
        fprintf(out, " %*s", width_of(m), m->column);
        if (has_interval(m, cells))
            fprintf(out, " %-*s", INTERVAL_WIDTH, "interval");
    }
    fputc('\n', out);
}

void report_write_row(unsigned cells, const json_t *cell, FILE *out)
{
    char text[REPORT_TEXT];

    fprintf(out, "  %-10s", report_model(cell, text, sizeof text));
    for (const struct metric *m = metrics; m < metrics + metrics_count; m++) {
        if ((m->table & cells) == 0)
            continue;
        fprintf(out, " %*s", width_of(m), metric_cell_text(m, cell, text, sizeof text));
        if (has_interval(m, cells))
            fprintf(out, " %-*s", INTERVAL_WIDTH, interval_text(m, cell, text, sizeof text));
    }
    fputc('\n', out);
}
