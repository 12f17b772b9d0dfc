#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "export/answer.h"
#include "export/export.h"
#include "export/finding.h"
#include "export/metric_table.h"
#include "export/note.h"
#include "export/ranking.h"
#include "result/metric.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define FINDING_MAX 2048
#define REASONS_MAX 4096

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

static void add_time(struct table *t, double s, const struct unit *unit)
{
    table_cell(t, isnan(s) ? "–" : "%.*f", unit->decimals, s * unit->per_s);
}

static void add_valid(struct table *t, const struct ranked *r, bool loop, double fastest_s,
                      const struct unit *unit)
{
    int d = unit->decimals;

    table_cell(t, "%s", r->label);
    table_cell(t, "%.*f (%.*f … %.*f)", d, r->median_s * unit->per_s, d, r->low_s * unit->per_s, d,
               r->high_s * unit->per_s);
    table_cell(t, "%.*f … %.*f", d, r->min_s * unit->per_s, d, r->max_s * unit->per_s);
    table_cell(t, "%.2f", r->median_s / fastest_s);
    add_time(t, r->ideal_s, unit);
    add_time(t, r->lag_s, unit);
    if (loop)
        table_cell(t, r->lost < 0.0995 ? "%.2g %%" : "%.0f %%", 100 * r->lost);
}

static void add_invalid(struct table *t, const struct ranked *r, bool loop)
{
    const json_t *reasons = json_object_get(r->cell, "reasons"), *reason;
    char text[REASONS_MAX] = "";
    size_t i;

    json_array_foreach(reasons, i, reason)
        text_add(text, sizeof text, "%s%s", i > 0 ? "; " : ": ", json_string_value(reason));
    table_cell(t, "%s", r->label);
    if (json_is_true(json_object_get(r->cell, "valid")))
        table_cell(t, "not measured%s", text);
    else
        table_strong(t, "invalid", text);
    for (i = 0; i < (loop ? 5 : 4); i++)
        table_cell(t, "%s", "");
}

static int put_table(const struct ranking *r, FILE *out)
{
    double fastest_s = r->cells[0].valid ? r->cells[0].median_s : NAN;
    const struct unit *unit = unit_for(fastest_s);
    const struct {
        const char *title;
        bool timed;
    } columns[] = {{r->loop ? "Mean latency" : "Median", true},
                   {"Min … Max", true},
                   {"Relative", false},
                   {r->loop ? "Theory" : "Ideal", true},
                   {"Loop lag", true}};
    struct table *t = table_create();
    int rc;

    table_column(t, "Model", TABLE_CODE);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char title[64];

        snprintf(title, sizeof title, columns[i].timed ? "%s [%s]" : "%s", columns[i].title,
                 unit->name);
        table_column(t, title, TABLE_RIGHT);
    }
    if (r->loop)
        table_column(t, "Lost", TABLE_RIGHT);
    for (size_t i = 0; i < r->count; i++) {
        if (r->cells[i].valid)
            add_valid(t, &r->cells[i], r->loop, fastest_s, unit);
        else
            add_invalid(t, &r->cells[i], r->loop);
    }
    rc = table_markdown(t, out);
    table_destroy(t);
    return rc;
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

static int put_notes(const json_t *result, const char *group, FILE *out)
{
    json_t *notes = note_group(result, group), *note;
    int rc = notes != NULL ? 0 : -ENOMEM;
    size_t i;

    json_array_foreach(notes, i, note)
    {
        fputs(i == 0 ? "\n* " : "* ", out);
        markdown_text(json_string_value(note), out);
        fputc('\n', out);
    }
    json_decref(notes);
    return rc;
}

static int put_counts(const json_t *result, const char *group, FILE *out)
{
    struct table *t;
    int rc;

    if (!finding_group_counted(result, group))
        return 0;
    t = metric_table(result, group, METRIC_COUNTED);
    fputc('\n', out);
    rc = table_markdown(t, out);
    table_destroy(t);
    return rc;
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
        rc = put_table(&r, out);
    }
    if (rc == 0)
        rc = put_counts(result, group, out);
    if (!measured)
        put_sentences(&r, "reasons", "**invalid**: ", out);
    put_sentences(&r, "warnings", "", out);
    ranking_deinit(&r);
    if (rc == 0)
        rc = put_notes(result, group, out);
    return rc;
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

static int put_answer(const json_t *result, FILE *out)
{
    struct table *t = answer_table(result);
    int rc = 0;

    if (table_rows(t) > 0) {
        fputs("\n## Threads or an event loop, on this machine\n\n", out);
        rc = table_markdown(t, out);
    }
    table_destroy(t);
    return rc;
}

static int write_markdown(const json_t *result, FILE *out)
{
    int rc;

    put_heading(result, out);
    rc = put_answer(result, out);
    return rc != 0 ? rc : finding_for_groups(result, put_group, out);
}

const struct exporter export_markdown = {
    .name = "markdown",
    .suffix = ".md",
    .summary = "a table a group, as hyperfine prints them",
    .beside = true,
    .write = write_markdown,
};
