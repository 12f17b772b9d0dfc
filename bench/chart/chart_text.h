/* Sentences that charts share: how much was measured, where, and who won. One thread at a time. */
#ifndef TVA_BENCH_CHART_TEXT_H
#define TVA_BENCH_CHART_TEXT_H

#include "chart/chart_cells.h"
#include "chart/chart_data.h"

/* The job: its spec, with the main parameter when that alone is missing: "sleep:duration=10ms". */
char *chart_spec_text(const struct chart_group *group, char *buf, size_t size);

/* "100 × sleep:duration=10ms", or "sleep:duration=10ms @ 80/s", cut to fit over a panel. Returns
 * buf.
 */
char *chart_group_title(const struct chart_group *group, char *buf, size_t size);

/* How the marks came to be: "median and 93% interval of 5 runs". The weakest of what is shown
 * speaks for all. Returns buf. */
char *chart_runs_text(const struct chart_group *groups, size_t count, const struct metric *metric,
                      char *buf, size_t size);

/* The group's valid cell whose metric is clearly better than all others'; NULL for a tie. *counts
 * is false when there is nobody to compare it with. */
const json_t *chart_winner(const struct chart_group *group, const struct metric *metric,
                           bool *counts);

/* Who has the best metric how often: "tasks in 3 of 5 jobs, pool(6) in 1; 1 tie". Groups with
 * fewer than two valid cells do not count. "" when no group does. */
char *chart_tally(const struct chart_group *groups, size_t count, const struct metric *metric,
                  char *buf, size_t size);

/* The machine, the program and the date. Returns buf. */
char *chart_footer(const json_t *result, char *buf, size_t size);

/* All three headings of a chart of these groups; caveats and footer are added. */
void chart_headings(struct chart_data *data, const json_t *result, const struct chart_group *groups,
                    size_t count, const char *title, const char *subtitle);

#endif
