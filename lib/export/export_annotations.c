/* Workflow commands of GitHub Actions: an ::error for each invalid cell, a ::warning for each
 * warning, escaped as actions/toolkit does (in packages/core/src/command.ts: "%", CR and LF in a
 * message, ":" and "," as well in a property).
 *
 * GitHub shows the first 10 errors and the first 10 warnings of a step, so where there are more the
 * tenth tells how many. */
#include "export/export.h"
#include "result/result.h"

#include <string.h>

#define SHOWN_MAX   10
#define MESSAGE_MAX 4096

static void put_escaped(const char *text, const char *also, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (strchr("%\r\n", *text) != NULL || strchr(also, *text) != NULL)
            fprintf(out, "%%%02X", (unsigned)*text);
        else
            fputc(*text, out);
    }
}

static void put_command(const char *command, const char *title, const char *message, FILE *out)
{
    fprintf(out, "::%s title=", command);
    put_escaped(title, ":,", out);
    fputs("::", out);
    put_escaped(message, "", out);
    fputc('\n', out);
}

enum kind { ERROR, WARNING, KINDS };

static const struct {
    const char *command, *rest;
} kinds[KINDS] = {{"error", "cells are invalid"}, {"warning", "warnings"}};

struct annotations {
    size_t all[KINDS], put[KINDS];
    FILE *out;
};

static int count_cell(const struct export_cell *c, void *arg)
{
    struct annotations *a = arg;

    a->all[ERROR] += !c->valid;
    a->all[WARNING] += json_array_size(json_object_get(c->cell, "warnings"));
    return 0;
}

/* Put one more, if there is room: the last place is for the sum of the rest. */
static void put_one(struct annotations *a, enum kind kind, const char *title, const char *lead,
                    const char *message)
{
    char text[MESSAGE_MAX];

    if (a->put[kind] >= SHOWN_MAX || (a->all[kind] > SHOWN_MAX && a->put[kind] == SHOWN_MAX - 1))
        return;
    a->put[kind]++;
    snprintf(text, sizeof text, "%s%s", lead, message);
    put_command(kinds[kind].command, title, text, a->out);
}

static int put_cell(const struct export_cell *c, void *arg)
{
    const json_t *warning;
    size_t i;

    if (!c->valid)
        put_one(arg, ERROR, c->name, "invalid: ", c->reasons);
    json_array_foreach(json_object_get(c->cell, "warnings"), i, warning)
        put_one(arg, WARNING, c->name, "", json_string_value(warning));
    return 0;
}

static int write_annotations(const json_t *result, FILE *out)
{
    bool partial = json_is_true(json_object_get(result, "partial"));
    struct annotations a = {.all[WARNING] = partial, .out = out};
    int rc = export_cells(result, count_cell, &a);

    if (partial)
        put_one(&a, WARNING, "tva", "", "partial: the session was cut short");
    if (rc == 0)
        rc = export_cells(result, put_cell, &a);
    for (enum kind kind = 0; kind < KINDS; kind++) {
        char message[96];

        snprintf(message, sizeof message, "%zu more %s", a.all[kind] - a.put[kind],
                 kinds[kind].rest);
        if (a.all[kind] > a.put[kind])
            put_command(kinds[kind].command, "tva", message, out);
    }
    return rc;
}

const struct exporter export_annotations = {
    .name = "github-annotations",
    .suffix = ".annotations.txt",
    .summary = "::error and ::warning lines for GitHub Actions: invalid cells, warnings",
    .write = write_annotations,
};
