/* Typed parameters in the form "key=value,key=value", described by a table.
 *
 * One table is the parser, the defaults, the limits and the help. Values are kept as uint64_t in an
 * array that runs parallel to the table: ns for durations, bytes for sizes, 0 or 1 for switches,
 * the index of the word for choices. Any thread. */
#ifndef TVA_BASE_PARAM_H
#define TVA_BASE_PARAM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PARAM_MAX 12 /* entries in one table */

enum param_kind { PARAM_COUNT, PARAM_SIZE, PARAM_DURATION, PARAM_SWITCH, PARAM_CHOICE };

struct param {
    const char *name;
    enum param_kind kind;
    uint64_t def, min, max;     /* in the unit of the kind; inclusive */
    const char *const *choices; /* PARAM_CHOICE only: words, NULL at the end */
    const char *help;           /* one line */
};

/* Fill values[0..n) with the defaults, then with what `text` says (NULL or "" is all defaults).
 * A duration "delay" may also be written with its unit in the key: "delay_ms=10".
 * No key may be given twice, no value may be empty. `owner` names what the parameters belong to,
 * for messages ("job tcp"). On failure values[] are not to be used. 0, or -EINVAL with *err naming
 * the valid keys or the range, the nearest key offered. */
int param_parse(const struct param *table, size_t n, const char *owner, const char *text,
                uint64_t *values, struct err *err);

/* One value as text that param_parse reads back ("10ms", "4k", "on", "read"); returns buf. */
char *param_format(const struct param *p, uint64_t value, char *buf, size_t size);

/* What the value is counted in, for help: "duration", "bytes", "count", "on|off", "read|write". */
const char *param_unit(const struct param *p, char *buf, size_t size);

#endif
