#include "compare/compare.h"

#include "base/text.h"
#include "base/wrap.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The draws of the permutation test: any number, but always the same. */
#define SEED 1

static int by_date(const void *one, const void *other)
{
    return strcmp(result_string(*(const json_t *const *)one, "context.date"),
                  result_string(*(const json_t *const *)other, "context.date"));
}

/* The same session given twice would look like two that agree. */
static void drop_repeated(struct compare_history *h)
{
    size_t kept = 0;

    for (size_t i = 0; i < h->count; i++) {
        size_t k = 0;

        while (k < kept && !json_equal(h->results[k], h->results[i]))
            k++;
        if (k == kept)
            h->results[kept++] = h->results[i];
    }
    h->repeated = h->count - kept;
    h->count = kept;
}

/* Times are of one machine, that of the newest result. */
static void drop_elsewhere(struct compare_history *h)
{
    const json_t *newest = h->results[h->count - 1];
    char what[512];
    size_t kept = 0;

    for (size_t i = 0; i < h->count; i++)
        if (!h->metric->timed || compare_machine_same(h->results[i], newest, what, sizeof what))
            h->results[kept++] = h->results[i];
    h->elsewhere = h->count - kept;
    h->count = kept;
}

static double value_in(const struct compare_history *h, const json_t *cell)
{
    return json_is_true(json_object_get(cell, "valid")) ? compare_value(h->metric, cell)
                                                        : (double)NAN;
}

/* Changes among the values that are there, larger than the effect. 0 or -ENOMEM. */
static int find_changes(const struct compare_history *h, struct compare_line *line)
{
    struct stats_change_point found[COMPARE_CHANGES_MAX];
    size_t *at = calloc(h->count, sizeof *at), n = 0, count = 0;
    double *values = calloc(h->count, sizeof *values);
    int status = at != NULL && values != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < h->count && status == 0; i++) {
        if (!isfinite(line->values[i]))
            continue;
        at[n] = i;
        values[n++] = line->values[i];
    }
    if (status == 0)
        status = stats_change_point_find(values, n, COMPARE_HISTORY_ALPHA, SEED, found,
                                         COMPARE_CHANGES_MAX, &count);
    for (size_t i = 0; status == 0 && i < count && i < COMPARE_CHANGES_MAX; i++) {
        if (!(fabs(log(found[i].after / found[i].before)) > log1p(h->effect)))
            continue;
        found[i].at = at[found[i].at];
        line->changes[line->changes_count++] = found[i];
    }
    free(at);
    free(values);
    return status == -ENOMEM ? status : 0;
}

/* The line of the cell of that name, a new one at the end where there is none; NULL when out of
 * memory. */
static struct compare_line *line_of(struct compare_history *h, const char *name)
{
    struct compare_line *line = h->lines;

    while (line < h->lines + h->lines_count && strcmp(line->name, name) != 0)
        line++;
    if (line < h->lines + h->lines_count)
        return line;
    h->lines_count++;
    line->name = strdup(name);
    line->values = calloc(h->count, sizeof *line->values);
    for (size_t i = 0; i < h->count && line->values != NULL; i++)
        line->values[i] = NAN;
    return line->name != NULL && line->values != NULL ? line : NULL;
}

static int collect_result(struct compare_history *h, size_t i)
{
    json_t *cells = compare_cells_by_name(h->results[i]), *cell;
    const char *name;
    int status = cells != NULL ? 0 : -ENOMEM;

    json_object_foreach(cells, name, cell)
    {
        struct compare_line *line = line_of(h, name);

        if (line == NULL) {
            status = -ENOMEM;
            break;
        }
        line->values[i] = value_in(h, cell);
        line->cell = cell;
    }
    json_decref(cells);
    return status;
}

static void free_line(struct compare_line *line)
{
    free(line->name);
    free(line->values);
}

/* Keep the lines with two values. */
static void drop_single(struct compare_history *h)
{
    size_t kept = 0;

    for (size_t i = 0; i < h->lines_count; i++) {
        size_t values = 0;

        for (size_t k = 0; k < h->count; k++)
            values += isfinite(h->lines[i].values[k]);
        if (values < 2)
            free_line(&h->lines[i]);
        else
            h->lines[kept++] = h->lines[i];
    }
    h->lines_count = kept;
}

