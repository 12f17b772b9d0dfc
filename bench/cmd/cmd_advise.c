#include "advise/advise.h"
#include "cmd/cmd.h"
#include "plan/plan_options.h"
#include "ranks/ranks.h"
#include "ranks/ranks_options.h"
#include "report/bound.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MIN_NS     NS_PER_S
#define LIMIT_DEFAULT_NS (60 * NS_PER_S)
#define PICKED_MAX       24

struct advise_options {
    struct advise_settings settings;
    struct plan_seed seed;
    const char *slo; /* NULL: not given */
    bool judged, json;
};

#define AT(member) OPTIONS_AT(struct advise_options, member)

static const struct options_entry entries[] = {
    {"slo", "METRIC=T",
     "The bound to keep: p50, p90, p99, p999, mean, max or lag_p99 below T; default p99 below 5 "
     "times what a job takes alone, and at least 10ms",
     options_text, AT(slo)},
    {"assert", NULL,
     "Exit with 3 when no model keeps --slo at --rate, with 4 when that is not known", options_flag,
     AT(judged)},
    {.help = PLAN_OPTIONS_MEASURING},
    {"time-limit", "T", "Time for all of it, at least 1s; default 60s", options_duration,
     AT(settings.limit_ns), .min = LIMIT_MIN_NS},
    {.help = PLAN_OPTIONS_OUTPUT},
    {"json", NULL, "Write all that was measured as JSON instead of the text", options_flag,
     AT(json)},
    {"quiet", NULL, "Show no progress", options_flag, .letter = 'q', AT(settings.quiet)},
    {0},
};

/* The options of cells that make sense here, some with a help of their own. */
static const struct {
    const char *name, *help;
} picks[] = {
    {"job", NULL},
    {"jobs-file", NULL},
    {"url", NULL},
    {"ca", NULL},
    {"ledger", NULL},
    {"target", NULL},
    {"remote", NULL},
    {"rate", "Arrivals a second that have to be borne, as 500/s; default: find what can be"},
    {"arrivals", NULL},
    {"model", "Models to try; default tasks, loops, uring, pool and threads"},
    {"threads", "Sizes of pools to try; default by Little's law and by Goetz's rule"},
    {"stack-size", NULL},
    {"timer-slack", "Let the kernel wake the measured process up to T late; default 1ns"},
    {"pin", NULL},
};

static void pick(struct options_entry picked[PICKED_MAX])
{
    *picked++ = (struct options_entry){.help = "What to advise on:"};
    for (size_t i = 0; i < sizeof picks / sizeof *picks; i++) {
        const struct options_entry *e = plan_options_cells;

        while (e->name == NULL || strcmp(e->name, picks[i].name) != 0)
            e++;
        *picked = *e;
        if (strcmp(e->name, "threads") == 0)
            picked->list_max = ADVISE_THREADS_MAX;
        if (picks[i].help != NULL)
            picked->help = picks[i].help;
        picked++;
    }
    *picked = (struct options_entry){0};
}

/* 0 or an exit status. */
static int read_options(struct advise_options *o, int argc, char **argv, struct err *err)
{
    static const struct options_elsewhere elsewhere[] = {
        {"clients", "makes a closed loop, which tva run measures; advice is for a --rate"},
        {"duration", "is chosen by tva advise, so that runs fit into --time-limit"},
        {"jobs", "are as many as the metric needs; advice is for a --rate"},
        {"poison", "is tried by tva advise anyway: one blocking call in fifty"},
        {"rounds", "are chosen by tva advise, so that runs fit into --time-limit"},
        {0},
    };
    static const struct options_example examples[] = {
        {"tva advise --job 'tcp:delay=20ms + cpu:time=2ms'", "which model, and how much it bears"},
        {"tva advise --job tcp:delay=20ms --rate 300/s",
         "is there one that bears 300 jobs a second?"},
        {0},
    };
    static const struct options_help help = {
        .text = "Measure a job under several models for a minute, and advise which one to use, "
                "with how many threads, and how sure that is.\v"
                "Exit status: 0; with --assert 3 when no model keeps the bound, 4 when that is "
                "not known.",
        .elsewhere = elsewhere,
        .examples = examples,
    };
    struct options_entry picked[PICKED_MAX];
    const struct options_part parts[] = {{picked, &o->settings.line},
                                         {entries, o},
                                         {plan_options_seed, &o->seed},
                                         {ranks_options, o},
                                         {0}};

    *o = (struct advise_options){.settings.limit_ns = LIMIT_DEFAULT_NS};
    plan_line_init(&o->settings.line);
    pick(picked);
    return options_parse(&help, parts, argc, argv, err);
}

