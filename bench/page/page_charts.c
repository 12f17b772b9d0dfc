/* The charts that gnuplot draws: those beside the page, if they show its document, else drawn here.
 * And the flame graphs of tva run --flame, which lie beside the document. */
#include "page/page.h"

#include "base/html.h"
#include "base/input.h"
#include "base/temporary.h"
#include "chart/chart.h"
#include "export/export.h"
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of all, so that a page stays below 3 MB. */
#define CHARTS_BYTES_MAX (1792u << 10)
#define FLAMES_BYTES_MAX (768u << 10)

/* Where charts come from, and how much of them the page has. */
struct source {
    const json_t *document;
    const struct page_models *models;
    char beside[PATH_MAX]; /* "results/latest/", or "" */
    char date[64];         /* as footers have it */
    struct timespec written;
    struct chart_folder own; /* a temporary folder, for those that are drawn here */
    struct err lacks_own;    /* why there is none */
    size_t bytes;
};

/* The whole file; NULL when it cannot be read, or is too large for a page. The caller frees it. */
static char *read_whole(const char *path, struct stat *st)
{
    struct err why;
    FILE *in = input_open(path, &why);
    char *text = NULL;

    if (in != NULL && fstat(fileno(in), st) == 0 && S_ISREG(st->st_mode) &&
        st->st_size <= (off_t)CHARTS_BYTES_MAX)
        text = calloc(1, (size_t)st->st_size + 1);
    if (text != NULL && fread(text, 1, (size_t)st->st_size, in) != (size_t)st->st_size) {
        free(text);
        text = NULL;
    }
    if (in != NULL)
        fclose(in);
    return text;
}

