/* Files of sections, such as suites and jobs files:
 *
 *   # comment
 *   [section]
 *   what stands in it, a line each
 *
 * A # at the beginning of a line or behind a blank begins a comment. Blanks around a line, empty
 * lines and a byte order mark do not count. One thread. */
#ifndef TVA_BENCH_CONF_H
#define TVA_BENCH_CONF_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct conf_line {
    size_t number;   /* from 1 on */
    char *text;      /* never empty */
    bool is_section; /* begins the section of which text is the name */
};

struct conf {
    const char *path; /* the caller's */
    struct conf_line *lines;
    size_t count, capacity;
};

/* Read the file; `what` names its kind in messages ("suite"). 0, or a negative errno with *err set;
 * free it with conf_deinit() in both cases. */
int conf_read(const char *path, const char *what, struct conf *out, struct err *err);
void conf_deinit(struct conf *conf);

/* Set *err to "path:line: " and the sentence `why`. Returns `code`. */
int conf_fault(const struct conf *conf, const struct conf_line *line, const struct err *why,
               int code, struct err *err);

#endif
