#include "pair/pair_report.h"

#include "base/units.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

#define TEXT_SIZE 48

/* A ratio as what it is more than 1: "+1.2 %"; "-" when it is not known, "x3.1" from twice on. */
static const char *more(double ratio, char buf[TEXT_SIZE])
{
    if (!isfinite(ratio))
        return "-";
    if (ratio >= 2)
        snprintf(buf, TEXT_SIZE, "x%.3g", ratio);
    else
        snprintf(buf, TEXT_SIZE, "%+.1f %%", 100 * (ratio - 1));
    return buf;
}

struct row {
    char ratio[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE], smallest[TEXT_SIZE], null[TEXT_SIZE];
    char interval[2 * TEXT_SIZE + 4], verdict[160];
    long long blocks;
};

static void fill(const json_t *m, struct row *r)
{
    const char *reason = result_string(m, "reason");
    const char *ratio = more(result_number(m, "ratio"), r->ratio);
    double blocks = result_number(m, "confirmed.blocks");

    if (ratio != r->ratio)
        strcpy(r->ratio, ratio);
    snprintf(r->interval, sizeof r->interval, "%s to %s", more(result_number(m, "ci_low"), r->low),
             more(result_number(m, "ci_high"), r->high));
    snprintf(r->verdict, sizeof r->verdict, "%s%s%s", result_string(m, "verdict"),
             *reason ? ": " : "", reason);
    if (isnan(blocks))
        blocks = result_number(m, "screened.blocks");
    r->blocks = isnan(blocks) ? 0 : (long long)blocks;
}

static void write_row(const json_t *m, bool markdown, FILE *out)
{
    struct row r;
    const char *smallest, *null;

    fill(m, &r);
    smallest = more(result_number(m, "smallest"), r.smallest);
    null = more(result_number(m, "null_ratio"), r.null);
    if (markdown)
        fprintf(out, "| %s | %s | %s | %s | %s | %s | %lld | %s%s%s |\n", result_string(m, "cell"),
                result_string(m, "kind"), r.ratio, r.interval, smallest, null, r.blocks,
                strncmp(r.verdict, "pass", 4) == 0 ? "" : "**", r.verdict,
                strncmp(r.verdict, "pass", 4) == 0 ? "" : "**");
    else
        fprintf(out, "  %-15s %8s %20s %9s %9s %6lld  %s\n", result_string(m, "kind"), r.ratio,
                r.interval, smallest, null, r.blocks, r.verdict);
}

static void write_rows(const json_t *document, bool markdown, FILE *out)
{
    const char *cell = "";
    const json_t *m;
    size_t i;

    if (markdown)
        fputs("| cell | metric | contender | 95 % | could see | relinked | blocks | verdict |\n"
              "|---|---|--:|--:|--:|--:|--:|---|\n",
              out);
    else
        fprintf(out, "  %-15s %8s %20s %9s %9s %6s  %s\n", "metric", "ratio", "95 % interval",
                "could see", "relinked", "blocks", "verdict");
    json_array_foreach(json_object_get(document, "metrics"), i, m)
    {
        if (!markdown && strcmp(result_string(m, "cell"), cell) != 0)
            fprintf(out, "%s\n", result_string(m, "cell"));
        cell = result_string(m, "cell");
        write_row(m, markdown, out);
    }
}

void pair_report_write(const json_t *document, bool markdown, FILE *out)
{
    const char *bold = markdown ? "**" : "";
    char elapsed[32];
    const json_t *reason;
    size_t i;

    fprintf(
        out, "Contender against base, %zu metrics of %zu cells in %s: lower is better.\n\n",
        json_array_size(json_object_get(document, "metrics")),
        json_array_size(json_object_get(document, "cells")),
        units_format_duration(1e9 * result_number(document, "elapsed_s"), elapsed, sizeof elapsed));
    write_rows(document, markdown, out);
    fprintf(out, "\n%sVerdict: %s%s\n", bold, result_string(document, "verdict"), bold);
    if (markdown && json_array_size(json_object_get(document, "reasons")) > 0)
        fputc('\n', out);
    json_array_foreach(json_object_get(document, "reasons"), i, reason)
        fprintf(out, "%s %s\n", markdown ? "*" : " ", json_string_value(reason));
}
