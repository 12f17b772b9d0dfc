#include "base/text.h"
#include "base/units.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "count/count.h"
#include "harness/harness.h"
#include "load/load.h"
#include "plan/plan_options.h"
#include "plan/suite.h"
#include "profile/profile.h"
#include "ranks/ranks.h"
#include "ranks/ranks_options.h"
#include "report/bound.h"
#include "report/report.h"
#include "result/result.h"
#include "summary/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUNDS_MAX 16

/* What is done with the cells. */
enum run_counting { RUN_COUNTS_NONE, RUN_COUNTS_TOO, RUN_COUNTS_ONLY };

struct run_options {
    struct plan_line line;
    struct plan_seed seed;
    struct suite_choice suite;
    struct harness_options harness;
    enum run_counting counting;
    bool flame;
    struct bound bounds[BOUNDS_MAX];
    size_t bounds_count;
    struct output output;
    bool quiet;
};

static int take_precision(const struct options_entry *e, const char *text, void *to,
                          struct err *err)
{
    double *share = to;

    if (units_parse_share(text, share) == 0 && *share > 0 && *share < 1)
        return 0;
    return err_set(err, -EINVAL,
                   "--%s \"%s\" is not a share between 0%% and 100%%, as in 5%% or 0.05", e->name,
                   text);
}

static int take_counts(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    if (text != NULL && strcmp(text, "only") != 0)
        return err_set(err, -EINVAL, "--%s takes nothing, or =only, not \"%s\"", e->name, text);
    *(enum run_counting *)to = text != NULL ? RUN_COUNTS_ONLY : RUN_COUNTS_TOO;
    return 0;
}

static int take_bound(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    (void)e;
    return bound_parse(text, to, err);
}

#define AT(member) OPTIONS_AT(struct run_options, member)

static const struct options_entry entries[] = {
    {.help = PLAN_OPTIONS_MEASURING},
    {"precision", "SHARE",
     "Add rounds until the 95 % interval of every cell's median (of the makespan; in loops "
     "of the mean latency) lies within this share of it, between 0% and 100%, as 5%; "
     "default: no more rounds",
     take_precision, AT(harness.precision)},
    {"time-limit", "T",
     "Begin no round after this time; default 300s with --precision, else no limit",
     options_duration, AT(harness.time_limit_ns), .min = 1},
    {"timeout", "T",
     "Stop a run after this time and count it as failed; default ten times its ideal time "
     "and 60 s more",
     options_duration, AT(harness.timeout_ns), .min = 1},
    {"counts", "only",
     "Count what a job costs as well: system calls, allocations, instructions; 'only' "
     "measures no times; default: no counts",
     take_counts, .optional = true, AT(counting)},
    {"flame", NULL,
     "After the measuring, run each cell once more under perf (or valgrind) and draw where its "
     "time goes: a flame graph a cell, in flame/ beside the result",
     options_flag, AT(flame)},
    {"assert", "METRIC<VALUE",
     "Check that the metric of every cell lies below this value, or, as METRIC>VALUE, above it: "
     "p99<20ms, throughput>500/s; repeatable. The metrics are the columns of exports",
     take_bound, OPTIONS_LIST(struct run_options, bounds)},
    {.help = PLAN_OPTIONS_OUTPUT},
    {"output", "FILE",
     "Write the result to this file (JSON), - for standard output; default " OUTPUT_LATEST_RUN
     " with a suite or --flame, which has exports, else none",
     options_text, .letter = 'o', AT(output.path)},
    {"exports", NULL, OUTPUT_EXPORTS_HELP, options_flag, AT(output.exports)},
    {"quiet", NULL, "Show no progress", options_flag, .letter = 'q', AT(quiet)},
    {0},
};

/* 0 or an exit status. */
static int read_options(struct run_options *o, int argc, char **argv, struct err *err)
{
    static const struct options_elsewhere elsewhere[] = {
        {"slo", "belongs to tva sweep, which finds the highest rate that keeps it; here --assert "
                "checks it, as in --assert 'p99<20ms'"},
        {0},
    };
    static const struct options_example examples[] = {
        {"tva run --job tcp:delay=5ms --jobs 1000", "1,000 requests to a slow service"},
        {"tva run --model tasks,pool --threads 4,16 -o run.json",
         "pools of two sizes beside tasks"},
        {"tva run --rate 200/s --poison 0,2%", "200 jobs a second; one call in 50 blocks the loop"},
        {"tva run --rate 200/s --assert 'p99<50ms'", "exit with 3 where a model is slower"},
        {"tva run --model tasks --job null -o - >run.json", "JSON for another program"},
        {0},
    };
    static const struct options_help help = {
        .text = "Measure cells (a job under a model), each run in a fresh process, in shuffled "
                "rounds, and show the results. Without options: 100 sleeps of 10 ms under every "
                "model.",
        .elsewhere = elsewhere,
        .examples = examples,
    };
    const struct options_part parts[] = {
        {plan_options_cells, &o->line},  {plan_options_rounds, &o->line},
        {plan_options_seed, &o->seed},   {ranks_options, o},
        {suite_options, &o->suite},      {entries, o},
        {plan_options_faults, &o->line}, {0}};

    *o = (struct run_options){.harness.vary_seed = true,
                              .harness.ranks = ranks_harness(ranks_get())};
    plan_line_init(&o->line);
    return options_parse(&help, parts, argc, argv, err);
}

