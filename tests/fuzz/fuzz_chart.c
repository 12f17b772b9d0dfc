/* The promise: whatever a result holds that was not refused, each chart makes its tables of it or
 * says what it lacks; nothing crashes, hangs or leaks. gnuplot is not started. */
#include "chart/chart.h"
#include "fuzz_target.h"

#include <stdlib.h>

static void draw(const struct chart *chart, const json_t *run)
{
    struct err err = {""};
    struct chart_data *data = chart_data_create("nowhere", chart->name, &err);

    if (data == NULL)
        abort();
    if (chart_write(chart, run, data, &err) == 0)
        chart_data_finish(data, &err);
    else if (err.text[0] == '\0')
        abort(); /* not drawn, and nobody knows why */
    chart_data_destroy(data);
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    json_t *run = fuzz_parse(data, size);
    bool is_run = run != NULL && fuzz_is_run(run);

    for (size_t i = 0; is_run && i < charts_count; i++)
        draw(charts[i], run);
    json_decref(run);
    if (!is_run)
        fuzz_forget();
    return is_run;
}
