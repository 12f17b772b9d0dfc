#include "pair/pair_report.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/units.h"
#include "base/wrap.h"
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

static void add_row(struct table *t, const json_t *m)
{
    const char *verdict = result_string(m, "verdict"), *reason = result_string(m, "reason");
    double blocks = result_number(m, "confirmed.blocks");
    char low[TEXT_SIZE], high[TEXT_SIZE], rest[256];

    if (isnan(blocks))
        blocks = result_number(m, "screened.blocks");
    table_cell(t, "%s", result_string(m, "title"));
    table_cell(t, "%s", more(result_number(m, "ratio"), low));
    table_cell(t, "%s to %s", more(result_number(m, "ci_low"), low),
               more(result_number(m, "ci_high"), high));
    table_cell(t, "%s", more(result_number(m, "smallest"), low));
    table_cell(t, "%s", more(result_number(m, "null_ratio"), low));
    table_cell(t, "%.0f", isnan(blocks) ? 0 : blocks);
    snprintf(rest, sizeof rest, "%s%s", *reason ? ": " : "", reason);
    if (strcmp(verdict, "pass") == 0)
        table_cell(t, "%s%s", verdict, rest);
    else
        table_strong(t, verdict, rest);
}

static struct table *make_table(const json_t *document)
{
    static const char *const numbers[] = {"ratio", "95 % interval", "could see", "relinked",
                                          "blocks"};
    struct table *t = table_create();
    const char *cell = "";
    const json_t *m;
    size_t i;

    table_column(t, "metric", TABLE_HEAD);
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        table_column(t, numbers[i], TABLE_RIGHT);
    table_column(t, "verdict", TABLE_WORDS);
    json_array_foreach(json_object_get(document, "metrics"), i, m)
    {
        if (strcmp(result_string(m, "cell"), cell) != 0)
            table_group(t, "cell", result_string(m, "cell"));
        cell = result_string(m, "cell");
        add_row(t, m);
    }
    return t;
}

int pair_report_write(const json_t *document, bool markdown, FILE *out)
{
    struct table *t = make_table(document);
    const char *bold = markdown ? "**" : "";
    size_t columns = wrap_columns(out), i;
    char elapsed[32], head[160];
    const json_t *reason;
    int r;

    snprintf(
        head, sizeof head,
        "Contender against base, %zu metrics of %zu cells in %s: lower is better.",
        json_array_size(json_object_get(document, "metrics")),
        json_array_size(json_object_get(document, "cells")),
        units_format_duration(1e9 * result_number(document, "elapsed_s"), elapsed, sizeof elapsed));
    wrap_write(out, markdown ? sizeof head : columns, "", head);
    fputc('\n', out);
    r = markdown ? table_markdown(t, out) : table_write(t, columns, 2, out);
    table_destroy(t);
    fprintf(out, "\n%sVerdict: %s%s\n", bold, result_string(document, "verdict"), bold);
    if (markdown && json_array_size(json_object_get(document, "reasons")) > 0)
        fputc('\n', out);
    json_array_foreach(json_object_get(document, "reasons"), i, reason)
    {
        if (!markdown) {
            wrap_write(out, columns, "  ", json_string_value(reason));
            continue;
        }
        fputs("* ", out);
        markdown_text(json_string_value(reason), out);
        fputc('\n', out);
    }
    return r;
}
