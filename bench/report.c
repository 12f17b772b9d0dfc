#include "report.h"

#include "base/clock.h"
#include "base/units.h"
#include "result/finding.h"
#include "result/result.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING    "-"
#define CELL_TEXT  32
#define SENTENCE   1024
#define TEXT_WIDTH 100

/* One column: what is in it for a cell, as text in buf. */
struct column {
    const char *title;
    int width; /* negative: left-aligned */
    const char *(*text)(const json_t *cell, char *buf, size_t size);
};

static const char *duration(double ns, char *buf, size_t size)
{
    return isfinite(ns) ? units_format_duration(ns, buf, size) : NOTHING;
}

static const char *model_text(const json_t *cell, char *buf, size_t size)
{
    double threads = result_number(cell, "threads");

    if (!isfinite(threads))
        return result_string(cell, "model");
    snprintf(buf, size, "%s(%.0f)", result_string(cell, "model"), threads);
    return buf;
}

static const char *makespan_text(const json_t *cell, char *buf, size_t size)
{
    return duration(NS_PER_S * result_number(cell, "summary.makespan_s.median"), buf, size);
}

/* "10.3-10.6", in the unit that the median is shown in. */
static const char *interval_text(const json_t *cell, char *buf, size_t size)
{
    double median = NS_PER_S * result_number(cell, "summary.makespan_s.median");
    double low = NS_PER_S * result_number(cell, "summary.makespan_s.ci_low");
    double high = NS_PER_S * result_number(cell, "summary.makespan_s.ci_high");
    double unit = 1;
    int decimals;

    if (!isfinite(median) || !isfinite(low) || !isfinite(high))
        return NOTHING;
    while (unit < NS_PER_S && median / unit >= 999.5)
        unit *= 1000;
    decimals = median / unit >= 99.95 ? 0 : median / unit >= 9.995 ? 1 : 2;
    snprintf(buf, size, "%.*f-%.*f", decimals, low / unit, decimals, high / unit);
    return buf;
}

static const char *ideal_text(const json_t *cell, char *buf, size_t size)
{
    return duration(NS_PER_S * result_number(cell, "summary.ideal_makespan_s"), buf, size);
}

static const char *efficiency_text(const json_t *cell, char *buf, size_t size)
{
    double share = result_number(cell, "summary.efficiency");

    if (!isfinite(share))
        return NOTHING;
    snprintf(buf, size, share < 0.0995 ? "%.1f%%" : "%.0f%%", 100 * share);
    return buf;
}

/* Three digits and a factor: "9.62k". */
static const char *rate_text(const json_t *cell, char *buf, size_t size)
{
    double rate = result_number(cell, "summary.throughput_per_s.median");
    const char *factor = "";

    if (!isfinite(rate))
        return NOTHING;
    if (rate >= 999.5e3) {
        rate /= 1e6;
        factor = "M";
    } else if (rate >= 999.5) {
        rate /= 1e3;
        factor = "k";
    }
    snprintf(buf, size, "%.*f%s", rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2, rate, factor);
    return buf;
}

static const char *p50_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.latency_ns.p50"), buf, size);
}

static const char *p99_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.latency_ns.p99"), buf, size);
}

static const char *lag_text(const json_t *cell, char *buf, size_t size)
{
    return duration(result_number(cell, "summary.heartbeat_lag_max_ns.median"), buf, size);
}

static const char *cpu_text(const json_t *cell, char *buf, size_t size)
{
    double cpu_s = result_number(cell, "summary.cpu_user_s.median") +
                   result_number(cell, "summary.cpu_sys_s.median");

    return duration(NS_PER_S * cpu_s / result_number(cell, "jobs"), buf, size);
}

static const char *memory_text(const json_t *cell, char *buf, size_t size)
{
    double bytes = result_number(cell, "summary.memory_per_job_bytes.median");

    return isfinite(bytes) ? units_format_size(bytes, buf, size) : NOTHING;
}

static const struct column columns[] = {
    {"model", -11, model_text}, {"makespan", 8, makespan_text}, {"interval", -12, interval_text},
    {"ideal", 7, ideal_text},   {"eff.", 5, efficiency_text},   {"jobs/s", 6, rate_text},
    {"p50", 7, p50_text},       {"p99", 7, p99_text},           {"lag max", 7, lag_text},
    {"CPU/job", 7, cpu_text},   {"mem/job", 8, memory_text},
};

