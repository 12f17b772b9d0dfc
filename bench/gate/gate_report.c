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
#include <stdlib.h>
#include <string.h>

#define NUMBER  24
#define VERDICT 1024
#define CELLS   400
#define MANY    3 /* cells that one line may stand for, at least */

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

/* How far a value moved: a count by so many, a ratio or a time by a share. */
static double moved(const struct gate_row *row)
{
    return row->part <= GATE_SCHEDULES ? row->now - row->before : row->now / row->before - 1;
}

/* Did one metric move by about as much in both cells? */
static bool is_alike(const struct gate_row *a, const struct gate_row *b)
{
    double x = moved(a), y = moved(b);

    return a->part == b->part && a->outcome == b->outcome && strcmp(a->metric, b->metric) == 0 &&
           (a->outcome == GATE_NEW ||
            (x * y > 0 && fabs(x) <= 2 * fabs(y) && fabs(y) <= 2 * fabs(x)));
}

/* Rows that are alike make a group: of[i] is the first row of row i's group, and size[of[i]] how
 * many they are. NULL: no groups. */
struct groups {
    const struct gate_row *rows;
    size_t count, *of, *size;
};

static struct groups groups_of(const struct gate *gate)
{
    struct groups g = {gate->rows, gate->count, calloc(2 * gate->count + 1, sizeof *g.of), NULL};

    if (g.of == NULL)
        return g;
    g.size = g.of + g.count;
    for (size_t i = 0; i < g.count; i++) {
        for (g.of[i] = 0; g.of[i] < i; g.of[i]++)
            if (g.of[g.of[i]] == g.of[i] && is_alike(&g.rows[g.of[i]], &g.rows[i]))
                break;
        g.size[g.of[i]]++;
    }
    return g;
}

/* Did something else move in all cells of the group `first`, in the group `by`? */
static bool is_covered(const struct groups *g, size_t first, size_t by)
{
    const struct gate_row *a = &g->rows[first], *b = &g->rows[by];
    size_t k = 0;

    if (a->part != b->part || a->outcome != b->outcome || g->size[by] < MANY)
        return false;
    for (size_t i = 0; i < g->count && k < g->count; i++)
        if (g->of[i] == first)
            for (k = 0; k < g->count; k++)
                if (g->of[k] == by && strcmp(g->rows[k].cell, g->rows[i].cell) == 0)
                    break;
    return k < g->count;
}

/* One cause is one line: that of the largest group that covers this one. */
static size_t line_of(const struct groups *g, size_t first)
{
    size_t line = first;

    for (size_t k = 0; k < g->count; k++)
        if (g->of[k] == k && is_covered(g, first, k) &&
            (g->size[k] > g->size[line] || (g->size[k] == g->size[line] && k < line)))
            line = k;
    return line;
}

/* "+1", or "+1 to +2": how far the group moved. Returns buf. */
static const char *moves(const struct groups *g, size_t first, char *buf, size_t size)
{
    bool counts = g->rows[first].part <= GATE_SCHEDULES;
    double least = INFINITY, most = -INFINITY, scale = counts ? 1 : 100;

    for (size_t i = 0; i < g->count; i++)
        if (g->of[i] == first) {
            least = fmin(least, scale * moved(&g->rows[i]));
            most = fmax(most, scale * moved(&g->rows[i]));
        }
    buf[0] = '\0';
    if (!isfinite(least))
        text_add(buf, size, "-");
    else if (most - least >= 0.005 * fabs(most))
        text_add(buf, size, "%+.3g to ", least);
    if (isfinite(least))
        text_add(buf, size, "%+.3g%s", most, counts ? "" : " %");
    return buf;
}

/* Where a part of a cell's name is, and how long: the work "null x 10", the model "pool", the job
 * "null". */
enum { WORK, MODEL, JOB, WHOLE };

static int name_part(const char *cell, int which, const char **at)
{
    const char *blank = strchr(cell, ' '), *work = blank != NULL ? blank + 1 : cell;

    *at = which == WORK || which == JOB ? work : cell;
    return (int)strcspn(*at, which == MODEL ? "( " : which == JOB ? ": " : "");
}

