#include "gate/gate_report.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "base/wrap.h"
#include "cli/options.h"
#include "math/stats.h"
#include "result/result.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define NUMBER  24
#define VERDICT 1024

static const char *const outcome_words[] = {
    [GATE_SAME] = "same",    [GATE_BETTER] = "better", [GATE_WORSE] = "WORSE",
    [GATE_OUTSIDE] = "warn", [GATE_NEW] = "new",       [GATE_UNJUDGED] = "not judged",
};

/* What the values of each part are. */
static const char *const part_titles[GATE_PARTS_COUNT] = {
    [GATE_COUNTS] = "Counts a job",
    [GATE_SCHEDULES] = "Scheduled counts a job",
    [GATE_RATIOS] = "Ratios between models",
    [GATE_TIMES] = "Times in s",
};

static const char *number(double v, char *buf)
{
    if (isnan(v))
        return "-";
    snprintf(buf, NUMBER, fabs(v) >= 1e4 && fabs(v) < 1e12 ? "%.0f" : "%.5g", v);
    return buf;
}

/* "+12.5 %" where that says something. */
static const char *change(const struct gate_row *row, char *buf)
{
    if (!(row->before > 0) || isnan(row->now))
        return "-";
    snprintf(buf, NUMBER, "%+.2f %%", 100 * (row->now / row->before - 1));
    return buf;
}

static void add_row(struct table *t, const struct gate_row *row)
{
    char before[NUMBER], now[NUMBER], percent[NUMBER], low[NUMBER], high[NUMBER];

    table_cell(t, "%s", outcome_words[row->outcome]);
    if (isnan(row->low))
        table_cell(t, "%s", number(row->before, before));
    else
        table_cell(t, "%s (%s to %s)", number(row->before, before), number(row->low, low),
                   number(row->high, high));
    table_cell(t, "%s", number(row->now, now));
    table_cell(t, "%s", change(row, percent));
    table_cell(t, "%s", row->metric);
    table_cell(t, "%s", row->cell);
}

static bool is_shown(const struct gate_row *row, bool all)
{
    return all || (row->outcome != GATE_SAME && row->outcome != GATE_UNJUDGED);
}

/* A line of text, or of Markdown. */
static void write_line(const char *lead, const char *text, bool markdown, FILE *out)
{
    if (!markdown) {
        wrap_print(out, lead, "%s", text);
        return;
    }
    fputs(lead, out);
    markdown_text(text, out);
    fputc('\n', out);
}

static void write_part(const struct gate *gate, enum gate_part part,
                       const struct gate_report_options *o, FILE *out)
{
    static const char *const titles[] = {"", "baseline", "now", "change"};
    struct table *t = table_create();

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(t, titles[i], i > 0 ? TABLE_RIGHT : TABLE_LEFT);
    table_column(t, "metric", TABLE_LEFT);
    table_column(t, "cell", TABLE_WORDS | TABLE_CODE);
    for (size_t i = 0; i < gate->count; i++)
        if (gate->rows[i].part == part && is_shown(&gate->rows[i], o->all))
            add_row(t, &gate->rows[i]);
    if (table_rows(t) > 0) {
        fprintf(out, o->markdown ? "### %s\n\n" : "%s\n", part_titles[part]);
        if ((o->markdown ? table_markdown(t, out) : table_write(t, wrap_columns(out), 2, out)) < 0)
            fputs("out of memory\n", out);
        fputc('\n', out);
    }
    table_destroy(t);
}

static void write_sentences(const json_t *list, const char *label, bool markdown, FILE *out)
{
    char lead[64];
    const json_t *text;
    size_t i;

    snprintf(lead, sizeof lead, markdown ? "* **%s** " : "%s ", label);
    json_array_foreach(list, i, text) write_line(lead, json_string_value(text), markdown, out);
    if (markdown && json_array_size(list) > 0)
        fputc('\n', out);
}

