/* Pictures: the folder that they go to, and gnuplot, which draws a chart's data. One thread at a
 * time. */
#ifndef TVA_BENCH_CHART_DRAW_H
#define TVA_BENCH_CHART_DRAW_H

#include "base/err.h"
#include "chart/chart_data.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#define CHART_FORMATS 2

extern const char *const chart_formats[CHART_FORMATS]; /* "svg", "png" */

struct chart_folder {
    char dir[PATH_MAX];   /* for pictures */
    char data[PATH_MAX];  /* DIR/data, for what the scripts read */
    char share[PATH_MAX]; /* plots/, the scripts that come with the program */
};

/* Make a folder if it is missing. 0 or a negative errno with *err set. */
int chart_folder_make(const char *path, struct err *err);

/* Make the folder and its data/, and find the scripts. 0 or a negative errno with *err set. */
int chart_folder_open(struct chart_folder *folder, const char *dir, struct err *err);

/* Finish the data, which is in folder->data, and draw it as DIR/<chart>.svg and .png, as far as
 * the formats are asked for (NULL: all); print the path of each picture to `said`, if there is one.
 * A picture is replaced when gnuplot has drawn all of the new one. 0, or a negative errno with *err
 * set: -ENOPKG without gnuplot, -ETIMEDOUT when it took over a minute. */
int chart_draw(struct chart_data *data, const struct chart_folder *folder,
               const bool formats[CHART_FORMATS], FILE *said, struct err *err);

#endif
