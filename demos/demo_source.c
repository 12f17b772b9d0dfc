#include "demo_source.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What lines of Python begin with in a comment: they keep the last four blanks. */
#define PYTHON  " *     "
#define INCLUDE "#include \""

static FILE *open_in(const char *folder, const char *name, struct err *err)
{
    char path[PATH_MAX];
    FILE *in;

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        err_set(err, -ENAMETOOLONG, "the path of the folder %s is too long", folder);
        return NULL;
    }
    in = fopen(path, "re");
    if (in == NULL)
        err_set(err, -errno, "cannot read %s: %s", path, strerror(errno));
    return in;
}

/* The Python of one file; what lies between two lines of it is an empty line. */
static void write_python(FILE *in, FILE *out)
{
    char *line = NULL;
    size_t size = 0;
    bool begun = false, gap = false;

    while (getline(&line, &size, in) >= 0) {
        bool is_python = strncmp(line, PYTHON, strlen(PYTHON)) == 0;

        if (is_python)
            fprintf(out, "%s%s", gap ? "\n" : "", line + strlen(PYTHON) - 4);
        begun = begun || is_python;
        gap = begun && !is_python;
    }
    fputs(begun ? "\n" : "", out);
    free(line);
}

/* The Python of the headers that stand beside the file. 0 or a negative errno. */
static int write_included(FILE *in, const char *folder, FILE *out, struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    int r = 0;

    while (r == 0 && getline(&line, &size, in) >= 0) {
        char *name = line + strlen(INCLUDE);
        FILE *header;

        if (strncmp(line, INCLUDE, strlen(INCLUDE)) != 0)
            continue;
        name[strcspn(name, "\"")] = '\0';
        if (strchr(name, '/') != NULL)
            continue;
        header = open_in(folder, name, err);
        if (header == NULL) {
            r = -EIO;
        } else {
            write_python(header, out);
            fclose(header);
        }
    }
    free(line);
    return r;
}

/* What follows the first comment. */
static void write_c(FILE *in, FILE *out)
{
    char *line = NULL;
    size_t size = 0;
    bool begun = false;

    while (getline(&line, &size, in) >= 0) {
        if (begun)
            fputs(line, out);
        begun = begun || strcmp(line, " */\n") == 0;
    }
    free(line);
}

int demo_source_write(const struct demo *demo, const char *folder, FILE *out, struct err *err)
{
    char name[NAME_MAX];
    FILE *in;
    int r;

    snprintf(name, sizeof name, "%s.c", demo->name);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    in = open_in(folder, name, err);
    if (in == NULL)
        return -EIO;
    fprintf(out, "%s in Python:\n\n    import asyncio, time\n\n", demo->name);
    r = write_included(in, folder, out, err);
    rewind(in);
    write_python(in, out);
    fprintf(out, "    asyncio.run(main())\n\n%s in C, demos/%s:\n\n", demo->name, name);
    rewind(in);
    write_c(in, out);
    fclose(in);
    return r;
}
