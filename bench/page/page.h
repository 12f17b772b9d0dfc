/* The page of a document, report.html: one file that loads nothing, with what the report, the
 * charts and a comparison say of it. Figures come from the functions that write them for a
 * terminal, so a page holds the same ones. All text of the document is escaped. It shows results of
 * tva run and tva sweep, and what tva advise --json and tva pair -o write. One thread at a time.
 *
 * page.c puts the parts together, and page_<part>.c writes one of them. page.css and page.js are
 * copied into the page; without JavaScript it lacks only what its scripts add: tables that sort. */
#ifndef TVA_BENCH_PAGE_H
#define TVA_BENCH_PAGE_H

#include "base/err.h"
#include "export/ranking.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct page {
    const char *path;  /* of the document */
    const char *place; /* of the page; charts are looked for beside it */
    const json_t *document;
    const char *hyperfine;   /* what hyperfine exported; NULL: nothing */
    const char *before_path; /* the session before it; NULL: none */
    const json_t *before;    /* NULL where it cannot be read: */
    struct err lacks_before; /* why */
};

/* Read the document at `path`. NULL with *err set when it is of no kind that has a page. */
json_t *page_read(const char *path, struct err *err);

/* Write the page; failures of the stream show there. 0 or a negative errno with *err set. What the
 * page lacks, as a chart without gnuplot, it says itself. */
int page_write(const struct page *page, FILE *out, struct err *err);

/* ---- For its parts ---- */

#define PAGE_MODELS_MAX 32

/* The models of a document, each with its colour; those that are too many share the last. */
struct page_models {
    const char *names[PAGE_MODELS_MAX]; /* owned by the document */
    unsigned rgb[PAGE_MODELS_MAX];
    size_t count;
};

/* What parts are written from. */
struct page_view {
    const struct page *page;
    struct rankings all; /* none of advice and of a pair */
    struct page_models models;
};

/* Is it the document of tva advise? Of tva pair? Of a sweep? */
bool page_is_advice(const json_t *document);
bool page_is_pair(const json_t *document);
bool page_is_sweep(const json_t *document);

/* The models of all cells, in the document's order. */
void page_models_init(struct page_models *models, const json_t *document);

/* The number of a model of the list: elements of its class, "m3", are hidden with it. */
size_t page_models_find(const struct page_models *models, const char *name);

/* The number of the model that is drawn in this colour, or in it mixed with white; models->count
 * for none. */
size_t page_models_drawn(const struct page_models *models, const char *colour);

/* Write the style rules of the models, and the switches for them and for the scale of axes. */
void page_models_style(const struct page_models *models, FILE *out);
void page_models_controls(const struct page_models *models, FILE *out);

/* Write a part, which begins below its heading; nothing where the document has nothing of it. 0 or
 * -ENOMEM. */
int page_work(const struct page_view *v, FILE *out);
int page_charts(const struct page_view *v, FILE *out);
int page_flames(const struct page_view *v, FILE *out);
int page_repeat(const struct page_view *v, FILE *out);
int page_advice(const struct page_view *v, FILE *out);

/* Copy a chart of gnuplot's or a flame graph as a part of a page: an element <svg> that `label`
 * describes, and whose identifiers begin with `name`, so that several can stand in one page.
 * Elements in the colour of a model, or in a paler one, get its class; `models` may be NULL. A
 * picture that holds more than a chart does, as scripts or links, is refused: -EINVAL with *err
 * set; *out is to be dropped then. */
int page_svg_copy(const char *svg, const char *name, const char *label,
                  const struct page_models *models, FILE *out, struct err *err);

#endif
