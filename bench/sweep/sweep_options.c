#include "sweep/sweep_options.h"

#include "base/units.h"
#include "cli/options_help.h"
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_MIN 0.001
#define USUAL_JOB "sleep:duration=10ms"

enum {
    KEY_OUTPUT = 'o',
    KEY_QUIET = 'q',
    KEY_OVER = OPTIONS_KEY_FREE,
    KEY_SLO,
    KEY_METRIC,
    KEY_WIDTH,
    KEY_SEARCH_TIME,
    KEY_TIMEOUT
};

static const struct argp_option options[] = {
    {"over", KEY_OVER, "NAME=RANGE", 0,
     "An axis: a list of values (1,2,4), of stretches that multiply (100..2000:x1.5) or add "
     "(5%..90%:+5%), or of both; repeatable",
     0},
    {NULL, 0, NULL, 0, "What to look for:", 4},
    {"slo", KEY_SLO, "METRIC=T", 0,
     "For each model, the highest rate that keeps this under T: p50, p90, p99, p999, mean, max or "
     "lag_p99; the rates are chosen as needed",
     4},
    {"metric", KEY_METRIC, "METRIC", 0,
     "What crossovers are looked for in: one of those, or throughput; throughput by default, and "
     "latency in open loops",
     4},
    {"width", KEY_WIDTH, "SHARE", 0,
     "How narrow an answer is narrow enough; 5% of it by default, or of its axis where that adds",
     4},
    {"search-time", KEY_SEARCH_TIME, "T", 0,
     "Look for answers no longer than this after the grid is measured; 600s by default, 0: only "
     "at the grid",
     4},
    {"timeout", KEY_TIMEOUT, "T", 0,
     "Stop a run that takes longer and count it as failed; ten times its ideal time and 60 s more "
     "by default",
     4},
    {NULL, 0, NULL, 0, "What comes out:", 5},
    {"output", KEY_OUTPUT, "FILE", 0,
     "Write the result here (with CSV, Markdown and .hgrm beside it, and FILE.state as long as it "
     "is not finished); by default " OUTPUT_LATEST_SWEEP,
     5},
    {"quiet", KEY_QUIET, NULL, 0, "Show no progress", 5},
    {0},
};

static error_t take_over(struct sweep_options *o, const char *arg)
{
    if (o->over_count == SWEEP_AXES_MAX) {
        err_set(&o->err, -EINVAL, "--over can be given %d times at most", SWEEP_AXES_MAX);
        return EINVAL;
    }
    o->over[o->over_count++] = arg;
    return 0;
}

static error_t take_width(struct sweep_options *o, const char *arg)
{
    if (units_parse_share(arg, &o->width) == 0 && o->width >= WIDTH_MIN)
        return 0;
    err_set(&o->err, -EINVAL, "--width \"%s\" is not a share from 0.1%% to 100%%", arg);
    return EINVAL;
}

static error_t take_search_time(struct sweep_options *o, const char *arg)
{
    if (units_parse_duration(arg, &o->search_ns) == 0)
        return 0;
    err_set(&o->err, -EINVAL, "--search-time \"%s\" is not a duration, as in 90s", arg);
    return EINVAL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct sweep_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = &o->line;
        state->child_inputs[2] = &o->seed;
        return 0;
    case KEY_OVER:
        return take_over(o, arg);
    case KEY_SLO:
        o->slo = arg;
        return 0;
    case KEY_METRIC:
        o->metric = arg;
        return 0;
    case KEY_WIDTH:
        return take_width(o, arg);
    case KEY_SEARCH_TIME:
        return take_search_time(o, arg);
    case KEY_TIMEOUT:
        return options_duration("--timeout", arg, &o->timeout_ns, &o->err);
    case KEY_OUTPUT:
        o->output = arg;
        return 0;
    case KEY_QUIET:
        o->quiet = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&options_cells, 0, NULL, 0},
    {&options_rounds, 0, NULL, 0},
    {&options_seed, 0, NULL, 0},
    {0},
};

static void write_axes(FILE *out)
{
    fputs("Axes (--over):\n", out);
    sweep_axis_type_help(out);
    fputs("\nA sweep that was stopped, by Ctrl-C or a crash, goes on where it was when the same "
          "command is given again.",
          out);
}

static char *describe(int key, const char *text, void *input)
{
    (void)input;
    return options_help(key, text, write_axes);
}

const struct argp sweep_argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .doc = "Measure a job under several models along axes, and find where models change places and "
           "which rate each of them can bear.\v",
    .help_filter = describe,
};

void sweep_options_init(struct sweep_options *o)
{
    *o = (struct sweep_options){
        .width = SWEEP_WIDTH_DEFAULT,
        .search_ns = SWEEP_SEARCH_DEFAULT_NS,
        .output = NULL,
    };
    plan_line_init(&o->line.line);
    o->line.err = o->seed.err = &o->err;
}

