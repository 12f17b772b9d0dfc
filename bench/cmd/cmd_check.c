#include "base/err.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "gate/gate.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>

struct check_options {
    struct gate_report_options report;
    struct options_file file;
};

#define AT(member) OPTIONS_AT(struct check_options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_take_file, AT(file)},
    {"baseline", "FILE", "The stored baseline; default " GATE_BASELINE_DEFAULT, options_text,
     AT(report.baseline)},
    {"markdown", NULL, "Write the tables as Markdown", options_flag, AT(report.markdown)},
    {"all", NULL, "Show each cell in a line of its own, and what has not changed as well",
     options_flag, AT(report.all)},
    {0},
};

static const struct options_example examples[] = {
    {"tva check run.json --baseline base.json", "exit with 3 when a count rose"},
    {0},
};

static const struct options_help help = {
    .operands = "RUN.json",
    .text = "Compare the counts of a run (tva run --counts) with a stored baseline, which any "
            "machine may have recorded. A count a job that rose is a regression. A ratio, a "
            "scheduled count or a time outside of what the stored sessions predict is a "
            "warning.\v"
            "Exit status: 0 no count rose, 3 a regression, 2 wrong usage or the two cannot be "
            "compared, 4 no count could be judged.",
    .examples = examples,
};

/* Judge and report. Returns the exit status, or a negative errno with *err set. */
static int check(const json_t *baseline, const json_t *run, const struct gate_report_options *o,
                 struct err *err)
{
    struct gate gate;
    int r = gate_judge(baseline, run, &gate);

    if (r == 0)
        r = gate_report_write(&gate, o, stdout);
    if (r < 0)
        err_set(err, r, "out of memory");
    else
        r = report_flush(stdout, err);
    if (r == 0)
        r = gate_report_status(&gate);
    gate_judge_deinit(&gate);
    return r;
}

int cmd_check(int argc, char **argv, struct err *err)
{
    struct check_options o = {
        .report = {.program = program_invocation_name, /* argv[0] is "tva check" */
                   .baseline = GATE_BASELINE_DEFAULT},
        .file = {.remedy = "'tva run --counts -o RUN.json' makes one"}};
    const struct options_part parts[] = {{entries, &o}, {0}};
    json_t *baseline, *run = NULL;
    int r = options_parse(&help, parts, argc, argv, err);

    if (r == 0)
        r = options_settle_file(&o.file, err);
    if (r != 0)
        return r;
    o.report.run = o.file.path;
    baseline = gate_baseline_read(o.report.baseline, err);
    if (baseline != NULL)
        run = result_read(o.file.path, err);
    r = run != NULL ? check(baseline, run, &o.report, err) : -EINVAL;
    json_decref(run);
    json_decref(baseline);
    if (r >= 0)
        return r;
    /* A comparison that could not be made is not a pass. */
    gate_report_write_refusal(err->text, o.report.markdown, stdout);
    return EXIT_USAGE;
}
