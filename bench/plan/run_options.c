#include "run_options.h"

#include "cli/output.h"

#include <errno.h>
#include <string.h>

enum { KEY_OUTPUT = 'o', KEY_QUIET = 'q', KEY_TIMEOUT = OPTIONS_KEY_FREE, KEY_COUNTS };

static const struct argp_option options[] = {
    {"timeout", KEY_TIMEOUT, "T", 0,
     "Stop a run that takes longer and count it as failed; ten times its ideal time and 60 s more "
     "by "
     "default",
     3},
    {"counts", KEY_COUNTS, "only", OPTION_ARG_OPTIONAL,
     "Count what a job costs, too: system calls, allocations, instructions; 'only' measures no "
     "times",
     3},
    {NULL, 0, NULL, 0, "What comes out:", 5},
    {"output", KEY_OUTPUT, "FILE", 0,
     "Write the result here (run.json, with CSV, Markdown and .hgrm beside it); by "
     "default " OUTPUT_LATEST_RUN " with a suite, and nowhere without",
     5},
    {"quiet", KEY_QUIET, NULL, 0, "Show no progress", 5},
    {0},
};

static error_t take_counts(const char *arg, struct run_options *o)
{
    if (arg != NULL && strcmp(arg, "only") != 0) {
        err_set(&o->err, -EINVAL, "--counts takes nothing, or =only, not \"%s\"", arg);
        return EINVAL;
    }
    o->counting = arg != NULL ? RUN_COUNTS_ONLY : RUN_COUNTS_TOO;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct run_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = &o->line;
        state->child_inputs[2] = &o->seed;
        state->child_inputs[3] = &o->suite;
        state->child_inputs[4] = &o->stop;
        return 0;
    case KEY_OUTPUT:
        o->output = arg;
        return 0;
    case KEY_TIMEOUT:
        return options_duration("--timeout", arg, &o->timeout_ns, &o->err);
    case KEY_COUNTS:
        return take_counts(arg, o);
    case KEY_QUIET:
        o->quiet = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&options_cells, 0, NULL, 0}, {&options_rounds, 0, NULL, 0}, {&options_seed, 0, NULL, 0},
    {&options_suite, 0, NULL, 0}, {&options_stop, 0, NULL, 0},   {0},
};

const struct argp run_argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .doc =
        "Measure cells (a job under a model), each run in a fresh process, in shuffled rounds, and "
        "show what they say. Without options: 100 sleeps of 10 ms under every model.",
};

void run_options_init(struct run_options *o)
{
    *o = (struct run_options){.output = NULL};
    plan_line_init(&o->line.line);
    o->line.err = o->seed.err = o->suite.err = o->stop.err = &o->err;
}
