#include "export/export.h"

#include "base/suggest.h"
#include "result/result.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CELL_NAME_MAX 200 /* of a file made from a cell's name; leaves room in NAME_MAX */

const struct exporter *const exporters[] = {
    &export_csv,         &export_markdown,       &export_hgrm,          &export_google,
    &export_benchstat,   &export_github_smaller, &export_github_bigger, &export_bencher,
    &export_pyperf,      &export_hyperfine,      &export_junit,         &export_summary,
    &export_annotations, &export_trace,
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

static int make_folder(const char *path, struct err *err)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
    return 0;
}

/* The file of cell number `index` in the folder, into path[PATH_MAX]. */
static int file_of(const char *folder, const json_t *cells, size_t index, const char *suffix,
                   char *path, struct err *err)
{
    char name[CELL_NAME_MAX], number[24] = "";
    size_t same;

    sanitise(result_string(json_array_get(cells, index), "name"), name, sizeof name);
    same = same_before(cells, index, name);
    if (same > 0)
        snprintf(number, sizeof number, "-%zu", same + 1);
    if (snprintf(path, PATH_MAX, "%s/%s%s%s", folder, name, number, suffix) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "cannot write into %s: its name is too long", folder);
    return 0;
}

/* The name of what is written beside the document at json_path: run.json has the plain names. Into
 * path[PATH_MAX]. */
static int beside(const char *json_path, const char *name, const char *suffix, char *path,
                  struct err *err)
{
    const char *slash = strrchr(json_path, '/'), *ending = strrchr(json_path, '.');
    int folder = slash != NULL ? (int)(slash - json_path) + 1 : 0;
    int stem = ending != NULL && ending > json_path && strcmp(ending, ".json") == 0
                   ? (int)(ending - json_path)
                   : (int)strlen(json_path);
    bool is_run = stem - folder == 3 && strncmp(json_path + folder, "run", 3) == 0;

    if (strlen(json_path) + NAME_MAX >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the name is too long to write beside it: %s",
                       json_path);
    if (name != NULL && is_run)
        snprintf(path, PATH_MAX, "%.*s%s", folder, json_path, name);
    else
        snprintf(path, PATH_MAX, "%.*s%s", stem, json_path, suffix);
    return 0;
}

/* The file for something of one cell, and its folder, which may have to be made. */
static int cell_file(const json_t *result, size_t index, const char *json_path, const char *kind,
                     const char *suffix, bool make, char *path, struct err *err)
{
    char folder[PATH_MAX], ending[NAME_MAX];
    int rc;

    snprintf(ending, sizeof ending, ".%s", kind);
    rc = beside(json_path, kind, ending, folder, err);
    if (rc == 0 && make)
        rc = make_folder(folder, err);
    return rc == 0 ? file_of(folder, json_object_get(result, "cells"), index, suffix, path, err)
                   : rc;
}

int export_cell_path(const json_t *result, size_t index, const char *json_path, const char *kind,
                     const char *suffix, char *path, struct err *err)
{
    return cell_file(result, index, json_path, kind, suffix, true, path, err);
}

int export_cell_find(const json_t *result, size_t index, const char *json_path, const char *kind,
                     const char *suffix, char *path, struct err *err)
{
    int rc = cell_file(result, index, json_path, kind, suffix, false, path, err);

    return rc == 0 && access(path, R_OK) != 0 ? -ENOENT : rc;
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
    char path[PATH_MAX];
    int rc;

    if (folder->e->lack != NULL && folder->e->lack(c) != NULL)
        return 0;
    rc = file_of(folder->path, folder->cells, c->index, folder->e->suffix, path, folder->err);
    if (rc < 0)
        return rc;
    folder->written++;
    return result_write_as(c->cell, path, folder->e->write_cell, folder->err);
}

/* How many files were written, or a negative errno. */
static int write_cells(const struct exporter *e, const json_t *result, const char *path,
                       struct err *err)
{
    struct folder folder = {e, json_object_get(result, "cells"), path, 0, err};
    int rc;

    rc = make_folder(path, err);
    if (rc < 0)
        return rc;
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
    char path[PATH_MAX];
    int rc = 0;

    for (size_t i = 0; i < exporters_count && rc >= 0; i++) {
        const struct exporter *e = exporters[i];

        if (!e->beside)
            continue;
        rc = beside(json_path, e->write == NULL ? e->name : NULL, e->suffix, path, err);
        if (rc == 0)
            rc = write_to(e, result, path, err);
    }
    return rc < 0 ? rc : 0;
}
