/* Tables for people: aligned text that fits the terminal, Markdown and HTML, from the same rows.
 *
 * A table that is too wide for the terminal gives way in this order, and no figure is lost:
 *   1. gaps between columns shrink from two blanks to one;
 *   2. columns that say "-" in every row are left out;
 *   3. a column of words is broken into lines; where that takes more lines than words that stand
 *      below their rows, or it would be too narrow for a word, they do that;
 *   4. columns that do not fit stand in a second table below, beside the first columns again.
 *
 * Cells are kept as they were given; texts of others are escaped in Markdown and in HTML. One
 * thread at a time. Failures are kept: table_write() reports them. */
#ifndef TVA_BASE_TABLE_H
#define TVA_BASE_TABLE_H

#include "base/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table;

/* How a column looks; bits. */
enum table_look {
    TABLE_LEFT = 0,
    TABLE_RIGHT = 1,
    TABLE_WORDS = 2, /* may be broken into lines */
    TABLE_CODE = 4,  /* in Markdown a code span, in HTML the same */
    TABLE_HEAD = 8   /* says which row it is: stands in front of each part of a wide table */
};

/* A table without columns. NULL when out of memory; every function here takes that, too. */
struct table *table_create(void);
void table_destroy(struct table *t);

/* A table of two columns without titles: names, and what they mean. */
struct table *table_list(void);

/* Add a column, before the first cell. A title is broken where it is longer than the cells. */
void table_column(struct table *t, const char *title, unsigned look);

/* Add the next cell; rows are filled from left to right. `strong` is a beginning that stands out in
 * Markdown and HTML, "invalid"; on a terminal with colours the whole row does when its first cell
 * has one.
 */
void table_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_strong(struct table *t, const char *strong, const char *rest);

/* Add a row of a list. */
void table_entry(struct table *t, const char *name, const char *meaning);

/* The rows from here on are of this; in text it stands above them, else in a column of its own, in
 * front, with the title of the first call. */
void table_group(struct table *t, const char *title, const char *text);

/* True of a table without rows. One that ran out of memory is not empty: to write it fails. */
bool table_is_empty(const struct table *t);

/* Write it as text of at most `columns` characters a line, rows indented by `indent`. Titles are
 * left out where all are "". 0 or -ENOMEM. */
int table_write(const struct table *t, size_t columns, size_t indent, FILE *out);

/* Write it as Markdown. 0 or -ENOMEM. */
int table_markdown(const struct table *t, FILE *out);

/* Write it as HTML; columns that say "-" in every row are left out. 0 or -ENOMEM. */
int table_html(const struct table *t, FILE *out);

/* One of these, text as wide as the stream's lines may be (wrap_columns()): where nothing bounds
 * them, a table with titles is whole, for what reads it by rows. The table is destroyed. */
int table_show(struct table *t, enum form form, size_t indent, FILE *out);

#endif
