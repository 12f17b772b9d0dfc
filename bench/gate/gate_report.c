#include "gate/gate_report.h"

#include "cli/options.h"
#include "result/result.h"

#include <math.h>
#include <string.h>

#define NUMBER 24

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

void gate_report_write_text(const char *text, bool markdown, FILE *out)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (markdown && (c == '|' || c == '`' || c == '<'))
            fputc(c == '`' ? '\'' : '\\', out);
        if (!(markdown && c == '`'))
            fputc(c < ' ' || c == 0x7f ? '?' : c, out);
    }
}

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

static void write_row(const struct gate_row *row, bool markdown, FILE *out)
{
    char before[NUMBER], now[NUMBER], percent[NUMBER], low[NUMBER], high[NUMBER];
    char range[2 * NUMBER + 8] = "";

    if (!isnan(row->low))
        snprintf(range, sizeof range, " (%s to %s)", number(row->low, low),
                 number(row->high, high));
    fprintf(out, markdown ? "| %s | %s%s | %s | %s | %s | `" : "  %-10s %12s%s %12s %10s  %s  ",
            outcome_words[row->outcome], number(row->before, before), range, number(row->now, now),
            change(row, percent), row->metric);
    gate_report_write_text(row->cell, markdown, out);
    fputs(markdown ? "` |\n" : "\n", out);
}

static bool is_shown(const struct gate_row *row, bool all)
{
    return all || (row->outcome != GATE_SAME && row->outcome != GATE_UNJUDGED);
}

static void write_part(const struct gate *gate, enum gate_part part,
                       const struct gate_report_options *o, FILE *out)
{
    bool titled = false;

    for (size_t i = 0; i < gate->count; i++) {
        const struct gate_row *row = &gate->rows[i];

        if (row->part != part || !is_shown(row, o->all))
            continue;
        if (!titled && o->markdown)
            fprintf(out,
                    "### %s\n\n| | Baseline | Now | Change | Metric | Cell |\n"
                    "|:---|---:|---:|---:|:---|:---|\n",
                    part_titles[part]);
        else if (!titled)
            fprintf(out, "%s\n  %-10s %12s %12s %10s  metric, cell\n", part_titles[part], "",
                    "baseline", "now", "change");
        titled = true;
        write_row(row, o->markdown, out);
    }
    if (titled)
        fputc('\n', out);
}

static void write_sentences(const json_t *list, const char *label, bool markdown, FILE *out)
{
    const json_t *text;
    size_t i;

    json_array_foreach(list, i, text)
    {
        fprintf(out, markdown ? "* **%s** " : "%s ", label);
        gate_report_write_text(json_string_value(text), markdown, out);
        fputc('\n', out);
    }
    if (markdown && json_array_size(list) > 0)
        fputc('\n', out);
}

static void write_offer(const struct gate_report_options *o, FILE *out)
{
    fputs(o->markdown ? "Keep the improvements with `" : "keep the improvements with: ", out);
    gate_report_write_text(o->program != NULL ? o->program : "tva", o->markdown, out);
    fputs(" baseline save ", out);
    gate_report_write_text(o->run, o->markdown, out);
    fputs(" --baseline ", out);
    gate_report_write_text(o->baseline, o->markdown, out);
    fputs(o->markdown ? "`\n\n" : "\n", out);
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

static void write_verdict(const struct gate *gate, bool markdown, FILE *out)
{
    size_t faults = json_array_size(gate->faults), worse = gate_judge_count(gate, GATE_WORSE);
    size_t outside = gate_judge_count(gate, GATE_OUTSIDE), counts = 0;
    const struct gate_row *row = first_worse(gate);
    const char *bold = markdown ? "**" : "";
    char before[NUMBER], now[NUMBER];

    for (size_t i = 0; i < gate->count; i++)
        counts += is_hard(&gate->rows[i]);
    fputs(markdown ? "" : "=> ", out);
    if (faults > 0)
        fprintf(out, "%scannot compare%s: %zu reason%s, named above", bold, bold, faults,
                plural(faults));
    if (faults > 0 && worse > 0)
        fputs("; and ", out);
    if (worse > 0) {
        fprintf(out, "%sregression%s: %zu of %zu counts rose: %s from %s to %s in ", bold, bold,
                worse, counts, row->metric, number(row->before, before), number(row->now, now));
        gate_report_write_text(row->cell, markdown, out);
        if (worse > 1)
            fprintf(out, ", and %zu more", worse - 1);
    } else if (faults == 0) {
        fprintf(out, "%spass%s: none of %zu counts rose", bold, bold, counts);
    }
    if (outside > 0)
        fprintf(out, "; %zu warning%s: make regress BASE=<revision> tells whether that is real",
                outside, plural(outside));
    fputc('\n', out);
}

void gate_report_write_changes(const struct gate *gate, const struct gate_report_options *o,
                               FILE *out)
{
    write_part(gate, GATE_COUNTS, o, out);
    write_sentences(gate->faults, "note:", o->markdown, out);
}

void gate_report_write(const struct gate *gate, const struct gate_report_options *o, FILE *out)
{
    if (o->markdown)
        fputs("## tva check\n\n", out);
    for (enum gate_part part = 0; part < GATE_PARTS_COUNT; part++)
        write_part(gate, part, o, out);
    write_sentences(gate->notes, "note:", o->markdown, out);
    write_sentences(gate->faults, "cannot compare:", o->markdown, out);
    if (has_improved(gate) && json_array_size(gate->faults) == 0 &&
        gate_judge_count(gate, GATE_WORSE) == 0)
        write_offer(o, out);
    write_verdict(gate, o->markdown, out);
}

void gate_report_write_refusal(const char *sentence, bool markdown, FILE *out)
{
    fputs(markdown ? "## tva check\n\n**cannot compare**: " : "=> cannot compare: ", out);
    gate_report_write_text(sentence, markdown, out);
    fputc('\n', out);
}

int gate_report_status(const struct gate *gate)
{
    if (json_array_size(gate->faults) > 0)
        return EXIT_USAGE;
    return gate_judge_count(gate, GATE_WORSE) > 0 ? EXIT_REGRESSION : EXIT_GOOD;
}
