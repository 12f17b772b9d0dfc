#include "compare/compare_text.h"

#include "base/text.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* From here on a factor is easier to read than percent. */
#define TIMES_FROM 2.0

static double percent(double ratio)
{
    return 100 * (ratio - 1);
}

/* "12" or "3.4": two digits, and no more than one behind the point. */
static char *digits(double value, char *buf, size_t size)
{
    double size_of = fabs(value);

    snprintf(buf, size, "%.*f", size_of < 9.95 && size_of != round(size_of) ? 1 : 0,
             size_of < 0.05 ? 0.0 : value);
    return buf;
}

static bool in_times(const struct compare_ratio *r)
{
    return r->ratio >= TIMES_FROM || r->ratio <= 1 / TIMES_FROM;
}

static bool changed(const struct compare_ratio *r)
{
    return r->verdict == COMPARE_MORE || r->verdict == COMPARE_LESS;
}

char *compare_text_interval(const struct compare_row *row, char *buf, size_t size)
{
    const struct compare_ratio *r = &row->ratio;
    double low = percent(r->low), high = percent(r->high);
    char from[32], to[32];

    *buf = '\0';
    if (isnan(r->low) || metric_is_count(row->metric))
        return buf;
    if (in_times(r))
        snprintf(buf, size, "%.3g..%.3g times", r->low, r->high);
    else if (r->verdict == COMPARE_LESS)
        snprintf(buf, size, "%s..%s%%", digits(-high, from, sizeof from),
                 digits(-low, to, sizeof to));
    else
        snprintf(buf, size, "%s%s..%s%s%%", low > 0.05 && !changed(r) ? "+" : "",
                 digits(low, from, sizeof from), high > 0.05 && !changed(r) ? "+" : "",
                 digits(high, to, sizeof to));
    return buf;
}

static void change_words(const struct compare_row *row, char *buf, size_t size)
{
    const struct compare_ratio *r = &row->ratio;
    char text[32];

    if (!isfinite(r->ratio) || r->ratio == 0)
        snprintf(buf, size, "%s", r->verdict == COMPARE_MORE ? "where A has none" : "none");
    else if (in_times(r))
        snprintf(buf, size, "%.3g times A's", r->ratio);
    else
        snprintf(buf, size, "%s%% %s", digits(fabs(percent(r->ratio)), text, sizeof text),
                 r->verdict == COMPARE_MORE ? row->metric->more : row->metric->less);
}

char *compare_text_words(const struct compare *c, const struct compare_row *row, char *buf,
                         size_t size)
{
    const struct compare_ratio *r = &row->ratio;
    bool counted = metric_is_count(row->metric);
    char effect[32];

    *buf = '\0';
    if (row->elsewhere)
        snprintf(buf, size, "another machine");
    else if (changed(r))
        change_words(row, buf, size);
    else if (r->verdict == COMPARE_SAME && r->low == 1 && r->high == 1)
        snprintf(buf, size, "equal");
    else if (r->verdict == COMPARE_SAME)
        snprintf(buf, size, "no difference larger than %s%%",
                 digits(100 * (counted ? COMPARE_INSTRUCTIONS_EFFECT : c->effect), effect,
                        sizeof effect));
    else if (r->why != NULL)
        snprintf(buf, size, "cannot tell: %s", r->why);
    else
        snprintf(buf, size, "cannot tell");
    return buf;
}

char *compare_text_cell(const struct compare_row *row, char *buf, size_t size)
{
    if (row->a_base == NULL)
        snprintf(buf, size, "%s", row->name);
    else
        snprintf(buf, size, "%s against %s, %s", result_string(row->a, "model"),
                 result_string(row->a_base, "model"), result_string(row->a, "group"));
    return buf;
}

char *compare_text_value(const struct compare_row *row, double value, char *buf, size_t size)
{
    if (row->a_base == NULL)
        return metric_text(row->metric, value, buf, size);
    snprintf(buf, size, "x %.3g", value);
    return buf;
}

char *compare_text_sentence(const struct compare *c, const struct compare_row *row, char *buf,
                            size_t size)
{
    char cell[256], words[160], interval[64], a[64], b[64];

    compare_text_interval(row, interval, sizeof interval);
    snprintf(buf, size, "%s: %s %s", compare_text_cell(row, cell, sizeof cell), row->metric->title,
             compare_text_words(c, row, words, sizeof words));
    if (*interval != '\0')
        text_add(buf, size, " (95%% interval %s)", interval);
    else if (metric_is_count(row->metric))
        text_add(buf, size, " (%s, was %s)", compare_text_value(row, row->b_value, b, sizeof b),
                 compare_text_value(row, row->a_value, a, sizeof a));
    return buf;
}

/* What rows come to. */
struct tally {
    size_t worse, better, same, unclear, elsewhere;
};

static struct tally tally_of(const struct compare *c)
{
    struct tally t = {0};

    for (size_t i = 0; i < c->rows_count; i++) {
        const struct compare_row *row = &c->rows[i];

        if (row->elsewhere)
            t.elsewhere++;
        else if (compare_worse(row))
            t.worse++;
        else if (compare_changed(row))
            t.better++;
        else if (row->ratio.verdict == COMPARE_SAME)
            t.same++;
        else
            t.unclear++;
    }
    return t;
}

char *compare_text_summary(const struct compare *c, char *buf, size_t size)
{
    struct tally t = tally_of(c);
    char effect[32];

    snprintf(buf, size,
             "%zu figures of %zu cell%s: %zu worse, %zu better, %zu with no difference larger than "
             "%s%%, %zu cannot tell",
             c->rows_count - t.elsewhere, c->cells, c->cells == 1 ? "" : "s", t.worse, t.better,
             t.same, digits(100 * c->effect, effect, sizeof effect), t.unclear);
    if (t.elsewhere > 0)
        text_add(buf, size, "; %zu times and ratios of two machines are shown, and not judged",
                 t.elsewhere);
    return buf;
}

static size_t with_interval(const struct compare *c)
{
    size_t count = 0;

    for (size_t i = 0; i < c->rows_count; i++)
        count += !c->rows[i].elsewhere && c->rows[i].ratio.confidence >= COMPARE_CONFIDENCE &&
                 c->rows[i].ratio.low < c->rows[i].ratio.high;
    return count;
}

json_t *compare_text_notes(const struct compare *c)
{
    json_t *notes = json_array();
    size_t intervals = with_interval(c);
    char what[400];
    int rc = result_add_sentence(
        notes, "The sessions were measured apart: intervals hold what varied within each, not what "
               "changed between them. Only measuring both in turns tells code from drift.");

    if (json_equal(c->a, c->b))
        rc |= result_add_sentence(notes, "A and %c are the same session: they cannot differ.",
                                  c->label);
    else if (compare_machine_same(c->a, c->b, what, sizeof what))
        rc |= result_add_sentence(notes, "The fingerprints of the machines agree.");
    else
        rc |= result_add_sentence(
            notes,
            "Measured on different machines (%s): times say nothing of the code, and how models "
            "stand to each other differs between machines by factors. Both are shown, and not "
            "judged.",
            what);
    if (!compare_machine_same_software(c->a, c->b, what, sizeof what))
        rc |= result_add_sentence(notes, "Other software: %s.", what);
    if (intervals > 0)
        rc |= result_add_sentence(
            notes, "Of %zu intervals of 95%%, about %.0f miss the truth by chance alone.",
            intervals, ceil(0.05 * (double)intervals));
    return result_built(notes, rc);
}
