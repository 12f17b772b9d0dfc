/* Typed parameters in the form "key=value,key=value", described by a table.
 *
 * One table is the parser, the defaults, the limits and the help. The values are uint64_t in an
 * array parallel to the table: ns for durations, bytes for sizes, millionths (PARAM_SHARE_ONE) for
 * shares, 0 or 1 for switches, the index of the word for choices, the place in a struct param_texts
 * for texts. Any thread. */
#ifndef TVA_BASE_PARAM_H
#define TVA_BASE_PARAM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARAM_MAX       16 /* entries in one table */
#define PARAM_SHARE_ONE 1000000

enum param_kind {
    PARAM_COUNT,
    PARAM_SIZE,
    PARAM_DURATION,
    PARAM_SHARE,
    PARAM_SWITCH,
    PARAM_CHOICE,
    PARAM_TEXT /* no blanks, commas and quotes, which separate options and parameters */
};

struct param {
    const char *name;
    enum param_kind kind;
    uint64_t def, min, max; /* in the unit of the kind; inclusive; of texts, only max: bytes */
    const char *const
        *choices;     /* PARAM_CHOICE: at most 16 words, NULL at the end, each perhaps with
                         other spellings ("exp|exponential"); PARAM_TEXT: its default */
    const char *help; /* one line */
    bool either;      /* of those so marked, a text gives one at most */
};

/* Holds the values of texts by value, so that they are copied with the struct that they belong to.
 * A value of 0 is the default, another 1 + the offset in buf. Begins as all 0. */
#define PARAM_TEXTS_MAX 256

struct param_texts {
    char buf[PARAM_TEXTS_MAX];
    size_t used;
};

/* Fill values[0..n) with the defaults, then with what `text` says (NULL or "" is all defaults). A
 * duration "delay" may also be written with its unit in the key: "delay_ms=10"; the only duration
 * of a table by the unit alone: "ms=10". No key may be given twice, and one alone of those marked
 * `either`; no value may be empty. Texts go
 * to *texts; NULL: none is taken. `owner` names what the parameters belong to, for messages ("job
 * tcp"). 0, or -EINVAL with *err naming the valid keys or the range, and the nearest key; then
 * values[] are not to be used. */
int param_parse(const struct param *table, size_t n, const char *owner, const char *text,
                uint64_t *values, struct param_texts *texts, struct err *err);

/* Set *err to a sentence: two of one table are given that are marked `either`. Returns -EINVAL. */
int param_refuse_both(const char *owner, const struct param *a, const struct param *b,
                      struct err *err);

/* Give a PARAM_TEXT a value. 0, or -EINVAL with *err set when it is empty or too long, contains
 * blanks, commas, single quotes or control characters, or when no room is left. */
int param_set_text(const struct param *p, const char *owner, const char *text, uint64_t *value,
                   struct param_texts *texts, struct err *err);

/* The text of a value of a PARAM_TEXT; texts may be NULL for the default. */
const char *param_text(const struct param *p, uint64_t value, const struct param_texts *texts);

/* One value as text that param_parse reads back ("10ms", "4k", "on", "read"); returns buf. texts as
 * for param_text(). */
char *param_format(const struct param *p, uint64_t value, const struct param_texts *texts,
                   char *buf, size_t size);

/* The unit of the value, for help: "duration", "bytes", "count", "on|off", "read|write". */
const char *param_unit(const struct param *p, char *buf, size_t size);

#endif
