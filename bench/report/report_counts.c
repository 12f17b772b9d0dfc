#include "report_counts.h"

#include "report_columns.h"
#include "result/counts.h"
#include "result/result.h"

#include <string.h>

static int width_of(size_t metric)
{
    int title = (int)strlen(counts_metrics[metric].title);

    return title > 8 ? title : 8;
}

void report_counts_write(const json_t *result, const char *group, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    char model[REPORT_TEXT], text[COUNTS_TEXT];
    size_t i;

    if (!counts_in_group(result, group))
        return;
    fprintf(out, "  %-11s", "per job");
    for (size_t m = 0; m < counts_metrics_count; m++)
        fprintf(out, " %*s", width_of(m), counts_metrics[m].title);
    fputc('\n', out);
    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) != 0 || !counts_there(cell))
            continue;
        fprintf(out, "  %-11s", report_model(cell, model, sizeof model));
        for (size_t m = 0; m < counts_metrics_count; m++) {
            counts_text(cell, counts_metrics[m].name, text, sizeof text);
            fprintf(out, " %*s", width_of(m), text[0] ? text : "-");
        }
        fputc('\n', out);
    }
}
