/* What is written to standard error meanwhile, as text: for warnings that a demo shows as a part of
 * its story. One at a time in a process. */
#ifndef TVA_DEMOS_CAPTURE_H
#define TVA_DEMOS_CAPTURE_H

#include <stddef.h>

struct capture {
    int saved_fd, file_fd;
};

/* Begin: standard error goes to a file in memory. 0 or a negative errno, and nothing changed. */
int capture_begin(struct capture *c);

/* End: standard error is what it was. What was written, cut at size and without the last newline,
 * goes to buf; returns buf. */
char *capture_end(struct capture *c, char *buf, size_t size);

#endif
