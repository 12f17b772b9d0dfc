#include "gate/gate_show.h"

#include "gate/gate_report.h"
#include "math/stats_prediction.h"
#include "result/result.h"

static void write_counts(const json_t *counts, FILE *out)
{
    const char *cell, *metric;
    json_t *metrics, *count;

    json_object_foreach((json_t *)counts, cell, metrics)
    {
        fprintf(out, "%s\n", cell);
        json_object_foreach(metrics, metric, count)
        {
            fprintf(out, "  %-28s %14.10g  %s\n", metric, result_number(count, "value"),
                    result_string(count, "kind"));
        }
    }
}

static void write_sessions(const json_t *sessions, FILE *out)
{
    const json_t *session;
    size_t i;

    json_array_foreach(sessions, i, session)
    {
        fprintf(out, "  %s  %zu timed cells, %zu ratios  %s\n", result_string(session, "date"),
                json_object_size(json_object_get(session, "times")),
                json_object_size(json_object_get(session, "ratios")),
                result_string(session, "fingerprint"));
    }
}

void gate_show_write(const json_t *baseline, FILE *out)
{
    static const char *const texts[] = {"date", "cpu", "kernel", "compiler", "libc", "commit"};
    const json_t *context = json_object_get(baseline, "context");
    const json_t *sessions = json_object_get(baseline, "sessions");
    size_t n = json_array_size(sessions);

    fputs("counts a job, recorded with\n", out);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        fprintf(out, "  %-9s ", texts[i]);
        gate_report_write_text(result_string(context, texts[i]), false, out);
        fputc('\n', out);
    }
    fputc('\n', out);
    write_counts(json_object_get(baseline, "counts"), out);
    fprintf(out, "\n%zu session%s%s\n", n, n == 1 ? "" : "s",
            n < STATS_PREDICTION_VALUES_MIN ? ", too few to judge ratios and times" : "");
    write_sessions(sessions, out);
}
