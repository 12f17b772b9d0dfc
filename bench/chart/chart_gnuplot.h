/* Runs gnuplot on a chart's script. */
#ifndef TVA_BENCH_CHART_GNUPLOT_H
#define TVA_BENCH_CHART_GNUPLOT_H

#include "base/err.h"

/* What a script is told, as gnuplot's variables of the same names. */
struct chart_drawing {
    const char *script; /* path */
    const char *share;  /* the folder of the scripts: style.gp is there */
    const char *data;   /* the chart's data without suffix: DATA.gp, DATA-<table>.dat */
    const char *format; /* "svg" or "png" */
    const char *output; /* the picture's path */
};

/* Draw into a temporary file beside `output`, and put it in place when gnuplot succeeded. 0, or a
 * negative errno with *err set: -ENOENT without gnuplot, -ETIMEDOUT when it took over a minute. */
int chart_gnuplot(const struct chart_drawing *drawing, struct err *err);

#endif
