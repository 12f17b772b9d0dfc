/* What can be swept: the kinds of axes, one table. Pure functions, any thread. */
#ifndef TVA_BENCH_SWEEP_AXIS_TYPE_H
#define TVA_BENCH_SWEEP_AXIS_TYPE_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stdio.h>

#define SWEEP_AXIS_JOB_PREFIX "job."

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

/* Any number among the job's parameters, as job.NAME; it is not in the table. */
extern const struct sweep_axis_type sweep_axis_type_param;

/* The type of an axis of this name; NULL with *err naming the nearest. */
const struct sweep_axis_type *sweep_axis_type_find(const char *name, struct err *err);

/* The job that the axis of this text is about when none is given, as --job takes it; NULL: any. */
const char *sweep_axis_type_job(const char *text);

/* The table as help: an entry an axis. */
void sweep_axis_type_help(FILE *out);

#endif
