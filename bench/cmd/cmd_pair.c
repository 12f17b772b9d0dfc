#include "base/units.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "harness/harness.h"
#include "job/plugin.h"
#include "pair/pair_document.h"
#include "plan/plan_options.h"
#include "plan/suite.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BUDGET_DEFAULT_NS  (5 * 60 * NS_PER_S)
#define BUDGET_MINUTES_MAX 1e6
#define PROFILE_DEFAULT    "gate"

struct pair_options {
    struct pair_settings settings;
    struct plan_seed seed;
    struct suite_choice suite;
    struct output output;
    bool markdown, quiet;
};

/* Minutes too, "5m", which no other duration takes. */
static int take_budget(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    double minutes;
    const char *rest = units_parse_decimal(text, &minutes);

    if (rest == NULL || strcmp(rest, "m") != 0 || minutes >= BUDGET_MINUTES_MAX)
        return options_duration(e, text, to, err);
    *(uint64_t *)to = (uint64_t)(minutes * 60 * (double)NS_PER_S);
    return *(uint64_t *)to > 0 ? 0 : err_set(err, -EINVAL, "--%s %s leaves no time", e->name, text);
}

static int take_layouts(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    (void)e;
    return pair_layouts_add(to, text, err);
}

#define AT(member) OPTIONS_AT(struct pair_options, member)

static const struct options_entry entries[] = {
    {"base", "LIST",
     "Programs of the base, or folders of them, between commas: the same code linked in "
     "several orders, its layouts; or plugins (.so), of which --job names the job; required",
     take_layouts, AT(settings.programs.arms[PAIR_BASE])},
    {"contender", "LIST", "Layouts of the contender, which is measured against the base; required",
     take_layouts, AT(settings.programs.arms[PAIR_CONTENDER])},
    {"relinked", "LIST",
     "Further layouts of the base, which must not differ from it; default: those of --base",
     take_layouts, AT(settings.programs.arms[PAIR_RELINKED])},
    {.help = PLAN_OPTIONS_MEASURING},
    {"budget", "T", "Measure no longer than this, as 90s or 5m; default 5m", take_budget,
     AT(settings.budget_ns), .min = 1},
    {.help = PLAN_OPTIONS_OUTPUT},
    {"output", "FILE",
     "Write each observation and the verdict to this file (JSON), - for standard output; default "
     "no file",
     options_text, .letter = 'o', AT(output.path)},
    {"markdown", NULL, "Write the table as Markdown", options_flag, AT(markdown)},
    {"quiet", NULL, "Show no progress", options_flag, .letter = 'q', AT(quiet)},
    {0},
};

/* 0 or an exit status. */
static int read_options(struct pair_options *o, int argc, char **argv, struct err *err)
{
    static const struct options_example examples[] = {
        {"tva pair --base old/tva --contender new/tva", "two programs of tva"},
        {"tva pair --base base/mine.so --contender change/mine.so",
         "a job of yours, before and after"},
        {0},
    };
    static const struct options_help help = {
        .examples = examples,
        .text =
            "Measure programs of two revisions side by side on this machine, in shuffled blocks "
            "with one fresh process an observation, and tell whether the contender is slower. "
            "Without cells: those of the profile " PROFILE_DEFAULT
            ". Faults are planted in the contender's jobs alone.\v"
            "Exit status: 0 no regression, 3 a regression, 4 inconclusive, 2 wrong usage or the "
            "two cannot be compared, 1 something else failed.",
    };
    struct plan_line *line = &o->settings.line;
    const struct options_part parts[] = {{plan_options_cells, line},    {suite_options, &o->suite},
                                         {plan_options_seed, &o->seed}, {entries, o},
                                         {plan_options_faults, line},   {0}};

    *o = (struct pair_options){.settings = {.budget_ns = BUDGET_DEFAULT_NS}};
    plan_line_init(line);
    return options_parse(&help, parts, argc, argv, err);
}

static bool names_cells(const struct plan_line *line)
{
    return line->models_count > 0 || line->jobs_count > 0 || line->counts_count > 0 ||
           line->threads_count > 0 || line->url != NULL;
}

/* The job of a plugin has the name of its file, and both sides are asked for the same job. */
static int check_plugins(const struct pair_programs *programs, struct err *err)
{
    const char *first = programs->arms[PAIR_BASE].paths[0];
    bool plugins = plugin_is_file(first);
    char name[PLUGIN_NAME_SIZE] = "", other[PLUGIN_NAME_SIZE] = "";

    if (plugins && (plugin_load(first, err) == NULL || plugin_name(first, name, err) < 0))
        return -EINVAL;
    for (size_t arm = 0; arm < PAIR_ARMS; arm++)
        for (size_t i = 0; i < programs->arms[arm].count; i++) {
            const char *path = programs->arms[arm].paths[i];

            if (plugins && plugin_is_file(path) && plugin_name(path, other, err) < 0)
                return -EINVAL;
            if (plugin_is_file(path) != plugins || strcmp(name, other) != 0)
                return err_set(err, -EINVAL,
                               "%s and %s: all are programs, or all are plugins of the same name, "
                               "as base/mine.so and change/mine.so",
                               first, path);
        }
    return 0;
}

