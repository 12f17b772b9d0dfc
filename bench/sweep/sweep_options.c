#include "sweep/sweep_options.h"

#include "base/units.h"
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_MIN 0.001
#define USUAL_JOB "sleep:duration=10ms"

static int take_width(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    double *width = to;

    if (units_parse_share(text, width) == 0 && *width >= WIDTH_MIN)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is not a share from 0.1%% to 100%%", e->name, text);
}

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
     "p999, mean, max or lag_p99. tva chooses the rates to try",
     options_text, AT(slo)},
    {"metric", "METRIC",
     "Metric in which models are compared to find crossovers: those of --slo, or throughput; "
     "default throughput, and latency in open loops",
     options_text, AT(metric)},
    {"width", "SHARE",
     "Narrow an answer down to this share of its value, or of its axis where that adds, "
     "0.1% to 100%; default 5%",
     take_width, AT(width)},
    {"search-time", "T",
     "Begin no search step this long after the grid is measured; 0: measure the grid "
     "only; default 600s",
     options_duration, AT(search_ns)},
    {"timeout", "T",
     "Stop a run after this time and count it as failed; default ten times its ideal time "
     "and 60 s more",
     options_duration, AT(timeout_ns), .min = 1},
    {.help = PLAN_OPTIONS_OUTPUT},
    {"output", "FILE",
     "Write the result to this file (JSON), with CSV, Markdown and .hgrm beside it, and "
     "FILE.state until the sweep is finished; default " OUTPUT_LATEST_SWEEP,
     options_text, .letter = 'o', AT(output)},
    {"quiet", NULL, "Show no progress", options_flag, .letter = 'q', AT(quiet)},
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

int sweep_options_read(struct sweep_options *o, int argc, char **argv, struct err *err)
{
    static const struct options_help help = {
        .text = "Measure a job under several models along axes, and find where models change "
                "places and which rate each of them can bear.\v",
        .write_lists = write_axes,
    };
    const struct options_part parts[] = {
        {plan_options_cells, &o->line},  {plan_options_rounds, &o->line},
        {plan_options_seed, &o->seed},   {entries, o},
        {plan_options_faults, &o->line}, {0}};

    *o = (struct sweep_options){.width = SWEEP_WIDTH_DEFAULT, .search_ns = SWEEP_SEARCH_DEFAULT_NS};
    plan_line_init(&o->line);
    return options_parse(&help, parts, argc, argv, err);
}

/* The parameters of an axis belong to a job, so the line needs one. */
static int settle_job(const struct sweep_options *o, struct plan_line *line, struct err *err)
{
    const char *job = line->url != NULL ? "http" : USUAL_JOB;

    if (line->specs_count > 0)
        return 0;
    for (size_t i = 0; i < o->over_count; i++)
        if (sweep_axis_job(o->over[i]) != NULL)
            job = sweep_axis_job(o->over[i]);
    return job_parse(job, &line->specs[line->specs_count++], err);
}

static bool has_axis(const struct sweep_settings *settings, const char *name)
{
    size_t axis;

    return sweep_find_axis(settings, name, &axis);
}

/* "cpu" and "job.cpu" are the same. */
static bool same_axis(const struct sweep_axis *a, const struct sweep_axis *b)
{
    return strcmp(a->name, b->name) == 0 ||
           (a->param[0] != '\0' && strcmp(a->param, b->param) == 0);
}

static int settle_axes(const struct sweep_options *o, struct sweep_settings *out, struct err *err)
{
    for (size_t i = 0; i < o->over_count; i++) {
        struct sweep_axis *axis = &out->axes[i];
        int r = sweep_axis_parse(o->over[i], &out->line, axis, err);

        if (r < 0)
            return r;
        for (size_t k = 0; k < i; k++)
            if (same_axis(&out->axes[k], axis))
                return err_set(err, -EINVAL, "--over %s is given twice; give all values once",
                               axis->name);
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
    const char *equals = strchr(o->slo, '=');
    uint64_t bound_ns = 0;
    char name[32];

    if (equals == NULL || equals == o->slo || (size_t)(equals - o->slo) >= sizeof name)
        return err_set(err, -EINVAL, "--slo \"%s\" is no bound: write METRIC=T, as in p99=20ms",
                       o->slo);
    snprintf(name, sizeof name, "%.*s", (int)(equals - o->slo), o->slo);
    out->slo = metric_find(name, sweep_can_rank, err);
    if (out->slo == NULL)
        return -EINVAL;
    if (out->slo->unit == METRIC_RATE)
        return err_set(err, -EINVAL,
                       "--slo %s: a bound is on a latency or the loop lag, as in p99=20ms", name);
    if (units_parse_duration(equals + 1, &bound_ns) < 0 || bound_ns == 0)
        return err_set(err, -EINVAL,
                       "--slo %s: \"%s\" is not a duration above 0 with its unit, as in 20ms", name,
                       equals + 1);
    out->slo_bound_ns = (double)bound_ns;
    return settle_rates(out, err);
}

int sweep_options_settle(const struct sweep_options *o, struct sweep_settings *out, struct err *err)
{
    int r;

    *out = (struct sweep_settings){
        .line = o->line,
        .rounds = o->line.rounds > 0 ? (unsigned)o->line.rounds : PLAN_ROUNDS_DEFAULT,
        .width = o->width,
        .seed = o->seed.seed,
        .timeout_ns = o->timeout_ns,
        .search_ns = o->search_ns,
        .quiet = o->quiet,
    };
    if (o->over_count == 0 && o->slo == NULL)
        return err_set(err, -EINVAL,
                       "say what to sweep over, as in --over rate=100..2000:x1.5, or what to keep, "
                       "as in --slo p99=20ms");
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
