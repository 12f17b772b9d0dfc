/* The promise: whatever a result holds that was not refused, it can be reported and exported in
 * every format; what is to be JSON is JSON; nothing crashes, hangs or leaks. */
#include "export/export.h"
#include "fuzz_target.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

static void check_json(const struct exporter *e)
{
    const char *ending = strrchr(e->suffix, '.');
    json_error_t syntax;
    size_t len;
    const char *text = fuzz_text(&len);
    json_t *value;

    if (ending == NULL || strcmp(ending, ".json") != 0)
        return;
    value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
    if (value == NULL) {
        fprintf(stderr, "%s wrote what is no JSON: %s\n", e->name, syntax.text);
        abort();
    }
    json_decref(value);
}

static void export(const struct exporter *e, const json_t *run)
{
    const json_t *cell;
    size_t i, len;

    fuzz_text(&len);
    if (e->write != NULL && e->write(run, fuzz_out()) == 0)
        check_json(e);
    if (e->write_cell == NULL)
        return;
    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        e->write_cell(cell, fuzz_out());
    }
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    json_t *run = fuzz_parse(data, size);
    bool is_run = run != NULL && fuzz_is_run(run);
    size_t off;

    if (is_run) {
        report_write_head(run, fuzz_out());
        report_write(run, fuzz_out());
        if (report_theory_count(run, &off) > 0) {
            report_write_theory(run, FORM_TEXT, fuzz_out());
            report_write_theory(run, FORM_MARKDOWN, fuzz_out());
        }
        for (size_t k = 0; k < exporters_count; k++)
            export(exporters[k], run);
    }
    json_decref(run);
    if (!is_run)
        fuzz_forget();
    return is_run;
}