/* What keeps the improvements, in a form that a shell takes. */
static void write_offer(const struct gate_report_options *o, FILE *out)
{
    char command[1024];
    size_t room = wrap_columns(out) - 2;

    snprintf(command, sizeof command, "%s baseline save %s", o->program ? o->program : "tva",
             o->run);
    if (o->markdown) {
        text_add(command, sizeof command, " --baseline %s", o->baseline);
        fputs("Keep the improvements with ", out);
        markdown_code(command, out);
        fputs("\n\n", out);
        return;
    }
    text_add(command, sizeof command, "%s--baseline %s",
             wrap_length(command) + wrap_length(o->baseline) + 12 > room ? " \\\n    " : " ",
             o->baseline);
    fputs("keep the improvements with\n  ", out);
    for (const char *c = command; *c != '\0'; c++)
        fputc(iscntrl((unsigned char)*c) && *c != '\n' ? '?' : *c, out);
    fputc('\n', out);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static bool is_hard(const struct gate_row *row)
{
    return row->part == GATE_COUNTS && row->outcome != GATE_NEW && !row->soft;
}

/* What another compiler has made less is no improvement to keep; and what is scheduled, or a ratio,
 * may lie anywhere tomorrow. */
static bool has_improved(const struct gate *gate)
{
    for (size_t i = 0; i < gate->count; i++)
        if (gate->rows[i].outcome == GATE_BETTER && is_hard(&gate->rows[i]))
            return true;
    return false;
}

static const struct gate_row *first_worse(const struct gate *gate)
{
    for (size_t i = 0; i < gate->count; i++)
        if (gate->rows[i].outcome == GATE_WORSE)
            return &gate->rows[i];
    return NULL;
}

/* What stands out of the verdict, and the rest of it. */
static void verdict_of(const struct gate *gate, const char **what, char *rest, size_t size)
{
    size_t faults = json_array_size(gate->faults), worse = gate_judge_count(gate, GATE_WORSE);
    size_t outside = gate_judge_count(gate, GATE_OUTSIDE), counts = 0;
    const struct gate_row *row = first_worse(gate);
    char before[NUMBER], now[NUMBER];

    for (size_t i = 0; i < gate->count; i++)
        counts += is_hard(&gate->rows[i]);
    *rest = '\0';
    *what = faults > 0 ? "cannot compare" : worse > 0 ? "regression" : "pass";
    if (faults > 0)
        text_add(rest, size, ": %zu reason%s, named above", faults, plural(faults));
    if (worse > 0) {
        text_add(rest, size, "%s: %zu of %zu counts rose: %s from %s to %s in %s",
                 faults > 0 ? "; and regression" : "", worse, counts, row->metric,
                 number(row->before, before), number(row->now, now), row->cell);
        if (worse > 1)
            text_add(rest, size, ", and %zu more", worse - 1);
    } else if (faults == 0) {
        text_add(rest, size, ": none of %zu counts rose", counts);
    }
    if (outside > 0)
        text_add(rest, size,
                 "; %zu warning%s: make regress BASE=<revision> tells whether that is "
                 "real",
                 outside, plural(outside));
}

/* The last line. */
static void write_verdict(const char *what, const char *rest, bool markdown, FILE *out)
{
    char lead[64], text[VERDICT];

    if (markdown) {
        snprintf(lead, sizeof lead, "**%s**", what);
        write_line(lead, rest, true, out);
        return;
    }
    snprintf(text, sizeof text, "%s%s", what, rest);
    write_line("=> ", text, false, out);
}

void gate_report_write_changes(const struct gate *gate, const struct gate_report_options *o,
                               FILE *out)
{
    write_part(gate, GATE_COUNTS, o, out);
    write_sentences(gate->faults, "note:", o->markdown, out);
}

void gate_report_write(const struct gate *gate, const struct gate_report_options *o, FILE *out)
{
    char rest[VERDICT];
    const char *what;

    if (o->markdown)
        fputs("## tva check\n\n", out);
    for (enum gate_part part = 0; part < GATE_PARTS_COUNT; part++)
        write_part(gate, part, o, out);
    write_sentences(gate->notes, "note:", o->markdown, out);
    write_sentences(gate->faults, "cannot compare:", o->markdown, out);
    if (has_improved(gate) && json_array_size(gate->faults) == 0 &&
        gate_judge_count(gate, GATE_WORSE) == 0)
        write_offer(o, out);
    verdict_of(gate, &what, rest, sizeof rest);
    write_verdict(what, rest, o->markdown, out);
}

void gate_report_write_refusal(const char *sentence, bool markdown, FILE *out)
{
    char rest[VERDICT];

    snprintf(rest, sizeof rest, ": %s", sentence);
    fputs(markdown ? "## tva check\n\n" : "", out);
    write_verdict("cannot compare", rest, markdown, out);
}

int gate_report_status(const struct gate *gate)
{
    if (json_array_size(gate->faults) > 0)
        return EXIT_USAGE;
    return gate_judge_count(gate, GATE_WORSE) > 0 ? EXIT_REGRESSION : EXIT_GOOD;
}

static void write_context(const json_t *context, FILE *out)
{
    static const char *const texts[] = {"date", "cpu", "kernel", "compiler", "libc", "commit"};
    char lead[32];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(lead, sizeof lead, "  %-9s ", texts[i]);
        wrap_print(out, lead, "%s", result_string(context, texts[i]));
    }
}

static int write_counts(const json_t *counts, FILE *out)
{
    struct table *t = table_create();
    const char *cell, *metric;
    json_t *of_cell, *count;

    table_column(t, "", TABLE_HEAD);
    table_column(t, "", TABLE_RIGHT);
    table_column(t, "", TABLE_LEFT);
    json_object_foreach((json_t *)counts, cell, of_cell)
    {
        table_group(t, "cell", cell);
        json_object_foreach(of_cell, metric, count)
        {
            table_cell(t, "%s", metric);
            table_cell(t, "%.10g", result_number(count, "value"));
            table_cell(t, "%s", result_string(count, "kind"));
        }
    }
    return table_print(t, 2, out);
}

static int write_sessions(const json_t *sessions, FILE *out)
{
    struct table *t = table_create();
    const json_t *session;
    size_t i;

    table_column(t, "", TABLE_HEAD);
    table_column(t, "", TABLE_LEFT);
    table_column(t, "", TABLE_LEFT);
    table_column(t, "", TABLE_WORDS);
    json_array_foreach(sessions, i, session)
    {
        table_cell(t, "%s", result_string(session, "date"));
        table_cell(t, "%zu timed cells", json_object_size(json_object_get(session, "times")));
        table_cell(t, "%zu ratios", json_object_size(json_object_get(session, "ratios")));
        table_cell(t, "%s", result_string(session, "fingerprint"));
    }
    return table_print(t, 2, out);
}

int gate_report_write_baseline(const json_t *baseline, FILE *out)
{
    const json_t *sessions = json_object_get(baseline, "sessions");
    size_t n = json_array_size(sessions);
    int r;

    fputs("counts a job, recorded with\n", out);
    write_context(json_object_get(baseline, "context"), out);
    fputc('\n', out);
    r = write_counts(json_object_get(baseline, "counts"), out);
    fprintf(out, "\n%zu session%s%s\n", n, n == 1 ? "" : "s",
            n < STATS_PREDICTION_VALUES_MIN ? ", too few to judge ratios and times" : "");
    return r == 0 ? write_sessions(sessions, out) : r;
}
