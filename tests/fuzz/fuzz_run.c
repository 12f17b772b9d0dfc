/* The promise: whatever a file has for run.json, it is refused with a sentence, or what the gate
 * and tva pair take from it is taken; nothing crashes, hangs or leaks. */
#include "fuzz_target.h"
#include "gate/gate.h"
#include "pair/pair_observe.h"

#include <math.h>
#include <stdlib.h>

/* What tva pair takes: no figure that has no ratio. */
static void take_values(const json_t *run)
{
    const json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        double values[PAIR_METRICS];

        pair_metric_values(cell, values);
        for (size_t k = 0; k < PAIR_METRICS; k++)
            if (!isnan(values[k]) && !(isfinite(values[k]) && values[k] > 0))
                abort();
    }
}

/* What was taken for a baseline is one. */
static void save(const json_t *run, const json_t *extract)
{
    json_t *saved = gate_baseline_add(NULL, run, extract);
    struct err err = {""};

    if (saved == NULL || gate_baseline_check(saved, "saved", &err) != 0) {
        fprintf(stderr, "what was saved cannot be read: %s\n", err.text);
        abort();
    }
    json_decref(saved);
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    json_t *run = fuzz_parse(data, size);
    bool is_run = run != NULL && fuzz_is_run(run);

    if (is_run) {
        json_t *faults = json_array(), *extract = gate_extract(run, faults);

        take_values(run);
        gate_extract_is_planted(run);
        if (extract != NULL && json_array_size(faults) == 0)
            save(run, extract);
        json_decref(extract);
        json_decref(faults);
    }
    json_decref(run);
    return is_run;
}
