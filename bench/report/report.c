#include "report/report.h"

#include "base/wrap.h"
#include "export/answer.h"
#include "export/section.h"
#include "result/result.h"

#include <errno.h>
#include <string.h>

/* What was not as planned: "; partial: cut short", "; ended by the time limit". */
static const char *end_text(const json_t *result)
{
    const char *end = result_string(result, "ended_by");

    if (json_is_true(json_object_get(result, "partial")))
        return "; partial: cut short";
    return strcmp(end, "time limit") == 0  ? "; ended by the time limit"
           : strcmp(end, "precision") == 0 ? "; ended by the precision reached"
                                           : "";
}

void report_write_head(const json_t *result, FILE *out)
{
    double cores = result_number(result, "context.cores");

    wrap_print(out, "", "%s, %.0f core%s, %s, %s; seed %.0f%s",
               result_string(result, "context.cpu"), cores, cores == 1 ? "" : "s",
               result_string(result, "context.kernel"), result_string(result, "context.date"),
               result_number(result, "seed"), end_text(result));
    fputc('\n', out);
}

int report_write(const json_t *result, FILE *out)
{
    struct rankings all;
    int rc = rankings_init(&all, result);

    report_write_head(result, out);
    for (size_t i = 0; i < all.count && rc == 0; i++)
        rc = section_write(&all.of[i], false, out);
    rankings_deinit(&all);
    return rc;
}

int report_write_answer(const json_t *result, FILE *out)
{
    struct rankings all;
    struct table *t = rankings_init(&all, result) == 0 ? answer_table(&all) : NULL;

    rankings_deinit(&all);
    if (table_rows(t) > 0)
        fputs("Threads or an event loop, on this machine:\n\n", out);
    return table_show(t, false, 2, out);
}

int report_flush(FILE *out, struct err *err)
{
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    return err_set(err, -EIO, "cannot write to standard output: %s", strerror(errno));
}
