#include "support/compare_docs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

const double compare_docs_steady[COMPARE_DOCS_RUNS] = {0.100, 0.101, 0.099, 0.1005, 0.0995, 0.1002};
const double compare_docs_noisy[COMPARE_DOCS_RUNS] = {0.08, 0.13, 0.09, 0.12, 0.1, 0.11};

static json_t *quantity(const double *values, size_t count, double factor)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_real(values[i] * factor));
    return json_pack("{so}", "values", list);
}

/* A cell of `sleep x 100` of that model: its makespan is the values times the factor. */
json_t *compare_docs_cell(const char *model, const double *values, size_t count, double factor)
{
    char name[64];

    snprintf(name, sizeof name, "%s sleep x 100", model);
    return json_pack("{ss ss ss si sb s{ss} s{si si si si ss} s{so s{}}}", "name", name, "group",
                     "sleep x 100", "model", model, "jobs", 100, "valid", 1, "load", "kind",
                     "batch", "ledger", "jobs", 100, "operations", 100, "bytes_in", 0, "bytes_out",
                     0, "checksum", "00", "summary", "makespan_s", quantity(values, count, factor),
                     "latency_ns");
}

json_t *compare_docs_result(int cores, const char *date)
{
    return json_pack("{si s{ss si ss ss} s[]}", "seed", 1, "context", "cpu", "chip", "cores", cores,
                     "date", date, "commit", "abc", "cells");
}

void compare_docs_add(json_t *result, json_t *cell)
{
    assert_int_equal(json_array_append_new(json_object_get(result, "cells"), cell), 0);
}
