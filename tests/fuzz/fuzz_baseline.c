/* The promise: whatever files have for a baseline and for a run, they are refused with a sentence,
 * or shown, judged and saved; nothing crashes, hangs or leaks. The input is both in one document,
 * {"baseline": ..., "run": ...}. What is saved can be read again. */
#include "fuzz_target.h"
#include "gate/gate.h"

#include <stdio.h>
#include <stdlib.h>

static void judge(const json_t *baseline, const json_t *run, FILE *out)
{
    struct gate_report_options o = {.run = "run.json", .baseline = "baseline.json"};
    struct gate gate;

    if (gate_judge(baseline, run, &gate) == 0) {
        gate_report_write(&gate, &o, out);
        o.markdown = o.all = true;
        gate_report_write(&gate, &o, out);
        gate_report_write_changes(&gate, &o, out);
        gate_report_status(&gate);
    }
    gate_judge_deinit(&gate);
}

static void save(const json_t *baseline, const json_t *run, const json_t *extract, FILE *out)
{
    json_t *saved = gate_baseline_add(baseline, run, extract);
    struct err err = {""};

    if (saved == NULL || gate_baseline_check(saved, "saved", &err) != 0) {
        fprintf(stderr, "what was saved cannot be read: %s\n", err.text);
        abort();
    }
    gate_report_write_baseline(saved, out);
    json_decref(saved);
}

static void compare(const json_t *baseline, const json_t *run, FILE *out)
{
    json_t *faults = json_array(), *extract = faults ? gate_extract(run, faults) : NULL;

    if (extract != NULL) {
        if (baseline != NULL)
            judge(baseline, run, out);
        if (json_array_size(faults) == 0)
            save(baseline, run, extract, out);
    }
    json_decref(extract);
    json_decref(faults);
}

bool fuzz_one(const uint8_t *data, size_t size)
{
    json_t *both = fuzz_parse(data, size);
    const json_t *baseline = json_object_get(both, "baseline"), *run = json_object_get(both, "run");
    struct err err = {""};
    bool is_run;

    if (gate_baseline_check(baseline, "baseline.json", &err) == 0)
        gate_report_write_baseline(baseline, fuzz_out());
    else if (err.text[0] == '\0')
        abort(); /* refused, and nobody knows why */
    else
        baseline = NULL;
    is_run = run != NULL && fuzz_is_run(run);
    if (is_run)
        compare(baseline, run, fuzz_out());
    else
        fuzz_forget(); /* fuzz_run has that */
    is_run = is_run && (baseline != NULL || json_object_get(both, "baseline") == NULL);
    json_decref(both);
    return is_run;
}
