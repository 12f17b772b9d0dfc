#include "pair/pair_options.h"

#include "base/units.h"
#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET_DEFAULT_NS  (5 * 60 * NS_PER_S)
#define BUDGET_MINUTES_MAX 1e6
#define PROFILE_DEFAULT    "gate"

enum {
    KEY_OUTPUT = 'o',
    KEY_QUIET = 'q',
    KEY_BASE = OPTIONS_KEY_FREE,
    KEY_RELINKED,
    KEY_CONTENDER,
    KEY_BUDGET,
    KEY_MARKDOWN
};

static const struct argp_option options[] = {
    {"base", KEY_BASE, "LIST", 0,
     "Programs, or folders of them: layouts of the base, the same code linked in several orders",
     0},
    {"contender", KEY_CONTENDER, "LIST", 0, "Layouts of what is measured against it", 0},
    {"relinked", KEY_RELINKED, "LIST", 0,
     "Further layouts of the base, which it must not differ from; by default the base's own", 0},
    {"budget", KEY_BUDGET, "T", 0, "Take no longer than this; 5m by default", 3},
    {NULL, 0, NULL, 0, "What comes out:", 5},
    {"output", KEY_OUTPUT, "FILE", 0, "Write every observation and the verdict here (JSON)", 5},
    {"markdown", KEY_MARKDOWN, NULL, 0, "Show the table as Markdown", 5},
    {"quiet", KEY_QUIET, NULL, 0, "Show no progress", 5},
    {0},
};

/* Minutes as well, "5m", which no other duration here takes. */
static error_t take_budget(struct pair_options *o, const char *arg)
{
    double minutes;
    const char *rest = units_parse_decimal(arg, &minutes);
    error_t r = 0;

    if (rest != NULL && strcmp(rest, "m") == 0 && minutes < BUDGET_MINUTES_MAX)
        o->budget_ns = (uint64_t)(minutes * 60 * (double)NS_PER_S);
    else
        r = options_duration("--budget", arg, &o->budget_ns, &o->err);

    if (r == 0 && o->budget_ns == 0) {
        err_set(&o->err, -EINVAL, "--budget 0 leaves no time for anything");
        r = EINVAL;
    }
    return r;
}

static error_t take_layouts(struct pair_options *o, enum pair_arm arm, const char *arg)
{
    return -pair_layouts_add(&o->programs.arms[arm], arg, &o->err);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct pair_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->line;
        state->child_inputs[1] = &o->seed;
        state->child_inputs[2] = &o->suite;
        return 0;
    case KEY_BASE:
        return take_layouts(o, PAIR_BASE, arg);
    case KEY_RELINKED:
        return take_layouts(o, PAIR_RELINKED, arg);
    case KEY_CONTENDER:
        return take_layouts(o, PAIR_CONTENDER, arg);
    case KEY_BUDGET:
        return take_budget(o, arg);
    case KEY_OUTPUT:
        o->output = arg;
        return 0;
    case KEY_MARKDOWN:
        o->markdown = true;
        return 0;
    case KEY_QUIET:
        o->quiet = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&options_cells, 0, NULL, 0}, {&options_seed, 0, NULL, 0}, {&options_suite, 0, NULL, 0}, {0}};

const struct argp pair_argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .doc =
        "Measure programs of two revisions side by side on this machine, in shuffled blocks with "
        "one fresh process an observation, and say whether the contender is slower. Without "
        "cells: those of the profile " PROFILE_DEFAULT
        ". Planted faults are the contender's alone.\v"
        "Exit status: 0 no regression, 3 regression, 4 inconclusive, 2 the two cannot be compared.",
};

void pair_options_init(struct pair_options *o)
{
    *o = (struct pair_options){.budget_ns = BUDGET_DEFAULT_NS};
    plan_line_init(&o->line.line);
    o->line.err = o->seed.err = o->suite.err = &o->err;
}

void pair_options_deinit(struct pair_options *o)
{
    pair_programs_deinit(&o->programs);
}

static bool names_cells(const struct plan_line *line)
{
    return line->models_count > 0 || line->specs_count > 0 || line->counts_count > 0 ||
           line->threads_count > 0 || line->url != NULL;
}

int pair_options_settle(struct pair_options *o)
{
    struct pair_layouts *base = &o->programs.arms[PAIR_BASE];
    struct pair_layouts *relinked = &o->programs.arms[PAIR_RELINKED];

    if (base->count == 0 || o->programs.arms[PAIR_CONTENDER].count == 0)
        return err_set(&o->err, -EINVAL, "say who is compared: --base LIST --contender LIST");
    for (size_t i = 0; relinked->count < base->count; i++) {
        relinked->paths[relinked->count] = strdup(base->paths[i]);
        if (relinked->paths[relinked->count++] == NULL)
            return err_set(&o->err, -ENOMEM, "out of memory");
    }
    if (o->suite.file == NULL && o->suite.profile == NULL && !names_cells(&o->line.line))
        o->suite.profile = PROFILE_DEFAULT;
    if (!o->seed.given)
        o->seed.seed = output_random_seed();
    return 0;
}
