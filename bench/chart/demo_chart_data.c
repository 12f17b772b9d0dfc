#include "demo_chart_data.h"

#include "base/units.h"
#include "base/wrap.h"
#include "chart/chart_data.h"
#include "chart/chart_text.h"
#include "result/result.h"
#include "summary/document.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* The page of plots/style.gp, in pixels. */
#define PAGE_WIDTH 1000.0
#define MARGIN     24.0
#define NAMES      70.0 /* of the rows, left of a panel */
#define GAP        14.0
#define CAPTION_PX 6.0 /* of a character */

/* No panel ends earlier than this share of the longest, so that its text has room. */
#define SHORTEST 0.34

/* The text of a mark after this share of the time needs the axis to be longer. */
#define LATE_MARK 0.88

/* A beat this late is marked: the loop stood still. */
#define LATE_NS (2 * NS_PER_MS)

/* Beats that can be told apart on a page. */
#define BEATS_SHOWN 250.0

#define CAPTION_LINES 4

static double since_start_s(const struct demo_run *d, uint64_t ns)
{
    return ns > d->start_ns ? (double)(ns - d->start_ns) / NS_PER_S : 0;
}

static double took_s(const struct demo_run *d)
{
    return since_start_s(d, d->end_ns);
}

/* The longest time without a beat. */
static uint64_t frozen_ns(const struct demo_run *d)
{
    size_t count;
    const struct recorder_beat *beats = recorder_beats(d->recorder, &count);
    uint64_t longest_ns = 0;

    for (size_t i = 0; i < count; i++)
        if (beats[i].woke_ns - beats[i].due_ns > longest_ns)
            longest_ns = beats[i].woke_ns - beats[i].due_ns;
    return longest_ns;
}

static void put_spans(struct chart_data *data, const struct demo_run *const runs[], size_t count)
{
    chart_data_table(data, "spans", "panel row kind begin_s end_s label");
    for (size_t p = 0; p < count; p++) {
        size_t n;
        const struct span *spans = recorder_spans(runs[p]->recorder, &n);

        for (size_t i = 0; i < n; i++) {
            chart_data_number(data, (double)p + 1);
            chart_data_number(data, spans[i].row + 1.0);
            chart_data_number(data, spans[i].kind);
            chart_data_number(data, since_start_s(runs[p], spans[i].begin_ns));
            chart_data_number(data, since_start_s(runs[p], spans[i].end_ns));
            chart_data_text(data, spans[i].label);
            chart_data_end_row(data);
        }
    }
}

/* A first row of no panel: gnuplot refuses a table without rows. */
static void put_nothing(struct chart_data *data, int numbers)
{
    for (int i = 0; i < numbers; i++)
        chart_data_number(data, 0);
    chart_data_text(data, "");
    chart_data_end_row(data);
}

static void put_marks(struct chart_data *data, const struct demo_run *const runs[], size_t count)
{
    chart_data_table(data, "marks", "panel row at_s label");
    put_nothing(data, 3);
    for (size_t p = 0; p < count; p++) {
        size_t n;
        const struct mark *marks = recorder_marks(runs[p]->recorder, &n);

        for (size_t i = 0; i < n; i++) {
            chart_data_number(data, (double)p + 1);
            chart_data_number(data, marks[i].row + 1.0);
            chart_data_number(data, since_start_s(runs[p], marks[i].at_ns));
            chart_data_text(data, marks[i].label);
            chart_data_end_row(data);
        }
    }
}

static void put_beat(struct chart_data *data, const struct demo_run *d, size_t panel,
                     const struct recorder_beat *beat)
{
    uint64_t lag_ns = beat->woke_ns - beat->due_ns;
    char text[64] = "", lag[32];

    if (lag_ns > LATE_NS)
        snprintf(text, sizeof text, "%s late",
                 units_format_duration((double)lag_ns, lag, sizeof lag));
    chart_data_number(data, (double)panel);
    chart_data_number(data, since_start_s(d, beat->due_ns));
    chart_data_number(data, since_start_s(d, beat->woke_ns));
    chart_data_number(data, lag_ns > LATE_NS);
    chart_data_text(data, text);
    chart_data_end_row(data);
}

/* Late beats, and of the others as many as can be told apart. */
static void put_beats(struct chart_data *data, const struct demo_run *const runs[], size_t count)
{
    double longest = 0;

    for (size_t p = 0; p < count; p++)
        longest = fmax(longest, took_s(runs[p]));
    chart_data_table(data, "beats", "panel due_s woke_s late label");
    put_nothing(data, 4);
    for (size_t p = 0; p < count; p++) {
        size_t n;
        const struct recorder_beat *beats = recorder_beats(runs[p]->recorder, &n);
        double next = 0;

        for (size_t i = 0; i < n; i++) {
            double woke = since_start_s(runs[p], beats[i].woke_ns);

            if (woke < next && beats[i].woke_ns - beats[i].due_ns <= LATE_NS)
                continue;
            put_beat(data, runs[p], p + 1, &beats[i]);
            next = woke + longest / BEATS_SHOWN;
        }
    }
}

/* Where the time axis of a panel ends, after `least_s` in any case: behind the last thing that
 * happened, with room for the text of a mark that comes late. */
static double axis_end_s(const struct demo_run *d, double least_s)
{
    size_t count;
    const struct mark *marks = recorder_marks(d->recorder, &count);
    double end = took_s(d), factor = 1.01;

    for (size_t i = 0; i < count; i++)
        if (since_start_s(d, marks[i].at_ns) > LATE_MARK * end)
            factor = 1 / LATE_MARK;
    return fmax(end * factor, least_s);
}

