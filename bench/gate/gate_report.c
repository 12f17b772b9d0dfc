#include "gate/gate.h"

#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "base/wrap.h"
#include "cli/options.h"
#include "math/stats.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER  24
#define VERDICT 1024
#define CELLS   400
#define MANY    3 /* cells of a cause that one line stands for, at least */

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

/* Have two rows one cause, by what they show: are they of one cell, or did one metric move by about
 * as much in both? */
static bool is_linked(const struct gate_row *a, const struct gate_row *b)
{
    double x = moved(a), y = moved(b);

    if (a->part != b->part || a->outcome != b->outcome)
        return false;
    return strcmp(a->cell, b->cell) == 0 ||
           (strcmp(a->metric, b->metric) == 0 &&
            (a->outcome == GATE_NEW ||
             (x * y > 0 && fabs(x) <= 2 * fabs(y) && fabs(y) <= 2 * fabs(x))));
}

/* What rows are linked, directly or by others, has one cause: of[i] is the first row of row i's. */
struct causes {
    const struct gate_row *rows;
    size_t count, *of; /* NULL: no memory */
};

static bool is_shown(const struct gate_row *row, bool all)
{
    return all || (row->outcome != GATE_SAME && row->outcome != GATE_UNJUDGED);
}

static struct causes causes_of(const struct gate *gate)
{
    struct causes c = {gate->rows, gate->count, calloc(gate->count + 1, sizeof *c.of)};

    for (size_t i = 0; c.of != NULL && i < c.count; i++) {
        c.of[i] = i;
        for (size_t k = 0; is_shown(&c.rows[i], false) && k < i; k++) {
            size_t one = c.of[k], other = c.of[i];

            if (one == other || !is_linked(&c.rows[k], &c.rows[i]))
                continue;
            for (size_t n = 0; n <= i; n++)
                if (c.of[n] == one || c.of[n] == other)
                    c.of[n] = one < other ? one : other;
        }
    }
    return c;
}

static size_t count_causes(const struct causes *c, enum gate_outcome outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < c->count; i++)
        n += c->of[i] == i && c->rows[i].outcome == outcome;
    return n;
}

/* Is it the first row of its cause with this metric; or with this cell? */
static bool is_first_with(const struct causes *c, size_t row, bool cell)
{
    size_t i = c->of[row];

    while (c->of[i] != c->of[row] || (cell ? strcmp(c->rows[i].cell, c->rows[row].cell)
                                           : strcmp(c->rows[i].metric, c->rows[row].metric)) != 0)
        i++;
    return i == row;
}

static size_t count_cells(const struct causes *c, size_t cause)
{
    size_t n = 0;

    for (size_t i = cause; i < c->count; i++)
        n += c->of[i] == cause && is_first_with(c, i, true);
    return n;
}

