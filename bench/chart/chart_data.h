/* What a chart's gnuplot script reads: tables, and the texts and numbers around them; and pictures:
 * the folder that they go to, and gnuplot, which draws them.
 *
 * Tables go to DIR/<chart>-<table>.dat (columns separated by tabs, the names of the columns above
 * each block, NaN for what is missing), variables to DIR/<chart>.gp. Each file is written whole or
 * not at all. The first failure is kept and reported by chart_data_finish(), so that writers need
 * no checks. One thread at a time. */
#ifndef TVA_BENCH_CHART_DATA_H
#define TVA_BENCH_CHART_DATA_H

#include "base/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct chart_data;

/* Longer texts are cut. */
#define CHART_TEXT_MAX 1024

/* Begin the data of one chart in an existing directory. The strings are copied. NULL with *err set.
 */
struct chart_data *chart_data_create(const char *dir, const char *chart, struct err *err);

const char *chart_data_name(const struct chart_data *d);

/* The script that draws the data, plots/<form>.gp: a string that outlives d. Every chart names it.
 */
void chart_data_set_form(struct chart_data *d, const char *form);
const char *chart_data_form(const struct chart_data *d);

/* Define the variable <name>_<index> of the script, which is a script's way to have a list; or
 * <name>. A text may hold newlines; it is escaped for gnuplot's enhanced text, so every character
 * stands for itself. */
void chart_data_number_at(struct chart_data *d, const char *name, size_t index, double value);
void chart_data_text_at(struct chart_data *d, const char *name, size_t index, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));
#define CHART_NO_INDEX                    ((size_t)-1)
#define chart_data_number(d, name, value) chart_data_number_at(d, name, CHART_NO_INDEX, value)
#define chart_data_text(d, name, ...)     chart_data_text_at(d, name, CHART_NO_INDEX, __VA_ARGS__)

/* The title of a panel, cut to fit: panel_title_<index>. Of titles that are cut and begin alike,
 * the later one goes on where it differs. */
void chart_data_panel_title(struct chart_data *d, size_t index, const char *title);

/* Title, subtitle and footer, broken into lines that fit the page. */
void chart_data_headings(struct chart_data *d, const char *title, const char *subtitle,
                         const char *footer);

/* Begin a table; ends the one before. columns: their names, separated by
 * spaces: a string that outlives the table. */
void chart_data_table(struct chart_data *d, const char *name, const char *columns);

/* Append a row to the table: CHART_ROW(d, CHART_N(1.5), CHART_T("a text")). */
struct chart_column {
    double number;
    const char *text; /* NULL in a column of numbers */
};
void chart_data_row(struct chart_data *d, const struct chart_column *columns, size_t count);

#define CHART_N(value) ((struct chart_column){.number = (double)(value)})
#define CHART_T(value) ((struct chart_column){.text = (value)})
#define CHART_ROW(d, ...)                                                                          \
    chart_data_row(d, (const struct chart_column[]){__VA_ARGS__},                                  \
                   sizeof((struct chart_column[]){__VA_ARGS__}) / sizeof(struct chart_column))

/* Append an empty row: it interrupts a line. */
void chart_data_gap(struct chart_data *d);

/* End a block of rows, which must not be empty: the next ones are gnuplot's next `index`. */
void chart_data_end_block(struct chart_data *d);

/* Put the files in place. 0, or a negative errno with *err set. */
int chart_data_finish(struct chart_data *d, struct err *err);

/* Free d; what was not finished is dropped. d may be NULL. */
void chart_data_destroy(struct chart_data *d);

/* ---- Pictures ---- */

/* CHART_LINEAR is an SVG whose axes of values are linear, from 0, where they are logarithmic in the
 * others. */
enum chart_format { CHART_SVG, CHART_PNG, CHART_LINEAR, CHART_FORMATS };

extern const char *const chart_formats[CHART_FORMATS]; /* "svg", "png", "linear.svg" */

struct chart_folder {
    char dir[PATH_MAX];   /* for pictures */
    char data[PATH_MAX];  /* DIR/data, for what the scripts read */
    char share[PATH_MAX]; /* plots/, the scripts that come with the program */
};

/* Make a folder if it is missing. 0 or a negative errno with *err set. */
int chart_folder_make(const char *path, struct err *err);

/* Make the folder and its data/, and find the scripts. 0 or a negative errno with *err set. */
int chart_folder_open(struct chart_folder *folder, const char *dir, struct err *err);

/* Finish the data, which is in folder->data, and draw it as DIR/<chart>.<format> in the formats
 * that are asked for (NULL: svg and png); print the path of each picture to `said`, if there is
 * one. A form without an axis that CHART_LINEAR changes has no such picture. Texts of columns
 * "hover" are titles of their marks in SVG, which browsers show. A picture is replaced when gnuplot
 * has drawn all of the new one. 0, or a negative errno with *err set: -ENOPKG without gnuplot,
 * -ETIMEDOUT when it took over a minute. */
int chart_draw(struct chart_data *data, const struct chart_folder *folder,
               const bool formats[CHART_FORMATS], FILE *said, struct err *err);

struct demo_run;

/* The timeline of one demo, or of several side by side: draw runs[count], which have been
 * performed, into DIR/<name>.svg and .png, with their data in DIR/data; folders are made. 0, or a
 * negative errno with *err set: -ENOPKG only without gnuplot. */
int chart_demo_draw(const struct demo_run *const runs[], size_t count, const char *name,
                    const char *dir, struct err *err);

#endif
