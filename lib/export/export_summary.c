/* One Markdown table of all cells with their counts, invalid ones first, for the summary of a CI
 * job, where run.md, which has a table a group, is too long. */
#include "base/markdown.h"
#include "export/export.h"
#include "export/export_cell.h"
#include "export/finding.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FINDING_MAX 2048

static int put_invalid(const struct export_cell *c, void *out)
{
    char *reasons = c->valid ? NULL : export_cell_reasons(c);

    if (c->valid)
        return 0;
    if (reasons == NULL)
        return -ENOMEM;
    fputs("| ", out);
    markdown_code(c->name, out);
    fputs(" | **invalid**: ", out);
    markdown_text(reasons, out);
    fputs(" | | |\n", out);
    free(reasons);
    return 0;
}

static void put_counts(const struct export_cell *c, FILE *out)
{
    const char *separator = "";
    char text[METRIC_TEXT];

    for (size_t i = 0; i < c->count; i++) {
        if (c->metrics[i].kind == EXPORT_MEASURED)
            continue;
        fputs(separator, out);
        markdown_text(c->metrics[i].metric->key, out);
        fprintf(out, " %s", metric_cell_text(c->metrics[i].metric, c->cell, text, sizeof text));
        separator = ", ";
    }
}

static int put_valid(const struct export_cell *c, void *out)
{
    char value[METRIC_TEXT], low[METRIC_TEXT], high[METRIC_TEXT];
    const struct export_metric *m = c->headline;

    if (!c->valid)
        return 0;
    fputs("| ", out);
    markdown_code(c->name, out);
    if (m != NULL)
        fprintf(out, " | %s%s | %s … %s | ",
                metric_text(m->metric, m->value.median, value, sizeof value),
                export_cell_is_loop(c) ? " a job" : "",
                metric_text(m->metric, m->value.low, low, sizeof low),
                metric_text(m->metric, m->value.high, high, sizeof high));
    else
        fputs(" | – | – | ", out);
    put_counts(c, out);
    fputs(" |\n", out);
    return 0;
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
static bool measured(const json_t *result, const char *group)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(result, "cells"), i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) == 0 &&
            (json_is_object(json_object_get(cell, "summary")) ||
             !json_is_true(json_object_get(cell, "valid"))))
            return true;
    }
    return false;
}

static int put_findings(const json_t *result, size_t cells, FILE *out)
{
    const char **groups = calloc(cells + 1, sizeof *groups);
    char finding[FINDING_MAX];
    size_t n;

    if (groups == NULL)
        return -ENOMEM;
    n = finding_groups(result, groups, cells);
    for (size_t i = 0; i < n; i++) {
        if (!measured(result, groups[i]))
            continue;
        fputs("* ", out);
        markdown_text(finding_group(result, groups[i], finding, sizeof finding), out);
        fputs(".\n", out);
    }
    free(groups);
    return 0;
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

    fprintf(out, "### tva: %zu cell%s, ", cells, cells == 1 ? "" : "s");
    if (invalid > 0)
        fprintf(out, "**%zu invalid**\n\n", invalid);
    else
        fputs("all valid\n\n", out);
    if (json_is_true(json_object_get(result, "partial")))
        fputs("**Partial**: the session was cut short.\n\n", out);
    if (rc == 0)
        rc = put_findings(result, cells, out);
    fputs("\n| Cell | Median | Interval over runs | Counts |\n|:---|---:|---:|:---|\n", out);
    if (rc == 0)
        rc = export_cells(result, put_invalid, out);
    if (rc == 0)
        rc = export_cells(result, put_valid, out);
    fputc('\n', out);
    if (rc == 0)
        rc = export_cells(result, put_warnings, out);
    if (rc == 0 && ferror(out))
        rc = -EIO;
    return rc;
}

const struct exporter export_summary = {
    .name = "summary",
    .suffix = ".summary.md",
    .summary = "one Markdown table of all cells and their counts, for a CI job's summary",
    .write = write_summary,
};