/* "+1", or "+1 to +2": how far the row's metric moved in the cells of its cause. Returns buf. */
static const char *moves(const struct causes *c, size_t row, char *buf, size_t size)
{
    bool counts = c->rows[row].part <= GATE_SCHEDULES;
    double least = INFINITY, most = -INFINITY, scale = counts ? 1 : 100;

    for (size_t i = row; i < c->count; i++)
        if (c->of[i] == c->of[row] && strcmp(c->rows[i].metric, c->rows[row].metric) == 0) {
            least = fmin(least, scale * moved(&c->rows[i]));
            most = fmax(most, scale * moved(&c->rows[i]));
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

/* The model "pool" of all cells, if they have the same, as the beginning of their names; else 0. */
static int common_model(const struct causes *c, size_t cause)
{
    size_t length = strcspn(c->rows[cause].cell, "( ");

    for (size_t i = cause; i < c->count; i++)
        if (c->of[i] == cause && (strcspn(c->rows[i].cell, "( ") != length ||
                                  strncmp(c->rows[i].cell, c->rows[cause].cell, length) != 0))
            return 0;
    return (int)length;
}

/* One cause in one line, if it shows in MANY cells: "+1 syscalls_per_job 6 cells of tasks; also
 * allocated_bytes_per_job (+64)". */
static void add_cause(struct table *t, const struct causes *c, size_t cause)
{
    char change[2 * NUMBER], cells[CELLS] = "";
    const char *also = "; also";
    int model = common_model(c, cause);

    text_add(cells, sizeof cells, "%zu cells%s %.*s", count_cells(c, cause),
             model > 0 ? " of" : ", such as", model > 0 ? model : CELLS, c->rows[cause].cell);
    for (size_t i = cause + 1; i < c->count; i++) {
        if (c->of[i] != cause || !is_first_with(c, i, false))
            continue;
        text_add(cells, sizeof cells, "%s %s", also, c->rows[i].metric);
        if (c->rows[i].outcome != GATE_NEW)
            text_add(cells, sizeof cells, " (%s)", moves(c, i, change, sizeof change));
        also = ",";
    }
    table_cell(t, "%s", outcome_words[c->rows[cause].outcome]);
    table_cell(t, "-");
    table_cell(t, "-");
    table_cell(t, "%s", moves(c, cause, change, sizeof change));
    table_cell(t, "%s", c->rows[cause].metric);
    table_cell(t, "%s", cells);
}

static int write_part(const struct causes *c, enum gate_part part,
                      const struct gate_report_options *o, FILE *out)
{
    static const char *const titles[] = {"", "baseline", "now", "change"};
    struct table *t = table_create();
    int r;

    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(t, titles[i], i > 0 ? TABLE_RIGHT : TABLE_LEFT);
    table_column(t, "metric", TABLE_LEFT);
    table_column(t, "cell", TABLE_WORDS | TABLE_CODE);
    for (size_t i = 0; i < c->count; i++) {
        if (c->rows[i].part != part || !is_shown(&c->rows[i], o->all))
            continue;
        if (o->all || count_cells(c, c->of[i]) < MANY)
            add_row(t, &c->rows[i]);
        else if (c->of[i] == i)
            add_cause(t, c, i);
    }
    if (table_is_empty(t)) {
        table_destroy(t);
        return 0;
    }
    fprintf(out, o->markdown ? "### %s\n\n" : "%s\n", part_titles[part]);
    r = table_show(t, form_markdown(o->markdown), 2, out);
    fputc('\n', out);
    return r;
}

static void write_sentences(const json_t *list, const char *lead, bool markdown, FILE *out)
{
    const json_t *text;
    size_t i;

    json_array_foreach(list, i, text)
        form_item(form_markdown(markdown), lead, json_string_value(text), out);
    if (markdown && json_array_size(list) > 0)
        fputc('\n', out);
}

/* What keeps the improvements, in a form that a shell takes. */
static void write_offer(const struct gate_report_options *o, FILE *out)
{
    char command[1024] = "", baseline[512] = "";
    size_t room = wrap_columns(out) - 2;

    text_add_word(command, sizeof command, o->program ? o->program : "tva");
    text_add(command, sizeof command, " baseline save ");
    text_add_word(command, sizeof command, o->run);
    text_add_word(baseline, sizeof baseline, o->baseline);
    if (o->markdown) {
        text_add(command, sizeof command, " --baseline %s", baseline);
        fputs("Keep the improvements with ", out);
        markdown_code(command, out);
        fputs("\n\n", out);
        return;
    }
    text_add(command, sizeof command, "%s--baseline %s",
             wrap_length(command, SIZE_MAX) + wrap_length(baseline, SIZE_MAX) + 12 > room
                 ? " \\\n    "
                 : " ",
             baseline);
    fputs("keep the improvements with\n  ", out);
    for (const char *c = command; *c != '\0'; c++)
        fputc(iscntrl((unsigned char)*c) && *c != '\n' ? '?' : *c, out);
    fputc('\n', out);
}

static bool is_hard(const struct gate_row *row)
{
    return row->part == GATE_COUNTS && row->outcome != GATE_NEW && !row->soft;
}

static size_t count_hard(const struct gate *gate)
{
    size_t n = 0;

    for (size_t i = 0; i < gate->count; i++)
        n += is_hard(&gate->rows[i]);
    return n;
}

/* The first hard count with this outcome; NULL without one. What is worse is always one. */
static const struct gate_row *first_hard(const struct gate *gate, enum gate_outcome outcome)
{
    for (size_t i = 0; i < gate->count; i++)
        if (gate->rows[i].outcome == outcome && is_hard(&gate->rows[i]))
            return &gate->rows[i];
    return NULL;
}

/* The last line: a word that stands out, and the rest. */
static void write_verdict(const char *what, const char *rest, bool markdown, FILE *out)
{
    if (!markdown) {
        wrap_print(out, "=> ", "%s%s", what, rest);
        return;
    }
    fprintf(out, "**%s**", what);
    markdown_text(rest, out);
    fputc('\n', out);
}

static void say_verdict(const struct gate *gate, const struct causes *c, bool markdown, FILE *out)
{
    size_t faults = json_array_size(gate->faults), worse = gate_judge_count(gate, GATE_WORSE);
    size_t outside = count_causes(c, GATE_OUTSIDE), counts = count_hard(gate);
    const struct gate_row *row = first_hard(gate, GATE_WORSE);
    char before[NUMBER], now[NUMBER], rest[VERDICT] = "";
    const char *what = faults > 0    ? "cannot compare"
                       : worse > 0   ? "regression"
                       : counts == 0 ? "inconclusive"
                                     : "pass";

    if (faults > 0)
        text_add(rest, sizeof rest, ": %zu reason%s, named above", faults, TEXT_S(faults));
    if (worse > 0) {
        text_add(rest, sizeof rest, "%s: %zu of %zu count%s rose",
                 faults > 0 ? "; and regression" : "", worse, counts, TEXT_S(counts));
        if (worse > 1)
            text_add(rest, sizeof rest, " by %zu cause%s", count_causes(c, GATE_WORSE),
                     TEXT_S(count_causes(c, GATE_WORSE)));
        text_add(rest, sizeof rest, ": %s from %s to %s in %s", row->metric,
                 number(row->before, before), number(row->now, now), row->cell);
        if (worse > 1)
            text_add(rest, sizeof rest, ", and %zu more", worse - 1);
    } else if (faults == 0 && counts > 0) {
        text_add(rest, sizeof rest, ": none of %zu count%s rose", counts, TEXT_S(counts));
    } else if (faults == 0) {
        text_add(rest, sizeof rest,
                 ": the baseline has no count that is hard here, so nothing was judged; "
                 "save one with these versions");
    }
    if (outside > 0)
        text_add(rest, sizeof rest,
                 "; %zu warning%s: make regress BASE=<revision> tells whether that is real",
                 outside, TEXT_S(outside));
    write_verdict(what, rest, markdown, out);
}

int gate_report_write_changes(const struct gate *gate, const struct gate_report_options *o,
                              FILE *out)
{
    struct causes c = causes_of(gate);
    int r = c.of != NULL ? write_part(&c, GATE_COUNTS, o, out) : -ENOMEM;

    write_sentences(gate->faults, "note: ", o->markdown, out);
    free(c.of);
    return r;
}

int gate_report_write(const struct gate *gate, const struct gate_report_options *o, FILE *out)
{
    struct causes c = causes_of(gate);
    int r = 0;

    if (c.of == NULL)
        return -ENOMEM;
    if (o->markdown)
        fputs("## tva check\n\n", out);
    for (enum gate_part part = 0; part < GATE_PARTS_COUNT && r == 0; part++)
        r = write_part(&c, part, o, out);
    write_sentences(gate->notes, "note: ", o->markdown, out);
    write_sentences(gate->faults, "cannot compare: ", o->markdown, out);
    /* What another compiler has made less is no improvement to keep; and what is scheduled, or a
     * ratio, may lie anywhere tomorrow. */
    if (r == 0 && first_hard(gate, GATE_BETTER) != NULL && json_array_size(gate->faults) == 0 &&
        gate_judge_count(gate, GATE_WORSE) == 0)
        write_offer(o, out);
    if (r == 0) /* the caller refuses what lacks a table */
        say_verdict(gate, &c, o->markdown, out);
    free(c.of);
    return r;
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

int gate_report_write_baseline(const json_t *baseline, FILE *out)
{
    static const char *const texts[] = {"date", "cpu", "kernel", "compiler", "libc", "commit"};
    const json_t *sessions = json_object_get(baseline, "sessions"), *session;
    struct gate_walk w = {.cells = json_object_get(baseline, "counts")};
    struct table *context = table_list(), *counts = table_create(), *measured = table_list();
    size_t n = json_array_size(sessions), i;
    const char *last = NULL;
    int r;

    for (i = 0; i < sizeof texts / sizeof *texts; i++)
        table_entry(context, texts[i],
                    result_string(json_object_get(baseline, "context"), texts[i]));
    table_column(counts, "", TABLE_HEAD);
    table_column(counts, "", TABLE_RIGHT);
    table_column(counts, "", TABLE_LEFT);
    for (; gate_shape_next(&w); last = w.cell) {
        if (w.cell != last)
            table_group(counts, "cell", w.cell);
        table_cell(counts, "%s", w.metric);
        table_cell(counts, "%.10g", result_number(w.value, "value"));
        table_cell(counts, "%s", result_string(w.value, "kind"));
    }
    json_array_foreach(sessions, i, session)
    {
        size_t times = json_object_size(json_object_get(session, "times"));
        size_t ratios = json_object_size(json_object_get(session, "ratios"));

        table_cell(measured, "%s", result_string(session, "date"));
        table_cell(measured, "%zu timed cell%s, %zu ratio%s; %s", times, TEXT_S(times), ratios,
                   TEXT_S(ratios), result_string(session, "fingerprint"));
    }
    fputs("counts a job, recorded with\n", out);
    r = table_show(context, FORM_TEXT, 2, out);
    fputc('\n', out);
    r |= table_show(counts, FORM_TEXT, 2, out);
    fprintf(out, "\n%zu session%s%s\n", n, TEXT_S(n),
            n < STATS_PREDICTION_VALUES_MIN ? ", too few to judge ratios and times" : "");
    r |= table_show(measured, FORM_TEXT, 2, out);
    return r != 0 ? -ENOMEM : 0;
}
