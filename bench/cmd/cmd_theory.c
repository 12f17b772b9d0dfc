#include "base/text.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "report/report.h"

#include <errno.h>
#include <stdio.h>

#define RUN_DEFAULT "results/latest/theory/run.json"

struct theory_options {
    struct options_file file;
    bool markdown;
};

#define AT(member) OPTIONS_AT(struct theory_options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_take_file, AT(file)},
    {"markdown", NULL, "Write the table alone, as Markdown", options_flag, AT(markdown)},
    {0},
};

static const struct options_example examples[] = {
    {"tva theory run.json", "how far is each queue from theory?"},
    {0},
};

static const struct options_help help = {
    .operands = "[RUN.json]",
    .text = "Compare the queues of a result (default " RUN_DEFAULT ", which make bench-theory "
            "writes) with queueing theory. A queue is an open loop with Poisson arrivals of jobs "
            "that wait for exponential times, as --rate 50/s --job sleep:dist=exp makes it.\v"
            "Exit status: 0 all queues agree, 1 one does not, 2 wrong usage.",
    .examples = examples,
};

/* Returns the number of queues that differ from theory, or a negative errno with *err set. */
static int show(const struct theory_options *o, const json_t *result, struct err *err)
{
    size_t off, n = report_theory_count(result, &off);
    int r;

    if (n == 0)
        return err_set(err, -ENODATA,
                       "%s has no queue that theory is exact for: measure Poisson arrivals of "
                       "exponential waits, as tva run --rate 50/s --job sleep:dist=exp",
                       o->file.path);
    if (!o->markdown)
        report_write_head(result, stdout);
    r = report_write_theory(result, form_markdown(o->markdown), stdout);
    if (r < 0)
        return err_set(err, r, "out of memory");
    if (!o->markdown)
        printf("=> %zu of %zu queue%s behave%s as theory says\n", n - off, n, TEXT_S(n),
               n - off == 1 ? "s" : "");
    r = report_flush(stdout, err);
    return r < 0 ? r : (int)off;
}

int cmd_theory(int argc, char **argv, struct err *err)
{
    struct theory_options o = {
        .file = {.fallback = RUN_DEFAULT, .remedy = "'make bench-theory' makes it"}};
    const struct options_part parts[] = {{entries, &o}, {0}};
    json_t *result;
    int r = options_parse(&help, parts, argc, argv, err);

    if (r == 0)
        r = options_read_result(&o.file, &result, err);
    if (r != 0)
        return r;
    r = show(&o, result, err);
    json_decref(result);
    return r == 0 ? EXIT_GOOD : EXIT_FAILED;
}
