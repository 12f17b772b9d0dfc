#include "chart/chart.h"

#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        snprintf(runs, sizeof runs, "%.0f run%s", most, TEXT_S(most));
    if (values == 0)
        snprintf(buf, size, "over the jobs of all runs (%.0f)", most);
    else if (most > 1 && confidence > 0) /* with few runs even min to max covers less than 95% */
        snprintf(buf, size, "median and %.0f%% interval of %s",
                 confidence >= 0.95 ? 95.0 : floor(confidence * 100), runs);
    else
        snprintf(buf, size, "median of %s", runs);
    return buf;
}

void chart_add_value(const struct metric *metric, const json_t *cell, char *buf, size_t size)
{
    struct metric_value v = metric_of(metric, cell);
    double ideal = metric_ideal(metric, cell), runs = result_number(cell, "runs");
    char text[METRIC_TEXT], high[METRIC_TEXT];

    metric_cell_text(metric, cell, text, sizeof text);
    text_add(buf, size, "%s %s", metric->title, isnan(v.median) ? "not measured" : text);
    if (isfinite(v.low) && isfinite(v.high))
        text_add(buf, size, " (%.0f%% interval %s to %s)", 100 * v.confidence,
                 metric_text(metric, v.low, text, sizeof text),
                 metric_text(metric, v.high, high, sizeof high));
    if (runs > 0)
        text_add(buf, size, ", %.0f run%s", runs, TEXT_S(runs));
    if (ideal > 0)
        text_add(buf, size, "; %s %s", chart_cell_batch(cell) ? "ideal" : "theory",
                 metric_text(metric, ideal, text, sizeof text));
    if (!chart_cell_valid(cell))
        text_add(buf, size, "; invalid");
}

int chart_rank_group(struct ranking *r, const struct chart_group *group,
                     const struct metric *metric, double *x)
{
    const json_t **cells = calloc(group->count + 1, sizeof *cells);
    size_t count = 0;
    double at;
    int status;

    if (cells)
        count = chart_group_widest_x(group, metric, cells, x ? x : &at);
    status = cells ? ranking_init_by(r, cells, count, metric) : -ENOMEM;
    free(cells);
    return status;
}

/* Tell the models' wins, most first; among equals the earlier one. */
static void add_wins(const char *const *models, size_t *wins, size_t n, size_t total, char *buf,
                     size_t size)
{
    for (size_t told = 0; told < n; told++) {
        size_t best = 0;

        for (size_t i = 1; i < n; i++)
            best = wins[i] > wins[best] ? i : best;
        text_add(buf, size, told ? ", %s in %zu" : "%s in %zu of %zu", models[best], wins[best],
                 total);
        wins[best] = 0;
    }
}

char *chart_tally(const struct chart_group *groups, size_t count, const struct metric *metric,
                  char *buf, size_t size)
{
    const char *models[CHART_GROUP_CELLS];
    size_t wins[CHART_GROUP_CELLS] = {0}, n = 0, ties = 0, untold = 0, total = 0;

    buf[0] = '\0';
    for (size_t g = 0; g < count; g++) {
        struct ranking r;
        size_t i = 0;

        if (chart_rank_group(&r, &groups[g], metric, NULL) < 0)
            continue;
        total += r.valid > 1;
        untold += r.valid > 1 && !r.told;
        ties += r.told && r.tied > 1;
        if (r.valid > 1 && r.told && r.tied == 1) {
            const char *model = result_string(r.cells[0].cell, "model");

            while (i < n && strcmp(models[i], model) != 0)
                i++;
            if (i == n && n < CHART_GROUP_CELLS)
                models[n++] = model;
            wins[i < n ? i : n - 1]++;
        }
        ranking_deinit(&r);
    }
    add_wins(models, wins, n, total, buf, size);
    if (ties)
        text_add(buf, size, "%s%zu tie%s", *buf ? "; " : "", ties, TEXT_S(ties));
    if (total == 0)
        text_add(buf, size, "one model alone");
    if (untold)
        text_add(buf, size, "%s%zu of %zu with too few runs", *buf ? "; " : "", untold, total);
    return buf;
}

/* How far apart the first and the last are: of models that the ranking cannot tell apart not at
 * all. */
static double gap_of(const struct ranking *r)
{
    double ratio = r->valid > 1 && r->told && r->tied < r->valid
                       ? r->cells[r->valid - 1].median_s / r->cells[0].median_s
                       : 1;

    return r->valid > 1 ? fmax(ratio, 1 / ratio) : 0;
}

int chart_rank(struct chart_view *v)
{
    for (size_t g = 0; g < v->count; g++) {
        struct ranking r;
        double x;

        if (chart_rank_group(&r, &v->groups[g], v->metric, &x) < 0)
            return -ENOMEM;
        if (r.valid == 0 || (v->ranking.valid > 0 && gap_of(&r) <= gap_of(&v->ranking))) {
            ranking_deinit(&r);
            continue;
        }
        ranking_deinit(&v->ranking);
        v->ranking = r;
        v->ranked_x = x;
    }
    return 0;
}

