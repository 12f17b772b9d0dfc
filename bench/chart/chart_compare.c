#include "chart/chart_compare.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Draw the data that was written with that status, and free it. */
static int finish(struct chart_data *data, int status, const struct chart_folder *folder,
                  struct err *err)
{
    if (status == 0)
        status = chart_draw(data, folder, NULL, stderr, err);
    if (status == -ENODATA) {
        fprintf(stderr, "tva compare: no %s chart: %s\n", chart_data_name(data), err->text);
        err->text[0] = '\0';
        status = 0;
    }
    chart_data_destroy(data);
    return status;
}

size_t chart_compare_largest(double (*weight)(const void *of, size_t i), const void *of,
                             size_t count, size_t *places, size_t most, size_t *all)
{
    double weights[CHART_COMPARE_MOST];
    size_t n = 0;

    *all = 0;
    for (size_t i = 0; i < count; i++) {
        double own = weight(of, i);
        size_t at = n;

        *all += own >= 0;
        while (at > 0 && own > weights[at - 1])
            at--;
        if (!(own >= 0) || at == most)
            continue;
        n += n < most;
        memmove(&places[at + 1], &places[at], (n - at - 1) * sizeof *places);
        memmove(&weights[at + 1], &weights[at], (n - at - 1) * sizeof *weights);
        places[at] = i;
        weights[at] = own;
    }
    return n;
}

int chart_compare_draw(const struct compare *c, const char *dir, struct err *err)
{
    static const struct {
        const char *name;
        int (*extract)(const struct compare *c, struct chart_data *data, struct err *err);
    } charts[] = {{"ratios", chart_ratios}, {"before_after", chart_before_after}};
    struct chart_folder folder;
    int status = chart_folder_open(&folder, dir, err);

    for (size_t i = 0; i < sizeof charts / sizeof *charts && status == 0; i++) {
        struct chart_data *data;
        char name[64];

        snprintf(name, sizeof name, "%s_%c", charts[i].name, tolower(c->label));
        data = chart_data_create(folder.data, name, err);
        status = data ? finish(data, charts[i].extract(c, data, err), &folder, err) : -EIO;
    }
    return status;
}

int chart_compare_draw_sweeps(json_t *const *results, const char *const *paths, size_t count,
                              const char *dir, struct err *err)
{
    struct chart_folder folder;
    struct chart_data *data;
    int status;

    for (size_t i = 0; i < count; i++)
        if (json_object_get(results[i], "sweep") == NULL)
            return 0;
    status = chart_folder_open(&folder, dir, err);
    if (status < 0)
        return status;
    data = chart_data_create(folder.data, "sweeps", err);
    return data ? finish(data, chart_sweeps(results, paths, count, data, err), &folder, err) : -EIO;
}

int chart_compare_draw_history(const struct compare_history *h, const char *dir, struct err *err)
{
    struct chart_folder folder;
    struct chart_data *data;
    char name[64];
    int status = chart_folder_open(&folder, dir, err);

    if (status < 0)
        return status;
    snprintf(name, sizeof name, "history_%s", h->metric->name);
    data = chart_data_create(folder.data, name, err);
    return data ? finish(data, chart_history(h, data, err), &folder, err) : -EIO;
}
