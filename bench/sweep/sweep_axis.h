/* Axes of a sweep: what is varied, and over which values.
 *
 *   NAME=RANGE, as in rate=100..2000:x1.5 or cpu=5%..90%:+5% or threads=1,2,4,8
 *
 * A range is a list of values and of stretches: a..b:xF multiplies by F from a on, a..b:+D adds D,
 * for as long as b is not exceeded. Values carry the unit that the option of the same name takes.
 * The kinds of axes are one table in sweep_axis_type.c. Pure functions, any thread. */
#ifndef TVA_BENCH_SWEEP_AXIS_H
#define TVA_BENCH_SWEEP_AXIS_H

#include "sweep/sweep_axis_type.h"

#include <stdbool.h>

#define SWEEP_AXES_MAX        4
#define SWEEP_AXIS_VALUES_MAX 200
#define SWEEP_AXIS_NAME_MAX   40
#define SWEEP_AXIS_TEXT_MAX   256

struct sweep_axis {
    const struct sweep_axis_type *type;
    char name[SWEEP_AXIS_NAME_MAX];  /* of parameters "job.NAME" where they were asked for so */
    char param[SWEEP_AXIS_NAME_MAX]; /* of the job; "" when it is none */
    char text[SWEEP_AXIS_TEXT_MAX];  /* as it was given */
    enum sweep_unit unit;
    bool log; /* its stretches multiply: between values lies their geometric mean */
    size_t count;
    double values[SWEEP_AXIS_VALUES_MAX]; /* ascending; durations in s, shares from 0 to 1 */
};

/* Parse one. The jobs of the line, which has at least one, say what a parameter is: one that none
 * of them has is refused, and so is what the line gives a value already. 0, or -EINVAL with *err
 * set.
 */
int sweep_axis_parse(const char *text, const struct plan_line *line, struct sweep_axis *out,
                     struct err *err);

/* The axis of rates, without values. */
void sweep_axis_rate(struct sweep_axis *out);

/* Does the value make a difference to a cell like this one? */
bool sweep_axis_applies(const struct sweep_axis *axis, const struct cell *cell);

/* Give all cells of the line the value. 0, or -EINVAL with *err set when a job cannot have it. */
int sweep_axis_apply(const struct sweep_axis *axis, double value, struct plan_line *line,
                     struct err *err);

/* "500/s", "38%", "10ms", "64"; and in a sentence: "38% CPU share". Return buf. */
char *sweep_axis_format(const struct sweep_axis *axis, double value, char *buf, size_t size);
char *sweep_axis_phrase(const struct sweep_axis *axis, double value, char *buf, size_t size);

/* The unit as the document names it: "count", "bytes", "s", "share", "1/s". */
const char *sweep_axis_unit(const struct sweep_axis *axis);

#endif
