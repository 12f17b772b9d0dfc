#include "base/text.h"
#include "base/units.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "plan/plan_options.h"
#include "ranks/ranks.h"
#include "ranks/ranks_options.h"
#include "report/bound.h"
#include "result/result.h"
#include "sweep/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_MIN (PARAM_SHARE_ONE / 1000)
#define USUAL_JOB "sleep:duration=10ms"

struct sweep_options {
    struct sweep_settings settings;
    /* As they were given, to be settled. */
    struct plan_seed seed;
    const char *over[SWEEP_AXES_MAX];
    size_t over_count;
    const char *slo, *metric; /* NULL: not given */
    struct output output;
};

#define AT(member) OPTIONS_AT(struct sweep_options, member)

static const struct options_entry entries[] = {
    {"over", "NAME=RANGE",
     "An axis and its values: a list (1,2,4), a stretch that multiplies "
     "(100..2000:x1.5) or adds (5%..90%:+5%), or several of these between commas; "
     "repeatable, for up to 4 axes",
     options_text, OPTIONS_LIST(struct sweep_options, over)},
    {.help = "What to look for:"},
    {"slo", "METRIC=T",
     "Find for each model the highest rate that keeps this metric below T: p50, p90, p99, "
     "p999, mean, max or lag_p99. tva chooses the rates to try, and timers have a slack "
     "of 1 ns unless --timer-slack is given",
     options_text, AT(slo)},
    {"metric", "METRIC",
     "Metric in which models are compared to find crossovers: those of --slo, or throughput; "
     "default throughput, and latency in open loops",
     options_text, AT(metric)},
    {"width", "SHARE",
     "Narrow an answer down to this share of its value, or of its axis where that adds, "
     "0.1% to 100%; default 5%",
     options_share, AT(settings.width), .min = WIDTH_MIN},
    {"search-time", "T",
     "Begin no search step this long after the grid is measured; 0: measure the grid "
     "only; default 600s",
     options_duration, AT(settings.search_ns)},
    {"timeout", "T",
     "Stop a run after this time and count it as failed; default ten times its ideal time "
     "and 60 s more",
     options_duration, AT(settings.timeout_ns), .min = 1},
    {.help = PLAN_OPTIONS_OUTPUT},
    {"output", "FILE",
     "Write the result to this file (JSON), and FILE.state until the sweep is finished; - for "
     "standard output, and sweep.state; default " OUTPUT_LATEST_SWEEP ", which has exports",
     options_text, .letter = 'o', AT(output.path)},
    {"exports", NULL, OUTPUT_EXPORTS_HELP, options_flag, AT(output.exports)},
    {"quiet", NULL, "Show no progress", options_flag, .letter = 'q', AT(settings.quiet)},
    {0},
};

static void write_axes(FILE *out)
{
    fputs("Axes (--over):\n", out);
    sweep_axis_write_help(out);
    fputs("\nA sweep that was stopped, by Ctrl-C or a crash, continues when the same command is "
          "given again.",
          out);
}

/* 0 or an exit status. */
static int read_options(struct sweep_options *o, int argc, char **argv, struct err *err)
{
    static const struct options_example examples[] = {
        {"tva sweep --slo p99=50ms --threads 16", "the highest rate that each model can bear"},
        {"tva sweep --over cpu=5%..90%:x1.5 --jobs 200", "where does computing make threads win?"},
        {"tva sweep --over jobs=1..64:x2 -o sweep.json", "waits that overlap, more and more"},
        {0},
    };
    static const struct options_help help = {
        .text = "Measure a job under several models along axes, and find where models change "
                "places and which rate each of them can bear.\v",
        .write_lists = write_axes,
        .examples = examples,
    };
    struct plan_line *line = &o->settings.line;
    const struct options_part parts[] = {{plan_options_cells, line},
                                         {plan_options_rounds, line},
                                         {plan_options_seed, &o->seed},
                                         {ranks_options, o},
                                         {entries, o},
                                         {plan_options_faults, line},
                                         {0}};

    *o = (struct sweep_options){.settings = {.width = 0.05, .search_ns = 600 * NS_PER_S}};
    plan_line_init(line);
    return options_parse(&help, parts, argc, argv, err);
}

/* The parameters of an axis belong to a job, so the line needs one. */
static int settle_job(const struct sweep_options *o, struct plan_line *line, struct err *err)
{
    const char *job = line->url != NULL ? "http" : USUAL_JOB;

    int r = plan_line_parse_jobs(line, err);

    if (r < 0 || line->specs_count > 0)
        return r;
    for (size_t i = 0; i < o->over_count; i++)
        if (sweep_axis_job(o->over[i]) != NULL)
            job = sweep_axis_job(o->over[i]);
    return job_parse(job, &line->specs[line->specs_count++], err);
}

