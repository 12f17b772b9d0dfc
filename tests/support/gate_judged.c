#include "support/gate_judged.h"

#include "gate/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct gate_judged gate_judged_by(json_t *baseline, json_t *run)
{
    struct gate_judged j = {.baseline = baseline, .run = run};

    assert_int_equal(gate_judge(baseline, run, &j.gate), 0);
    j.status = gate_report_status(&j.gate);
    return j;
}

void gate_judged_end(struct gate_judged *j)
{
    gate_judge_deinit(&j->gate);
    json_decref(j->baseline);
    json_decref(j->run);
}

bool gate_judged_says(const json_t *list, const char *words)
{
    const json_t *text;
    size_t i;

    json_array_foreach(list, i, text)
    {
        if (strstr(json_string_value(text), words) != NULL)
            return true;
    }
    return false;
}

const struct gate_row *gate_judged_find_in(const struct gate *gate, enum gate_part part,
                                           const char *cell, const char *metric)
{
    for (size_t i = 0; i < gate->count; i++)
        if (gate->rows[i].part == part && strcmp(gate->rows[i].metric, metric) == 0 &&
            (cell == NULL || strcmp(gate->rows[i].cell, cell) == 0))
            return &gate->rows[i];
    fail_msg("no row of %s in %s", metric, cell != NULL ? cell : "any cell");
    return NULL;
}

const struct gate_row *gate_judged_find(const struct gate *gate, enum gate_part part,
                                        const char *metric)
{
    return gate_judged_find_in(gate, part, NULL, metric);
}

json_t *gate_judged_cell(json_t *run, size_t i)
{
    return json_array_get(json_object_get(run, "cells"), i);
}
