#include "base/markdown.h"
#include "base/table.h"
#include "base/text.h"
#include "export/export.h"
#include "export/finding.h"
#include "export/ranking.h"
#include "result/result.h"

static void put_heading(const json_t *result, FILE *out)
{
    double cores = result_number(result, "context.cores");
    char machine[512];

    snprintf(machine, sizeof machine, "%s; %.0f core%s; %s; tva %s, commit %s; %s",
             result_string(result, "context.cpu"), cores, TEXT_S(cores),
             result_string(result, "context.kernel"), result_string(result, "tva_version"),
             result_string(result, "context.commit"), result_string(result, "context.date"));
    fputs("# Threads vs async\n\n", out);
    markdown_text(machine, out);
    fprintf(
        out,
        ".%s\n\n"
        "A batch has all its jobs at its start, and is ranked by the median makespan over runs, "
        "beside its confidence interval; open and closed loops by the mean latency from when a job "
        "was wanted. Bold: the first place, from which the runs cannot tell the others there. "
        "Relative: to the fastest.\n",
        json_is_true(json_object_get(result, "partial"))
            ? " **Partial**: the session was cut short."
            : "");
}

static int write_markdown(const json_t *result, FILE *out)
{
    struct rankings all;
    struct table *t = NULL;
    int rc = rankings_init(&all, result);

    put_heading(result, out);
    if (rc == 0)
        t = answer_table(&all);
    if (rc == 0 && !table_is_empty(t)) {
        fputs("\n## Threads or an event loop, on this machine\n\n", out);
        rc = table_markdown(t, out);
    }
    for (size_t i = 0; i < all.count && rc == 0; i++)
        rc = section_write(&all.of[i], FORM_MARKDOWN, out);
    table_destroy(t);
    rankings_deinit(&all);
    return rc;
}

const struct exporter export_markdown = {
    .name = "markdown",
    .suffix = ".md",
    .summary = "the report: tables, findings and the answer",
    .beside = true,
    .write = write_markdown,
};
