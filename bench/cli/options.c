#include "cli/options.h"

#include "base/suggest.h"
#include "base/table.h"
#include "base/units.h"
#include "base/wrap.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_MAX 64
#define NAMES_MAX   (ENTRIES_MAX + 3) /* and those of argp itself */
#define KEY_FIRST   0x100             /* of options without a letter */
#define GROUP_FIRST 1 /* above all headings; argp takes 0 for "that of the entry before" */
#define WORD_SIZE   64
#define HELP_MAX    79 /* columns that argp fills, whatever the terminal has */
#define LINES_MAX   8

const char *argp_program_version = "tva " TVA_VERSION;

/* All parts of a command as argp has them. */
struct table {
    const struct options_help *help; /* NULL for a line that is not a command's own */
    struct argp_option argp[ENTRIES_MAX + 1];
    const struct options_entry *entries[ENTRIES_MAX]; /* parallel */
    void *to[ENTRIES_MAX];                            /* the part's struct */
    size_t n;
    int groups;
    const struct options_entry *operand; /* NULL: all words have to be options */
    void *operand_to;
    struct err *err;
};

static bool is_heading(const struct options_entry *e)
{
    return e->name == NULL && e->take == NULL;
}

/* The group of a heading; the first of equal headings opens it. */
static int open_group(struct table *t, const struct options_entry *heading)
{
    for (size_t i = 0; i < t->n; i++)
        if (is_heading(t->entries[i]) && strcmp(t->entries[i]->help, heading->help) == 0)
            return t->argp[i].group;
    t->entries[t->n] = heading;
    t->argp[t->n++] = (struct argp_option){.doc = heading->help, .group = ++t->groups};
    return t->groups;
}

static void add_part(struct table *t, const struct options_part *part)
{
    int group = GROUP_FIRST;

    for (const struct options_entry *e = part->entries; e->help != NULL || e->take != NULL; e++) {
        if (is_heading(e)) {
            group = open_group(t, e);
        } else if (e->name == NULL) {
            t->operand = e;
            t->operand_to = part->to;
        } else {
            t->entries[t->n] = e;
            t->to[t->n] = part->to;
            t->argp[t->n] = (struct argp_option){
                .name = e->name,
                .key = e->letter != 0 ? e->letter : KEY_FIRST + (int)t->n,
                .arg = e->value,
                .flags = e->optional ? OPTION_ARG_OPTIONAL : 0,
                .doc = e->help,
                .group = group,
            };
            t->n++;
        }
    }
}

static void fill_table(struct table *t, const struct options_part *parts)
{
    t->groups = GROUP_FIRST;
    for (; parts->entries != NULL; parts++)
        add_part(t, parts);
}

/* Take one value; of a list, into the next element. */
static int take_one(const struct table *t, const struct options_entry *e, void *to,
                    const char *text)
{
    char *at = (char *)to + e->at;
    size_t *count = (size_t *)(void *)((char *)to + e->count_at);

    if (e->list_max == 0)
        return e->take(e, text, at, t->err);
    if (*count == e->list_max)
        return err_set(t->err, -E2BIG, "%s%s takes at most %zu values", e->name ? "--" : "",
                       e->name ? e->name : e->value, e->list_max);
    return e->take(e, text, at + e->element_size * (*count)++, t->err);
}

/* 0 or EINVAL, whatever the error is: argp takes E2BIG for an option that nobody knows. */
static error_t take(const struct table *t, const struct options_entry *e, void *to, char *text)
{
    char *word;
    int r = 0;

    if (!e->split)
        return take_one(t, e, to, text) < 0 ? EINVAL : 0;
    while (r == 0 && (word = strsep(&text, ",")) != NULL)
        r = take_one(t, e, to, word);
    return r < 0 ? EINVAL : 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct table *t = state->input;

    for (size_t i = 0; i < t->n; i++)
        if (t->argp[i].key == key && key != 0)
            return take(t, t->entries[i], t->to[i], arg);
    if (key == ARGP_KEY_ARG && t->operand != NULL)
        return take(t, t->operand, t->operand_to, arg);
    if (key == ARGP_KEY_ARG)
        return -err_set(t->err, -EINVAL, "\"%s\" is not an option", arg);
    if (key == ARGP_KEY_ERROR && t->help == NULL && t->err->text[0] == '\0')
        err_set(t->err, -EINVAL, "\"%s\" is not an option here, or lacks its value",
                state->argv[state->next - 1]);
    return ARGP_ERR_UNKNOWN;
}

