#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "chart/chart.h"
#include "demos/demo_run.h"
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

/* A beat this late is marked: the something blocked the loop. */
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
static uint64_t latest_ns(const struct demo_run *d)
{
    size_t count;
    const struct recorder_beat *beats = recorder_beats(d->recorder, &count);
    uint64_t longest_ns = 0;

    for (size_t i = 0; i < count; i++)
        if (beats[i].woke_ns - beats[i].due_ns > longest_ns)
            longest_ns = beats[i].woke_ns - beats[i].due_ns;
    return longest_ns;
}

static void put_spans(struct chart_data *data, const struct demo_run *d, size_t panel)
{
    size_t n;
    const struct span *spans = recorder_spans(d->recorder, &n);

    for (size_t i = 0; i < n; i++)
        CHART_ROW(data, CHART_N(panel), CHART_N(spans[i].row + 1.0), CHART_N(spans[i].kind),
                  CHART_N(since_start_s(d, spans[i].begin_ns)),
                  CHART_N(since_start_s(d, spans[i].end_ns)), CHART_T(spans[i].label));
}

static void put_marks(struct chart_data *data, const struct demo_run *d, size_t panel)
{
    size_t n;
    const struct mark *marks = recorder_marks(d->recorder, &n);

    for (size_t i = 0; i < n; i++)
        CHART_ROW(data, CHART_N(panel), CHART_N(marks[i].row + 1.0),
                  CHART_N(since_start_s(d, marks[i].at_ns)), CHART_T(marks[i].label));
}

/* Late beats, and of the others as many as can be told apart. */
static void put_beats(struct chart_data *data, const struct demo_run *d, size_t panel,
                      double longest_s)
{
    size_t n;
    const struct recorder_beat *beats = recorder_beats(d->recorder, &n);
    double next = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t lag_ns = beats[i].woke_ns - beats[i].due_ns;
        double woke = since_start_s(d, beats[i].woke_ns);
        char text[64] = "", lag[32];

        if (woke < next && lag_ns <= LATE_NS)
            continue;
        if (lag_ns > LATE_NS)
            text_add(text, sizeof text, "%s late",
                     units_format_duration((double)lag_ns, lag, sizeof lag));
        CHART_ROW(data, CHART_N(panel), CHART_N(since_start_s(d, beats[i].due_ns)), CHART_N(woke),
                  CHART_N(lag_ns > LATE_NS), CHART_T(text));
        next = woke + longest_s / BEATS_SHOWN;
    }
}

