/* Workflow commands of GitHub Actions: an ::error for each invalid cell, a ::warning for each
 * warning, escaped as actions/toolkit does (in packages/core/src/command.ts: "%", CR and LF in a
 * message, ":" and "," as well in a property).
 *
 * GitHub shows the first 10 errors and the first 10 warnings of a step, so where there are more the
 * tenth tells how many. */
#include "export/export.h"
#include "export/export_cell.h"
#include "result/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 10

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

struct annotations {
    size_t errors, warnings; /* in all */
    size_t errors_put, warnings_put;
    FILE *out;
};

static int count_cell(const struct export_cell *c, void *arg)
{
    struct annotations *a = arg;

    a->errors += !c->valid;
    a->warnings += json_array_size(json_object_get(c->cell, "warnings"));
    return 0;
}

/* Is there room for one more of so many? The last place is for the sum of the rest. */
static bool take_place(size_t *put, size_t all)
{
    if (*put >= SHOWN_MAX || (all > SHOWN_MAX && *put == SHOWN_MAX - 1))
        return false;
    (*put)++;
    return true;
}

static int put_cell(const struct export_cell *c, void *arg)
{
    struct annotations *a = arg;
    const json_t *warning;
    size_t i;

    if (!c->valid && take_place(&a->errors_put, a->errors)) {
        char *message;

        if (asprintf(&message, "invalid: %s", c->reasons) < 0)
            return -ENOMEM;
        put_command("error", c->name, message, a->out);
        free(message);
    }
    json_array_foreach(json_object_get(c->cell, "warnings"), i, warning)
    {
        if (take_place(&a->warnings_put, a->warnings))
            put_command("warning", c->name, json_string_value(warning), a->out);
    }
    return 0;
}

static int write_annotations(const json_t *result, FILE *out)
{
    bool partial = json_is_true(json_object_get(result, "partial"));
    struct annotations a = {.warnings = partial, .warnings_put = partial, .out = out};
    int rc = export_cells(result, count_cell, &a);
    char message[96];

    if (partial)
        put_command("warning", "tva", "partial: the session was cut short", out);
    if (rc == 0)
        rc = export_cells(result, put_cell, &a);
    if (a.errors > a.errors_put) {
        snprintf(message, sizeof message, "%zu more cells are invalid", a.errors - a.errors_put);
        put_command("error", "tva", message, out);
    }
    if (a.warnings > a.warnings_put) {
        snprintf(message, sizeof message, "%zu more warnings", a.warnings - a.warnings_put);
        put_command("warning", "tva", message, out);
    }
    return rc;
}

const struct exporter export_annotations = {
    .name = "github-annotations",
    .suffix = ".annotations.txt",
    .summary = "::error and ::warning lines for GitHub Actions: invalid cells, warnings",
    .write = write_annotations,
};
