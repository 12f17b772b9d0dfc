#include "base/suggest.h"
#include "base/table.h"
#include "base/wrap.h"
#include "chart/chart.h"
#include "cmd/cmd.h"
#include "job/plugin.h"
#include "plan/jobs_file.h"
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

static void add_param(struct table *t, const struct param *p)
{
    char words[128], def[64], min[64], max[64];
    const char *unit = param_unit(p, words, sizeof words);
    bool is_long = strlen(unit) > UNIT_WIDTH;

    table_cell(t, "%s", p->name);
    table_cell(t, "%s", is_long ? "word" : unit);
    table_cell(t, "default %s", param_format(p, p->def, NULL, def, sizeof def));
    if (p->kind == PARAM_TEXT)
        table_cell(t, "to %" PRIu64 " bytes", p->max);
    else if (p->kind != PARAM_SWITCH && p->kind != PARAM_CHOICE)
        table_cell(t, "%s to %s", param_format(p, p->min, NULL, min, sizeof min),
                   param_format(p, p->max, NULL, max, sizeof max));
    else
        table_cell(t, "%s", "");
    table_cell(t, "%s%s%s", p->help, is_long ? ": " : "", is_long ? unit : "");
}

/* The jobs of --jobs-file, each with what it stands for. */
static int list_named(const char *path, struct err *err)
{
    struct jobs_file *file = NULL;
    int r = jobs_file_create(path, &file, err);
    const struct job_names *names = jobs_file_names(file);

    for (size_t i = 0; r == 0 && i < names->count; i++) {
        char text[JOB_TEXT_SIZE];

        fputs(i == 0 ? "\n" : "", stdout);
        wrap_print(stdout, "", "%s: %s", names->of[i].name,
                   job_format(&names->of[i].job, text, sizeof text));
    }
    jobs_file_destroy(file);
    return r;
}

static int list_job(const struct job_type *type)
{
    struct table *t = table_create();

    for (size_t k = 0; k < 4; k++)
        table_column(t, "", TABLE_LEFT);
    table_column(t, "", TABLE_WORDS);
    for (size_t k = 0; k < type->n_params; k++)
        add_param(t, &type->params[k]);
    wrap_print(stdout, "", "%s: %s", type->name, type->summary);
    return table_show(t, FORM_TEXT, 2, stdout);
}

static int list_jobs(const struct list_options *o, struct err *err)
{
    struct err why = {""};
    int r = 0;

    for (size_t i = 0; i < job_types_count && r == 0; i++) {
        fputs(i > 0 ? "\n" : "", stdout);
        r = list_job(job_types[i]);
    }
    for (size_t i = 0; i < plugin_services_count && r == 0; i++) {
        const struct job_type *type = plugin_find(plugin_services[i], &why);

        putchar('\n');
        if (type != NULL)
            r = list_job(type);
        else
            wrap_print(stdout, "", "%s: cannot run here: %s", plugin_services[i], why.text);
    }
    if (r < 0)
        return err_set(err, r, "out of memory");
    putchar('\n');
    wrap_print(stdout, "",
               "A job can have up to %d of these as parts, which it does in turn: "
               "'tcp:delay=20ms + cpu:time=2ms'. Its text has at most %d characters",
               JOB_PARTS_MAX, JOB_TEXT_SIZE - 1);
    putchar('\n');
    wrap_print(
        stdout, "",
        "A job of your own is a plugin, named by its path, as in './mine.so:delay=5ms', or by "
        "its name if TVA_PLUGINS has the path; 'tva new job NAME' writes one");
    return o != NULL && o->line.jobs_file != NULL ? list_named(o->line.jobs_file, err) : 0;
}

/* The ideal makespan of N equal waits d. */
static const char *const ideal_formulas[] = {
    [MODEL_LANES_ONE] = "N*d", [MODEL_LANES_POOL] = "ceil(N/P)*d", [MODEL_LANES_JOBS] = "d"};

static const char *const io_names[] = {[MODEL_IO_ASYNC] = "io_async",
                                       [MODEL_IO_RING] = "io_ring",
                                       [MODEL_IO_BLOCKING] = "io_blocking"};

static int list_models(const struct list_options *o, struct err *err)
{
    static const char *const titles[] = {"model", "waits through", "ideal", "queue"};
    struct table *t = table_create();
    int r;

    (void)o;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        table_column(t, titles[i], TABLE_LEFT);
    table_column(t, "what it does", TABLE_WORDS);
    for (size_t i = 0; i < models_count; i++) {
        table_cell(t, "%s", models[i]->name);
        table_cell(t, "%s", io_names[models[i]->io]);
        table_cell(t, "%s", ideal_formulas[models[i]->lanes]);
        table_cell(t, "%s", models[i]->queue);
        table_cell(t, "%s", models[i]->summary);
    }
    r = table_show(t, FORM_TEXT, 0, stdout);
    putchar('\n');
    wrap_print(stdout, "", "ideal: the least makespan of N jobs that each wait d, with P threads");
    for (size_t i = 0; i < models_count; i++) {
        struct err why = {""};

        if (model_check(models[i], &why) < 0)
            wrap_print(stdout, "", "%s cannot run here: %s", models[i]->name, why.text);
    }
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}

static int list_charts(const struct list_options *o, struct err *err)
{
    struct table *t = table_list();
    int r;

    (void)o;
    for (size_t i = 0; i < charts_count; i++)
        table_entry(t, charts[i]->name, charts[i]->summary);
    r = table_show(t, FORM_TEXT, 0, stdout);
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}

static int list_cells(const struct list_options *o, struct err *err)
{
    char args[PLAN_ARGS_SIZE];
    struct plan plan = {0};
    int r;

    r = suite_plan(&o->suite, &o->line, &plan, err);
    if (r == 0)
        plan_leave_out(&plan, &o->line, "tva list");
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
        fputs(i > 0 ? "\n" : "", stdout);
        wrap_print(stdout, "", "%s: %s", lists[i].name, lists[i].summary);
        putchar('\n');
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

static const struct options_example examples[] = {
    {"tva list jobs", "every job with its parameters and their ranges"},
    {"tva list models", "the models, and where they cannot run"},
    {"tva list cells --model pool --threads 4,8", "what these options would measure"},
    {0},
};

static const struct options_help help = {
    .operands = "[jobs|models|cells|charts]",
    .text = "Show the jobs with their parameters, the models, the charts, or the cells that "
            "options make; default: all but the cells.",
    .examples = examples,
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