static int fill(struct compare_history *h)
{
    size_t cells = 0;
    int status;

    for (size_t i = 0; i < h->count; i++)
        cells += json_array_size(json_object_get(h->results[i], "cells"));
    h->lines = calloc(cells + 1, sizeof *h->lines);
    status = h->lines != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; i < h->count && status == 0; i++)
        status = collect_result(h, i);
    if (status == 0)
        drop_single(h);
    for (size_t i = 0; i < h->lines_count && status == 0; i++)
        status = find_changes(h, &h->lines[i]);
    return status;
}

int compare_history_create(json_t *const *results, size_t count, const struct metric *metric,
                           double effect, struct compare_history *out, struct err *err)
{
    int status = 0;

    *out = (struct compare_history){.metric = metric, .effect = effect, .count = count};
    out->results = calloc(count + 1, sizeof *out->results);
    if (out->results == NULL)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        out->results[i] = results[i];
    qsort(out->results, count, sizeof *out->results, by_date);
    drop_repeated(out);
    if (count > 0)
        drop_elsewhere(out);
    if (out->count < COMPARE_HISTORY_MIN)
        return err_set(err, -EINVAL, "a history needs %d results or more%s, not %zu",
                       COMPARE_HISTORY_MIN, metric->timed ? " of one machine" : "", out->count);
    status = fill(out);
    if (status < 0)
        return err_set(err, status, "out of memory");
    if (out->lines_count == 0)
        return err_set(err, -EINVAL, "no cell has the metric %s in two results", metric->name);
    return 0;
}

void compare_history_destroy(struct compare_history *h)
{
    for (size_t i = 0; i < h->lines_count; i++)
        free_line(&h->lines[i]);
    free(h->lines);
    free(h->results);
    *h = (struct compare_history){.metric = NULL};
}

char *compare_history_sentence(const struct compare_history *h, const struct compare_line *line,
                               const struct stats_change_point *change, char *buf, size_t size)
{
    const json_t *result = h->results[change->at];
    double ratio = change->after / change->before;
    char before[32], after[32];

    snprintf(buf, size, "%s: %s ", line->name, h->metric->title);
    if (ratio >= 2 || ratio <= 0.5)
        text_add(buf, size, "%.3g times as before", ratio);
    else
        text_add(buf, size, "%.3g%% %s", 100 * fabs(ratio - 1),
                 ratio > 1 ? h->metric->more : h->metric->less);
    text_add(buf, size, " from result %zu on (%.10s, commit %.12s): %s, then %s (p = %.2g)",
             change->at + 1, result_string(result, "context.date"),
             result_string(result, "context.commit"),
             metric_text(h->metric, change->before, before, sizeof before),
             metric_text(h->metric, change->after, after, sizeof after), change->p);
    return buf;
}

void compare_history_write(const struct compare_history *h, FILE *out)
{
    size_t changes = 0;
    char text[512];

    fprintf(out, "%s over %zu results, oldest first\n", h->metric->title, h->count);
    for (size_t i = 0; i < h->count; i++) {
        wrap_print(out, "  ", "%zu  %s  commit %s", i + 1,
                   result_string(h->results[i], "context.date"),
                   result_string(h->results[i], "context.commit"));
    }
    if (h->elsewhere > 0)
        wrap_print(out, "  ", "%zu left out: measured on another machine than the newest",
                   h->elsewhere);
    if (h->repeated > 0)
        wrap_print(out, "  ", "%zu left out: the same session as another", h->repeated);
    fputs("\nChanges\n", out);
    for (size_t i = 0; i < h->lines_count; i++) {
        const struct compare_line *line = &h->lines[i];

        for (size_t k = 0; k < line->changes_count; k++, changes++)
            wrap_print(out, "  ", "%s",
                       compare_history_sentence(h, line, &line->changes[k], text, sizeof text));
    }
    if (changes == 0)
        fputs("  None that these results can show.\n", out);
    fputc('\n', out);
    wrap_print(out, "",
               "%zu cell%s; a change is believed at p <= %.2g a cell, and must exceed %.3g%%.",
               h->lines_count, TEXT_S(h->lines_count), COMPARE_HISTORY_ALPHA, 100 * h->effect);
    if (h->count < 8)
        wrap_print(out, "", "With fewer than 8 results no change is clear enough for that.");
}
