#include "chart/chart_comparison.h"

#include "chart/chart_compare.h"
#include "chart/chart_folder.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

static const bool all_formats[CHART_FORMATS] = {true, true};

/* Put the data in place when it was written well, and draw it. */
static int finish(int status, const struct chart_folder *folder, struct chart_data *data,
                  const char *name, const char *script, struct err *err)
{
    if (status == 0)
        status = chart_data_finish(data, err);
    chart_data_destroy(data);
    if (status == -ENODATA) {
        fprintf(stderr, "tva compare: no %s chart: %s\n", name, err->text);
        err->text[0] = '\0';
        return 0;
    }
    return status < 0 ? status : chart_folder_draw(folder, name, script, all_formats, stderr, err);
}

int compare_charts_draw(const struct compare *c, const char *dir, struct err *err)
{
    static const struct {
        const char *name, *script;
        int (*extract)(const struct compare *c, struct chart_data *data, struct err *err);
    } charts[] = {
        {"ratios", "plots/ratios.gp", chart_ratios},
        {"before_after", "plots/before_after.gp", chart_before_after},
    };
    struct chart_folder folder;
    int status = chart_folder_open(&folder, dir, err);

    for (size_t i = 0; i < sizeof charts / sizeof *charts && status == 0; i++) {
        struct chart_data *data;
        char name[64];

        snprintf(name, sizeof name, "%s_%c", charts[i].name, tolower(c->label));
        data = chart_data_create(folder.data, name, err);
        status = data ? finish(charts[i].extract(c, data, err), &folder, data, name,
                               charts[i].script, err)
                      : -EIO;
    }
    return status;
}

int compare_charts_draw_history(const struct compare_history *h, const char *dir, struct err *err)
{
    struct chart_folder folder;
    struct chart_data *data;
    char name[64];
    int status = chart_folder_open(&folder, dir, err);

    if (status < 0)
        return status;
    snprintf(name, sizeof name, "history_%s", h->metric->name);
    data = chart_data_create(folder.data, name, err);
    return data ? finish(chart_history(h, data, err), &folder, data, name, "plots/history.gp", err)
                : -EIO;
}
