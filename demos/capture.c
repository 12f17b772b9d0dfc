#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* glibc lets a program assign the standard streams. */
int capture_begin(struct capture *c)
{
    FILE *text = open_memstream(&c->text, &c->len);

    if (text == NULL)
        return -errno;
    c->before = stderr;
    stderr = text;
    return 0;
}

char *capture_end(struct capture *c, char *buf, size_t size)
{
    fclose(stderr);
    stderr = c->before;
    if (c->len > 0 && c->text[c->len - 1] == '\n')
        c->text[c->len - 1] = '\0';
    snprintf(buf, size, "%s", c->text);
    free(c->text);
    return buf;
}
