#include "cli/options_file.h"
#include "cmd.h"
#include "plan/options.h"
#include "report/report.h"
#include "report/theory_table.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>

#define RUN_DEFAULT "results/latest/theory/run.json"

enum { KEY_MARKDOWN = OPTIONS_KEY_FREE };

struct theory_options {
    struct options_file file;
    bool markdown;
};

static const struct argp_option options[] = {
    {"markdown", KEY_MARKDOWN, NULL, 0, "Write the table alone, as Markdown", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct theory_options *o = state->input;

    switch (key) {
    case KEY_MARKDOWN:
        o->markdown = true;
        return 0;
    default:
        return options_file(key, arg, &o->file);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "[RUN.json]",
    .doc = "Hold the queues of a result (" RUN_DEFAULT " by default: make bench-theory) against "
           "queueing theory: open loops with Poisson arrivals of jobs that wait for exponential "
           "times, as --rate 50/s --job sleep:dist=exp makes them. Exit status 1 when one is off.",
};

/* The number of queues that are off, or a negative errno with *err set. */
static int show(const struct theory_options *o, const json_t *result, struct err *err)
{
    size_t off, n = theory_table_count(result, &off);
    int r;

    if (n == 0)
        return err_set(err, -ENODATA,
                       "%s has no queue that theory is exact for: measure Poisson arrivals of "
                       "exponential waits, as tva run --rate 50/s --job sleep:dist=exp",
                       o->file.path);
    if (!o->markdown)
        report_write_head(result, stdout);
    r = theory_table_write(result, o->markdown, stdout);
    if (r < 0)
        return err_set(err, r, "out of memory");
    if (!o->markdown)
        printf("=> %zu of %zu queues behave as theory says\n", n - off, n);
    r = report_flush(stdout, err);
    return r < 0 ? r : (int)off;
}

int cmd_theory(int argc, char **argv)
{
    struct err err = {""};
    struct theory_options o = {
        .file = {.fallback = RUN_DEFAULT, .remedy = "'make bench-theory' makes it", .err = &err}};
    json_t *result;
    int r = options_parse(&argp, argc, argv, &o, &err);

    if (r != 0)
        return r;
    result = result_read(o.file.path, &err);
    r = result ? show(&o, result, &err) : -EINVAL;
    json_decref(result);
    if (r < 0)
        fprintf(stderr, "%s: %s\n", argv[0], err.text);
    return r == 0 ? EXIT_GOOD : EXIT_FAILED;
}
