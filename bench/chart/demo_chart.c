#include "demo_chart.h"

#include "chart/chart_gnuplot.h"
#include "cli/data_dir.h"
#include "demo_chart_data.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* 0 or -EIO: that there is no folder must not be taken for that there is no gnuplot. */
int demo_chart_make_dir(const char *path, struct err *err)
{
    struct stat st;

    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    return err_set(err, -EIO, "cannot make the folder %s: %s", path, strerror(errno));
}

int demo_chart_draw(const struct demo_run *const runs[], size_t count, const char *name,
                    const char *dir, struct err *err)
{
    static const char *const formats[] = {"svg", "png"};
    char folder[PATH_MAX], data[PATH_MAX + 64], output[PATH_MAX + 64], share[PATH_MAX],
        script[PATH_MAX];
    struct chart_drawing drawing = {
        .script = script, .share = share, .data = data, .output = output};
    int result;

    if (snprintf(folder, sizeof folder, "%s/data", dir) >= PATH_MAX)
        return err_set(err, -ENAMETOOLONG, "the path of the folder is too long");
    if (!data_dir_find("plots", share, sizeof share) ||
        !data_dir_find("plots/demo.gp", script, sizeof script))
        return err_set(err, -ENXIO, "plots/demo.gp, which comes with tva, is not found");
    result = demo_chart_make_dir(folder, err);
    if (result == 0 && demo_chart_data_write(runs, count, name, folder, err) < 0)
        result = -EIO;
    snprintf(data, sizeof data, "%s/%s", folder, name);
    for (size_t i = 0; i < 2 && result == 0; i++) {
        drawing.format = formats[i];
        snprintf(output, sizeof output, "%s/%s.%s", dir, name, formats[i]);
        result = chart_gnuplot(&drawing, err);
    }
    return result;
}
