#include "base/suggest.h"
#include "chart/chart.h"
#include "cmd/cmd.h"
#include "plan/plan_options.h"
#include "plan/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNIT_WIDTH 10 /* of the column; longer lists of words go behind the help */

struct list_options {
    struct plan_line line;
    struct suite_choice suite;
    const char *what[1]; /* none: an overview */
    size_t what_count;
    bool hyperfine;
};

struct listing {
    const char *name, *summary;
    int (*print)(const struct list_options *o, struct err *err);
};

static int list_jobs(const struct list_options *o, struct err *err)
{
    char words[128], def[64], min[64], max[64], range[160];

    (void)o;
    (void)err;
    for (size_t i = 0; i < job_types_count; i++) {
        const struct job_type *t = job_types[i];

        printf("%s%s: %s\n", i ? "\n" : "", t->name, t->summary);
        for (size_t k = 0; k < t->n_params; k++) {
            const struct param *p = &t->params[k];
            const char *unit = param_unit(p, words, sizeof words);

            param_format(p, p->def, def, sizeof def);
            range[0] = '\0';
            if (p->kind == PARAM_TEXT)
                snprintf(range, sizeof range, "to %" PRIu64 " bytes", p->max);
            else if (p->kind != PARAM_SWITCH && p->kind != PARAM_CHOICE)
                snprintf(range, sizeof range, "%s to %s", param_format(p, p->min, min, sizeof min),
                         param_format(p, p->max, max, sizeof max));
            if (strlen(unit) <= UNIT_WIDTH)
                printf("  %-9s %-*s default %-6s %-16s %s\n", p->name, UNIT_WIDTH, unit, def, range,
                       p->help);
            else
                printf("  %-9s %-*s default %-6s %-16s %s: %s\n", p->name, UNIT_WIDTH, "word", def,
                       range, p->help, unit);
        }
    }
    return 0;
}

/* The ideal makespan of N equal waits d. */
static const char *const ideal_formulas[] = {
    [MODEL_LANES_ONE] = "N*d", [MODEL_LANES_POOL] = "ceil(N/P)*d", [MODEL_LANES_JOBS] = "d"};

static int list_models(const struct list_options *o, struct err *err)
{
    (void)o;
    (void)err;
    printf("%-11s %-14s %-13s %-8s %s\n", "model", "waits through", "ideal", "queue",
           "what it does");
    for (size_t i = 0; i < models_count; i++)
        printf("%-11s %-14s %-13s %-8s %s\n", models[i]->name,
               models[i]->io == MODEL_IO_ASYNC ? "io_async" : "io_blocking",
               ideal_formulas[models[i]->lanes], models[i]->queue, models[i]->summary);
    puts("\nideal: the least makespan of N jobs that each wait d, with P threads");
    return 0;
}

static int list_charts(const struct list_options *o, struct err *err)
{
    (void)o;
    (void)err;
    for (size_t i = 0; i < charts_count; i++)
        printf("%-11s %s\n", charts[i]->name, charts[i]->summary);
    return 0;
}

static int list_cells(const struct list_options *o, struct err *err)
{
    char args[PLAN_ARGS_SIZE];
    struct plan plan;
    int r;

    plan_init(&plan);
    r = suite_plan(&o->suite, &o->line, &plan, err);
    for (size_t i = 0; r == 0 && i < plan.count; i++)
        if (!o->hyperfine || plan.cells[i].hyperfine)
            puts(plan_cell_args(&plan.cells[i].cell, args, sizeof args));
    plan_deinit(&plan);
    return r;
}

static const struct listing lists[] = {
    {"jobs", "each job with its parameters", list_jobs},
    {"models", "each concurrency model with its theory", list_models},
    {"cells", "what the options (or a suite) make, one cell a line, as 'tva cell' takes it",
     list_cells},
    {"charts", "what 'tva plot' draws", list_charts},
};

#define LISTS_COUNT (sizeof lists / sizeof *lists)

static int overview(struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < LISTS_COUNT && r == 0; i++) {
        if (lists[i].print == list_cells)
            continue;
        printf("%s%s: %s\n\n", i ? "\n" : "", lists[i].name, lists[i].summary);
        r = lists[i].print(NULL, err);
    }
    return r;
}

static const struct listing *find(const char *name, struct err *err)
{
    const char *names[LISTS_COUNT];

    for (size_t i = 0; i < LISTS_COUNT; i++) {
        names[i] = lists[i].name;
        if (strcmp(name, names[i]) == 0)
            return &lists[i];
    }
    suggest_unknown("list", name, names, LISTS_COUNT, err);
    return NULL;
}

static const struct options_entry entries[] = {
    {.value = "LIST", .take = options_text, OPTIONS_LIST(struct list_options, what)},
    {.help = PLAN_OPTIONS_MEASURING},
    {"hyperfine", NULL,
     "Of the cells, list those that the suite marks for timing as whole processes", options_flag,
     OPTIONS_AT(struct list_options, hyperfine)},
    {0},
};

static const struct options_help help = {
    .operands = "[jobs|models|cells|charts]",
    .text = "Show the jobs with their parameters, the models, the charts, or the cells that "
            "options make; default: all but the cells.",
};

int cmd_list(int argc, char **argv, struct err *err)
{
    struct list_options o = {.what_count = 0};
    const struct options_part parts[] = {
        {plan_options_cells, &o.line}, {plan_options_rounds, &o.line}, {entries, &o},
        {suite_options, &o.suite},     {plan_options_faults, &o.line}, {0}};
    const struct listing *list = NULL;
    int r;

    plan_line_init(&o.line);
    r = options_parse(&help, parts, argc, argv, err);
    if (r != 0)
        return r;
    if (o.what_count > 0 && (list = find(o.what[0], err)) == NULL)
        return EXIT_USAGE;
    r = list ? list->print(&o, err) : overview(err);
    return r < 0 ? EXIT_USAGE : EXIT_GOOD;
}