static const char *const end_words[] = {
    [HARNESS_ROUNDS] = "rounds",
    [HARNESS_PRECISION] = "precision",
    [HARNESS_TIME_LIMIT] = "time limit",
    [HARNESS_INTERRUPT] = "interrupt",
};

/* Say when the measuring ended early or without the precision that was asked for. */
static void tell_end(const struct run_options *o, const struct plan *plan, const struct harness *h)
{
    size_t imprecise = o->harness.precision > 0 ? harness_imprecise(h) : 0;
    char share[64];

    if (harness_ended_by(h) == HARNESS_INTERRUPT)
        fprintf(stderr, "tva run: interrupted; keeping the cells that have complete runs\n");
    if (harness_ended_by(h) == HARNESS_TIME_LIMIT)
        fprintf(stderr, "tva run: ended by the time limit after %u round%s\n", harness_rounds(h),
                TEXT_S(harness_rounds(h)));
    if (imprecise > 0)
        fprintf(stderr, "tva run: %zu of %zu cell%s %s not known to %s yet\n", imprecise,
                plan->count, TEXT_S(plan->count), imprecise == 1 ? "is" : "are",
                load_format_share(o->harness.precision, share, sizeof share));
}

/* What was measured and counted, cell by cell as in the plan. */
struct measured {
    const struct plan *plan;
    struct harness *harness;
    struct count_cell *counts; /* NULL when nothing is counted */
    struct stats_distribution timer_error;
    struct primitives primitives;
    bool timed; /* the two were measured */
};

/* Does a session that was cut short have anything complete of this cell? */
static bool has_something(const struct measured *m, size_t i)
{
    const struct harness_cell *c = harness_cell(m->harness, i);

    return c->count > c->failures || c->given_up || (m->counts != NULL && m->counts[i].complete);
}

static int add_cell(struct document *document, const struct measured *m, size_t i)
{
    const struct harness_cell *c = harness_cell(m->harness, i);
    const struct cell *cell = &m->plan->cells[i].cell;
    json_t *added = document_add_cell(document, cell, c->runs, c->count);

    if (added == NULL ||
        (m->counts != NULL && document_add_libcurl(document, m->counts[i].libcurl) != 0))
        return -ENOMEM;
    return m->counts != NULL ? count_add(added, cell, &m->counts[i]) : 0;
}

/* The document of what was measured. A session cut short keeps the cells that have a complete run.
 * *invalid: how many cells are. NULL when out of memory. */
static json_t *summarise(const struct run_options *o, const struct measured *m, bool partial,
                         size_t *invalid)
{
    const struct harness *h = m->harness;
    bool cut = partial && o->counting != RUN_COUNTS_ONLY;
    struct document_session session = {
        .suite = o->suite.profile ? o->suite.profile
                 : o->suite.file  ? SUITE_PROFILE_DEFAULT
                                  : NULL,
        .seed = o->seed.seed,
        .rounds = cut ? plan_rounds(m->plan) : harness_rounds(h),
        .partial = partial,
        .counts_only = o->counting == RUN_COUNTS_ONLY,
        .ended_by = end_words[partial ? HARNESS_INTERRUPT : harness_ended_by(h)],
        .primitives = m->timed ? &m->primitives : NULL,
        .timer_error = m->timer_error.count > 0 ? &m->timer_error : NULL,
    };
    struct document *document;
    int r;

    ranks_describe(ranks_get(), &session);
    document = document_create(&session);
    r = document != NULL ? 0 : -ENOMEM;

    for (size_t i = 0; i < m->plan->count && r == 0; i++)
        if (!partial || has_something(m, i))
            r = add_cell(document, m, i);
    if (r == 0)
        return document_finish(document, invalid);
    document_destroy(document);
    return NULL;
}

static bool has_connections(const struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (job_traits(&plan->cells[i].cell.job).connections > 0)
            return true;
    return false;
}