/* Tables of marks and beats begin with a row of no panel: gnuplot refuses a table without rows. */
static void put_tables(struct chart_data *data, const struct demo_run *const runs[], size_t count,
                       double longest_s)
{
    chart_data_table(data, "spans", "panel row kind begin_s end_s label");
    for (size_t p = 0; p < count; p++)
        put_spans(data, runs[p], p + 1);
    chart_data_table(data, "marks", "panel row at_s label");
    CHART_ROW(data, CHART_N(0), CHART_N(0), CHART_N(0), CHART_T(""));
    for (size_t p = 0; p < count; p++)
        put_marks(data, runs[p], p + 1);
    chart_data_table(data, "beats", "panel due_s woke_s late label");
    CHART_ROW(data, CHART_N(0), CHART_N(0), CHART_N(0), CHART_N(0), CHART_T(""));
    for (size_t p = 0; p < count; p++)
        put_beats(data, runs[p], p + 1, longest_s);
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

/* The panel between x and x + NAMES + width; returns the lines of its caption. */
static size_t put_panel(struct chart_data *data, const struct demo_run *d, size_t panel, double x,
                        double width, double end_s)
{
    size_t rows = recorder_rows(d->recorder), lines;
    char text[CHART_TEXT_MAX], name[32];

    chart_data_text_at(data, "panel_model", panel, "%s", d->demo->model);
    chart_data_number_at(data, "panel_text", panel, x);
    chart_data_number_at(data, "panel_left", panel, x + NAMES);
    chart_data_number_at(data, "panel_right", panel, x + NAMES + width);
    chart_data_number_at(data, "panel_end", panel, end_s);
    chart_data_number_at(data, "panel_rows", panel, (double)rows);
    snprintf(name, sizeof name, "panel_row_%zu", panel);
    for (size_t r = 0; r < rows; r++)
        chart_data_text_at(data, name, r + 1, "%s", recorder_row_name(d->recorder, (unsigned)r));
    chart_data_text_at(data, "panel_name", panel, "%s", d->demo->name);
    chart_data_text_at(data, "panel_measured", panel, "%.3f s", took_s(d));
    snprintf(text, sizeof text, "%s", d->demo->lesson);
    lines = wrap_text(text, sizeof text, (size_t)((NAMES + width) / CAPTION_PX), CAPTION_LINES);
    chart_data_text_at(data, "panel_caption", panel, "%s", text);
    return lines;
}

/* Panels side by side, a second equally long in all of them. */
static void put_panels(struct chart_data *data, const struct demo_run *const runs[], size_t count)
{
    double longest = 0, sum = 0, x = MARGIN;
    double room = PAGE_WIDTH - 2 * MARGIN - (double)count * NAMES - (double)(count - 1) * GAP;
    size_t rows = 0, lines = 0;

    for (size_t p = 0; p < count; p++)
        longest = fmax(longest, took_s(runs[p]));
    for (size_t p = 0; p < count; p++)
        sum += axis_end_s(runs[p], SHORTEST * longest);
    for (size_t p = 0; p < count; p++) {
        double end = axis_end_s(runs[p], SHORTEST * longest), width = end * room / sum;
        size_t own_rows = recorder_rows(runs[p]->recorder);
        size_t own_lines = put_panel(data, runs[p], p + 1, x, width, end);

        rows = own_rows > rows ? own_rows : rows;
        lines = own_lines > lines ? own_lines : lines;
        x += NAMES + width + GAP;
    }
    chart_data_number(data, "panels", (double)count);
    chart_data_number(data, "rows", (double)rows);
    chart_data_number(data, "caption_lines", (double)lines);
    chart_data_number(data, "longest_s", longest);
    chart_data_number(data, "tick_s", pow(10, floor(log10(longest))));
    put_tables(data, runs, count, longest);
}

static void add_title_of_one(const struct demo_run *d, char *buf, size_t size)
{
    text_add(buf, size, "%s", d->demo->name);
    if (d->expected_ns != DEMO_NO_TIME)
        text_add(buf, size, ", %.3f s", took_s(d));
    text_add(buf, size, ": %s", demo_held(d) ? d->demo->lesson : "not as the lesson says");
}

static void add_title_of_several(const struct demo_run *const runs[], size_t count, char *buf,
                                 size_t size)
{
    for (size_t p = 0; p < count; p++) {
        double blocked_s = (double)latest_ns(runs[p]) / NS_PER_S, s = took_s(runs[p]);

        text_add(buf, size, "%s%s", p ? "; " : "", runs[p]->demo->name);
        if (blocked_s > 0.5 * s)
            text_add(buf, size, " blocks the loop for %.2f s", blocked_s);
        else
            text_add(buf, size, " %.2f s", s);
    }
}

static void put_headings(struct chart_data *data, const struct demo_run *const runs[], size_t count,
                         const json_t *context)
{
    char title[CHART_TEXT_MAX] = "", subtitle[CHART_TEXT_MAX];
    char measured[2 * DEMO_TEXT_MAX], expected[2 * DEMO_TEXT_MAX];

    if (count == 1) {
        add_title_of_one(runs[0], title, sizeof title);
        snprintf(subtitle, sizeof subtitle, "Measured: %s. Expected: %s; %s. One run.",
                 demo_measured_text(runs[0], measured, sizeof measured),
                 demo_expected_text(runs[0], expected, sizeof expected), runs[0]->why);
    } else {
        add_title_of_several(runs, count, title, sizeof title);
        snprintf(subtitle, sizeof subtitle,
                 "One run of each, on one scale of time: a second is equally long in all panels. "
                 "Further left is better.");
    }
    chart_headings(data, context, title, subtitle);
}

int chart_demo_draw(const struct demo_run *const runs[], size_t count, const char *name,
                    const char *dir, struct err *err)
{
    const struct document_session session = {.seed = 1, .rounds = 1};
    struct document *document = document_create(&session);
    json_t *context = document != NULL ? document_finish(document, NULL) : NULL;
    struct chart_folder folder;
    struct chart_data *data = NULL;
    int result = chart_folder_open(&folder, dir, err);

    if (result == 0 && !context)
        result = err_set(err, -ENOMEM, "out of memory");
    if (result == 0 && !(data = chart_data_create(folder.data, name, err)))
        result = -EIO;
    if (result == 0) {
        chart_data_set_form(data, "demo");
        put_panels(data, runs, count);
        put_headings(data, runs, count, context);
        result = chart_draw(data, &folder, NULL, NULL, err);
    }
    chart_data_destroy(data);
    json_decref(context);
    return result;
}
