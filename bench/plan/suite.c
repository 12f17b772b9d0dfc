#include "plan/suite.h"

#include "base/suggest.h"
#include "cli/args.h"
#include "cli/data_dir.h"
#include "plan/conf.h"
#include "plan/jobs_file.h"
#include "plan/plan_options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PROFILES_MAX 32

const struct options_entry suite_options[] = {
    {.help = "Cells from a file:"},
    {"suite", "FILE",
     "Take the cells from this suite; other options replace what its lines say. With "
     "--profile alone: from the suite that comes with tva",
     options_text, OPTIONS_AT(struct suite_choice, file)},
    {"profile", "NAME", "Section of the suite; default " SUITE_PROFILE_DEFAULT, options_text,
     OPTIONS_AT(struct suite_choice, profile)},
    {0},
};

struct line_input {
    struct plan_line cells;
    bool hyperfine;
};

struct reader {
    const char *profile;
    const struct plan_line *over;
    struct plan *plan;
    bool reading; /* inside the wanted section */
    bool found;
    const char *path;
    struct job_names *names;            /* of the jobs file in `over`; NULL: none */
    size_t used;                        /* how often the wanted section has used one of these */
    const char *profiles[PROFILES_MAX]; /* all that the file has */
    size_t profiles_count;
};

static const struct options_entry line_options[] = {
    {"hyperfine", NULL, "Time whole processes of these cells too", options_flag,
     OPTIONS_AT(struct line_input, hyperfine)},
    {0},
};

/* A line names its jobs file from the folder of the suite on. buf: for the path from here. */
static int find_jobs_file(const char *suite, const char **path, char *buf, size_t size,
                          struct err *err)
{
    const char *slash = strrchr(suite, '/');
    int folder = (*path)[0] != '/' && slash != NULL ? (int)(slash - suite) + 1 : 0;

    if ((size_t)snprintf(buf, size, "%.*s%s", folder, suite, *path) >= size)
        return err_set(err, -ENAMETOOLONG, "the path of the jobs file is too long");
    *path = buf;
    return 0;
}

static int read_cells(const struct reader *r, const char *text, struct plan *plan, struct err *err)
{
    struct line_input in = {.hyperfine = false};
    char jobs_file[PATH_MAX];
    const struct options_part parts[] = {{plan_options_cells, &in.cells},
                                         {plan_options_rounds, &in.cells},
                                         {plan_options_faults, &in.cells},
                                         {line_options, &in},
                                         {0}};
    struct args args;
    int split;

    args_init(&args, "suite");
    split = args_split(&args, text);
    if (split == -EINVAL)
        return err_set(err, split, "a quotation that begins with ' or \" does not end with it");
    if (split < 0)
        return err_set(err, split, "the line is too long (at most %d words, %d characters)",
                       ARGS_MAX - 1, ARGS_TEXT - 1);
    plan_line_init(&in.cells);
    if (options_parse_line(parts, args.argc, args.argv, err) < 0)
        return -EINVAL;
    if (in.cells.jobs_file != NULL &&
        find_jobs_file(r->path, &in.cells.jobs_file, jobs_file, sizeof jobs_file, err) < 0)
        return -EINVAL;
    plan_line_override(&in.cells, r->over);
    if (r->names != NULL)
        in.cells.names = r->names;
    return plan_add(plan, &in.cells, in.hyperfine, err);
}

static int begin_profile(struct reader *r, const char *name, struct err *err)
{
    if (r->profiles_count == PROFILES_MAX)
        return err_set(err, -E2BIG, "more than %d sections", PROFILES_MAX);
    r->profiles[r->profiles_count++] = name;
    r->reading = strcmp(name, r->profile) == 0;
    r->found = r->found || r->reading;
    return 0;
}

/* Parse the lines of other profiles too, so that a mistake shows before that profile is used. */
static int read_line(struct reader *r, const struct conf_line *line, struct err *err)
{
    struct plan unused = {0};
    size_t before = r->names != NULL ? r->names->used : 0;
    int result;

    if (line->is_section)
        return begin_profile(r, line->text, err);
    if (r->profiles_count == 0)
        return err_set(err, -EINVAL, "options before the first section, as in [quick]");
    result = read_cells(r, line->text, r->reading ? r->plan : &unused, err);
    plan_deinit(&unused);
    if (r->names != NULL && r->reading)
        r->used += r->names->used - before;
    return result;
}

/* Append the cells of the profile to the plan. 0, or a negative errno with *err naming file, line
 * and fault, or the profiles of the file. */
static int read_lines(struct reader *r, struct err *err)
{
    size_t before = r->plan->count;
    struct err fault = {""};
    struct conf conf;
    char what[512];
    int result = conf_read(r->path, "suite", &conf, err);

    for (size_t i = 0; i < conf.count && result == 0; i++) {
        result = read_line(r, &conf.lines[i], &fault);
        if (result < 0)
            conf_fault(&conf, &conf.lines[i], &fault, result, err);
    }
    if (result == 0 && !r->found) {
        snprintf(what, sizeof what, "profile of suite %s", r->path);
        result = suggest_unknown(what, r->profile, r->profiles, r->profiles_count, err);
    } else if (result == 0 && r->plan->count == before) {
        result =
            err_set(err, -EINVAL, "profile \"%s\" of suite %s has no cells", r->profile, r->path);
    }
    conf_deinit(&conf);
    return result;
}

/* The same; `over` replaces what the lines give. Its jobs file is read once for all lines. */
static int read_profile(const char *path, const char *profile, const struct plan_line *over,
                        struct plan *plan, struct err *err)
{
    struct reader r = {.path = path, .profile = profile, .over = over, .plan = plan};
    struct jobs_file *file = NULL;
    int result = over->jobs_file != NULL ? jobs_file_create(over->jobs_file, &file, err) : 0;

    r.names = jobs_file_names(file);
    if (result == 0)
        result = read_lines(&r, err);
    if (result == 0 && r.names != NULL && r.used == 0)
        result = err_set(err, -EINVAL, PLAN_JOBS_FILE_UNUSED);
    jobs_file_destroy(file);
    return result;
}

int suite_plan(const struct suite_choice *suite, const struct plan_line *line, struct plan *plan,
               struct err *err)
{
    const char *path = suite->file, *profile = suite->profile;
    char found[PATH_MAX];
    int r;

    if (path == NULL && profile == NULL) {
        r = plan_add(plan, line, false, err);
        return r == 0 ? plan_check_used(plan, line, err) : r;
    }
    if (path == NULL)
        path = data_dir_find("bench/plan/suite.conf", found, sizeof found);
    if (path == NULL)
        return err_set(
            err, -ENOENT,
            "the suite that comes with the program is not where it was installed to; name "
            "one with --suite FILE");
    r = read_profile(path, profile ? profile : SUITE_PROFILE_DEFAULT, line, plan, err);
    return r == 0 ? plan_check_used(plan, line, err) : r;
}