/* "10.1 ms under tasks", or of several "10.1 ms to 11.2 ms under tasks and pool(100) (a tie)". */
static void add_under(const struct chart_view *v, size_t from, size_t count, char *buf, size_t size)
{
    const struct ranked *first = &v->ranking.cells[from];
    char low[METRIC_TEXT], high[METRIC_TEXT];

    metric_cell_text(v->metric, first->cell, low, sizeof low);
    metric_cell_text(v->metric, first[count - 1].cell, high, sizeof high);
    text_add(buf, size, "%s%s%s", low, strcmp(low, high) ? " to " : "",
             strcmp(low, high) ? high : "");
    for (size_t i = 0; i < count; i++)
        text_add(buf, size, "%s%s",
                 i == 0          ? " under "
                 : i + 1 < count ? ", "
                                 : " and ",
                 first[i].label);
    if (count > 1)
        text_add(buf, size, " (a tie)");
}

static char *ranked_text(const struct chart_view *v, char *buf, size_t size)
{
    const struct ranking *r = &v->ranking;
    size_t first = r->told ? r->tied : 1;

    buf[0] = '\0';
    add_under(v, 0, first, buf, size);
    if (first < r->valid) {
        text_add(buf, size, ", ");
        add_under(v, r->valid - 1, 1, buf, size);
    }
    if (!r->told)
        text_add(buf, size, " (too few runs to rank)");
    return buf;
}

static char *at_text(const struct chart_view *v, char *buf, size_t size)
{
    const struct chart_axis axis = chart_axis_of(v->result, v->axis);

    return chart_axis_text(&axis, v->ranked_x, buf, size);
}

static char *work_text(const struct chart_view *v, const json_t *cell, char *buf, size_t size)
{
    const char *const axes[] = {v->axis, NULL};

    return chart_work(cell, axes, buf, size);
}

/* What a word stands for: a string of the view's, or in buf. */
static const char *meaning_of(const struct chart_view *v, const char *word, char *buf, size_t size)
{
    bool more = v->metric->more_is_better;

    if (strncmp(word, "tally", 5) == 0)
        return chart_tally(v->groups, v->count, word[5] ? metric_named(word + 6) : v->metric, buf,
                           size);
    if (strcmp(word, "ranked") == 0)
        return ranked_text(v, buf, size);
    if (strcmp(word, "at") == 0)
        return at_text(v, buf, size);
    if (strcmp(word, "of") == 0)
        return work_text(v, v->ranking.cells[0].cell, buf, size);
    if (strcmp(word, "runs") == 0)
        return runs_text(v, buf, size);
    if (strcmp(word, "loop") == 0)
        return chart_loop_text(v->cells, v->cells_count, buf, size);
    if (strcmp(word, "work") == 0)
        return work_text(v, v->cells[0], buf, size);
    if (strcmp(word, "metric") == 0)
        return v->metric->title;
    if (strcmp(word, "best") == 0)
        return more ? "highest" : "lowest";
    if (strcmp(word, "better") == 0)
        return more ? "higher" : "lower";
    return strcmp(word, "axis") == 0 ? v->axis : v->note;
}

char *chart_fill(const struct chart_view *v, const char *text, char *buf, size_t size)
{
    char word[32], meaning[CHART_TEXT_MAX / 2];

    buf[0] = '\0';
    for (const char *c = text; *c;) {
        size_t len = strcspn(c, "{");

        text_add(buf, size, "%.*s", (int)len, c);
        c += len;
        if (*c != '{')
            break;
        len = strcspn(c, "}");
        snprintf(word, sizeof word, "%.*s", (int)len - 1, c + 1);
        text_add(buf, size, "%s", meaning_of(v, word, meaning, sizeof meaning));
        c += len + 1;
    }
    return buf;
}

char *chart_subtitle_text(const struct chart_view *v, char *buf, size_t size)
{
    size_t invalid = 0;

    chart_fill(v, v->chart->subtitle, buf, size);
    for (size_t i = 0; i < v->cells_count; i++)
        invalid += !chart_cell_valid(v->cells[i]);
    if (v->chart->left_out && v->left_out)
        text_add(buf, size, " %s are left out (%zu).", v->chart->left_out, v->left_out);
    if (invalid)
        text_add(buf, size, " %zu invalid cell%s, not ranked.", invalid, TEXT_S(invalid));
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
             cpu, cores, TEXT_S(cores),
             json_is_true(json_object_get(context, "virtual_machine")) ? ", virtual machine" : "",
             result_string(context, "kernel"), result_string(result, "tva_version"),
             result_string(context, "commit"), date);
    chart_data_headings(data, title, subtitle, footer);
}
