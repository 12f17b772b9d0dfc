#include "base/err.h"
#include "cli/options_file.h"
#include "cmd.h"
#include "gate/gate_baseline.h"
#include "gate/gate_extract.h"
#include "gate/gate_judge.h"
#include "gate/gate_report.h"
#include "plan/options.h"
#include "report/report.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>

enum { KEY_BASELINE = OPTIONS_KEY_FREE, KEY_MARKDOWN, KEY_ALL };

struct check_options {
    struct gate_report_options report;
    struct options_file file;
};

static const struct argp_option options[] = {
    {"baseline", KEY_BASELINE, "FILE", 0,
     "The stored reference (" GATE_BASELINE_DEFAULT " by default)", 0},
    {"markdown", KEY_MARKDOWN, NULL, 0, "Write the tables as Markdown", 0},
    {"all", KEY_ALL, NULL, 0, "Show what has not changed, too", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct check_options *o = state->input;

    switch (key) {
    case KEY_BASELINE:
        o->report.baseline = arg;
        return 0;
    case KEY_MARKDOWN:
        o->report.markdown = true;
        return 0;
    case KEY_ALL:
        o->report.all = true;
        return 0;
    default:
        return options_file(key, arg, &o->file);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "RUN.json",
    .doc = "Hold a run that was counted (tva run --counts) against a stored baseline, of whatever "
           "machine. Counts a job that rise are a regression; ratios, scheduled counts and times "
           "beyond what the stored sessions let expect are warnings.\v"
           "Exit status: 0 no count rose, 3 a regression, 2 the two cannot be compared.",
};

/* Both documents are there. Returns the exit status, or a negative errno with *err set. */
static int check(const json_t *baseline, const json_t *run, const struct gate_report_options *o,
                 struct err *err)
{
    json_t *faults = json_array(), *extract = faults ? gate_extract(run, faults) : NULL;
    struct gate gate = {0};
    int r = -ENOMEM;

    if (extract != NULL)
        r = gate_judge(baseline, run, extract, faults, &gate);
    if (r == 0) {
        gate_report_write(&gate, o, stdout);
        r = report_flush(stdout, err);
        if (r == 0)
            r = gate_report_status(&gate);
    } else {
        err_set(err, r, "out of memory");
    }
    gate_judge_deinit(&gate);
    json_decref(extract);
    json_decref(faults);
    return r;
}

int cmd_check(int argc, char **argv)
{
    struct err err = {""};
    struct check_options o = {
        .report = {.program = program_invocation_name, /* argv[0] is "tva check" */
                   .baseline = GATE_BASELINE_DEFAULT},
        .file = {.remedy = "'tva run --counts -o RUN.json' makes one", .err = &err}};
    json_t *baseline, *run = NULL;
    int r = options_parse(&argp, argc, argv, &o, &err);

    if (r != 0)
        return r;
    o.report.run = o.file.path;
    baseline = gate_baseline_read(o.report.baseline, &err);
    if (baseline != NULL)
        run = result_read(o.file.path, &err);
    r = run != NULL ? check(baseline, run, &o.report, &err) : -EINVAL;
    json_decref(run);
    json_decref(baseline);
    if (r >= 0)
        return r;
    /* What could not be found out is no pass. */
    fprintf(stderr, "%s: %s\n", argv[0], err.text);
    gate_report_write_refusal(err.text, o.report.markdown, stdout);
    return EXIT_USAGE;
}