static size_t help_columns(void)
{
    size_t columns = wrap_columns(stdout);

    return columns < HELP_MAX ? columns : HELP_MAX;
}

/* Help fits a terminal that is narrower than argp takes it to be. */
static void fit_help(void)
{
    char format[32];

    snprintf(format, sizeof format, "rmargin=%zu", help_columns());
    setenv("ARGP_HELP_FMT", format, 0);
}

static char *written_lists(void (*write)(FILE *out))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    write(out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* The help of an option with its range. NULL when it has none worth showing, or when out of memory.
 */
static char *with_range(const struct options_entry *e)
{
    bool is_size = e->take == options_size;
    char low[32], high[32], *text = NULL;

    if (e->max == 0 || e->max == INT64_MAX)
        return NULL;
    (is_size ? units_exact_size : units_format_count)(e->min, low, sizeof low);
    (is_size ? units_exact_size : units_format_count)(e->max, high, sizeof high);
    return asprintf(&text, "%s; %s to %s", e->help, low, high) < 0 ? NULL : text;
}

/* argp frees what is returned unless it is `text`. */
static char *filter_help(int key, const char *text, void *input)
{
    const struct table *t = input;
    char *written = NULL;

    if (key == ARGP_KEY_HELP_POST_DOC && t->help->write_lists != NULL)
        written = written_lists(t->help->write_lists);
    for (size_t i = 0; i < t->n; i++)
        if (t->argp[i].key == key && t->argp[i].name != NULL)
            written = with_range(t->entries[i]);
    return written != NULL ? written : (char *)text;
}

/* The names of all options, argp's own among them. */
struct names {
    const char *names[NAMES_MAX];
    const struct argp_option *options[NAMES_MAX]; /* NULL: argp's own, which take no value */
    size_t n;
};

static void collect_names(struct names *k, const struct table *t)
{
    static const char *const own[] = {"help", "usage", "version"};

    for (size_t i = 0; i < t->n; i++)
        if (t->argp[i].name != NULL) {
            k->names[k->n] = t->argp[i].name;
            k->options[k->n++] = &t->argp[i];
        }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        k->names[k->n++] = own[i];
}

/* The option of that name, or one that the name is a short form of; n when there is none. */
static size_t find_name(const struct names *k, const char *name, size_t len)
{
    size_t found = k->n;

    for (size_t i = 0; i < k->n; i++) {
        if (strncmp(k->names[i], name, len) != 0)
            continue;
        found = i;
        if (k->names[i][len] == '\0')
            break;
    }
    return found;
}

static bool takes_value(const struct argp_option *o)
{
    return o != NULL && o->arg != NULL && !(o->flags & OPTION_ARG_OPTIONAL);
}

/* Does the word, an option, take the next one as its value? */
static bool takes_next(const struct names *k, const char *word)
{
    if (word[1] == '-') {
        size_t i = find_name(k, word + 2, strlen(word + 2));

        return i < k->n && takes_value(k->options[i]);
    }
    for (size_t i = 0; i < k->n; i++)
        if (k->options[i] != NULL && k->options[i]->key == word[1])
            return takes_value(k->options[i]) && word[2] == '\0';
    return false;
}

static int refuse_name(const struct names *k, const char *command, const char *name, size_t len,
                       struct err *err)
{
    char word[WORD_SIZE];
    const char *nearest;

    snprintf(word, sizeof word, "%.*s", (int)len, name);
    nearest = suggest_nearest(word, k->names, k->n);
    if (nearest == NULL)
        return err_set(err, -EINVAL, "unknown option \"--%s\"; '%s --help' lists them", word,
                       command);
    return err_set(err, -EINVAL,
                   "unknown option \"--%s\"; did you mean \"--%s\"? '%s --help' lists them", word,
                   nearest, command);
}

/* Are all long options known? argp's own message names neither the nearest one nor the command. 0,
 * or -EINVAL with *err set. */
static int check_names(const struct table *t, int argc, char *const *argv, struct err *err)
{
    struct names known = {.n = 0};

    collect_names(&known, t);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        size_t len = strcspn(word, "=");

        if (word[0] != '-' || word[1] == '\0')
            continue;
        if (word[1] == '-' && find_name(&known, word + 2, len - 2) == known.n)
            return refuse_name(&known, argv[0], word + 2, len - 2, err);
        if (word[len] == '\0' && takes_next(&known, word))
            i++;
    }
    return 0;
}

