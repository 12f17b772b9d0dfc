/* Typed parameters in the form "key=value,key=value", described by a table.
 *
 * One table is the parser, the defaults, the limits and the help. Values are kept as uint64_t in an
 * array that runs parallel to the table: ns for durations, bytes for sizes, millionths
 * (PARAM_SHARE_ONE) for shares, 0 or 1 for switches, the index of the word for choices, for texts
 * the place in a struct param_texts. Any thread. */
#ifndef TVA_BASE_PARAM_H
#define TVA_BASE_PARAM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define PARAM_MAX       12 /* entries in one table */
#define PARAM_SHARE_ONE 1000000

enum param_kind {
    PARAM_COUNT,
    PARAM_SIZE,
    PARAM_DURATION,
    PARAM_SHARE,
    PARAM_SWITCH,
    PARAM_CHOICE,
    PARAM_TEXT /* neither blanks nor commas, which separate options and parameters */
};

struct param {
    const char *name;
    enum param_kind kind;
    uint64_t def, min, max;     /* in the unit of the kind; inclusive; of texts, only max: bytes */
    const char *const *choices; /* PARAM_CHOICE: words, NULL at the end, each perhaps with other
                                   spellings ("exp|exponential"); PARAM_TEXT: its default */
    const char *help;           /* one line */
};

/* Where the values of texts are kept: by value, so that they are copied with what they belong to.
 * A value of 0 is the default, another 1 + the offset in buf. Begins as all 0. */
#define PARAM_TEXTS_MAX 256

struct param_texts {
    char buf[PARAM_TEXTS_MAX];
    size_t used;
};

/* Fill values[0..n) with the defaults, then with what `text` says (NULL or "" is all defaults).
 * A duration "delay" may also be written with its unit in the key: "delay_ms=10"; the only one of
 * its table by the unit alone: "ms=10".
 * No key may be given twice, no value may be empty. `owner` names what the parameters belong to,
 * for messages ("job tcp"). On failure values[] are not to be used. 0, or -EINVAL with *err naming
 * the valid keys or the range, the nearest key offered. */
int param_parse(const struct param *table, size_t n, const char *owner, const char *text,
                uint64_t *values, struct err *err);

/* The same for a table that may have texts, which go to *texts. */
int param_parse_texts(const struct param *table, size_t n, const char *owner, const char *text,
                      uint64_t *values, struct param_texts *texts, struct err *err);

/* Give a PARAM_TEXT a value. 0, or -EINVAL when it is empty, too long, has blanks, commas or
 * control characters in it, or there is no room left; *err says which. */
int param_set_text(const struct param *p, const char *owner, const char *text, uint64_t *value,
                   struct param_texts *texts, struct err *err);

/* The text that a value of a PARAM_TEXT stands for; texts may be NULL for the default. */
const char *param_text(const struct param *p, uint64_t value, const struct param_texts *texts);

/* One value as text that param_parse reads back ("10ms", "4k", "on", "read"); returns buf. */
char *param_format(const struct param *p, uint64_t value, char *buf, size_t size);

/* The same for a value that may be a text. */
char *param_format_texts(const struct param *p, uint64_t value, const struct param_texts *texts,
                         char *buf, size_t size);

/* What the value is counted in, for help: "duration", "bytes", "count", "on|off", "read|write". */
const char *param_unit(const struct param *p, char *buf, size_t size);

#endif
