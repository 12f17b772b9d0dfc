#include "page/page.h"

#include "base/html.h"
#include "base/table.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/data_dir.h"
#include "compare/compare.h"
#include "export/finding.h"
#include "pair/pair_document.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool page_is_advice(const json_t *document)
{
    return strcmp(result_string(document, "kind"), "tva-advise") == 0;
}

bool page_is_pair(const json_t *document)
{
    return strcmp(result_string(document, "kind"), "tva-pair") == 0;
}

bool page_is_sweep(const json_t *document)
{
    return json_is_object(json_object_get(document, "sweep"));
}

json_t *page_read(const char *path, struct err *err)
{
    json_t *document = result_load(path, err);

    if (document == NULL || page_is_advice(document) || page_is_pair(document))
        return document;
    return result_built(document, result_check(document, path, err));
}

/* ---- The answer ---- */

static void put_item(const char *text, FILE *out)
{
    fputs("<li>", out);
    html_text(text, out);
    fputs("</li>\n", out);
}

/* The sentences of a sweep's answers. */
static void write_sweep_answers(const json_t *document, FILE *out)
{
    static const char *const lists[] = {"sweep.crossovers", "sweep.knees", "sweep.scalability"};
    const json_t *answer;
    size_t i;

    fputs("<ul class=\"findings\">\n", out);
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        json_array_foreach(result_get(document, lists[k]), i, answer)
            put_item(result_string(answer, "sentence"), out);
    fputs("</ul>\n", out);
}

/* The finding of each kind of work, with the way to it; of a sweep, whose groups are many, the way
 * alone. */