int options_parse(const struct options_help *help, const struct options_part *parts, int argc,
                  char **argv, struct err *err)
{
    struct table table = {.help = help, .err = err};
    struct argp argp = {
        .parser = parse,
        .args_doc = help->operands,
        .doc = help->text,
        .help_filter = filter_help,
    };
    error_t r;

    fill_table(&table, parts);
    if (table.n > 0) /* argp does not free a list of none */
        argp.options = table.argp;
    argp_err_exit_status = EXIT_USAGE;
    if (check_names(&table, argc, argv, err) < 0)
        return EXIT_USAGE;
    fit_help();
    r = argp_parse(&argp, argc, argv, 0, NULL, &table);
    if (r == 0)
        return 0;
    if (err->text[0] == '\0')
        err_set(err, -r, "%s", strerror(r));
    return EXIT_USAGE;
}

int options_parse_line(const struct options_part *parts, int argc, char **argv, struct err *err)
{
    struct table table = {.err = err};
    const struct argp argp = {.options = table.argp, .parser = parse};

    fill_table(&table, parts);
    err->text[0] = '\0';
    return argp_parse(&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL,
                      &table) == 0
               ? 0
               : -EINVAL;
}

int options_flag(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    (void)e;
    (void)text;
    (void)err;
    *(bool *)to = true;
    return 0;
}

int options_text(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    (void)e;
    (void)err;
    *(const char **)to = text;
    return 0;
}

int options_count(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    uint64_t value = 0;

    if (units_parse_count(text, &value) < 0 || value < e->min || value > e->max)
        return err_set(err, -EINVAL,
                       "--%s \"%s\" is not a whole number from %" PRIu64 " to %" PRIu64, e->name,
                       text, e->min, e->max);
    *(uint64_t *)to = value;
    return 0;
}

int options_size(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    char low[32], high[32];
    uint64_t value = 0;

    if (units_parse_size(text, &value) < 0 || value < e->min || value > e->max)
        return err_set(err, -EINVAL, "--%s \"%s\" is not a size from %s to %s", e->name, text,
                       units_exact_size(e->min, low, sizeof low),
                       units_exact_size(e->max, high, sizeof high));
    *(uint64_t *)to = value;
    return 0;
}

int options_duration(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    uint64_t value = 0;

    if (units_parse_duration(text, &value) < 0 || value < e->min)
        return err_set(err, -EINVAL,
                       "--%s \"%s\" is not a duration%s with its unit, as in 10ms or 1.5s", e->name,
                       text, e->min > 0 ? " above 0" : "");
    *(uint64_t *)to = value;
    return 0;
}

int options_share(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    if (units_parse_share(text, (double *)to) == 0)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is not a share from 0%% to 100%%, as in 2%% or 0.02",
                   e->name, text);
}

int options_take_file(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct options_file *file = to;

    (void)e;
    if (file->path != NULL)
        return err_set(err, -EINVAL, "one result at a time: \"%.200s\" is too many", text);
    file->path = text;
    return 0;
}

int options_settle_file(struct options_file *file, struct err *err)
{
    if (file->path != NULL)
        return 0;
    file->path = file->fallback;
    if (file->fallback == NULL)
        err_set(err, -EINVAL, "say which result; %s", file->remedy);
    else if (access(file->fallback, F_OK) != 0 && errno == ENOENT)
        err_set(err, -EINVAL, "say which result, as there is no %s here; %s", file->fallback,
                file->remedy);
    else
        return 0;
    return EXIT_USAGE;
}

int options_read_result(struct options_file *file, json_t **out, struct err *err)
{
    int status = options_settle_file(file, err);

    if (status != 0)
        return status;
    *out = result_read(file->path, err);
    return *out != NULL ? 0 : EXIT_FAILED;
}

void options_write_list(struct table *list, FILE *out)
{
    size_t columns = help_columns() - 1; /* argp continues longer lines at the left margin */

    table_write(list, columns, 2, out);
    table_destroy(list);
}
