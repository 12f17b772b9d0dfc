#include "base/clock.h"
#include "base/markdown.h"
#include "export/export.h"
#include "export/finding.h"
#include "export/ranking.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FINDING_MAX 2048

/* The unit that a table's times are in: that in which its fastest is 1 or more. */
struct unit {
    const char *name;
    double per_s;
    int decimals;
};

static const struct unit units[] = {{"s", 1, 3}, {"ms", 1e3, 2}, {"µs", 1e6, 2}};

static const struct unit *unit_for(double fastest_s)
{
    const struct unit *smallest = &units[sizeof units / sizeof units[0] - 1];
    const struct unit *unit = units;

    while (unit < smallest && fastest_s * unit->per_s < 1)
        unit++;
    return unit;
}

static void put_time(double s, const struct unit *unit, FILE *out)
{
    if (isnan(s))
        fputs("–", out);
    else
        fprintf(out, "%.*f", unit->decimals, s * unit->per_s);
}

static void put_range(double low_s, double high_s, const struct unit *unit, FILE *out)
{
    put_time(low_s, unit, out);
    fputs(" … ", out);
    put_time(high_s, unit, out);
}

static void put_valid_row(const struct ranked *r, bool loop, double fastest_s,
                          const struct unit *unit, FILE *out)
{
    fputs("| ", out);
    markdown_code(r->label, out);
    fputs(" | ", out);
    put_time(r->median_s, unit, out);
    fputs(" (", out);
    put_range(r->low_s, r->high_s, unit, out);
    fputs(") | ", out);
    put_range(r->min_s, r->max_s, unit, out);
    fprintf(out, " | %.2f | ", r->median_s / fastest_s);
    put_time(r->ideal_s, unit, out);
    fputs(" | ", out);
    put_time(r->lag_s, unit, out);
    fputs(" |", out);
    if (loop)
        fprintf(out, r->lost < 0.0995 ? " %.2g %% |" : " %.0f %% |", 100 * r->lost);
    fputc('\n', out);
}

static void put_invalid_row(const struct ranked *r, bool loop, FILE *out)
{
    const json_t *reasons = json_object_get(r->cell, "reasons");
    size_t i;
    const json_t *reason;

    fputs("| ", out);
    markdown_code(r->label, out);
    fputs(json_is_true(json_object_get(r->cell, "valid")) ? " | not measured" : " | **invalid**: ",
          out);
    json_array_foreach(reasons, i, reason)
    {
        fputs(i > 0 ? "; " : "", out);
        markdown_text(json_string_value(reason), out);
    }
    fputs(loop ? " | | | | | |\n" : " | | | | |\n", out);
}

static void put_table(const struct ranking *r, FILE *out)
{
    double fastest_s = r->cells[0].valid ? r->cells[0].median_s : NAN;
    const struct unit *unit = unit_for(fastest_s);

    fprintf(out,
            "| Model | %s [%s] | Min … Max [%s] | Relative | %s [%s] | Loop lag [%s] |%s\n"
            "|:---|---:|---:|---:|---:|---:|%s\n",
            r->loop ? "Mean latency" : "Median", unit->name, unit->name,
            r->loop ? "Theory" : "Ideal", unit->name, unit->name, r->loop ? " Lost |" : "",
            r->loop ? "---:|" : "");
    for (size_t i = 0; i < r->count; i++) {
        if (r->cells[i].valid)
            put_valid_row(&r->cells[i], r->loop, fastest_s, unit, out);
        else
            put_invalid_row(&r->cells[i], r->loop, out);
    }
}

/* The sentences of a list, each with its cell in front. */
static void put_sentences(const struct ranking *r, const char *list, const char *what, FILE *out)
{
    const char *before = "\n"; /* a blank line after the table, if there is anything to list */

    for (size_t i = 0; i < r->count; i++) {
        size_t k;
        const json_t *sentence;

        json_array_foreach(json_object_get(r->cells[i].cell, list), k, sentence)
        {
            fprintf(out, "%s* ", before);
            markdown_code(r->cells[i].label, out);
            fprintf(out, ": %s", what);
            markdown_text(json_string_value(sentence), out);
            fputc('\n', out);
            before = "";
        }
    }
}

