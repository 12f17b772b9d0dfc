#include "chart/chart_text.h"

#include "base/units.h"
#include "base/wrap.h"
#include "chart/chart_load.h"
#include "job/job.h"
#include "result/result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The first parameter of a job's type says the most of it, and a spec leaves it out when it is the
 * default. "" when the type is not known, or has none. */
static void format_first_param(const struct chart_group *group, char *buf, size_t size)
{
    char text[32];

    buf[0] = '\0';
    for (size_t i = 0; i < job_types_count; i++) {
        const struct job_type *type = job_types[i];
        double value;

        if (strcmp(type->name, group->job) != 0 || type->n_params == 0)
            continue;
        value = result_number(json_object_get(group->cells[0], "params"), type->params[0].name);
        if (value >= 0)
            snprintf(buf, size, ":%s=%s", type->params[0].name,
                     param_format(&type->params[0], (uint64_t)value, text, sizeof text));
    }
}

char *chart_spec_text(const struct chart_group *group, char *buf, size_t size)
{
    char param[96] = "";

    if (!strchr(group->spec, ':'))
        format_first_param(group, param, sizeof param);
    snprintf(buf, size, "%s%s", group->spec, param);
    return buf;
}

char *chart_group_title(const struct chart_group *group, char *buf, size_t size)
{
    static const char space[] = "\xc2\xa0"; /* at which no line is broken */
    char count[32], spec[CHART_LABEL_MAX], load[CHART_LABEL_MAX];

    chart_spec_text(group, spec, sizeof spec);
    if (chart_load_batch(group->cells[0]))
        snprintf(buf, size, "%s%s×%s%s",
                 units_format_count((uint64_t)group->jobs, count, sizeof count), space, space,
                 spec);
    else
        snprintf(buf, size, "%s%s", spec,
                 chart_load_text(group->cells[0], NULL, load, sizeof load));
    wrap_text(buf, size, 46, 1);
    return buf;
}

char *chart_runs_text(const struct chart_group *groups, size_t count, const struct metric *metric,
                      char *buf, size_t size)
{
    double fewest = INFINITY, most = 0, confidence = 1;
    char runs[48];

    for (size_t g = 0; g < count; g++) {
        for (size_t c = 0; c < groups[g].count; c++) {
            const json_t *cell = groups[g].cells[c];

            fewest = fmin(fewest, result_number(cell, "runs"));
            most = fmax(most, result_number(cell, "runs"));
            confidence = fmin(confidence, metric_of(metric, cell).confidence);
        }
    }
    if (fewest < most)
        snprintf(runs, sizeof runs, "%.0f to %.0f runs", fewest, most);
    else
        snprintf(runs, sizeof runs, "%.0f run%s", most, most > 1 ? "s" : "");
    /* With fewer than 6 runs even min to max covers less than 95%. */
    if (most > 1 && confidence > 0)
        snprintf(buf, size, "median and %.0f%% interval of %s",
                 confidence >= 0.95 ? 95.0 : floor(confidence * 100), runs);
    else
        snprintf(buf, size, "median of %s", runs);
    return buf;
}

/* What to know of the cells shown: " 2 invalid cells are hollow and not ranked." "" when all is
 * well. */
static char *caveats_of(const json_t *result, const struct chart_group *groups, size_t count,
                        char *buf, size_t size)
{
    size_t invalid = 0, used;

    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < groups[g].count; c++)
            invalid += !chart_cell_valid(groups[g].cells[c]);
    buf[0] = '\0';
    if (invalid)
        snprintf(buf, size, " %zu invalid cell%s, not ranked.", invalid, invalid > 1 ? "s" : "");
    used = strlen(buf);
    if (json_is_true(json_object_get(result, "partial")))
        snprintf(buf + used, size - used, " The session was cut short.");
    return buf;
}

const json_t *chart_winner(const struct chart_group *group, const struct metric *metric,
                           bool *counts)
{
    const json_t *best = chart_best(group, metric);
    bool clear = true;

    *counts = false;
    for (size_t c = 0; best && c < group->count; c++) {
        const json_t *other = group->cells[c];

        if (other == best || !chart_cell_valid(other) || isnan(metric_of(metric, other).median))
            continue;
        *counts = true;
        clear = clear && chart_clearly_better(best, other, metric);
    }
    return clear ? best : NULL;
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
    size_t entries = 0, ties = 0, total = 0, used = 0;

    buf[0] = '\0';
    for (size_t g = 0; g < count; g++) {
        bool counts;
        const json_t *best = chart_winner(&groups[g], metric, &counts);

        total += counts;
        ties += counts && !best;
        if (counts && best)
            count_win(tally, &entries, CHART_GROUP_CELLS, result_string(best, "model"));
    }
    for (size_t i = 0; i < entries && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, i ? ", %s in %zu" : "%s in %zu of %zu",
                                 tally[i].model, tally[i].wins, total);
    if (ties && used < size)
        snprintf(buf + used, size - used, "%s%zu tie%s", used ? "; " : "", ties,
                 ties > 1 ? "s" : "");
    return buf;
}

char *chart_footer(const json_t *result, char *buf, size_t size)
{
    const json_t *context = json_object_get(result, "context");
    double cores = result_number(context, "cores");
    char cpu[80], date[17];

    snprintf(cpu, sizeof cpu, "%s", result_string(context, "cpu"));
    wrap_text(cpu, sizeof cpu, 44, 1);
    snprintf(date, sizeof date, "%s", result_string(context, "date"));
    for (char *c = date; *c; c++)
        if (*c == 'T')
            *c = ' ';
    snprintf(buf, size, "%s, %.0f core%s%s, %s  ·  tva %s, commit %.20s  ·  %s UTC", cpu, cores,
             cores > 1 ? "s" : "",
             json_is_true(json_object_get(context, "virtual_machine")) ? ", virtual machine" : "",
             result_string(context, "kernel"), result_string(result, "tva_version"),
             result_string(context, "commit"), date);
    return buf;
}

void chart_headings(struct chart_data *data, const json_t *result, const struct chart_group *groups,
                    size_t count, const char *title, const char *subtitle)
{
    char caveats[160], footer[CHART_TEXT_MAX], whole[CHART_TEXT_MAX];

    snprintf(whole, sizeof whole, "%s%s", subtitle,
             caveats_of(result, groups, count, caveats, sizeof caveats));
    chart_data_set_headings(data, title, whole, chart_footer(result, footer, sizeof footer));
}
