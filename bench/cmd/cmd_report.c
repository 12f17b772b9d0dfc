#include "base/atomic_file.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "page/page.h"
#include "report/report.h"
#include "result/result.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HYPERFINE_NAME "hyperfine.json"
#define BEFORE_NAME    "before.json"
#define PAGE_NAME      "report.html"

struct report_options {
    struct options_file file;
    const char *hyperfine, *before, *output; /* NULL: not given */
    bool answer, html;
};

#define AT(member) OPTIONS_AT(struct report_options, member)

static const struct options_entry entries[] = {
    {.value = "RUN.json", .take = options_take_file, AT(file)},
    {"hyperfine", "FILE",
     "Show the timings that hyperfine exported to this file (JSON) as well; "
     "default " HYPERFINE_NAME " beside the result, if it exists",
     options_text, AT(hyperfine)},
    {"answer", NULL, "Show the answer alone, with which the report ends", options_flag, AT(answer)},
    {"html", NULL,
     "Write a page instead, one file that loads nothing: the answer, charts, tables, and what "
     "changed. The result may be a sweep's too, or what tva advise --json or tva pair -o wrote",
     options_flag, AT(html)},
    {"before", "FILE",
     "Show in the page what changed since this result; default " BEFORE_NAME
     " beside the result, if it exists",
     options_text, AT(before)},
    {"output", "FILE",
     "Write the page to this file, \"-\" for standard output; default " PAGE_NAME
     " beside the result",
     options_text, .letter = 'o', AT(output)},
    {0},
};

static const struct options_example examples[] = {
    {"tva report run.json", "the tables, the findings and the answer"},
    {"tva report run.json | less -S", "tables are whole in a pipe: scroll sideways"},
    {"tva report --html run.json", "report.html beside it: all of it on one page"},
    {0},
};

static const struct options_help help = {
    .operands = "[RUN.json]",
    .text = "Show the tables and findings of a result; default " OUTPUT_LATEST_RUN ".",
    .examples = examples,
};

/* The path of `name` in the folder of the result; NULL when it does not fit. */
static const char *beside(const char *run, const char *name, char *buf, size_t size)
{
    const char *slash = strrchr(run, '/');
    int dir = slash ? (int)(slash - run) + 1 : 0;

    return snprintf(buf, size, "%.*s%s", dir, run, name) < (int)size ? buf : NULL;
}

/* The same of a file that exists, unless another was given. NULL: there is none. */
static const char *find(const char *given, const char *run, const char *name, char *buf,
                        size_t size)
{
    if (given != NULL)
        return given;
    return beside(run, name, buf, size) != NULL && access(buf, F_OK) == 0 ? buf : NULL;
}

/* hyperfine: NULL, or timings that stand between tables and answer. */
static int show(const json_t *result, bool answer, const char *hyperfine, struct err *err)
{
    int r = answer ? 0 : report_write(result, stdout);

    if (r < 0)
        return err_set(err, r, "out of memory");
    if (!answer && hyperfine != NULL)
        r = report_write_hyperfine(result, hyperfine, FORM_TEXT, stdout, err);
    if (r >= 0 && report_write_answer(result, stdout) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    return r >= 0 ? report_flush(stdout, err) : r;
}

/* Write the page, and say where it is. 0 or a negative errno with *err set. */
static int write_page(const struct page *page, const char *path, struct err *err)
{
    bool shown = strcmp(path, "-") == 0;
    struct atomic_file *file = shown ? NULL : atomic_file_create(path, err);
    FILE *out = shown ? stdout : file != NULL ? atomic_file_stream(file) : NULL;
    int r = out != NULL ? page_write(page, out, err) : -EIO;

    if (shown)
        return r == 0 ? report_flush(stdout, err) : r;
    if (r < 0) {
        atomic_file_abort(file);
        return r;
    }
    r = atomic_file_commit(file, err);
    if (r == 0)
        fprintf(stderr, "tva report: the page is in %s\n", path);
    return r;
}

static int make_page(const struct report_options *o, struct err *err)
{
    char hyperfine[PATH_MAX], before[PATH_MAX], output[PATH_MAX];
    const char *run = o->file.path, *path = o->output;
    struct page page = {.path = run};
    json_t *document = page_read(run, err), *earlier = NULL;
    int r = document != NULL ? 0 : -EINVAL;

    page.document = document;
    page.hyperfine = find(o->hyperfine, run, HYPERFINE_NAME, hyperfine, sizeof hyperfine);
    page.before_path = find(o->before, run, BEFORE_NAME, before, sizeof before);
    if (path == NULL)
        path = beside(run, PAGE_NAME, output, sizeof output);
    if (r == 0 && path == NULL)
        r = err_set(err, -ENAMETOOLONG, "the path of the page is too long; name a file with -o");
    if (r == 0 && page.before_path != NULL)
        page.before = earlier = result_read(page.before_path, &page.lacks_before);
    if (r == 0 && earlier == NULL && o->before != NULL)
        r = err_set(err, -EINVAL, "%s", page.lacks_before.text);
    page.place = path;
    if (r == 0)
        r = write_page(&page, path, err);
    json_decref(earlier);
    json_decref(document);
    return r;
}

static int report(const struct report_options *o, struct err *err)
{
    json_t *result = result_read(o->file.path, err);
    char path[PATH_MAX];
    int r;

    if (result == NULL)
        return -EINVAL;
    r = show(result, o->answer, find(o->hyperfine, o->file.path, HYPERFINE_NAME, path, sizeof path),
             err);
    json_decref(result);
    return r;
}

int cmd_report(int argc, char **argv, struct err *err)
{
    struct report_options o = {
        .file = {.fallback = OUTPUT_LATEST_RUN, .remedy = "'tva run --profile quick' makes it"}};
    const struct options_part parts[] = {{entries, &o}, {0}};
    int r = options_parse(&help, parts, argc, argv, err);

    if (r == 0)
        r = options_settle_file(&o.file, err);
    if (r != 0)
        return r;
    if (o.html && o.answer) {
        err_set(err, -EINVAL, "--answer is of the report, --html is of the page: give one of them");
        return EXIT_USAGE;
    }
    if (!o.html && (o.before != NULL || o.output != NULL)) {
        err_set(err, -EINVAL, "--before and --output are of the page: give --html as well");
        return EXIT_USAGE;
    }
    return (o.html ? make_page(&o, err) : report(&o, err)) < 0 ? EXIT_FAILED : EXIT_GOOD;
}
