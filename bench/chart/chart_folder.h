/* Where charts go: a folder, its data/ below, and the scripts that come with the program. One
 * thread at a time. */
#ifndef TVA_BENCH_CHART_FOLDER_H
#define TVA_BENCH_CHART_FOLDER_H

#include "base/err.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CHART_FORMATS 2

extern const char *const chart_formats[CHART_FORMATS]; /* "svg", "png" */

struct chart_folder {
    char dir[PATH_MAX], data[PATH_MAX], share[PATH_MAX];
};

/* Make the folder and its data/, and find the scripts. 0 or a negative errno with *err set. */
int chart_folder_open(struct chart_folder *folder, const char *dir, struct err *err);

/* Draw the data of the chart `name`, which is in folder->data, by a script below the share
 * directory
 * ("plots/lag.gp") in the formats that are asked for; print the path of each picture to `said`. 0
 * or a negative errno with *err set. */
int chart_folder_draw(const struct chart_folder *folder, const char *name, const char *script,
                      const bool formats[CHART_FORMATS], FILE *said, struct err *err);

#endif