/* Check that there are two sides, and fill in what was not given. 0 or a negative errno. */
static int settle_options(struct pair_options *o, struct err *err)
{
    struct pair_layouts *base = &o->settings.programs.arms[PAIR_BASE];
    struct pair_layouts *relinked = &o->settings.programs.arms[PAIR_RELINKED];

    if (base->count == 0 || o->settings.programs.arms[PAIR_CONTENDER].count == 0)
        return err_set(err, -EINVAL, "say who is compared: --base LIST --contender LIST");
    if (check_plugins(&o->settings.programs, err) < 0)
        return -EINVAL;
    for (size_t i = 0; relinked->count < base->count; i++) {
        relinked->paths[relinked->count] = strdup(base->paths[i]);
        if (relinked->paths[relinked->count++] == NULL)
            return err_set(err, -ENOMEM, "out of memory");
    }
    if (o->suite.file == NULL && o->suite.profile == NULL && !names_cells(&o->settings.line))
        o->suite.profile = PROFILE_DEFAULT;
    plan_seed_settle(&o->seed);
    o->settings.seed = o->seed.seed;
    return 0;
}
static const int statuses[PAIR_VERDICTS] = {
    [PAIR_PASS] = EXIT_GOOD,
    [PAIR_REGRESSION] = EXIT_REGRESSION,
    [PAIR_INCONCLUSIVE] = EXIT_INCONCLUSIVE,
};

/* Screen all metrics, and confirm those that the screen leaves open. *out holds all of them. 0 or a
 * negative errno. */
static int measure(struct pair_blocks *s, struct pair_collection *out, struct err *err)
{
    int r = pair_blocks_pilot(s, err);

    if (r == 0)
        r = pair_blocks_screen(s, err);
    if (r == 0)
        r = pair_collect(s, out, err);
    if (r == 0)
        r = pair_screen(out->comparisons, out->count);
    if (r == 0 && pair_collection_ask(out, s) > 0) {
        r = pair_blocks_confirm(s, err);
        pair_collection_deinit(out);
        if (r == 0)
            r = pair_collect(s, out, err);
        if (r == 0)
            r = pair_screen(out->comparisons, out->count);
    }
    return r;
}

/* Show, then write: a full disk must not cost the table. Returns the exit status. */
static int conclude(const struct pair_options *o, const struct pair_outcome *outcome,
                    struct err *err)
{
    json_t *document = pair_document_create(outcome);
    int r = document != NULL ? 0 : err_set(err, -ENOMEM, "out of memory");
    FILE *out = output_report(&o->output);

    if (r == 0) {
        r = pair_report_write(document, form_markdown(o->markdown), out);
        r = r < 0 ? err_set(err, r, "out of memory") : report_flush(out, err);
    }
    if (document != NULL) {
        int written = output_write("tva pair", document, &o->output, err);

        r = r == 0 ? written : r;
    }
    json_decref(document);
    return r < 0 ? EXIT_FAILED : statuses[outcome->conclusion.verdict];
}

static int compare(const struct pair_options *o, struct pair_blocks *s, struct err *err)
{
    struct pair_collection collection = {0};
    struct pair_outcome outcome = {.blocks = s, .collection = &collection};
    int r, status = EXIT_USAGE;

    pair_host_begin(&outcome.host);
    r = measure(s, &collection, err);
    progress_end(s->progress);
    if (r == 0)
        r = pair_conclude(collection.comparisons, collection.count, &outcome.conclusion);
    if (r == 0 && outcome.conclusion.verdict == PAIR_PASS && pair_blocks_contender_fails(s))
        outcome.conclusion.verdict = PAIR_INCONCLUSIVE;
    if (r == 0) {
        pair_host_end(&outcome.host);
        outcome.elapsed_ns = clock_now_ns() - s->begin_ns;
        status = conclude(o, &outcome, err);
    } else if (r == -EINTR) {
        fputs("tva pair: interrupted; nothing is kept\n", stderr);
        status = EXIT_SIGNAL + s->observer->interrupt->signal;
    } else if (err->text[0] == '\0') {
        err_set(err, r, "cannot judge what was measured: %s", strerror(-r));
    }
    pair_collection_deinit(&collection);
    return status;
}

static int carry_out(const struct pair_options *o, const struct plan *plan, struct err *err)
{
    struct pair_observer observer;
    struct pair_blocks blocks;
    struct stats_distribution timer_error;
    struct interrupt interrupt;
    struct progress progress;
    int status = EXIT_FAILED;

    if (interrupt_init(&interrupt, err) < 0)
        return EXIT_FAILED;
    if (harness_timer_error(plan, &timer_error, err) < 0 ||
        pair_observer_init(&observer, &interrupt, &timer_error, err) < 0)
        goto out;
    progress_init(&progress, o->quiet);
    if (pair_blocks_init(&blocks, &o->settings, plan, err) == 0) {
        blocks.observer = &observer;
        blocks.progress = &progress;
        status = compare(o, &blocks, err);
    }
    pair_blocks_deinit(&blocks);
    pair_observer_deinit(&observer);
out:
    interrupt_deinit(&interrupt);
    return interrupt.signal != 0 ? EXIT_SIGNAL + interrupt.signal : status;
}

/* The cells of both sides, without faults: those are the contender's alone. */
static int plan_cells(const struct pair_options *o, struct plan *plan, struct err *err)
{
    struct plan_line line = o->settings.line;

    line.faults_count = 0;
    return suite_plan(&o->suite, &line, plan, err);
}

int cmd_pair(int argc, char **argv, struct err *err)
{
    struct pair_options o;
    struct plan plan = {0};
    int status = read_options(&o, argc, argv, err);

    if (status != EXIT_GOOD)
        goto out;
    if (settle_options(&o, err) < 0 || plan_cells(&o, &plan, err) < 0) {
        status = EXIT_USAGE;
        goto out;
    }
    plan_leave_out(&plan, &o.settings.line, argv[0]);
    plan_warn_unused_faults(&plan, &o.settings.line, argv[0]);
    status = EXIT_FAILED;
    if (output_settle(&o.output, NULL, err) == 0)
        status = carry_out(&o, &plan, err);
out:
    plan_deinit(&plan);
    pair_programs_deinit(&o.settings.programs);
    return status;
}