/* The texts over a panel of several; returns the lines of its caption. */
static size_t put_header(struct chart_data *data, const struct demo_run *d, size_t panel,
                         double width)
{
    char text[CHART_TEXT_MAX];
    size_t lines;

    chart_data_set_text_at(data, "panel_name", panel, d->demo->name);
    snprintf(text, sizeof text, "%.3f s", took_s(d));
    chart_data_set_text_at(data, "panel_measured", panel, text);
    snprintf(text, sizeof text, "%s", d->demo->lesson);
    lines = wrap_text(text, sizeof text, (size_t)(width / CAPTION_PX), CAPTION_LINES);
    chart_data_set_text_at(data, "panel_caption", panel, text);
    return lines;
}

/* Panels side by side, a second equally long in all of them. */
static void put_panels(struct chart_data *data, const struct demo_run *const runs[], size_t count)
{
    double longest = 0, sum = 0, x = MARGIN, per_s;
    double room = PAGE_WIDTH - 2 * MARGIN - (double)count * NAMES - (double)(count - 1) * GAP;
    size_t rows = 0, lines = 0;

    for (size_t p = 0; p < count; p++)
        longest = fmax(longest, took_s(runs[p]));
    for (size_t p = 0; p < count; p++)
        sum += axis_end_s(runs[p], SHORTEST * longest);
    per_s = room / sum;
    for (size_t p = 0; p < count; p++) {
        double end = axis_end_s(runs[p], SHORTEST * longest), width = end * per_s;
        size_t n = recorder_rows(runs[p]->recorder), caption;
        char name[32];

        chart_data_set_text_at(data, "panel_model", p + 1, runs[p]->demo->model);
        chart_data_set_number_at(data, "panel_text", p + 1, x);
        chart_data_set_number_at(data, "panel_left", p + 1, x + NAMES);
        chart_data_set_number_at(data, "panel_right", p + 1, x + NAMES + width);
        chart_data_set_number_at(data, "panel_end", p + 1, end);
        chart_data_set_number_at(data, "panel_rows", p + 1, (double)n);
        snprintf(name, sizeof name, "panel_row_%zu", p + 1);
        for (size_t r = 0; r < n; r++)
            chart_data_set_text_at(data, name, r + 1,
                                   recorder_row_name(runs[p]->recorder, (unsigned)r));
        caption = put_header(data, runs[p], p + 1, NAMES + width);
        lines = caption > lines ? caption : lines;
        rows = n > rows ? n : rows;
        x += NAMES + width + GAP;
    }
    chart_data_set_number(data, "panels", (double)count);
    chart_data_set_number(data, "rows", (double)rows);
    chart_data_set_number(data, "caption_lines", (double)lines);
    chart_data_set_number(data, "longest_s", longest);
    chart_data_set_number(data, "tick_s", pow(10, floor(log10(longest))));
}

static void title_of_one(const struct demo_run *d, char *buf, size_t size)
{
    char time[32] = "";

    if (d->expected_ns != DEMO_NO_TIME)
        snprintf(time, sizeof time, ", %.3f s", took_s(d));
    if (demo_held(d))
        snprintf(buf, size, "%s%s: %s", d->demo->name, time, d->demo->lesson);
    else
        snprintf(buf, size, "%s%s: not as the lesson says", d->demo->name, time);
}

static void title_of_several(const struct demo_run *const runs[], size_t count, char *buf,
                             size_t size)
{
    size_t used = 0;

    for (size_t p = 0; p < count && used < size; p++) {
        uint64_t still_ns = frozen_ns(runs[p]);
        double s = took_s(runs[p]);

        used +=
            (size_t)snprintf(buf + used, size - used, "%s%s", p ? "; " : "", runs[p]->demo->name);
        if (used < size && (double)still_ns > 0.5 * s * NS_PER_S)
            used += (size_t)snprintf(buf + used, size - used, " freezes the loop for %.2f s",
                                     (double)still_ns / NS_PER_S);
        else if (used < size)
            used += (size_t)snprintf(buf + used, size - used, " %.2f s", s);
    }
}

static void put_headings(struct chart_data *data, const struct demo_run *const runs[], size_t count,
                         const json_t *context)
{
    char title[CHART_TEXT_MAX], subtitle[CHART_TEXT_MAX], footer[CHART_TEXT_MAX];
    char measured[2 * DEMO_TEXT_MAX], expected[2 * DEMO_TEXT_MAX];

    if (count == 1) {
        title_of_one(runs[0], title, sizeof title);
        snprintf(subtitle, sizeof subtitle, "Measured: %s. Expected: %s; %s. One run.",
                 demo_measured_text(runs[0], measured, sizeof measured),
                 demo_expected_text(runs[0], expected, sizeof expected), runs[0]->why);
    } else {
        title_of_several(runs, count, title, sizeof title);
        snprintf(subtitle, sizeof subtitle,
                 "One run of each, on one scale of time: a second is equally long in all panels. "
                 "Further left is better.");
    }
    chart_data_set_headings(data, title, subtitle, chart_footer(context, footer, sizeof footer));
}

int demo_chart_data_write(const struct demo_run *const runs[], size_t count, const char *name,
                          const char *dir, struct err *err)
{
    const struct document_session session = {.seed = 1, .rounds = 1};
    struct document *document = document_create(&session);
    json_t *context = document != NULL ? document_finish(document, NULL) : NULL;
    struct chart_data *data = NULL;
    int result = -ENOMEM;

    if (context == NULL)
        err_set(err, result, "out of memory");
    else
        data = chart_data_create(dir, name, err);
    if (data != NULL) {
        put_panels(data, runs, count);
        put_spans(data, runs, count);
        put_marks(data, runs, count);
        put_beats(data, runs, count);
        put_headings(data, runs, count, context);
        result = chart_data_finish(data, err);
    }
    chart_data_destroy(data);
    json_decref(context);
    return result;
}
