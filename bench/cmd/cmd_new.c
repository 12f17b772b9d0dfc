#include "base/atomic_file.h"
#include "base/program.h"
#include "cli/data_dir.h"
#include "cmd/cmd.h"
#include "job/plugin.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct new_options {
    const char *words[2]; /* "job" and its name */
    size_t words_count;
};

static const struct options_entry entries[] = {
    {.value = "WORD", .take = options_text, OPTIONS_LIST(struct new_options, words)},
    {0},
};

static const struct options_example examples[] = {
    {"tva new job mine", "makes mine/mine.c, its Makefile and its test"},
    {0},
};

static const struct options_help help = {
    .operands = "job NAME",
    .text = "Begin a job of your own: a folder NAME with NAME.c, a Makefile, and a test that runs "
            "it under every model. Edit run() in NAME.c; 'make -C NAME test' builds and tries it, "
            "and --job NAME/NAME.so measures it.",
    .examples = examples,
};

/* What stands for @WORD@ in the files. */
struct word {
    const char *word, *value;
};

static void write_line(FILE *out, const char *line, const struct word *words)
{
    const struct word *found = NULL;
    const char *at;

    for (const char *rest = line; (at = strchr(rest, '@')) != NULL && found == NULL; rest = at + 1)
        for (const struct word *w = words; w->word != NULL && found == NULL; w++)
            if (strncmp(at, w->word, strlen(w->word)) == 0) {
                fprintf(out, "%.*s%s", (int)(at - line), line, w->value);
                write_line(out, at + strlen(w->word), words);
                found = w;
            }
    if (found == NULL)
        fputs(line, out);
}

static int write_file(const char *from, const char *to, const struct word *words, struct err *err)
{
    char path[PATH_MAX], *line = NULL;
    FILE *in = data_dir_find(from, path, sizeof path) != NULL ? fopen(path, "re") : NULL;
    struct atomic_file *out;
    size_t size = 0;

    if (in == NULL)
        return err_set(err, -ENOENT, "%s is missing from tva's files: install tva anew", from);
    out = atomic_file_create(to, err);
    while (out != NULL && getline(&line, &size, in) >= 0)
        write_line(atomic_file_stream(out), line, words);
    free(line);
    fclose(in);
    return out != NULL ? atomic_file_commit(out, err) : -EIO;
}

static int write_all(const char *name, struct err *err)
{
    static const struct {
        const char *from, *to;
        bool named; /* the name of the job comes first */
    } files[] = {{"bench/new/job.c.in", ".c", true},
                 {"bench/new/Makefile.in", "Makefile", false},
                 {"bench/new/test.sh.in", "test.sh", false}};
    char program[PATH_MAX], header[PATH_MAX], include[PATH_MAX], to[160];
    struct word words[] = {
        {"@NAME@", name}, {"@TVA@", program}, {"@INCLUDE@", include}, {NULL, NULL}};
    int r = 0;

    program_path(program, sizeof program);
    if (program_find(TVA_INCLUDE_DIRS, "job/plugin.h", R_OK, header, sizeof header) == NULL)
        return err_set(err, -ENOENT, "tva's headers are missing: install tva anew");
    header[strlen(header) - strlen("/job/plugin.h")] = '\0';
    if (realpath(header, include) == NULL)
        return err_set(err, -errno, "%s: %s", header, strerror(errno));
    if (mkdir(name, 0777) < 0)
        return err_set(err, -errno, "cannot make a folder %s: %s", name, strerror(errno));
    for (size_t i = 0; i < sizeof files / sizeof *files && r == 0; i++) {
        snprintf(to, sizeof to, "%s/%s%s", name, files[i].named ? name : "", files[i].to);
        r = write_file(files[i].from, to, words, err);
    }
    return r;
}

int cmd_new(int argc, char **argv, struct err *err)
{
    struct new_options o = {.words_count = 0};
    const struct options_part parts[] = {{entries, &o}, {0}};
    int status = options_parse(&help, parts, argc, argv, err);
    char name[PLUGIN_NAME_SIZE];

    if (status != EXIT_GOOD)
        return status;
    if (o.words_count != 2 || strcmp(o.words[0], "job") != 0) {
        err_set(err, -EINVAL, "say what is new, and its name: tva new job NAME");
        return EXIT_USAGE;
    }
    if (strchr(o.words[1], '/') != NULL || plugin_name(o.words[1], name, err) < 0) {
        if (strchr(o.words[1], '/') != NULL)
            err_set(err, -EINVAL, "%s is a path: tva new job makes a folder here", o.words[1]);
        return EXIT_USAGE;
    }
    if (write_all(name, err) < 0)
        return EXIT_FAILED;
    printf("%s/%s.c is the job, with a Makefile and a test:\n\n  make -C %s test\n", name, name,
           name);
    return EXIT_GOOD;
}
