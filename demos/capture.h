/* What the program writes to stderr meanwhile, as text: for warnings that a demo shows as a part of
 * its story. One thread. */
#ifndef TVA_DEMOS_CAPTURE_H
#define TVA_DEMOS_CAPTURE_H

#include <stddef.h>
#include <stdio.h>

struct capture {
    FILE *before;
    char *text;
    size_t len;
};

/* Begin: stderr is a stream in memory. 0 or a negative errno, and nothing changed. */
int capture_begin(struct capture *c);

/* End: stderr is what it was. What was written, without the last newline and cut at size, goes to
 * buf; returns buf. */
char *capture_end(struct capture *c, char *buf, size_t size);

#endif
