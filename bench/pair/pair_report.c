#include "base/markdown.h"
#include "base/table.h"
#include "base/units.h"
#include "base/wrap.h"
#include "pair/pair_document.h"

#include <math.h>

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

static void add_row(struct table *t, const struct pair_comparison *m)
{
    const char *verdict = pair_verdict_words[m->verdict];
    char low[TEXT_SIZE], high[TEXT_SIZE], rest[256];

    table_cell(t, "%s", pair_metric(m->metric)->title);
    table_cell(t, "%s", more(exp(m->estimate), low));
    table_cell(t, "%s to %s", more(exp(m->ci_low), low), more(exp(m->ci_high), high));
    table_cell(t, "%s", more(exp(pair_smallest(m)), low));
    table_cell(t, "%s", more(exp(m->null_estimate), low));
    table_cell(t, "%zu", m->fresh.count > 0 ? m->fresh.count : m->screen.count);
    snprintf(rest, sizeof rest, "%s%s", m->reason ? ": " : "", m->reason ? m->reason : "");
    if (m->verdict == PAIR_PASS)
        table_cell(t, "%s%s", verdict, rest);
    else
        table_strong(t, verdict, rest);
}

static struct table *make_table(const struct pair_outcome *o)
{
    static const char *const numbers[] = {"ratio", "95 % interval", "could see", "relinked",
                                          "blocks"};
    struct table *t = table_create();

    table_column(t, "metric", TABLE_HEAD);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        table_column(t, numbers[i], TABLE_RIGHT);
    table_column(t, "verdict", TABLE_WORDS);
    for (size_t i = 0; i < o->collection->count; i++) {
        const struct pair_comparison *m = &o->collection->comparisons[i];

        if (i == 0 || m->cell != m[-1].cell)
            table_group(t, "cell", o->blocks->cells[m->cell].name);
        add_row(t, m);
    }
    return t;
}

int pair_report_write(const struct pair_outcome *o, const json_t *reasons, bool markdown, FILE *out)
{
    const char *bold = markdown ? "**" : "";
    char elapsed[32], head[160];
    const json_t *reason;
    size_t i;
    int r;

    snprintf(head, sizeof head,
             "Contender against base, %zu metrics of %zu cells in %s: lower is better.",
             o->collection->count, o->blocks->count,
             units_format_duration((double)o->elapsed_ns, elapsed, sizeof elapsed));
    wrap_write(out, markdown ? sizeof head : wrap_columns(out), "", head);
    fputc('\n', out);
    r = table_show(make_table(o), form_markdown(markdown), 2, out);
    fprintf(out, "\n%sVerdict: %s%s\n", bold, pair_verdict_words[o->conclusion.verdict], bold);
    if (markdown && json_array_size(reasons) > 0)
        fputc('\n', out);
    json_array_foreach(reasons, i, reason)
    {
        form_item(form_markdown(markdown), "  ", json_string_value(reason), out);
    }
    return r;
}
