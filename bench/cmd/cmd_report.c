#include "cli/options.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "report/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HYPERFINE_NAME "hyperfine.json"

struct report_options {
    struct options_file file;
    const char *hyperfine; /* NULL: not given */
};

#define AT(member) OPTIONS_AT(struct report_options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_take_file, AT(file)},
    {"hyperfine", "FILE",
     "Show the timings that hyperfine exported to this file (JSON) as well; "
     "default " HYPERFINE_NAME " beside the result, if it exists",
     options_text, AT(hyperfine)},
    {0},
};

static const struct options_help help = {
    .operands = "[RUN.json]",
    .text = "Show the tables and findings of a result; default " OUTPUT_LATEST_RUN ".",
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
    if (r >= 0 && report_write_answer(result, stdout) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    return r >= 0 ? report_flush(stdout, err) : r;
}

int cmd_report(int argc, char **argv, struct err *err)
{
    struct report_options o = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'make bench' makes it"}};
    const struct options_part parts[] = {{entries, &o}, {0}};
    char path[PATH_MAX];
    json_t *result;
    int r = options_parse(&help, parts, argc, argv, err);

    if (r == 0)
        r = options_read_result(&o.file, &result, err);
    if (r != 0)
        return r;
    r = show(result, o.hyperfine ? o.hyperfine : beside(o.file.path, path, sizeof path), err);
    json_decref(result);
    return r < 0 ? EXIT_FAILED : EXIT_GOOD;
}