/* What a parameter of the job is depends on the job, so there has to be one. */
static int settle_job(struct sweep_options *o, struct plan_line *line)
{
    const char *job = line->url != NULL ? "http" : USUAL_JOB;

    if (line->specs_count > 0)
        return 0;
    for (size_t i = 0; i < o->over_count; i++)
        if (sweep_axis_type_job(o->over[i]) != NULL)
            job = sweep_axis_type_job(o->over[i]);
    return job_parse(job, &line->specs[line->specs_count++], &o->err);
}

static bool has_axis(const struct sweep_settings *settings, const char *name)
{
    for (size_t a = 0; a < settings->axes_count; a++)
        if (strcmp(settings->axes[a].name, name) == 0)
            return true;
    return false;
}

/* "cpu" and "job.cpu" are the same. */
static bool same_axis(const struct sweep_axis *a, const struct sweep_axis *b)
{
    return strcmp(a->name, b->name) == 0 ||
           (a->param[0] != '\0' && strcmp(a->param, b->param) == 0);
}

static int settle_axes(struct sweep_options *o, struct sweep_settings *out)
{
    for (size_t i = 0; i < o->over_count; i++) {
        struct sweep_axis *axis = &out->axes[i];
        int r = sweep_axis_parse(o->over[i], &out->line, axis, &o->err);

        if (r < 0)
            return r;
        for (size_t k = 0; k < i; k++)
            if (same_axis(&out->axes[k], axis))
                return err_set(&o->err, -EINVAL, "--over %s is given twice; give all values once",
                               axis->name);
        out->axes_count++;
    }
    if (has_axis(out, "rate") && has_axis(out, "clients"))
        return err_set(
            &o->err, -EINVAL,
            "--over rate and --over clients exclude each other: an open loop has a rate, "
            "a closed loop has clients");
    return 0;
}

/* A knee is looked for along the axis of rates: where it is not given, it gets the rates that are,
 * or none, and the search begins with a guess. */
static int settle_rates(struct sweep_options *o, struct sweep_settings *out)
{
    struct plan_load *load = &out->line.load;
    struct sweep_axis *axis = &out->axes[out->axes_count];

    if (load->clients_count > 0 || has_axis(out, "clients"))
        return err_set(&o->err, -EINVAL,
                       "--slo asks for a rate, and a closed loop has none: leave out the clients");
    if (has_axis(out, "rate"))
        return 0;
    if (has_axis(out, "jobs"))
        return err_set(&o->err, -EINVAL,
                       "--slo asks for a rate, and a batch has none: sweep over rate, not jobs");
    if (out->axes_count == SWEEP_AXES_MAX)
        return err_set(&o->err, -EINVAL, "--slo needs an axis of rates, and there are %d others",
                       SWEEP_AXES_MAX);
    sweep_axis_rate(axis);
    for (; axis->count < load->rates_count; axis->count++)
        axis->values[axis->count] = load->rates[axis->count];
    load->rates_count = 0;
    out->axes_count++;
    return 0;
}

static int settle_slo(struct sweep_options *o, struct sweep_settings *out)
{
    const char *equals = strchr(o->slo, '=');
    uint64_t bound_ns = 0;
    char name[32];
    int r;

    if (equals == NULL || equals == o->slo || (size_t)(equals - o->slo) >= sizeof name)
        return err_set(&o->err, -EINVAL, "--slo \"%s\" is no bound: write METRIC=T, as in p99=20ms",
                       o->slo);
    snprintf(name, sizeof name, "%.*s", (int)(equals - o->slo), o->slo);
    r = figure_find(name, &out->slo, &o->err);
    if (r < 0)
        return r;
    if (!figure_types[out->slo].is_duration)
        return err_set(&o->err, -EINVAL,
                       "--slo %s: a bound is on a latency or the loop lag, as in p99=20ms", name);
    if (units_parse_duration(equals + 1, &bound_ns) < 0 || bound_ns == 0)
        return err_set(&o->err, -EINVAL,
                       "--slo %s: \"%s\" is not a duration above 0 with its unit, as in 20ms", name,
                       equals + 1);
    out->has_slo = true;
    out->slo_bound_ns = (double)bound_ns;
    return settle_rates(o, out);
}

int sweep_options_settle(struct sweep_options *o, struct sweep_settings *out)
{
    int r;

    *out = (struct sweep_settings){
        .line = o->line.line,
        .rounds = o->line.line.rounds > 0 ? o->line.line.rounds : PLAN_ROUNDS_DEFAULT,
        .width = o->width,
        .seed = o->seed.seed,
        .timeout_ns = o->timeout_ns,
        .search_ns = o->search_ns,
        .quiet = o->quiet,
    };
    if (o->over_count == 0 && o->slo == NULL)
        return err_set(&o->err, -EINVAL,
                       "say what to sweep over, as in --over rate=100..2000:x1.5, or what to keep, "
                       "as in --slo p99=20ms");
    r = settle_job(o, &out->line);
    if (r == 0)
        r = settle_axes(o, out);
    if (r == 0 && o->slo != NULL)
        r = settle_slo(o, out);
    if (r == 0 && o->metric != NULL) {
        out->has_metric = true;
        r = figure_find(o->metric, &out->metric, &o->err);
    }
    return r;
}
