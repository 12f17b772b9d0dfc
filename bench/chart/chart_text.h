/* Sentences that charts share: what was done, how often, where, and which model won. One thread at
 * a time; functions that take buf return it. */
#ifndef TVA_BENCH_CHART_TEXT_H
#define TVA_BENCH_CHART_TEXT_H

#include "chart/chart.h"

/* Which loop all cells had: "closed loop", "open loop, Poisson arrivals, 10.0 s a run", "open and
 * closed loop"; or "batch", which is none. */
char *chart_loop_text(const json_t *const *cells, size_t count, char *buf, size_t size);

/* Which model the ranking by the metric has alone in the first place how often: "tasks in 3 of 5,
 * pool in 1; 1 tie". Groups in which nothing can be compared do not count; without any other "one
 * model alone". */
char *chart_tally(const struct chart_group *groups, size_t count, const struct metric *metric,
                  char *buf, size_t size);

/* Rank the group's cells where the most lines have a value; *x: there, may be NULL. 0 or -ENOMEM.
 */
int chart_rank_group(struct ranking *r, const struct chart_group *group,
                     const struct metric *metric, double *x);

/* Rank the view's cells by its metric for the title, where they differ most: of one group, or of
 * the lines of one work where most of them have a value. 0 or -ENOMEM. */
int chart_rank(struct chart_view *v);

/* A text of a chart with these words filled in:
 *   {runs}   how the marks came to be: "median and 93% interval of 5 runs"; the weakest cell counts
 *   {loop}   chart_loop_text()
 *   {work}   job and load of all that is shown: of the first group, or of the lines
 *   {metric} the metric's title; {best} "highest" or "lowest", {better} "higher" or "lower"
 *   {axis}   the name of the axis
 *   {ranked} what was ranked: "10.1 ms under tasks, 914 ms under blocking"; those in the first
 * place and the last one that is surely behind; {of} their job and load, {at} their place {tally}
 * chart_tally() of the view's metric, {tally NAME} of another {note}   the view's own words */
char *chart_fill(const struct chart_view *v, const char *text, char *buf, size_t size);

/* The view's subtitle, what is left out, and what to know of the cells. */
char *chart_subtitle_text(const struct chart_view *v, char *buf, size_t size);

/* Write title and subtitle, and as footer the result's machine, program and date. */
void chart_headings(struct chart_data *data, const json_t *result, const char *title,
                    const char *subtitle);

#endif
