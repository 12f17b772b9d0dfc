#include "base/err.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/wrap.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "gate/gate.h"
#include "math/stats.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct baseline_options {
    const char *words[2]; /* the action, and the run that it takes */
    size_t words_count;
    const char *baseline;
    bool replace;
};

#define AT(member) OPTIONS_AT(struct baseline_options, member)

static const struct options_entry entries[] = {
    {.value = "ACTION", .take = options_text, OPTIONS_LIST(struct baseline_options, words)},
    {"baseline", "FILE", "The stored baseline; default " GATE_BASELINE_DEFAULT, options_text,
     AT(baseline)},
    {"replace", NULL,
     "Save the run's counts as they are: drop the cells and counts that the run lacks, and "
     "keep instructions that rose a little",
     options_flag, AT(replace)},
    {0},
};

static const struct options_example examples[] = {
    {"tva baseline save run.json --baseline base.json",
     "from now on, check compares with this run"},
    {"tva baseline show --baseline base.json", "what is stored"},
    {0},
};

static const struct options_help help = {
    .operands = "save RUN.json\nshow",
    .text = "Save a run as the baseline that tva check compares with, or show the baseline. save "
            "puts the run's counts a job in place of the stored ones, and adds its times as one "
            "more session; 8 sessions are needed to judge ratios and times.\v"
            "Exit status: 0 done, 1 the run is not fit to be saved or something failed, 2 wrong "
            "usage or the run lacks what the baseline has.",
    .examples = examples,
};

/* Show what saving the run changes in the baseline. 0, or a negative errno with *err set. */
static int tell_changes(const json_t *old, const json_t *run, const struct baseline_options *o,
                        struct err *err)
{
    struct gate_report_options show = {.run = o->words[1], .baseline = o->baseline};
    struct gate gate;
    int r = gate_judge(old, run, &gate);

    if (r == 0)
        r = gate_report_write_changes(&gate, &show, stdout);
    if (r < 0)
        err_set(err, r, "out of memory");
    gate_judge_deinit(&gate);
    return r;
}

/* Keep the lower instructions of the baseline where those of the run rose by less than the gate
 * allows. 0, or -ENOMEM with *err set. */
static int keep_lower(const json_t *old, const json_t *run, json_t *extract, struct err *err)
{
    int kept = gate_baseline_keep_lower(old, run, extract);

    if (kept < 0)
        return err_set(err, kept, "out of memory");
    if (kept > 0)
        wrap_print(stdout, "",
                   "note: %d count%s rose by less than the gate sees, and stay%s as low as before; "
                   "--replace raises %s",
                   kept, TEXT_S(kept), kept == 1 ? "s" : "", kept == 1 ? "it" : "them");
    return 0;
}

/* Say what was written, and what else a reader has to know. */
static void tell_written(const json_t *baseline, const json_t *session, const char *path)
{
    size_t cells = json_object_size(json_object_get(baseline, "counts"));
    size_t sessions = json_array_size(json_object_get(baseline, "sessions"));

    if (!gate_shape_has_times(session))
        puts("note: the run has no times, so it adds no session");
    else if (sessions >= STATS_PREDICTION_VALUES_MIN && gate_baseline_span_s(baseline) <= 3600)
        wrap_print(stdout, "",
                   "note: all %zu sessions are of one hour, so the gate does not know how this "
                   "machine varies at other times, and will warn too often then; save sessions of "
                   "other hours and days, too",
                   sessions);
    wrap_print(stdout, "", "=> %s has the counts of %zu cell%s and %zu session%s", path, cells,
               TEXT_S(cells), sessions, TEXT_S(sessions));
}

static int write_new(const json_t *old, const json_t *run, const json_t *extract,
                     const struct baseline_options *o, struct err *err)
{
    json_t *baseline = gate_baseline_add(old, run, extract);
    int r = baseline != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");

    /* Write only what gate_baseline_read() will take. */
    if (r == 0 && (r = gate_baseline_check(baseline, o->baseline, err)) == 0)
        r = result_write(baseline, o->baseline, err);
    if (r == 0)
        tell_written(baseline, json_object_get(extract, "session"), o->baseline);
    json_decref(baseline);
    return r;
}