static bool has_axis(const struct sweep_settings *settings, const char *name)
{
    return sweep_find_axis(settings, name) != SIZE_MAX;
}

static int settle_axes(const struct sweep_options *o, struct sweep_settings *out, struct err *err)
{
    for (size_t i = 0; i < o->over_count; i++) {
        struct sweep_axis *axis = &out->axes[i];
        int r = sweep_axis_parse(o->over[i], &out->line, axis, err);

        if (r < 0)
            return r;
        for (size_t k = 0; k < i; k++) {
            if (sweep_axis_same(&out->axes[k], axis, &out->line))
                return err_set(err, -EINVAL, "--over %s is given twice; give all values once",
                               axis->name);
            if (sweep_axis_check_both(&out->axes[k], axis, &out->line, err) < 0)
                return -EINVAL;
        }
        out->axes_count++;
    }
    if (has_axis(out, "rate") && has_axis(out, "clients"))
        return err_set(
            err, -EINVAL,
            "--over rate and --over clients exclude each other: an open loop has a rate, "
            "a closed loop has clients");
    return 0;
}

/* A knee is looked for along the axis of rates. An axis that is not given gets the rates of --rate,
 * or none; then the search begins with a guess. */
static int settle_rates(struct sweep_settings *out, struct err *err)
{
    struct plan_load *load = &out->line.load;
    struct sweep_axis *axis = &out->axes[out->axes_count];

    if (load->clients_count > 0 || has_axis(out, "clients"))
        return err_set(err, -EINVAL,
                       "--slo asks for a rate, and a closed loop has none: leave out the clients");
    if (has_axis(out, "rate"))
        return 0;
    if (has_axis(out, "jobs"))
        return err_set(err, -EINVAL,
                       "--slo asks for a rate, and a batch has none: sweep over rate, not jobs");
    if (out->axes_count == SWEEP_AXES_MAX)
        return err_set(err, -EINVAL, "--slo needs an axis of rates, and there are %d others",
                       SWEEP_AXES_MAX);
    sweep_axis_rate(axis);
    for (; axis->count < load->rates_count; axis->count++)
        axis->values[axis->count] = load->rates[axis->count];
    load->rates_count = 0;
    out->axes_count++;
    return 0;
}

static int settle_slo(const struct sweep_options *o, struct sweep_settings *out, struct err *err)
{
    int r = bound_parse_slo(o->slo, &out->slo, &out->slo_bound_ns, err);

    if (r < 0)
        return r;
    if (out->line.timer_slack_ns == 0)
        out->line.timer_slack_ns = 1; /* a knee is the model's: no slack delays its sleeps */
    return settle_rates(out, err);
}

/* Complete the settings. 0, or -EINVAL with *err saying which options do not go together. */
static int settle(struct sweep_options *o, struct err *err)
{
    struct sweep_settings *out = &o->settings;
    int r;

    plan_seed_settle(&o->seed);
    out->seed = o->seed.seed;
    out->rounds = out->line.rounds > 0 ? (unsigned)out->line.rounds : PLAN_ROUNDS_DEFAULT;
    if (o->over_count == 0 && o->slo == NULL)
        return err_set(err, -EINVAL,
                       "say what to sweep over, as in --over rate=100..2000:x1.5, or what to keep, "
                       "as in --slo p99=20ms");
    if (out->line.load.changing.count > 0)
        return err_set(err, -EINVAL,
                       "--rate: a sweep measures at rates that do not change; --over "
                       "rate=100..2000:x1.5 tries one after the other");
    r = ranks_use_targets(ranks_get(), out->line.targets, out->line.targets_count, err);
    if (r == 0)
        r = settle_job(o, &out->line, err);
    if (r == 0)
        r = settle_axes(o, out, err);
    if (r == 0 && o->slo != NULL)
        r = settle_slo(o, out, err);
    if (r == 0 && o->metric != NULL) {
        out->metric = metric_find(o->metric, sweep_can_rank, err);
        r = out->metric != NULL ? 0 : -EINVAL;
    }
    return r;
}

