#include "export/export.h"

#include "base/suggest.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define CELL_NAME_MAX 200 /* of a file made from a cell's name; leaves room in NAME_MAX */

const struct exporter *const exporters[] = {
    &export_csv,         &export_markdown,       &export_hgrm,          &export_google,
    &export_benchstat,   &export_github_smaller, &export_github_bigger, &export_bencher,
    &export_pyperf,      &export_hyperfine,      &export_junit,         &export_summary,
    &export_annotations,
};
const size_t exporters_count = sizeof exporters / sizeof exporters[0];

const struct exporter *export_find(const char *name, struct err *err)
{
    return suggest_find("format", name, exporters, exporters_count, err);
}

static int no_cell(const struct exporter *e, struct err *err)
{
    return err_set(err, -ENODATA, "there is no valid cell that %s could hold", e->name);
}

/* "pool(6) sleep:duration=10ms x 100" as "pool-6-sleep-duration-10ms-x-100". */
static void sanitise(const char *name, char *out, size_t size)
{
    size_t len = 0;

    for (; *name != '\0' && len + 1 < size; name++) {
        bool plain = isalnum((unsigned char)*name) || *name == '_';

        if (plain)
            out[len++] = *name;
        else if (len > 0 && out[len - 1] != '-')
            out[len++] = '-';
    }
    while (len > 0 && out[len - 1] == '-')
        len--;
    out[len] = '\0';
}

/* Cells whose names come out alike are numbered, so that none overwrites another. */
static size_t same_before(const json_t *cells, size_t index, const char *wanted)
{
    size_t same = 0;

    for (size_t i = 0; i < index; i++) {
        char name[CELL_NAME_MAX];

        sanitise(result_string(json_array_get(cells, i), "name"), name, sizeof name);
        same += strcmp(name, wanted) == 0;
    }
    return same;
}

struct folder {
    const struct exporter *e;
    const json_t *cells;
    const char *path;
    int written; /* files */
    struct err *err;
};

static int write_cell(const struct export_cell *c, void *arg)
{
    struct folder *folder = arg;
    char name[CELL_NAME_MAX], number[24] = "", path[PATH_MAX];
    size_t same;

    if (folder->e->lack != NULL && folder->e->lack(c) != NULL)
        return 0;
    sanitise(result_string(c->cell, "name"), name, sizeof name);
    same = same_before(folder->cells, c->index, name);
    if (same > 0)
        snprintf(number, sizeof number, "-%zu", same + 1);
    if (snprintf(path, sizeof path, "%s/%s%s%s", folder->path, name, number, folder->e->suffix) >=
        (int)sizeof path)
        return err_set(folder->err, -ENAMETOOLONG, "cannot write into %s: its name is too long",
                       folder->path);
    folder->written++;
    return result_write_as(c->cell, path, folder->e->write_cell, folder->err);
}

/* How many files were written, or a negative errno. */
static int write_cells(const struct exporter *e, const json_t *result, const char *path,
                       struct err *err)
{
    struct folder folder = {e, json_object_get(result, "cells"), path, 0, err};
    int rc;

    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
    rc = export_cells(result, write_cell, &folder);
    if (rc == -ENOMEM)
        return err_set(err, rc, "out of memory");
    return rc != 0 ? rc : folder.written;
}

/* How many files were written, 0 where one has all cells, or a negative errno. */
static int write_to(const struct exporter *e, const json_t *result, const char *path,
                    struct err *err)
{
    return e->write != NULL ? result_write_as(result, path, e->write, err)
                            : write_cells(e, result, path, err);
}

int export_one(const struct exporter *e, const json_t *result, const char *path, struct err *err)
{
    int rc = write_to(e, result, path, err);

    return rc == -ENODATA || (e->write == NULL && rc == 0) ? no_cell(e, err) : rc < 0 ? rc : 0;
}

int export_stream(const struct exporter *e, const json_t *result, FILE *out, struct err *err)
{
    int rc = e->write(result, out);

    if (rc == -ENODATA)
        return no_cell(e, err);
    return rc < 0 ? err_set(err, rc, "cannot write %s: %s", e->name, strerror(-rc)) : 0;
}

int export_all(const json_t *result, const char *json_path, struct err *err)
{
    const char *slash = strrchr(json_path, '/'), *ending = strrchr(json_path, '.');
    int folder = slash != NULL ? (int)(slash - json_path) + 1 : 0, rc = 0;
    int stem = ending != NULL && ending > json_path && strcmp(ending, ".json") == 0
                   ? (int)(ending - json_path)
                   : (int)strlen(json_path);
    bool is_run = stem - folder == 3 && strncmp(json_path + folder, "run", 3) == 0;
    char path[PATH_MAX];

    if (strlen(json_path) + NAME_MAX >= sizeof path)
        return err_set(err, -ENAMETOOLONG, "the name is too long to write beside it: %s",
                       json_path);
    for (size_t i = 0; i < exporters_count && rc >= 0; i++) {
        const struct exporter *e = exporters[i];

        if (!e->beside)
            continue;
        if (e->write == NULL && is_run)
            snprintf(path, sizeof path, "%.*s%s", folder, json_path, e->name);
        else
            snprintf(path, sizeof path, "%.*s%s", stem, json_path, e->suffix);
        rc = write_to(e, result, path, err);
    }
    return rc < 0 ? rc : 0;
}
