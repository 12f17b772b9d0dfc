/* Ranges of values with units: the part of an axis behind its "=". Pure functions, any thread. */
#ifndef TVA_BENCH_SWEEP_RANGE_H
#define TVA_BENCH_SWEEP_RANGE_H

#include "sweep/sweep_axis.h"

/* What the values of an axis are, and between which they must lie. */
struct sweep_limits {
    enum sweep_unit unit;
    double min, max;
};

/* Fill in values, count and log of *out. `name` is the axis, for messages. 0, or -EINVAL with *err
 * set: no value, none in the range, out of its limits, a step that does not lead to its end, more
 * than SWEEP_AXIS_VALUES_MAX. */
int sweep_range_parse(const char *text, const char *name, const struct sweep_limits *limits,
                      struct sweep_axis *out, struct err *err);

/* "500/s", "38%", "10ms", "4k", "64"; returns buf. */
char *sweep_value_format(enum sweep_unit unit, double value, char *buf, size_t size);

/* The value as the cell can have it: whole counts, bytes and ns; else four digits. */
double sweep_value_round(enum sweep_unit unit, double value);

#endif
