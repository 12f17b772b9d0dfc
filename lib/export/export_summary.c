/* One Markdown table of all cells with their counts, invalid ones first, for the summary of a CI
 * job, where run.md, which has a table a group, is too long. */
#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "export/export.h"
#include "export/finding.h"
#include "result/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_invalid(const struct export_cell *c, void *table)
{
    char *rest;

    if (c->valid)
        return 0;
    if (asprintf(&rest, ": %s", c->reasons) < 0)
        return -ENOMEM;
    table_cell(table, "%s", c->name);
    table_strong(table, "invalid", rest);
    table_cell(table, "%s", "");
    table_cell(table, "%s", "");
    free(rest);
    return 0;
}

static int add_valid(const struct export_cell *c, void *table)
{
    char list[1024] = "", text[METRIC_TEXT], low[METRIC_TEXT];
    const struct export_metric *m = c->headline;

    if (!c->valid)
        return 0;
    table_cell(table, "%s", c->name);
    if (m != NULL) {
        table_cell(table, "%s%s", metric_text(m->metric, m->value.median, text, sizeof text),
                   export_cell_is_loop(c) ? " a job" : "");
        table_cell(table, "%s … %s", metric_text(m->metric, m->value.low, low, sizeof low),
                   metric_text(m->metric, m->value.high, text, sizeof text));
    } else {
        table_cell(table, "–");
        table_cell(table, "–");
    }
    for (m = c->metrics; m < c->metrics + c->count; m++)
        if (m->kind != METRIC_MEASURED)
            text_add(list, sizeof list, "%s%s %s", *list ? ", " : "", m->metric->key,
                     metric_cell_text(m->metric, c->cell, text, sizeof text));
    table_cell(table, "%s", list);
    return 0;
}

static int put_table(const json_t *result, FILE *out)
{
    struct table *t = table_create();
    int rc;

    table_column(t, "Cell", TABLE_CODE);
    table_column(t, "Median", TABLE_RIGHT);
    table_column(t, "Interval over runs", TABLE_RIGHT);
    table_column(t, "Counts", TABLE_LEFT);
    rc = export_cells(result, add_invalid, t);
    if (rc == 0)
        rc = export_cells(result, add_valid, t);
    return table_show(t, FORM_MARKDOWN, 0, out) != 0 ? -ENOMEM : rc;
}

static int put_warnings(const struct export_cell *c, void *out)
{
    const json_t *warning;
    size_t i;

    json_array_foreach(json_object_get(c->cell, "warnings"), i, warning)
    {
        fputs("* ", out);
        markdown_code(c->name, out);
        fputs(": ", out);
        markdown_text(json_string_value(warning), out);
        fputc('\n', out);
    }
    return 0;
}

/* Of cells that were only counted there is nothing to find. */
static int put_findings(const json_t *result, FILE *out)
{
    struct rankings all;
    int rc = rankings_init(&all, result);

    for (size_t i = 0; i < all.count; i++) {
        char finding[FINDING_MAX];

        if (!all.of[i].measured)
            continue;
        fputs("* ", out);
        markdown_text(finding_of(&all.of[i], finding, sizeof finding), out);
        fputs(".\n", out);
    }
    rankings_deinit(&all);
    return rc;
}

static int count_invalid(const struct export_cell *c, void *count)
{
    *(size_t *)count += !c->valid;
    return 0;
}

static int write_summary(const json_t *result, FILE *out)
{
    size_t cells = json_array_size(json_object_get(result, "cells")), invalid = 0;
    int rc = export_cells(result, count_invalid, &invalid);

    fprintf(out, "### tva: %zu cell%s, ", cells, TEXT_S(cells));
    if (invalid > 0)
        fprintf(out, "**%zu invalid**\n\n", invalid);
    else
        fputs("all valid\n\n", out);
    if (json_is_true(json_object_get(result, "partial")))
        fputs("**Partial**: the session was cut short.\n\n", out);
    if (rc == 0)
        rc = put_findings(result, out);
    fputc('\n', out);
    if (rc == 0)
        rc = put_table(result, out);
    fputc('\n', out);
    if (rc == 0)
        rc = export_cells(result, put_warnings, out);
    return rc;
}

const struct exporter export_summary = {
    .name = "summary",
    .suffix = ".summary.md",
    .summary = "one Markdown table of all cells and their counts, for a CI job's summary",
    .write = write_summary,
};
