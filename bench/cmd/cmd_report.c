#include "cli/options_file.h"
#include "cli/output.h"
#include "cmd.h"
#include "plan/options.h"
#include "report/report.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HYPERFINE_NAME "hyperfine.json"

enum { KEY_HYPERFINE = OPTIONS_KEY_FREE };

struct report_options {
    struct options_file file;
    const char *hyperfine; /* NULL: not given */
};

static const struct argp_option options[] = {
    {"hyperfine", KEY_HYPERFINE, "FILE", 0,
     "Timings that hyperfine exported as JSON; by default " HYPERFINE_NAME
     " beside the result, where "
     "there is one",
     0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct report_options *o = state->input;

    switch (key) {
    case KEY_HYPERFINE:
        o->hyperfine = arg;
        return 0;
    default:
        return options_file(key, arg, &o->file);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[RUN.json]",
    .doc = "Show the tables and findings of a result (" OUTPUT_LATEST_RUN " by default).",
};

/* hyperfine.json in the folder of the result; NULL when there is none. */
static const char *beside(const char *run, char *buf, size_t size)
{
    const char *slash = strrchr(run, '/');
    int dir = slash ? (int)(slash - run) + 1 : 0;

    if (snprintf(buf, size, "%.*s%s", dir, run, HYPERFINE_NAME) >= (int)size ||
        access(buf, R_OK) != 0)
        return NULL;
    return buf;
}

static int show(const json_t *result, const char *hyperfine, struct err *err)
{
    int r = report_write(result, stdout);

    if (r < 0)
        return err_set(err, r, "out of memory");
    if (hyperfine != NULL)
        r = report_write_hyperfine(result, hyperfine, stdout, err);
    return r >= 0 ? report_flush(stdout, err) : r;
}

int cmd_report(int argc, char **argv)
{
    struct err err = {""};
    struct report_options o = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'make bench' makes it", .err = &err}};
    char path[PATH_MAX];
    json_t *result;
    int r = options_parse(&argp, argc, argv, &o, &err);

    if (r != 0)
        return r;
    result = result_read(o.file.path, &err);
    r = result ? 0 : -EINVAL;
    if (r == 0)
        r = show(result, o.hyperfine ? o.hyperfine : beside(o.file.path, path, sizeof path), &err);
    json_decref(result);
    if (r < 0)
        fprintf(stderr, "%s: %s\n", argv[0], err.text);
    return r < 0 ? EXIT_FAILED : EXIT_GOOD;
}
