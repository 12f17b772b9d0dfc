/* The lists under --help: commands, charts, metrics, axes, each made from its table. */
#ifndef TVA_BENCH_OPTIONS_HELP_H
#define TVA_BENCH_OPTIONS_HELP_H

#include <stdio.h>

/* What an argp help_filter returns: below the options stands what write() writes, all else as it
 * is, and argp frees it. */
char *options_help(int key, const char *text, void (*write)(FILE *out));

/* One entry: the name in a column of `width`, the summary beside it in as many lines as that takes
 * within the columns that argp keeps to. */
void options_help_entry(FILE *out, int width, const char *name, const char *summary);

#endif
