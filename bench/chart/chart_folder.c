#include "chart/chart_folder.h"

#include "chart/chart_gnuplot.h"
#include "cli/data_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *const chart_formats[CHART_FORMATS] = {"svg", "png"};

static int make_dir(const char *path, struct err *err)
{
    struct stat st;

    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    return err_set(err, -errno, "cannot make the folder %s: %s", path, strerror(errno));
}

int chart_folder_open(struct chart_folder *folder, const char *dir, struct err *err)
{
    int result, n = snprintf(folder->dir, sizeof folder->dir, "%s", dir);

    if (n >= PATH_MAX ||
        snprintf(folder->data, sizeof folder->data, "%.*s/data", n, folder->dir) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path of the folder is too long");
    if (!data_dir_find("plots", folder->share, sizeof folder->share))
        return err_set(err, -ENOENT,
                       "the folder plots/ that comes with tva is not found; set TVA_SHARE to the "
                       "folder it is in");
    result = make_dir(folder->dir, err);
    return result < 0 ? result : make_dir(folder->data, err);
}

int chart_folder_draw(const struct chart_folder *folder, const char *name, const char *script,
                      const bool formats[CHART_FORMATS], FILE *said, struct err *err)
{
    char path[PATH_MAX + 64], data[PATH_MAX + 64], output[PATH_MAX + 64];
    struct chart_drawing drawing = {
        .script = path, .share = folder->share, .data = data, .output = output};
    int status = 0;

    if (!data_dir_find(script, path, sizeof path))
        return err_set(err, -ENOENT, "%s, which comes with tva, is not found", script);
    snprintf(data, sizeof data, "%s/%s", folder->data, name);
    for (size_t i = 0; i < CHART_FORMATS && status == 0; i++) {
        if (!formats[i])
            continue;
        drawing.format = chart_formats[i];
        snprintf(output, sizeof output, "%s/%s.%s", folder->dir, name, chart_formats[i]);
        status = chart_gnuplot(&drawing, err);
        if (status == 0)
            fprintf(said, "%s\n", output);
    }
    return status;
}
