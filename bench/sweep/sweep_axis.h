/* Axes of a sweep: what is varied, and over which values.
 *
 *   NAME=RANGE, as in rate=100..2000:x1.5 or cpu=5%..90%:+5% or threads=1,2,4,8
 *
 * A range is a list of values and of stretches: a..b:xF multiplies by F from a on, a..b:+D adds D,
 * for as long as b is not exceeded. Values carry the unit that the option of the same name takes.
 * The kinds of axes are one table in sweep_axis.c. Pure functions, any thread. */
#ifndef TVA_BENCH_SWEEP_AXIS_H
#define TVA_BENCH_SWEEP_AXIS_H

#include "plan.h"

#include <stdbool.h>
#include <stdio.h>

#define SWEEP_AXES_MAX        4
#define SWEEP_AXIS_VALUES_MAX 200
#define SWEEP_AXIS_NAME_MAX   40
#define SWEEP_AXIS_TEXT_MAX   256

enum sweep_unit { SWEEP_COUNT, SWEEP_BYTES, SWEEP_DURATION, SWEEP_SHARE, SWEEP_RATE };

struct sweep_axis_type {
    const char *name;   /* as in --over NAME=; what a parameter of the job is called in its table */
    const char *phrase; /* "%s jobs at once": a value in a sentence */
    const char *summary; /* for help */
    enum sweep_unit unit;
    double min, max;
    const char *job; /* the job to sweep when none is given; NULL: the usual one */
    /* Is it of any effect on cells like this one? NULL: on all. */
    bool (*applies)(const struct cell *cell);
    /* Does the line give it a value already? NULL: parameters of the job, whose own is a default.
     */
    bool (*given)(const struct plan_line *line);
    /* Give all cells of the line the value. NULL: it is a parameter of the job. */
    void (*apply)(struct plan_line *line, double value);
};

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

/* The job that the axis of this text is about when none is given, as --job takes it; NULL: any. */
const char *sweep_axis_job(const char *text);

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

/* The table as help: an entry an axis. */
void sweep_axis_help(FILE *out);

#endif