/* Search between the points of the grid. 0; -EINTR; or another negative errno with *err set. */
static int search(struct sweep *s, struct sweep_answers *answers, struct err *err)
{
    const struct sweep_settings *settings = s->settings;
    int r;

    s->search_end_ns = clock_add_ns(clock_now_ns(), settings->search_ns);
    r = sweep_crossovers_find(s, answers, err);
    if (r == 0 && settings->slo != NULL)
        r = sweep_knees_find(s, answers, err);
    if (r == 0 && settings->search_ns > 0 && !sweep_may_search(s))
        progress_note(s->progress,
                      "tva sweep: the search has taken its time; answers may have wider intervals "
                      "than asked for: --search-time allows more");
    return r == 0 ? sweep_scalability_fit(s, answers, err) : r;
}

/* Measure the timers, with which the lateness of generators is compared. All series have the same
 * kind of load. */
static int check_timers(struct sweep *s, struct err *err)
{
    struct plan_cell cell = {.cell = s->series[0].base};
    struct plan plan = {.cells = &cell, .count = 1, .capacity = 1};

    return harness_timer_error(&plan, &s->timer_error, err);
}

/* Measure the grid, search, and write the document. *written: the state file is no longer needed.
 */
static int measure(struct sweep *s, const struct output *output, bool *written, struct err *err)
{
    size_t invalid = 0;
    struct sweep_answers answers = {0};
    json_t *document = NULL;
    int status = EXIT_FAILED, r = check_timers(s, err);

    if (r == 0)
        r = sweep_measure(s, NULL, s->cells_count, true, err);
    if (r == 0)
        r = search(s, &answers, err);
    progress_end(s->progress);
    if (r == 0)
        document = sweep_document_create(s, &answers, &invalid, err);
    if (document != NULL) {
        r = output_write("tva sweep", document, output, err);
        *written = r == 0;
        status =
            output_conclude("tva sweep", r, sweep_report_write(s, &answers, output_report(output)),
                            document, invalid);
    }
    if (r == -EINTR)
        fprintf(stderr,
                "tva sweep: interrupted; %zu finished run%s kept: the same command goes on from "
                "there\n",
                sweep_state_count(s->state), sweep_state_count(s->state) == 1 ? " is" : "s are");
    json_decref(document);
    free(answers.items);
    return status;
}

/* Open FILE.state, and print what it holds already. 0, or the exit status with *err set. */
static int open_state(struct sweep *s, struct sweep_options *o, struct sweep_state **state,
                      struct err *err)
{
    char *identity = sweep_identity(s), *path = NULL;
    int r = -ENOMEM;

    if (identity == NULL ||
        asprintf(&path, "%s.state", output_is_stdout(&o->output) ? "sweep" : o->output.path) < 0)
        err_set(err, r, "out of memory");
    else
        r = sweep_state_open(path, identity, &o->settings.seed, o->seed.given, state, err);
    if (r == 0 && sweep_state_was_cut(*state))
        fprintf(stderr, "tva sweep: the last run in %s was cut short, and is run again\n", path);
    if (r == 0)
        r = sweep_use_state(s, *state, err);
    if (r == 0 && sweep_state_count(*state) > 0)
        fprintf(stderr,
                "tva sweep: going on with %zu finished run%s of %s; %zu of the grid %s left\n",
                sweep_state_count(*state), TEXT_S(sweep_state_count(*state)), path,
                sweep_runs_left(s), sweep_runs_left(s) == 1 ? "is" : "are");
    free(identity);
    free(path);
    return r == 0 ? 0 : r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static int execute(struct sweep *s, struct sweep_options *o, struct err *err)
{
    struct sweep_state *state = NULL;
    struct interrupt interrupt;
    struct progress progress;
    bool written = false;
    int status, r = output_settle(&o->output, OUTPUT_LATEST_SWEEP, err);

    if (r < 0)
        return r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    status = open_state(s, o, &state, err);
    if (status == 0) {
        progress_init(&progress, o->settings.quiet);
        s->interrupt = &interrupt;
        s->progress = &progress;
        status = interrupt_init(&interrupt, err) < 0 ? EXIT_FAILED
                                                     : measure(s, &o->output, &written, err);
        interrupt_deinit(&interrupt);
        if (interrupt.signal != 0)
            status = EXIT_SIGNAL + interrupt.signal;
    }
    sweep_state_close(state, written);
    return status;
}

int cmd_sweep(int argc, char **argv, struct err *err)
{
    struct sweep_options o;
    struct sweep sweep;
    int status = read_options(&o, argc, argv, err);

    if (status != EXIT_GOOD)
        return status;
    if (settle(&o, err) < 0)
        return EXIT_USAGE;
    status = sweep_init(&sweep, &o.settings, err) < 0 ? EXIT_USAGE : execute(&sweep, &o, err);
    sweep_deinit(&sweep);
    return status;
}
