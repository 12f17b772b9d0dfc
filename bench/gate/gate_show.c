#include "gate/gate_show.h"

#include "base/table.h"
#include "base/wrap.h"
#include "math/stats_prediction.h"
#include "result/result.h"

static void write_context(const json_t *context, FILE *out)
{
    static const char *const texts[] = {"date", "cpu", "kernel", "compiler", "libc", "commit"};
    char lead[32];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(lead, sizeof lead, "  %-9s ", texts[i]);
        wrap_print(out, lead, "%s", result_string(context, texts[i]));
    }
}

static int write_counts(const json_t *counts, FILE *out)
{
    struct table *t = table_create();
    const char *cell, *metric;
    json_t *metrics, *count;

    table_column(t, "", TABLE_HEAD);
    table_column(t, "", TABLE_RIGHT);
    table_column(t, "", TABLE_LEFT);
    json_object_foreach((json_t *)counts, cell, metrics)
    {
        table_group(t, "cell", cell);
        json_object_foreach(metrics, metric, count)
        {
            table_cell(t, "%s", metric);
            table_cell(t, "%.10g", result_number(count, "value"));
            table_cell(t, "%s", result_string(count, "kind"));
        }
    }
    return table_print(t, 2, out);
}

static int write_sessions(const json_t *sessions, FILE *out)
{
    struct table *t = table_create();
    const json_t *session;
    size_t i;

    table_column(t, "", TABLE_HEAD);
    table_column(t, "", TABLE_LEFT);
    table_column(t, "", TABLE_LEFT);
    table_column(t, "", TABLE_WORDS);
    json_array_foreach(sessions, i, session)
    {
        table_cell(t, "%s", result_string(session, "date"));
        table_cell(t, "%zu timed cells", json_object_size(json_object_get(session, "times")));
        table_cell(t, "%zu ratios", json_object_size(json_object_get(session, "ratios")));
        table_cell(t, "%s", result_string(session, "fingerprint"));
    }
    return table_print(t, 2, out);
}

int gate_show_write(const json_t *baseline, FILE *out)
{
    const json_t *sessions = json_object_get(baseline, "sessions");
    size_t n = json_array_size(sessions);
    int r;

    fputs("counts a job, recorded with\n", out);
    write_context(json_object_get(baseline, "context"), out);
    fputc('\n', out);
    r = write_counts(json_object_get(baseline, "counts"), out);
    fprintf(out, "\n%zu session%s%s\n", n, n == 1 ? "" : "s",
            n < STATS_PREDICTION_VALUES_MIN ? ", too few to judge ratios and times" : "");
    return r == 0 ? write_sessions(sessions, out) : r;
}