static void write_findings(const struct page_view *v, FILE *out)
{
    bool sweep = page_is_sweep(v->page->document);
    char finding[FINDING_MAX];

    fputs("<ul class=\"findings\">\n", out);
    for (size_t i = 0; i < v->all.count; i++) {
        const struct ranking *r = &v->all.of[i];

        fprintf(out, "<li><a href=\"#work-%zu\">", i + 1);
        html_text(r->group, out);
        fputs("</a>", out);
        if (r->measured && !sweep)
            html_print(out, ": %s", finding_of(r, finding, sizeof finding));
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

static void write_trust(const json_t *document, FILE *out)
{
    const json_t *cells = json_object_get(document, "cells"), *cell;
    size_t i, invalid = 0, warned = 0;
    char text[128];

    json_array_foreach(cells, i, cell)
    {
        invalid += json_is_false(json_object_get(cell, "valid"));
        warned += json_array_size(json_object_get(cell, "warnings")) > 0;
    }
    if (json_is_true(json_object_get(document, "partial")))
        form_item(FORM_HTML, "note: ", "the session was cut short", out);
    if (invalid > 0) {
        snprintf(text, sizeof text,
                 "%zu of %zu cell%s, not ranked; the reasons stand below the tables", invalid,
                 json_array_size(cells), TEXT_S(json_array_size(cells)));
        form_item(FORM_HTML, "invalid: ", text, out);
    }
    if (warned > 0) {
        snprintf(text, sizeof text,
                 "warnings for %zu of %zu cell%s say what to do; they stand below the tables",
                 warned, json_array_size(cells), TEXT_S(json_array_size(cells)));
        form_item(FORM_HTML, "note: ", text, out);
    }
}

static int write_answer(const struct page_view *v, FILE *out)
{
    const json_t *document = v->page->document;
    struct table *answer;
    int rc = 0;

    if (page_is_pair(document))
        return pair_report_write(document, FORM_HTML, out);
    if (page_is_advice(document)) {
        fputs("<p class=\"advice\">", out);
        html_text(result_string(document, "text"), out);
        fputs("</p>\n", out);
        return 0;
    }
    if (page_is_sweep(document))
        write_sweep_answers(document, out);
    answer = answer_table(&v->all);
    if (table_is_empty(answer))
        table_destroy(answer);
    else
        rc = table_show(answer, FORM_HTML, 0, out);
    write_trust(document, out);
    write_findings(v, out);
    return rc;
}

/* ---- What else other folders write ---- */

static int write_changed(const struct page_view *v, FILE *out)
{
    const struct page *page = v->page;
    struct compare_options options = {.effect = COMPARE_EFFECT, .label = 'B'};
    struct compare_report how = {
        .a_path = page->before_path, .b_path = page->path, .form = FORM_HTML};
    struct compare c = {.a = NULL};
    struct err err = {""};
    int rc;

    if (v->all.count == 0 || (page->before == NULL && page_is_sweep(page->document)))
        return 0;
    if (page->before == NULL && page->before_path != NULL) {
        form_item(FORM_HTML, "no comparison: ", page->lacks_before.text, out);
        return 0;
    }
    if (page->before == NULL) {
        fputs(
            "<p>No earlier session is kept beside this one. <code>make bench</code> keeps the one "
            "before it, and <code>tva report --html --before FILE</code> takes any.</p>\n",
            out);
        return 0;
    }
    rc = compare_create(page->before, page->document, &options, &c, &err);
    if (rc == 0)
        rc = compare_report_write(&c, &how, out);
    else if (rc != -ENOMEM)
        form_item(FORM_HTML, "", err.text, out);
    compare_destroy(&c);
    return rc == -ENOMEM ? rc : 0;
}

static int write_theory(const struct page_view *v, FILE *out)
{
    size_t off, n = report_theory_count(v->page->document, &off);

    if (n == 0)
        return 0;
    fprintf(out, "<p class=\"finding\">%zu of %zu queue%s behave%s as theory says.</p>\n", n - off,
            n, TEXT_S(n), n - off == 1 ? "s" : "");
    return report_write_theory(v->page->document, FORM_HTML, out);
}

static int write_processes(const struct page_view *v, FILE *out)
{
    struct err err = {""};
    int r = 0;

    if (v->page->hyperfine != NULL && v->all.count > 0)
        r = report_write_hyperfine(v->page->document, v->page->hyperfine, FORM_HTML, out, &err);
    if (r < 0)
        form_item(FORM_HTML, "no timings: ", err.text, out);
    return r == -ENOMEM ? r : 0;
}

/* ---- The machine ---- */

static const struct {
    const char *title, *path;
    enum { PLAIN, BYTES, NANOSECONDS } unit;
} facts[] = {
    {"processor", "context.cpu", PLAIN},
    {"architecture", "context.architecture", PLAIN},
    {"cores", "context.cores", PLAIN},
    {"CPU quota", "context.cpu_quota", PLAIN},
    {"memory", "context.memory_bytes", BYTES},
    {"virtual machine", "context.virtual_machine", PLAIN},
    {"frequency governor", "context.governor", PLAIN},
    {"kernel", "context.kernel", PLAIN},
    {"timer slack", "context.timer_slack_ns", NANOSECONDS},
    {"a page touched first", "context.primitives.page_ns", NANOSECONDS},
    {"a thread made and ended", "context.primitives.thread_ns", NANOSECONDS},
    {"a thread woken", "context.primitives.wake_ns", NANOSECONDS},
    {"a system call", "context.primitives.syscall_ns", NANOSECONDS},
    {"compiler", "context.compiler", PLAIN},
    {"build", "context.build_type", PLAIN},
    {"libc", "context.libc", PLAIN},
    {"libuv", "context.libuv", PLAIN},
    {"liburing", "context.liburing", PLAIN},
    {"libcurl", "context.libcurl", PLAIN},
    {"tva", "tva_version", PLAIN},
    {"commit", "context.commit", PLAIN},
    {"date", "context.date", PLAIN},
    {"suite", "suite", PLAIN},
    {"rounds", "rounds", PLAIN},
    {"seed", "seed", PLAIN},
};

static int write_machine(const struct page_view *v, FILE *out)
{
    struct table *t = table_list();

    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const json_t *fact = result_get(v->page->document, facts[i].path);
        double value = result_number(v->page->document, facts[i].path);
        char text[32];

        if (json_is_boolean(fact))
            table_entry(t, facts[i].title, json_is_true(fact) ? "yes" : "no");
        else if (json_is_string(fact))
            table_entry(t, facts[i].title, json_string_value(fact));
        if (isnan(value))
            continue;
        if (facts[i].unit == BYTES)
            units_format_size(value, text, sizeof text);
        else if (facts[i].unit == NANOSECONDS)
            units_format_duration(value, text, sizeof text);
        else
            snprintf(text, sizeof text, "%.15g", value);
        table_entry(t, facts[i].title, text);
    }
    return table_show(t, FORM_HTML, 0, out);
}

/* ---- The whole ---- */

/* Parts in their order; one that writes nothing is left out. */
static const struct part {
    const char *id, *title;
    int (*write)(const struct page_view *v, FILE *out);
    bool controls; /* the switches stand above it */
} parts[] = {
    {"answer", "The answer", write_answer, false},
    {"candidates", "The models that were tried", page_advice, false},
    {"work", "Kinds of work", page_work, true},
    {"charts", "Charts", page_charts, false},
    {"time", "Where the time went", page_flames, false},
    {"changed", "What changed since the session before", write_changed, false},
    {"theory", "Queueing theory", write_theory, false},
    {"processes", "Whole processes", write_processes, false},
    {"machine", "The machine", write_machine, false},
    {"repeat", "How to repeat it", page_repeat, false},
};

#define PARTS (sizeof parts / sizeof *parts)

struct text {
    char *text;
    size_t size;
};

/* Copy page.css or page.js, which come with the program. */
static int put_asset(const char *name, FILE *out, struct err *err)
{
    char relative[64], path[PATH_MAX], bytes[4096];
    size_t n;
    FILE *in;
    int r = 0;

    snprintf(relative, sizeof relative, "bench/page/%s", name);
    if (data_dir_find(relative, path, sizeof path) == NULL)
        return err_set(err, -ENOENT,
                       "%s, which comes with tva, is not found; set TVA_SHARE to the folder that "
                       "it is in",
                       relative);
    in = fopen(path, "re");
    if (in == NULL)
        return err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
        fwrite(bytes, 1, n, out);
    if (ferror(in))
        r = err_set(err, -EIO, "cannot read %s: %s", path, strerror(errno));
    fclose(in);
    return r;
}

static void put_title(const struct page_view *v, FILE *out)
{
    const json_t *d = v->page->document;

    html_print(out, "%s, %s, %s",
               page_is_pair(d)     ? "contender against base"
               : page_is_advice(d) ? result_string(d, "job")
               : page_is_sweep(d)  ? "sweep"
               : v->all.count == 1 ? v->all.of[0].group
                                   : "session",
               result_string(d, "context.cpu"), result_string(d, "context.date"));
}

static int put_head(const struct page_view *v, FILE *out, struct err *err)
{
    int r;

    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>tva: ",
          out);
    put_title(v, out);
    fputs("</title>\n<style>\n", out);
    r = put_asset("page.css", out, err);
    page_models_style(&v->models, out);
    fputs("</style>\n</head>\n", out);
    return r;
}

