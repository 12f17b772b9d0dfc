/* A point of a sweep as a line of options: what is swept over, with a value on each axis. Pure
 * functions, any thread. */
#ifndef TVA_BENCH_SWEEP_POINT_H
#define TVA_BENCH_SWEEP_POINT_H

#include "sweep/sweep.h"

/* Runs of open loops at low rates are made longer than asked for, at most this, so that they have
 * as many jobs as a percentile that is asked for needs; by a quarter more, since arrivals are
 * random.
 */
#define SWEEP_POINT_EXTENDED_MAX_NS (60 * NS_PER_S)
#define SWEEP_POINT_EXTENDED_BY     1.25

/* The line with the values of a point; on axes where it has NAN, with the first. 0, or -EINVAL with
 * *err set. */
int sweep_point_line(const struct sweep_settings *settings, const double *point,
                     struct plan_line *line, struct err *err);

/* The cells of all series at a point, in their order. 0 or a negative errno with *err set; free it
 * with plan_deinit() in both cases. */
int sweep_point_plan(const struct sweep_settings *settings, const double *point, struct plan *plan,
                     struct err *err);

/* The lowest rate at which runs can have as many jobs as the percentile asked for needs. */
double sweep_point_rate_min(const struct sweep_settings *settings);

#endif
