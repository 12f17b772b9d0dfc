/* Sentences that charts share: what was done, how often, where, and which model won. One thread at
 * a time; functions that take buf return it. */
#ifndef TVA_BENCH_CHART_TEXT_H
#define TVA_BENCH_CHART_TEXT_H

#include "chart/chart.h"

/* The cell's job: its spec, with the main parameter when that alone is missing:
 * "sleep:duration=10ms". */
char *chart_spec_text(const json_t *cell, char *buf, size_t size);

/* The cell's job and load, cut to fit over a panel: "100 × sleep:duration=10ms", or
 * "sleep:duration=10ms @ 80/s". CHART_TITLE_MAX bytes are enough. */
#define CHART_TITLE_MAX (2 * CHART_LABEL_MAX)
char *chart_work_text(const json_t *cell, char *buf, size_t size);

/* Which loop all cells had: "closed loop", "open loop, Poisson arrivals, 10.0 s a run", "open and
 * closed loop"; or "batch", which is none. */
char *chart_loop_text(const json_t *const *cells, size_t count, char *buf, size_t size);

/* Which model has the best value how often: "tasks in 3 of 5, pool in 1; 1 tie". Groups with fewer
 * than two valid cells do not count. "" when no group does. */
char *chart_tally(const struct chart_group *groups, size_t count, const struct metric *metric,
                  char *buf, size_t size);

/* The view's subtitle with these words filled in, what is left out, and what to know of the cells:
 *   {runs}   how the marks came to be: "median and 93% interval of 5 runs"; the weakest cell counts
 *   {loop}   chart_loop_text()
 *   {work}   job and load of all that is shown: of the first group, or of the lines
 *   {metric} the metric's title; {best} "highest" or "lowest", {better} "higher" or "lower"
 *   {axis}   the name of the axis
 *   {note}   the view's own words */
char *chart_subtitle_text(const struct chart_view *v, char *buf, size_t size);

/* Write title and subtitle, and as footer the result's machine, program and date. */
void chart_headings(struct chart_data *data, const json_t *result, const char *title,
                    const char *subtitle);

#endif