static bool is_common(const struct groups *g, size_t first, int which)
{
    const char *a, *b;
    int length = name_part(g->rows[first].cell, which, &a);

    for (size_t i = 0; i < g->count; i++)
        if (g->of[i] == first &&
            (name_part(g->rows[i].cell, which, &b) != length || strncmp(a, b, (size_t)length) != 0))
            return false;
    return true;
}

/* "6 cells of tasks; also allocated_bytes_per_job (+64)". Returns buf. */
static const char *cells_of(const struct groups *g, size_t line, char *buf, size_t size)
{
    const char *at, *also = "; also";
    char change[2 * NUMBER];
    int which = WORK, length;

    while (which < WHOLE && !is_common(g, line, which))
        which++;
    length = name_part(g->rows[line].cell, which, &at);
    snprintf(buf, size, "%zu cells%s %.*s", g->size[line], which < WHOLE ? " of" : ", such as",
             length, at);
    for (size_t i = 0; i < g->count; i++) {
        if (i == line || g->of[i] != i || line_of(g, i) != line)
            continue;
        text_add(buf, size, "%s %s", also, g->rows[i].metric);
        if (g->rows[i].outcome != GATE_NEW)
            text_add(buf, size, " (%s)", moves(g, i, change, sizeof change));
        also = ",";
    }
    return buf;
}

static void add_line(struct table *t, const struct groups *g, size_t line)
{
    char change[2 * NUMBER], cells[CELLS];

    table_cell(t, "%s", outcome_words[g->rows[line].outcome]);
    table_cell(t, "-");
    table_cell(t, "-");
    table_cell(t, "%s", moves(g, line, change, sizeof change));
    table_cell(t, "%s", g->rows[line].metric);
    table_cell(t, "%s", cells_of(g, line, cells, sizeof cells));
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
    struct groups g = o->all ? (struct groups){0} : groups_of(gate);

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(t, titles[i], i > 0 ? TABLE_RIGHT : TABLE_LEFT);
    table_column(t, "metric", TABLE_LEFT);
    table_column(t, "cell", TABLE_WORDS | TABLE_CODE);
    for (size_t i = 0; i < gate->count; i++) {
        size_t line = i;

        if (gate->rows[i].part != part || !is_shown(&gate->rows[i], o->all))
            continue;
        if (g.of != NULL)
            line = line_of(&g, g.of[i]);
        if (g.of == NULL || g.size[line] < MANY)
            add_row(t, &gate->rows[i]);
        else if (line == i)
            add_line(t, &g, i);
    }
    free(g.of);
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

static size_t count_hard(const struct gate *gate)
{
    size_t n = 0;

    for (size_t i = 0; i < gate->count; i++)
        n += is_hard(&gate->rows[i]);
    return n;
}

/* What stands out of the verdict, and the rest of it. */
static void verdict_of(const struct gate *gate, const char **what, char *rest, size_t size)
{
    size_t faults = json_array_size(gate->faults), worse = gate_judge_count(gate, GATE_WORSE);
    size_t outside = gate_judge_count(gate, GATE_OUTSIDE), counts = count_hard(gate);
    const struct gate_row *row = first_worse(gate);
    char before[NUMBER], now[NUMBER];

    *rest = '\0';
    *what = faults > 0    ? "cannot compare"
            : worse > 0   ? "regression"
            : counts == 0 ? "inconclusive"
                          : "pass";
    if (faults > 0)
        text_add(rest, size, ": %zu reason%s, named above", faults, plural(faults));
    if (worse > 0) {
        text_add(rest, size, "%s: %zu of %zu counts rose: %s from %s to %s in %s",
                 faults > 0 ? "; and regression" : "", worse, counts, row->metric,
                 number(row->before, before), number(row->now, now), row->cell);
        if (worse > 1)
            text_add(rest, size, ", and %zu more", worse - 1);
    } else if (faults == 0 && counts > 0) {
        text_add(rest, size, ": none of %zu counts rose", counts);
    } else if (faults == 0) {
        text_add(rest, size,
                 ": the baseline has no count that is hard here, so nothing was judged; "
                 "save one with these versions");
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
    if (gate_judge_count(gate, GATE_WORSE) > 0)
        return EXIT_REGRESSION;
    return count_hard(gate) > 0 ? EXIT_GOOD : EXIT_INCONCLUSIVE;
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
