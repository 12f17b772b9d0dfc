/* Axes of a sweep: what is varied, and over which values.
 *
 *   NAME=RANGE, as in rate=100..2000:x1.5 or cpu=5%..90%:+5% or threads=1,2,4,8
 *
 * A range is a list of values and of stretches: a..b:xF multiplies by F from a on, a..b:+D adds D,
 * until b would be exceeded. Values carry the unit that the option of the same name takes. The
 * kinds of axes are one table in sweep_axis.c. Pure functions, any thread. */
#ifndef TVA_BENCH_SWEEP_AXIS_H
#define TVA_BENCH_SWEEP_AXIS_H

#include "base/param.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdio.h>

#define SWEEP_AXES_MAX        4
#define SWEEP_AXIS_VALUES_MAX 200
#define SWEEP_AXIS_NAME_MAX   40
#define SWEEP_AXIS_TEXT_MAX   256

/* The kinds of parameters that are numbers, and rates. */
enum sweep_unit {
    SWEEP_COUNT = PARAM_COUNT,
    SWEEP_BYTES = PARAM_SIZE,
    SWEEP_DURATION = PARAM_DURATION,
    SWEEP_SHARE = PARAM_SHARE,
    SWEEP_RATE
};

struct sweep_axis_kind; /* an entry of the table */

struct sweep_axis {
    const struct sweep_axis_kind *kind;
    char name[SWEEP_AXIS_NAME_MAX];  /* "job.NAME" of a parameter that was named so */
    char param[SWEEP_AXIS_NAME_MAX]; /* of the job; "" when the axis is none */
    char text[SWEEP_AXIS_TEXT_MAX];  /* as it was given */
    enum sweep_unit unit;
    double min, max; /* limits of the values */
    bool log;        /* stretches multiply: between two values lies their geometric mean */
    size_t count;
    double values[SWEEP_AXIS_VALUES_MAX]; /* ascending; durations in s, shares from 0 to 1 */
};

/* Parse an axis. The jobs of the line, at least one, say which parameters there are. 0, or -EINVAL
 * with *err set: the name is no axis and no parameter of these jobs, or not of one part alone in
 * each, the line gives a value for it too, or the range is none, has no value, leaves the limits,
 * has a step that does not lead to its end, or has more than SWEEP_AXIS_VALUES_MAX values. */
int sweep_axis_parse(const char *text, const struct plan_line *line, struct sweep_axis *out,
                     struct err *err);

/* Do both give values to the same thing, such as "cpu", "job.cpu" and "job.1.cpu" of a job? */
bool sweep_axis_same(const struct sweep_axis *a, const struct sweep_axis *b,
                     const struct plan_line *line);

/* The axis of rates, without values. */
void sweep_axis_rate(struct sweep_axis *out);

/* The job that an axis of this text implies, as --job takes it; NULL: none. */
const char *sweep_axis_job(const char *text);

/* May a job have a value from each of two axes? 0, or -EINVAL with *err set: their parameters
 * exclude each other. */
int sweep_axis_check_both(const struct sweep_axis *a, const struct sweep_axis *b,
                          const struct plan_line *line, struct err *err);

/* Does the axis make a difference to a cell like this one? */
bool sweep_axis_applies(const struct sweep_axis *axis, const struct cell *cell);

/* Give the value to all cells of the line. 0, or -EINVAL with *err set when a job cannot have it.
 */
int sweep_axis_apply(const struct sweep_axis *axis, double value, struct plan_line *line,
                     struct err *err);

/* "500/s", "38%", "10ms", "4k", "64"; and in a sentence: "38% CPU share". Return buf. */
char *sweep_axis_format(enum sweep_unit unit, double value, char *buf, size_t size);
char *sweep_axis_phrase(const struct sweep_axis *axis, double value, char *buf, size_t size);

/* The value as a cell can have it: whole counts, bytes and ns; else four digits. */
double sweep_axis_round(enum sweep_unit unit, double value);

/* The unit as the document names it: "count", "bytes", "s", "share", "1/s". */
const char *sweep_axis_unit_name(enum sweep_unit unit);

/* Write the table for --help, an entry an axis. */
void sweep_axis_write_help(FILE *out);

#endif
