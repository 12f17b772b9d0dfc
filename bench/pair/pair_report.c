#include "base/clock.h"
#include "base/table.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "pair/pair_document.h"
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

static void add_row(struct table *t, const json_t *metric)
{
    const char *verdict = result_string(metric, "verdict");
    const char *reason = result_string(metric, "reason");
    const json_t *last = json_object_get(metric, "confirmed");
    char low[TEXT_SIZE], high[TEXT_SIZE], rest[256];

    if (!json_is_object(last))
        last = json_object_get(metric, "screened");
    table_cell(t, "%s", result_string(metric, "title"));
    table_cell(t, "%s", more(result_number(metric, "ratio"), low));
    table_cell(t, "%s to %s", more(result_number(metric, "ci_low"), low),
               more(result_number(metric, "ci_high"), high));
    table_cell(t, "%s", more(result_number(metric, "smallest"), low));
    table_cell(t, "%s", more(result_number(metric, "null_ratio"), low));
    table_cell(t, "%.0f", fmax(0, result_number(last, "blocks")));
    snprintf(rest, sizeof rest, "%s%s", *reason != '\0' ? ": " : "", reason);
    if (strcmp(verdict, pair_verdict_words[PAIR_PASS]) == 0)
        table_cell(t, "%s%s", verdict, rest);
    else
        table_strong(t, verdict, rest);
}

static struct table *make_table(const json_t *compared)
{
    static const char *const numbers[] = {"ratio", "95 % interval", "could see", "relinked",
                                          "blocks"};
    struct table *t = table_create();
    const char *before = "";
    const json_t *metric;
    size_t i;

    table_column(t, "metric", TABLE_HEAD);
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        table_column(t, numbers[i], TABLE_RIGHT);
    table_column(t, "verdict", TABLE_WORDS);
    json_array_foreach(compared, i, metric)
    {
        const char *cell = result_string(metric, "cell");

        if (i == 0 || strcmp(cell, before) != 0)
            table_group(t, "cell", cell);
        before = cell;
        add_row(t, metric);
    }
    return t;
}

static void write_verdict(const json_t *document, enum form form, FILE *out)
{
    const char *verdict = result_string(document, "verdict");

    if (form == FORM_HTML)
        form_item(form, "Verdict: ", verdict, out);
    else
        fprintf(out, "\n%sVerdict: %s%s\n", form == FORM_MARKDOWN ? "**" : "", verdict,
                form == FORM_MARKDOWN ? "**" : "");
}

int pair_report_write(const json_t *document, enum form form, FILE *out)
{
    const json_t *compared = json_object_get(document, "metrics"), *reason;
    const json_t *reasons = json_object_get(document, "reasons");
    size_t count = json_array_size(compared);
    size_t cells = json_array_size(json_object_get(document, "cells"));
    char elapsed[32], head[160];
    size_t i;
    int r;

    snprintf(head, sizeof head,
             "Contender against base, %zu metric%s of %zu cell%s in %s: lower is better.", count,
             TEXT_S(count), cells, TEXT_S(cells),
             units_format_duration(NS_PER_S * result_number(document, "elapsed_s"), elapsed,
                                   sizeof elapsed));
    if (form == FORM_HTML) {
        form_item(form, "", head, out);
    } else {
        wrap_write(out, form == FORM_MARKDOWN ? sizeof head : wrap_columns(out), "", head);
        fputc('\n', out);
    }
    r = table_show(make_table(compared), form, 2, out);
    write_verdict(document, form, out);
    if (form == FORM_MARKDOWN && json_array_size(reasons) > 0)
        fputc('\n', out);
    json_array_foreach(reasons, i, reason)
    {
        if (json_is_string(reason))
            form_item(form, "  ", json_string_value(reason), out);
    }
    return r;
}
