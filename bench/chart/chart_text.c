#include "chart/chart_text.h"

#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "job/job.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The first parameter of a job's type says the most of it, and a spec leaves it out when it is the
 * default. Nothing when the type is not known, or has none. */
static void add_first_param(const json_t *cell, char *buf, size_t size)
{
    char text[32];

    for (size_t i = 0; i < job_types_count; i++) {
        const struct job_type *type = job_types[i];
        double value;

        if (strcmp(type->name, result_string(cell, "job")) != 0 || type->n_params == 0)
            continue;
        value = result_number(json_object_get(cell, "params"), type->params[0].name);
        if (value >= 0)
            text_add(buf, size, ":%s=%s", type->params[0].name,
                     param_format(&type->params[0], (uint64_t)value, NULL, text, sizeof text));
    }
}

char *chart_spec_text(const json_t *cell, char *buf, size_t size)
{
    snprintf(buf, size, "%s", result_string(cell, "spec"));
    if (!strchr(buf, ':'))
        add_first_param(cell, buf, size);
    return buf;
}

char *chart_work_text(const json_t *cell, char *buf, size_t size)
{
    static const char space[] = "\xc2\xa0"; /* at which no line is broken */
    char text[CHART_LABEL_MAX];

    buf[0] = '\0';
    if (chart_cell_batch(cell))
        text_add(buf, size, "%s%s×%s",
                 units_format_count((uint64_t)result_number(cell, "jobs"), text, sizeof text),
                 space, space);
    text_add(buf, size, "%s", chart_spec_text(cell, text, sizeof text));
    if (!chart_cell_batch(cell))
        text_add(buf, size, "%s", chart_load_text(cell, NULL, text, sizeof text));
    wrap_text(buf, size, 46, 1);
    return buf;
}

/* What a run is by the clock, where all open and closed loops agree: ", Poisson arrivals",
 * ", 10.0 s a run". */
static void add_clock(const json_t *const *cells, size_t count, char *buf, size_t size)
{
    const char *arrivals = NULL;
    double duration_s = 0;
    char text[32];

    for (size_t i = 0; i < count; i++) {
        const char *own = result_string(cells[i], "load.arrivals");
        double own_s = result_number(cells[i], "load.duration_s");

        if (chart_cell_batch(cells[i]))
            continue;
        if (!arrivals)
            duration_s = own_s;
        arrivals = !arrivals || strcmp(arrivals, own) == 0 ? own : "";
        duration_s = duration_s == own_s ? own_s : NAN;
    }
    if (arrivals && *arrivals)
        text_add(buf, size, ", %.16s arrivals",
                 strcmp(arrivals, "poisson") == 0 ? "Poisson" : arrivals);
    if (duration_s > 0)
        text_add(buf, size, ", %s a run",
                 units_format_duration(duration_s * 1e9, text, sizeof text));
}

char *chart_loop_text(const json_t *const *cells, size_t count, char *buf, size_t size)
{
    unsigned kinds = 0;

    for (size_t i = 0; i < count; i++)
        kinds |= metric_cells_of(cells[i]);
    snprintf(buf, size, "%s%s%s", kinds & METRIC_BATCH ? "batch" : "",
             kinds & METRIC_BATCH && kinds & METRIC_LOOP ? " and " : "",
             (kinds & METRIC_LOOP) == METRIC_LOOP ? "open and closed loop"
             : kinds & METRIC_OPEN                ? "open loop"
             : kinds & METRIC_CLOSED              ? "closed loop"
                                                  : "");
    add_clock(cells, count, buf, size);
    return buf;
}

static char *runs_text(const struct chart_view *v, char *buf, size_t size)
{
    double fewest = INFINITY, most = 0, confidence = 1;
    size_t values = 0;
    char runs[48];

    for (size_t i = 0; i < v->cells_count; i++) {
        fewest = fmin(fewest, result_number(v->cells[i], "runs"));
        most = fmax(most, result_number(v->cells[i], "runs"));
        confidence = fmin(confidence, metric_of(v->metric, v->cells[i]).confidence);
        values += metric_runs(v->metric, v->cells[i]);
    }
    if (fewest < most)
        snprintf(runs, sizeof runs, "%.0f to %.0f runs", fewest, most);
    else
        snprintf(runs, sizeof runs, "%.0f run%s", most, most > 1 ? "s" : "");
    if (values == 0)
        snprintf(buf, size, "over the jobs of all runs (%.0f)", most);
    else if (most > 1 && confidence > 0) /* with few runs even min to max covers less than 95% */
        snprintf(buf, size, "median and %.0f%% interval of %s",
                 confidence >= 0.95 ? 95.0 : floor(confidence * 100), runs);
    else
        snprintf(buf, size, "median of %s", runs);
    return buf;
}