#define COLUMNS_COUNT (sizeof columns / sizeof *columns)

static void write_titles(FILE *out)
{
    for (size_t i = 0; i < COLUMNS_COUNT; i++)
        fprintf(out, "%s%*s", i ? " " : "  ", columns[i].width, columns[i].title);
    fputc('\n', out);
}

static void write_row(const json_t *cell, FILE *out)
{
    char buf[CELL_TEXT];

    for (size_t i = 0; i < COLUMNS_COUNT; i++)
        fprintf(out, "%s%*s", i ? " " : "  ", columns[i].width,
                columns[i].text(cell, buf, sizeof buf));
    fputc('\n', out);
}

/* A paragraph with a label, broken between words. */
static void write_paragraph(const char *label, const char *text, FILE *out)
{
    int column = fprintf(out, "  %s", label);

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");

        if (column + 1 + len > TEXT_WIDTH)
            column = fprintf(out, "\n   ");
        column += fprintf(out, "%s%.*s", column > 3 || *label ? " " : "", len, text);
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static bool says(const json_t *cell, const char *key, const char *sentence)
{
    const json_t *text;
    size_t i;

    json_array_foreach(json_object_get(cell, key), i,
                       text) if (strcmp(json_string_value(text), sentence) == 0) return true;
    return false;
}

/* A sentence once for all cells of the group that have it, unless one before `first` has written
 * it. */
static void write_sentence(const json_t *result, size_t first, const char *key,
                           const char *sentence, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    const char *group = result_string(json_array_get(cells, first), "group");
    char line[2 * SENTENCE], model[CELL_TEXT];
    size_t len = 0, i;

    json_array_foreach(cells, i, cell)
    {
        if (strcmp(result_string(cell, "group"), group) != 0 || !says(cell, key, sentence))
            continue;
        if (i < first)
            return;
        if (len < SENTENCE)
            len += (size_t)snprintf(line + len, sizeof line - len, "%s%s", len ? ", " : "",
                                    model_text(cell, model, sizeof model));
    }
    snprintf(line + len, sizeof line - len, ": %s", sentence);
    write_paragraph(strcmp(key, "reasons") == 0 ? "invalid:" : "note:", line, out);
}

static void write_sentences(const json_t *result, const char *group, const char *key, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell, *text;
    size_t i, k;

    json_array_foreach(cells, i, cell) if (strcmp(result_string(cell, "group"), group) == 0)
        json_array_foreach(json_object_get(cell, key), k, text)
            write_sentence(result, i, key, json_string_value(text), out);
}

static void write_group(const json_t *result, const char *group, FILE *out)
{
    const json_t *cells = json_object_get(result, "cells"), *cell;
    char finding[SENTENCE];
    size_t i;

    fprintf(out, "%s\n", group);
    write_titles(out);
    json_array_foreach(cells, i, cell) if (strcmp(result_string(cell, "group"), group) == 0)
        write_row(cell, out);
    write_sentences(result, group, "reasons", out);
    write_sentences(result, group, "warnings", out);
    finding_group(result, group, finding, sizeof finding);
    if (finding[0] != '\0')
        write_paragraph("=>", finding, out);
    fputc('\n', out);
}

static void write_head(const json_t *result, FILE *out)
{
    fprintf(out, "%s, %.0f cores, %s, %s; seed %.0f%s\n\n", result_string(result, "context.cpu"),
            result_number(result, "context.cores"), result_string(result, "context.kernel"),
            result_string(result, "context.date"), result_number(result, "seed"),
            json_is_true(json_object_get(result, "partial")) ? "; partial: cut short" : "");
}

int report_write(const json_t *result, FILE *out)
{
    size_t cap = json_array_size(json_object_get(result, "cells")), count;
    const char **groups = calloc(cap + 1, sizeof *groups);

    if (groups == NULL)
        return -ENOMEM;
    count = finding_groups(result, groups, cap);
    write_head(result, out);
    for (size_t i = 0; i < count; i++)
        write_group(result, groups[i], out);
    free(groups);
    return 0;
}