static int settle_rate(struct advise_settings *out, struct err *err)
{
    struct plan_load *load = &out->line.load;

    if (load->rates_count > 1 || load->changing.count > 0)
        return err_set(err, -EINVAL,
                       "advice is for one --rate, which does not change; give the "
                       "highest that has to be borne");
    if (load->rates_count == 1)
        out->rate_per_s = load->rates[0];
    load->rates_count = 0;
    return 0;
}

/* Refuse here what would be refused in the middle. */
static int check_line(const struct advise_settings *settings, struct err *err)
{
    struct plan_line line = settings->line;
    struct plan plan = {0};
    int r;

    line.load.rates[line.load.rates_count++] = settings->rate_per_s > 1 ? settings->rate_per_s : 1;
    line.load.duration_ns = NS_PER_S;
    r = plan_add(&plan, &line, false, err);
    if (r == 0)
        r = plan_check_used(&plan, &line, err);
    plan_deinit(&plan);
    return r;
}

/* Complete the settings. 0 or -EINVAL with *err set. */
static int settle(struct advise_options *o, struct err *err)
{
    struct advise_settings *out = &o->settings;
    struct plan_line *line = &out->line;
    double bound_ns = 0;
    int r = ranks_use_targets(ranks_get(), line->targets, line->targets_count, err);

    if (r == 0)
        r = plan_line_parse_jobs(line, err);
    if (r == 0 && line->specs_count == 0 && line->url != NULL)
        r = job_parse("http", &line->specs[line->specs_count++], err);
    if (r == 0 && line->specs_count != 1)
        r = err_set(err, -EINVAL,
                    line->specs_count == 0
                        ? "say which job, as in --job 'tcp:delay=20ms + cpu:time=2ms'"
                        : "advice is for one job: give one --job, whose parts have a + between");
    if (r == 0)
        r = settle_rate(out, err);
    if (r == 0 && o->slo != NULL)
        r = bound_parse_slo(o->slo, &out->slo, &bound_ns, err);
    if (r == 0 && o->judged && (o->slo == NULL || out->rate_per_s == 0))
        r = err_set(err, -EINVAL, "--assert needs --rate and --slo: they are what is asserted");
    out->slo_bound_s = bound_ns / (double)NS_PER_S;
    if (line->timer_slack_ns == 0)
        line->timer_slack_ns = 1; /* no slack delays sleeps, as in sweeps for a bound */
    plan_seed_settle(&o->seed);
    out->seed = o->seed.seed;
    return r == 0 ? check_line(out, err) : r;
}

static int show(const struct advise_options *o, const struct advice *a, struct err *err)
{
    json_t *document = o->json ? advise_document(a) : NULL;
    int r;

    if (o->json)
        r = document != NULL ? result_dump(document, stdout) : -ENOMEM;
    else
        r = advise_write(a, stdout);
    json_decref(document);
    if (r == -ENOMEM)
        return err_set(err, r, "out of memory");
    return report_flush(stdout, err);
}

static int advise(const struct advise_options *o, struct advice *a, struct err *err)
{
    static const int statuses[] = {[ADVISE_KEEPS] = EXIT_GOOD,
                                   [ADVISE_BREAKS] = EXIT_REGRESSION,
                                   [ADVISE_UNTOLD] = EXIT_INCONCLUSIVE};
    struct interrupt interrupt;
    struct progress progress;
    int r;

    if (interrupt_init(&interrupt, err) < 0)
        return EXIT_FAILED;
    progress_init(&progress, o->settings.quiet);
    r = advise_measure(&o->settings, &interrupt, &progress, a, err);
    interrupt_deinit(&interrupt);
    if (interrupt.signal != 0) {
        fprintf(stderr, "tva advise: interrupted, so there is no advice\n");
        return EXIT_SIGNAL + interrupt.signal;
    }
    if (r < 0 || show(o, a, err) < 0)
        return EXIT_FAILED;
    return o->judged ? statuses[a->verdict] : EXIT_GOOD;
}

int cmd_advise(int argc, char **argv, struct err *err)
{
    struct advise_options o;
    struct advice *a;
    int status = read_options(&o, argc, argv, err);

    if (status != EXIT_GOOD)
        return status;
    if (settle(&o, err) < 0)
        return EXIT_USAGE;
    a = calloc(1, sizeof *a);
    if (a == NULL) {
        err_set(err, -ENOMEM, "out of memory");
        return EXIT_FAILED;
    }
    status = advise(&o, a, err);
    free(a);
    return status;
}