/* Measure and count, as asked for. 0, also when interrupted, or a negative errno with *err set. */
static int carry_out(const struct run_options *o, struct measured *m, struct interrupt *interrupt,
                     struct err *err)
{
    struct progress progress;
    int r = 0;

    progress_init(&progress, o->quiet);
    if (o->counting != RUN_COUNTS_ONLY) {
        r = harness_timer_error(m->plan, &m->timer_error, err);
        if (r < 0)
            return r;
        proc_raise_file_limit();
        primitives_measure(&m->primitives, has_connections(m->plan));
        m->timed = true;
        r = harness_measure(m->harness, interrupt, &progress);
        tell_end(o, m->plan, m->harness);
    }
    if (r == 0 && o->counting != RUN_COUNTS_NONE)
        r = count_measure(m->plan, o->harness.timeout_ns, interrupt, &progress, m->counts);
    return r == -EINTR ? 0 : r;
}

/* When all figures are written: what disturbs them must not come before. */
static void profile(const struct run_options *o, const struct plan *plan, const json_t *result,
                    struct interrupt *interrupt)
{
    struct progress progress;

    progress_init(&progress, o->quiet);
    if (profile_cells(plan, result, o->output.path, o->harness.timeout_ns, interrupt, &progress) <
        0)
        fprintf(stderr, "tva run: interrupted; the result is complete, the profiles are not\n");
}

static int show(const struct run_options *o, const json_t *result, enum bound_verdict *worst)
{
    FILE *out = output_report(&o->output);
    int r = report_write(result, out);

    if (r == 0)
        r = report_write_answer(result, out);
    if (r == 0)
        *worst = bound_write(o->bounds, o->bounds_count, result, out);
    return r;
}

static int measure(const struct run_options *o, const struct plan *plan, struct err *err)
{
    struct measured m = {.plan = plan};
    enum bound_verdict worst = BOUND_KEPT;
    struct interrupt interrupt;
    json_t *result = NULL;
    size_t invalid = 0;
    int status = EXIT_FAILED, written = 0;
    bool complete;

    m.harness = harness_create(plan, &o->harness);
    if (o->counting != RUN_COUNTS_NONE)
        m.counts = calloc(plan->count, sizeof *m.counts);
    if (m.harness == NULL || (o->counting != RUN_COUNTS_NONE && m.counts == NULL) ||
        interrupt_init(&interrupt, err) < 0)
        goto out;
    if (carry_out(o, &m, &interrupt, err) == 0)
        result = summarise(o, &m, interrupt.signal != 0, &invalid);
    complete = json_array_size(json_object_get(result, "cells")) > 0;
    if (complete)
        written = output_write("tva run", result, &o->output, err);
    if (complete && written == 0 && o->flame && interrupt.signal == 0)
        profile(o, plan, result, &interrupt);
    interrupt_deinit(&interrupt);
    if (complete)
        status = output_conclude("tva run", written, show(o, result, &worst), result, invalid);
    else if (result != NULL)
        fprintf(stderr, "tva run: nothing was complete, so there is no result\n");
    if (status == EXIT_GOOD && worst != BOUND_KEPT)
        status = worst == BOUND_BROKEN ? EXIT_REGRESSION : EXIT_INCONCLUSIVE;
    if (interrupt.signal != 0)
        status = EXIT_SIGNAL + interrupt.signal;
out:
    if (result == NULL && err->text[0] == '\0')
        err_set(err, -ENOMEM, "out of memory");
    json_decref(result);
    free(m.counts);
    if (m.harness != NULL)
        harness_destroy(m.harness);
    return status;
}

int cmd_run(int argc, char **argv, struct err *err)
{
    struct run_options o;
    struct plan plan = {0};
    int r, status = read_options(&o, argc, argv, err);

    if (status != EXIT_GOOD)
        return status;
    if (ranks_use_targets(ranks_get(), o.line.targets, o.line.targets_count, err) < 0 ||
        suite_plan(&o.suite, &o.line, &plan, err) < 0) {
        status = EXIT_USAGE;
        goto out;
    }
    plan_leave_out(&plan, &o.line, argv[0]);
    plan_warn_unused_faults(&plan, &o.line, argv[0]);
    plan_seed_settle(&o.seed);
    plan_set_seed(&plan, o.seed.seed);
    o.harness.seed = o.seed.seed;
    r = output_settle(&o.output,
                      o.suite.file || o.suite.profile || o.flame ? OUTPUT_LATEST_RUN : NULL, err);
    if (r == 0 && o.flame && output_is_stdout(&o.output))
        r = err_set(err, -EINVAL, "--flame draws beside a file: name one with -o FILE");
    if (r < 0)
        status = r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    else
        status = measure(&o, &plan, err);
out:
    plan_deinit(&plan);
    return status;
}