static bool is_older(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* The chart beside the page, if it is of this document: drawn after it, with its date. */
static char *find_beside(const struct source *s, const struct chart *chart,
                         enum chart_format format)
{
    char path[PATH_MAX + 64];
    struct stat st;
    char *svg;

    snprintf(path, sizeof path, "%s%s.%s", s->beside, chart->name, chart_formats[format]);
    svg = read_whole(path, &st);
    if (svg != NULL && !is_older(&st.st_mtim, &s->written) && strstr(svg, s->date) != NULL)
        return svg;
    free(svg);
    return NULL;
}

/* Draw the pictures that are not there yet. 0 or a negative errno with *err set: -ENODATA when the
 * document has no data for the chart. */
static int draw(const struct source *s, const struct chart *chart, char *svgs[CHART_FORMATS],
                struct err *err)
{
    const bool missing[CHART_FORMATS] = {
        [CHART_SVG] = svgs[CHART_SVG] == NULL, [CHART_LINEAR] = svgs[CHART_LINEAR] == NULL};
    struct chart_data *data = chart_data_create(s->own.data, chart->name, err);
    char path[PATH_MAX + 64];
    int r = data != NULL ? chart_write(chart, s->document, data, err) : -EIO;
    struct stat st;

    if (r == 0)
        r = chart_draw(data, &s->own, missing, NULL, err);
    chart_data_destroy(data);
    for (size_t i = 0; i < CHART_FORMATS && r == 0; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", s->own.dir, chart->name, chart_formats[i]);
        if (missing[i])
            svgs[i] = read_whole(path, &st);
    }
    if (r == 0 && svgs[CHART_SVG] == NULL)
        r = err_set(err, -EFBIG, "it is too large for a page");
    return r;
}

static void write_lack(const char *what, const struct err *err, FILE *out)
{
    fprintf(out, "<p class=\"item lacks\"><b>%s:</b> ", what);
    html_text(err->text, out);
    fputs("</p>\n", out);
}

/* The picture as a part of the page; NULL with *err set. The caller frees it. */
static char *copy_svg(const char *svg, const char *name, const char *label,
                      const struct page_models *models, size_t *size, struct err *err)
{
    char *copy = NULL;
    FILE *part = open_memstream(&copy, size);
    int r = part != NULL ? page_svg_copy(svg, name, label, models, part, err) : -ENOMEM;

    if (part != NULL && fclose(part) != 0 && r == 0)
        r = -ENOMEM;
    if (r == 0)
        return copy;
    if (r == -ENOMEM)
        err_set(err, r, "out of memory");
    free(copy);
    return NULL;
}

/* The picture as a part of the page, if there is room for it; NULL with *err set. The caller frees
 * it. */
static char *take(struct source *s, const struct chart *chart, const char *svg,
                  enum chart_format format, struct err *err)
{
    bool linear = format == CHART_LINEAR;
    char name[64], *copy;
    size_t size = 0;

    snprintf(name, sizeof name, "%s%s", chart->name, linear ? "-linear" : "");
    copy = copy_svg(svg, name, chart->summary, s->models, &size, err);
    if (copy != NULL && s->bytes + size > CHARTS_BYTES_MAX) {
        err_set(err, -EFBIG, "the page would be too large with it; tva plot draws it");
        free(copy);
        return NULL;
    }
    s->bytes += size;
    return copy;
}

/* A chart, with logarithmic and with linear axes where it has both. The reader chooses which of
 * them the page shows. */
static void write_figure(const struct chart *chart, const char *copy, const char *linear, FILE *out)
{
    fprintf(out,
            "<figure class=\"drawn\" id=\"chart-%s\"><div class=\"scroll\" tabindex=\"0\" "
            "role=\"region\" aria-label=\"chart %s\">",
            chart->name, chart->name);
    if (linear != NULL)
        fprintf(out, "<div class=\"log\">%s</div><div class=\"linear\">%s</div>", copy, linear);
    else
        fputs(copy, out);
    fprintf(out, "</div><figcaption>%s</figcaption></figure>\n", chart->summary);
}

static void write_chart(struct source *s, const struct chart *chart, FILE *out)
{
    char *svgs[CHART_FORMATS] = {[CHART_SVG] = find_beside(s, chart, CHART_SVG),
                                 [CHART_LINEAR] = find_beside(s, chart, CHART_LINEAR)};
    char *copies[CHART_FORMATS] = {NULL}, what[96];
    struct err err = {""};
    int r = s->own.dir[0] != '\0' ? draw(s, chart, svgs, &err) : 0;

    for (size_t i = 0; i < CHART_FORMATS; i++)
        if (svgs[i] != NULL)
            copies[i] = take(s, chart, svgs[i], i, &err);
    if (copies[CHART_SVG] != NULL)
        write_figure(chart, copies[CHART_SVG], copies[CHART_LINEAR], out);
    if (r != -ENODATA && err.text[0] != '\0') {
        snprintf(what, sizeof what, "no %schart %s", copies[CHART_SVG] != NULL ? "linear " : "",
                 chart->name);
        write_lack(what, &err, out);
    }
    for (size_t i = 0; i < CHART_FORMATS; i++) {
        free(copies[i]);
        free(svgs[i]);
    }
}

static void open_source(struct source *s, const struct page_view *v)
{
    const struct page *page = v->page;
    char own[PATH_MAX];
    const char *slash = strrchr(page->place, '/');
    const char *date;
    struct stat st;

    *s = (struct source){.document = page->document, .models = &v->models};
    snprintf(s->beside, sizeof s->beside, "%.*s", slash ? (int)(slash - page->place) + 1 : 0,
             page->place);
    date = result_string(page->document, "context.date");
    snprintf(s->date, sizeof s->date, "%.10s %.5s UTC", date, strlen(date) > 11 ? date + 11 : "");
    if (stat(page->path, &st) == 0)
        s->written = st.st_mtim;
    if (temporary_folder("/tmp", "tva-page", own, sizeof own, &s->lacks_own) < 0)
        return;
    if (chart_folder_open(&s->own, own, &s->lacks_own) < 0) {
        s->own.dir[0] = '\0';
        (void)temporary_remove(own);
    }
}

int page_charts(const struct page_view *v, FILE *out)
{
    struct source s;

    if (v->all.count == 0)
        return 0;
    open_source(&s, v);
    if (s.own.dir[0] == '\0')
        write_lack("no charts but those beside the page", &s.lacks_own, out);
    for (size_t i = 0; i < charts_count; i++)
        write_chart(&s, charts[i], out);
    if (s.own.dir[0] != '\0')
        (void)temporary_remove(s.own.dir);
    return 0;
}

/* ---- Flame graphs ---- */

/* The graph of the cell as a part of the page, drawn after the document was written; NULL: none.
 * The caller frees it. */
static char *copy_flame(const struct page *page, size_t index, size_t *size)
{
    const json_t *cell = json_array_get(json_object_get(page->document, "cells"), index);
    char path[PATH_MAX], name[32], *svg = NULL, *copy = NULL;
    struct stat document, drawn;
    struct err err;

    if (export_cell_find(page->document, index, page->path, "flame", ".svg", path, &err) == 0)
        svg = read_whole(path, &drawn);
    snprintf(name, sizeof name, "flame-%zu", index);
    if (svg != NULL && stat(page->path, &document) == 0 &&
        !is_older(&drawn.st_mtim, &document.st_mtim))
        copy = copy_svg(svg, name, result_string(cell, "name"), NULL, size, &err);
    free(svg);
    return copy;
}

int page_flames(const struct page_view *v, FILE *out)
{
    const json_t *cell;
    size_t i, bytes = 0, left_out = 0;

    json_array_foreach(json_object_get(v->page->document, "cells"), i, cell)
    {
        size_t size = 0;
        char *svg = copy_flame(v->page, i, &size);

        if (svg != NULL && bytes + size <= FLAMES_BYTES_MAX) {
            bytes += size;
            fputs("<details><summary>", out);
            html_text(result_string(cell, "name"), out);
            fprintf(out,
                    "</summary><figure class=\"drawn\"><div class=\"scroll\" tabindex=\"0\" "
                    "role=\"region\" aria-label=\"flame graph\">%s</div></figure></details>\n",
                    svg);
        } else {
            left_out += svg != NULL;
        }
        free(svg);
    }
    if (left_out > 0)
        fprintf(
            out,
            "<p class=\"item lacks\"><b>left out: </b>%zu more, for which the page would be too "
            "large; they lie beside the result</p>\n",
            left_out);
    return 0;
}
