/* The promise: whatever a file has for run.json, it is refused with a sentence, or reported and
 * exported; nothing crashes, hangs or leaks. */
#include "report.h"
#include "result/check.h"
#include "result/export.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_all(const json_t *run, FILE *out)
{
    const json_t *cells = json_object_get(run, "cells"), *cell;
    size_t i;

    report_write_head(run, out);
    report_write(run, out);
    for (size_t k = 0; k < exporters_count; k++) {
        if (exporters[k]->write != NULL)
            exporters[k]->write(run, out);
        if (exporters[k]->write_cell == NULL)
            continue;
        json_array_foreach(cells, i, cell)
        {
            exporters[k]->write_cell(cell, out);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *run = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    FILE *out = fopen("/dev/null", "w");
    struct err err = {""};

    if (out == NULL)
        abort();
    if (run != NULL && check_document(run, "run.json", &err) == 0)
        write_all(run, out);
    else if (run != NULL && err.text[0] == '\0')
        abort(); /* refused, and nobody knows why */
    fclose(out);
    json_decref(run);
    return 0;
}