struct tally {
    const char *model;
    size_t wins;
};

static void count_win(struct tally *tally, size_t *entries, size_t most, const char *model)
{
    size_t i = 0;

    while (i < *entries && strcmp(tally[i].model, model) != 0)
        i++;
    if (i == most)
        return;
    if (i == *entries)
        tally[(*entries)++] = (struct tally){.model = model};
    tally[i].wins++;
    /* Most wins first; among equals the earlier one stays in front. */
    for (; i > 0 && tally[i].wins > tally[i - 1].wins; i--) {
        struct tally swap = tally[i];

        tally[i] = tally[i - 1];
        tally[i - 1] = swap;
    }
}

char *chart_tally(const struct chart_group *groups, size_t count, const struct metric *metric,
                  char *buf, size_t size)
{
    struct tally tally[CHART_GROUP_CELLS];
    size_t entries = 0, ties = 0, total = 0;

    buf[0] = '\0';
    for (size_t g = 0; g < count; g++) {
        bool counts;
        const json_t *best = chart_winner(&groups[g], metric, &counts);

        total += counts;
        ties += counts && !best;
        if (counts && best)
            count_win(tally, &entries, CHART_GROUP_CELLS, result_string(best, "model"));
    }
    for (size_t i = 0; i < entries; i++)
        text_add(buf, size, i ? ", %s in %zu" : "%s in %zu of %zu", tally[i].model, tally[i].wins,
                 total);
    if (ties)
        text_add(buf, size, "%s%zu tie%s", *buf ? "; " : "", ties, ties > 1 ? "s" : "");
    return buf;
}

/* What a word of a subtitle stands for: a string of the view's, or in buf. */
static const char *meaning_of(const struct chart_view *v, const char *word, char *buf, size_t size)
{
    if (strcmp(word, "runs") == 0)
        return runs_text(v, buf, size);
    if (strcmp(word, "loop") == 0)
        return chart_loop_text(v->cells, v->cells_count, buf, size);
    if (strcmp(word, "work") == 0)
        return v->series ? v->series[0].work : chart_work_text(v->cells[0], buf, size);
    if (strcmp(word, "metric") == 0)
        return v->metric->title;
    if (strcmp(word, "best") == 0)
        return v->metric->more_is_better ? "highest" : "lowest";
    if (strcmp(word, "better") == 0)
        return v->metric->more_is_better ? "higher" : "lower";
    return strcmp(word, "axis") == 0 ? v->axis : v->note;
}

char *chart_subtitle_text(const struct chart_view *v, char *buf, size_t size)
{
    size_t invalid = 0;
    char word[16], text[CHART_WORK_MAX];

    buf[0] = '\0';
    for (const char *c = v->subtitle; *c;) {
        size_t len = strcspn(c, "{");

        text_add(buf, size, "%.*s", (int)len, c);
        c += len;
        if (*c != '{')
            break;
        len = strcspn(c, "}");
        snprintf(word, sizeof word, "%.*s", (int)len - 1, c + 1);
        text_add(buf, size, "%s", meaning_of(v, word, text, sizeof text));
        c += len + 1;
    }
    for (size_t i = 0; i < v->cells_count; i++)
        invalid += !chart_cell_valid(v->cells[i]);
    if (v->chart->left_out && v->left_out)
        text_add(buf, size, " %s are left out (%zu).", v->chart->left_out, v->left_out);
    if (invalid)
        text_add(buf, size, " %zu invalid cell%s, not ranked.", invalid, invalid > 1 ? "s" : "");
    if (json_is_true(json_object_get(v->result, "partial")))
        text_add(buf, size, " The session was cut short.");
    return buf;
}

void chart_headings(struct chart_data *data, const json_t *result, const char *title,
                    const char *subtitle)
{
    const json_t *context = json_object_get(result, "context");
    double cores = result_number(context, "cores");
    char cpu[80], date[17], footer[CHART_TEXT_MAX];

    snprintf(cpu, sizeof cpu, "%s", result_string(context, "cpu"));
    wrap_text(cpu, sizeof cpu, 44, 1);
    snprintf(date, sizeof date, "%s", result_string(context, "date"));
    for (char *c = date; *c; c++)
        if (*c == 'T')
            *c = ' ';
    snprintf(footer, sizeof footer, "%s, %.0f core%s%s, %s  ·  tva %s, commit %.20s  ·  %s UTC",
             cpu, cores, cores > 1 ? "s" : "",
             json_is_true(json_object_get(context, "virtual_machine")) ? ", virtual machine" : "",
             result_string(context, "kernel"), result_string(result, "tva_version"),
             result_string(context, "commit"), date);
    chart_data_headings(data, title, subtitle, footer);
}