static void put_header(const struct page_view *v, const struct text *texts, FILE *out)
{
    const json_t *d = v->page->document;

    fputs("<body>\n<a class=\"skip\" href=\"#answer\">To the answer</a>\n<header>\n<h1>", out);
    fputs(page_is_pair(d)     ? "Is the contender slower?"
          : page_is_advice(d) ? "Which model for this job?"
          : page_is_sweep(d)  ? "Where do the models change places?"
                              : "Threads or an event loop?",
          out);
    fputs("</h1>\n<p>", out);
    put_title(v, out);
    fputs("</p>\n</header>\n<nav aria-label=\"Parts of the page\"><ul>\n", out);
    for (size_t i = 0; i < PARTS; i++)
        if (texts[i].size > 0)
            fprintf(out, "<li><a href=\"#%s\">%s</a></li>\n", parts[i].id, parts[i].title);
    fputs("</ul></nav>\n", out);
}

static int put_body(const struct page_view *v, const struct text *texts, FILE *out, struct err *err)
{
    int r;

    put_header(v, texts, out);
    fputs("<main>\n", out);
    for (size_t i = 0; i < PARTS; i++) {
        if (texts[i].size == 0)
            continue;
        fprintf(out,
                "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
                parts[i].id, parts[i].id, parts[i].id, parts[i].title);
        if (parts[i].controls)
            page_models_controls(&v->models, out);
        fwrite(texts[i].text, 1, texts[i].size, out);
        fputs("</section>\n", out);
    }
    fputs("</main>\n<footer>\n<p>Written by tva ", out);
    html_text(TVA_VERSION, out);
    fputs(". This page loads nothing. Its style and its script are tva's own, under tva's licence "
          "(MIT); gnuplot drew the charts, which hold none of its code. Texts in charts are laid "
          "out for the font DejaVu Sans; without it, Verdana or another font stands in.</p>\n"
          "</footer>\n<div id=\"tip\" role=\"status\" hidden></div>\n<script>\n",
          out);
    r = put_asset("page.js", out, err);
    fputs("</script>\n</body>\n</html>\n", out);
    return r;
}

/* Write a part to memory. 0 or -ENOMEM. */
static int write_part(const struct part *part, const struct page_view *v, struct text *text)
{
    FILE *out = open_memstream(&text->text, &text->size);
    int r = out != NULL ? part->write(v, out) : -ENOMEM;

    if (out != NULL && fclose(out) != 0)
        r = -ENOMEM;
    return r;
}

int page_write(const struct page *page, FILE *out, struct err *err)
{
    struct page_view v = {.page = page};
    struct text texts[PARTS] = {{NULL, 0}};
    bool ranked = !page_is_advice(page->document) && !page_is_pair(page->document);
    int r = ranked ? rankings_init(&v.all, page->document) : 0;

    if (r == 0 && ranked)
        page_models_init(&v.models, page->document);
    for (size_t i = 0; i < PARTS && r == 0; i++)
        r = write_part(&parts[i], &v, &texts[i]);
    if (r < 0)
        err_set(err, r, "out of memory");
    if (r == 0)
        r = put_head(&v, out, err);
    if (r == 0)
        r = put_body(&v, texts, out, err);
    for (size_t i = 0; i < PARTS; i++)
        free(texts[i].text);
    rankings_deinit(&v.all);
    return r;
}