/* Returns the exit status, or a negative errno; *err is set unless that is 0. */
static int save_run(const json_t *old, const json_t *run, const struct baseline_options *o,
                    struct err *err)
{
    json_t *faults = json_array(), *extract = faults ? gate_extract(run, faults) : NULL;
    int r = 0;

    if (extract == NULL)
        r = err_set(err, -ENOMEM, "out of memory");
    else if (gate_extract_is_planted(run))
        r = err_set(err, -EINVAL, "%s has faults planted in it (--inject) and is no reference",
                    o->words[1]);
    else if (json_array_size(faults) > 0)
        r = err_set(err, -EINVAL, "%.*s is not fit to be kept: %.*s", TEXT_FIT(o->words[1], 100),
                    TEXT_FIT(json_string_value(json_array_get(faults, 0)), 380));
    else if (old != NULL && !o->replace &&
             gate_baseline_check_losses(old, extract, o->words[1], err) != 0)
        r = EXIT_USAGE;
    if (r == 0 && old != NULL)
        r = tell_changes(old, run, o, err);
    if (r == 0 && old != NULL && !o->replace)
        r = keep_lower(old, run, extract, err);
    if (r == 0)
        r = write_new(old, run, extract, o, err);
    json_decref(extract);
    json_decref(faults);
    return r;
}

/* As save_run(). */
static int save(const struct baseline_options *o, struct err *err)
{
    bool is_new = access(o->baseline, F_OK) != 0 && errno == ENOENT;
    json_t *run = result_read(o->words[1], err), *old = NULL;
    int r = run != NULL ? 0 : -EINVAL;

    if (r == 0 && !is_new && (old = gate_baseline_read(o->baseline, err)) == NULL)
        r = -EINVAL;
    if (r == 0)
        r = save_run(old, run, o, err);
    json_decref(old);
    json_decref(run);
    return r == 0 ? report_flush(stdout, err) : r;
}

static int show(const struct baseline_options *o, struct err *err)
{
    json_t *baseline = gate_baseline_read(o->baseline, err);
    int r = -EINVAL;

    if (baseline != NULL) {
        r = gate_report_write_baseline(baseline, stdout);
        r = r < 0 ? err_set(err, r, "out of memory") : report_flush(stdout, err);
    }
    json_decref(baseline);
    return r;
}

/* Check the action and the run. 0, or -EINVAL with *err set. */
static int check_words(const struct baseline_options *o, struct err *err)
{
    static const char *const actions[] = {"save", "show"};

    if (o->words[0] == NULL)
        return err_set(err, -EINVAL, "say what to do: save RUN.json, or show");
    if (strcmp(o->words[0], "save") != 0 && strcmp(o->words[0], "show") != 0)
        return suggest_unknown("action", o->words[0], actions, 2, err);
    if (strcmp(o->words[0], "save") == 0 && o->words[1] == NULL)
        return err_set(err, -EINVAL, "say which run to save: tva baseline save RUN.json");
    if (strcmp(o->words[0], "show") == 0 && o->replace)
        return err_set(err, -EINVAL, "--replace goes with save");
    if (strcmp(o->words[0], "show") == 0 && o->words[1] != NULL)
        return err_set(err, -EINVAL, "show takes no run, but --baseline FILE");
    return 0;
}

int cmd_baseline(int argc, char **argv, struct err *err)
{
    struct baseline_options o = {.baseline = GATE_BASELINE_DEFAULT};
    const struct options_part parts[] = {{entries, &o}, {0}};
    int r = options_parse(&help, parts, argc, argv, err);

    if (r != 0)
        return r;
    if (check_words(&o, err) != 0)
        return EXIT_USAGE;
    r = strcmp(o.words[0], "save") == 0 ? save(&o, err) : show(&o, err);
    return r < 0 ? EXIT_FAILED : r;
}