static void put_counts_row(const json_t *cell, FILE *out)
{
    double threads = result_number(cell, "threads");
    char label[64], text[METRIC_TEXT];

    snprintf(label, sizeof label, isnan(threads) ? "%s" : "%s(%.0f)", result_string(cell, "model"),
             threads);
    fputs("| ", out);
    markdown_code(label, out);
    fputs(" |", out);
    for (size_t m = 0; m < metrics_count; m++)
        if (metric_is_count(&metrics[m]))
            fprintf(out, " %s |", metric_cell_text(&metrics[m], cell, text, sizeof text));
    fputc('\n', out);
}

static void put_counts(const json_t *result, const char *group, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    size_t i;

    if (!finding_group_counted(result, group))
        return;
    fputs("\n| Per job |", out);
    for (size_t m = 0; m < metrics_count; m++)
        if (metric_is_count(&metrics[m]))
            fprintf(out, " %s |", metrics[m].column);
    fputs("\n|:---|", out);
    for (size_t m = 0; m < metrics_count; m++)
        if (metric_is_count(&metrics[m]))
            fputs("---:|", out);
    fputc('\n', out);
    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) == 0 &&
            (metric_cells_of(cell) & METRIC_COUNTED) != 0)
            put_counts_row(cell, out);
    }
}

static int put_group(const json_t *result, const char *group, FILE *out)
{
    bool measured = finding_group_measured(result, group);
    char finding[FINDING_MAX];
    struct ranking r;
    int rc = ranking_init(&r, result, group);

    if (rc != 0)
        return rc;
    fputs("\n## ", out);
    markdown_text(group, out);
    fputc('\n', out);
    if (measured) {
        fputc('\n', out);
        markdown_text(finding_group(result, group, finding, sizeof finding), out);
        fputs(".\n\n", out);
        put_table(&r, out);
    }
    put_counts(result, group, out);
    if (!measured)
        put_sentences(&r, "reasons", "**invalid**: ", out);
    put_sentences(&r, "warnings", "", out);
    ranking_deinit(&r);
    return 0;
}

static void put_heading(const json_t *result, FILE *out)
{
    double cores = result_number(result, "context.cores");

    fprintf(
        out,
        "# Threads vs async\n\n"
        "%s; %.0f core%s; %s; tva %s, commit %s; %s.%s\n\n"
        "A batch has all its jobs at its start: median makespan with its confidence interval over "
        "runs. Of open and closed loops: the mean latency from when a job was wanted, theory's "
        "beside it, and the share of jobs that were refused or not served. Relative to the "
        "fastest valid model; loop lag is the longest in a run.\n",
        result_string(result, "context.cpu"), cores, cores == 1 ? "" : "s",
        result_string(result, "context.kernel"), result_string(result, "tva_version"),
        result_string(result, "context.commit"), result_string(result, "context.date"),
        json_is_true(json_object_get(result, "partial"))
            ? " **Partial**: the session was cut short."
            : "");
}

static int write_markdown(const json_t *result, FILE *out)
{
    size_t cells = json_array_size(json_object_get(result, "cells"));
    const char **groups = calloc(cells + 1, sizeof *groups);
    size_t n;
    int rc = 0;

    if (groups == NULL)
        return -ENOMEM;
    put_heading(result, out);
    n = finding_groups(result, groups, cells);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = put_group(result, groups[i], out);
    free(groups);
    if (rc == 0 && ferror(out))
        rc = -EIO;
    return rc;
}

const struct exporter export_markdown = {
    .name = "markdown",
    .suffix = ".md",
    .summary = "a table a group, as hyperfine prints them",
    .beside = true,
    .write = write_markdown,
};
