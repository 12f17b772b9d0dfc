/* The cells of one group in order of speed: what findings and tables are made from. */
#ifndef TVA_EXPORT_RANKING_H
#define TVA_EXPORT_RANKING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* One cell. Numbers are NAN where the document has none. */
struct ranked {
    const json_t *cell; /* owned by the document */
    char label[64];     /* "tasks", "pool(6)" */
    bool valid;
    double median_s, low_s, high_s; /* of the makespan, of loops the mean latency: the interval */
    double min_s, max_s;            /* over runs */
    double ideal_s, lag_s;          /* lag: the longest of the loop, median over runs */
    double jobs, runs;
    double lost; /* share of the jobs that were refused or not served; 0 elsewhere */
};

struct ranking {
    struct ranked *cells; /* valid ones first, fastest first, those that lost jobs behind the
                             others; the invalid ones in the document's order */
    size_t count, valid;
    bool loop; /* cells are of open or closed loops */
};

/* Rank the cells of that group. Free it with ranking_deinit(). 0 or -ENOMEM. */
int ranking_init(struct ranking *r, const json_t *result, const char *group);
void ranking_deinit(struct ranking *r);

/* Is the difference of two valid cells more than noise: intervals that do not overlap, and medians
 * that differ by at least 2 %; or did one of them lose jobs and the other none? */
bool ranking_differ(const struct ranked *a, const struct ranked *b);

/* How many of the fastest cannot be told from the very fastest, itself included; 0 when none is
 * valid. */
size_t ranking_tied(const struct ranking *r);

#endif
