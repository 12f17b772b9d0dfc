/* Axes that charts of load are drawn over: a rate, a number of clients, a share of poison, or
 * whatever a sweep went over. Strings point into the document. One thread at a time. */
#ifndef TVA_BENCH_CHART_AXIS_H
#define TVA_BENCH_CHART_AXIS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Where a cell is on an axis: its point of the sweep, else its load's own value ("rate", "clients",
 * "poison", "jobs", "threads"). NAN when it is nowhere. */
double chart_axis_value(const json_t *cell, const char *axis);

/* How an axis of the document is drawn: kind is one of plots/style.gp's ("count", "time", "size",
 * "share"), scale brings the document's values to its unit (s, bytes, 1). */
struct chart_axis {
    const char *name, *kind;
    double scale;
};
struct chart_axis chart_axis_of(const json_t *result, const char *name);

/* A value of the axis as text: "480/s", "2%", "16 clients". Returns buf. */
char *chart_axis_text(const struct chart_axis *axis, double value, char *buf, size_t size);

/* The sweep's axes: their number, 0 when the document is not a sweep; the name of one, "" beyond
 * the last; and its values of the grid, in rising order. */
size_t chart_axes_count(const json_t *result);
const char *chart_axes_name(const json_t *result, size_t index);
const json_t *chart_axes_values(const json_t *result, size_t index);

/* The first and the last value of the sweep's axis of that name; false when there is none. */
bool chart_axes_ends(const json_t *result, const char *name, double ends[2]);

#endif
