/* Callgrind's profile, as --compress-strings=no writes it: "fn=NAME", then lines of a position and
 * a number of instructions; the line after "calls=" has those of the function that was called. */
#include "count/count_proc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    count_visit *visit;
    void *arg;
    char *name; /* of the function whose lines come; NULL: none yet */
    uint64_t own;
};

/* "job_run'2'service_run_job'task_step": the function, the depth of its recursion, its callers. One
 * whose file does not name it has an address in place of a name. */
static int visit_function(struct reader *r)
{
    const char *names[COUNT_CALLERS_MAX + 1];
    size_t n = 0;

    if (r->name == NULL || r->own == 0)
        return 0;
    for (char *rest = r->name, *part;
         n <= COUNT_CALLERS_MAX && (part = strsep(&rest, "'")) != NULL;)
        if (part[0] != '\0' && part[strspn(part, "0123456789")] != '\0')
            names[n++] = strncmp(part, "0x", 2) == 0 ? "[unknown]" : part;
    return n > 0 ? r->visit(r->arg, names, n, r->own) : 0;
}

/* The number of instructions in a line; 0 where it has none. */
static uint64_t cost_of(const char *line)
{
    uint64_t cost = 0;

    if (isdigit((unsigned char)line[0]) || strchr("+-*", line[0]) != NULL)
        sscanf(line, "%*s %" SCNu64, &cost);
    return cost;
}

static int read_line(struct reader *r, char *line, bool *called)
{
    int rc = 0;

    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "fn=", 3) == 0) {
        rc = visit_function(r);
        free(r->name);
        r->name = strdup(line + 3);
        r->own = 0;
        return r->name != NULL ? rc : -ENOMEM;
    }
    if (!*called && line[0] != '\0')
        r->own += cost_of(line);
    *called = strncmp(line, "calls=", 6) == 0;
    return rc;
}

int count_callgrind_read(int fd, count_visit *visit, void *arg)
{
    struct reader r = {.visit = visit, .arg = arg};
    int copy = dup(fd), rc = 0;
    FILE *in = copy >= 0 ? fdopen(copy, "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    bool called = false;

    if (in == NULL)
        return -errno;
    rewind(in);
    while (rc == 0 && getline(&line, &size, in) >= 0)
        rc = read_line(&r, line, &called);
    if (rc == 0)
        rc = feof(in) ? visit_function(&r) : -errno;
    free(r.name);
    free(line);
    fclose(in);
    return rc;
}
