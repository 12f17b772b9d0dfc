/* The charts that gnuplot draws: those beside the page, if they show its document, else drawn here.
 */
#include "page/page.h"

#include "base/html.h"
#include "chart/chart.h"
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHARTS_BYTES_MAX (2560u << 10) /* of all, so that a page stays below 3 MB */

/* Where charts come from, and how much of them the page has. */
struct source {
    const json_t *document;
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
    FILE *in = fopen(path, "re");
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
static char *find_beside(const struct source *s, const struct chart *chart)
{
    char path[PATH_MAX + 64];
    struct stat st;
    char *svg;

    snprintf(path, sizeof path, "%s%s.svg", s->beside, chart->name);
    svg = read_whole(path, &st);
    if (svg != NULL && !is_older(&st.st_mtim, &s->written) && strstr(svg, s->date) != NULL)
        return svg;
    free(svg);
    return NULL;
}

/* Draw it. NULL with *err set; *has: the document has data for it. */
static char *draw(const struct source *s, const struct chart *chart, bool *has, struct err *err)
{
    static const bool svg_alone[CHART_FORMATS] = {true};
    struct chart_data *data = chart_data_create(s->own.data, chart->name, err);
    char path[PATH_MAX + 64];
    int r = data != NULL ? chart_write(chart, s->document, data, err) : -EIO;
    char *svg = NULL;
    struct stat st;

    *has = r != -ENODATA;
    if (r == 0)
        r = chart_draw(data, &s->own, svg_alone, NULL, err);
    chart_data_destroy(data);
    snprintf(path, sizeof path, "%s/%s.svg", s->own.dir, chart->name);
    if (r == 0)
        svg = read_whole(path, &st);
    if (r == 0 && svg == NULL)
        err_set(err, -EFBIG, "it is too large for a page");
    return svg;
}

static void write_lack(const char *what, const struct err *err, FILE *out)
{
    fprintf(out, "<p class=\"item lacks\"><b>%s:</b> ", what);
    html_text(err->text, out);
    fputs("</p>\n", out);
}

static void write_chart(struct source *s, const struct chart *chart, FILE *out)
{
    char *svg = find_beside(s, chart), *copy = NULL, what[64];
    struct err err = {""};
    size_t size = 0;
    bool has = false;
    FILE *part;

    if (svg == NULL && s->own.dir[0] != '\0')
        svg = draw(s, chart, &has, &err);
    part = svg != NULL ? open_memstream(&copy, &size) : NULL;
    if (part != NULL) {
        int r = page_svg_copy(svg, chart->name, chart->summary, part, &err);

        fclose(part);
        if (r == 0 && s->bytes + size > CHARTS_BYTES_MAX)
            r = err_set(&err, -EFBIG, "the page would be too large with it; tva plot draws it");
        if (r == 0) {
            s->bytes += size;
            fprintf(out,
                    "<figure class=\"drawn\" id=\"chart-%s\"><div class=\"scroll\" tabindex=\"0\" "
                    "role=\"region\" aria-label=\"chart "
                    "%s\">%s</div><figcaption>%s</figcaption></figure>\n",
                    chart->name, chart->name, copy, chart->summary);
        }
        has = r != 0;
    }
    if (has) {
        snprintf(what, sizeof what, "no chart %s", chart->name);
        write_lack(what, &err, out);
    }
    free(copy);
    free(svg);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    (void)place;
    return remove(path);
}

static void open_source(struct source *s, const struct page *page)
{
    char own[] = "/tmp/tva-page-XXXXXX";
    const char *slash = strrchr(page->place, '/');
    const char *date;
    struct stat st;

    *s = (struct source){.document = page->document};
    snprintf(s->beside, sizeof s->beside, "%.*s", slash ? (int)(slash - page->place) + 1 : 0,
             page->place);
    date = result_string(page->document, "context.date");
    snprintf(s->date, sizeof s->date, "%.10s %.5s UTC", date, strlen(date) > 11 ? date + 11 : "");
    if (stat(page->path, &st) == 0)
        s->written = st.st_mtim;
    if (mkdtemp(own) == NULL)
        err_set(&s->lacks_own, -errno, "cannot make a folder in /tmp: %s", strerror(errno));
    else if (chart_folder_open(&s->own, own, &s->lacks_own) < 0)
        s->own.dir[0] = '\0';
    if (s->own.dir[0] == '\0' && strchr(own, 'X') == NULL)
        rmdir(own);
}

int page_charts(const struct page_view *v, FILE *out)
{
    struct source s;

    if (page_is_advice(v->page->document))
        return 0;
    open_source(&s, v->page);
    if (s.own.dir[0] == '\0')
        write_lack("no charts but those beside the page", &s.lacks_own, out);
    for (size_t i = 0; i < charts_count; i++)
        write_chart(&s, charts[i], out);
    if (s.own.dir[0] != '\0')
        nftw(s.own.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
