#include "cli/options.h"

#include "base/param.h"
#include "base/suggest.h"
#include "base/table.h"
#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "cli/version.h"
#include "result/result.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_MAX 64
#define KEY_FIRST   0x100 /* of options without a letter */
#define GROUP_LAST  (-1)  /* below all others */
#define GROUP_FIRST 1     /* above all headings; argp takes 0 for "that of the entry before" */
#define WORD_SIZE   64
#define KEY_HELP    'h'
#define KEY_HELP_2  '?' /* the habit of argp */
#define KEY_USAGE   0x80
#define KEY_VERSION 'V'
#define HELP_MAX    79 /* columns that argp fills, whatever the terminal has */
#define HELP_MIN    60 /* argp writes beyond its memory where a word is longer than a line */
#define LINES_MAX   8

/* What argp would add by itself; but it keeps its own messages about unknown options only together
 * with these. */
static const struct options_entry own_entries[] = {
    {"help", NULL, "Give this help list", options_flag, .letter = KEY_HELP},
    {"usage", NULL, "Give a short usage message", options_flag, .letter = KEY_USAGE},
    {"version", NULL, "Print program version", options_flag, .letter = KEY_VERSION},
    {0},
};

/* All parts of a command as argp has them. */
struct table {
    const struct options_help *help;          /* NULL for a line that is not a command's own */
    struct argp_option argp[ENTRIES_MAX + 2]; /* KEY_HELP_2 and the end of the list, too */
    const struct options_entry *entries[ENTRIES_MAX]; /* parallel */
    void *to[ENTRIES_MAX];                            /* the part's struct */
    size_t n;
    int groups;
    const struct options_entry *operand; /* NULL: all words have to be options */
    void *operand_to;
    bool unknown; /* it was refused an option that it has not */
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

static void add_part(struct table *t, const struct options_part *part, int group)
{
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
        add_part(t, parts, GROUP_FIRST);
    if (t->help == NULL)
        return;
    add_part(t, &(struct options_part){own_entries, NULL}, GROUP_LAST);
    t->argp[t->n] = (struct argp_option){.key = KEY_HELP_2, .flags = OPTION_HIDDEN};
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

/* Show help, or the version, and end the process. */
static void answer(int key, struct argp_state *state)
{
    if (key == KEY_VERSION) {
        version_print(stdout);
        exit(EXIT_GOOD);
    }
    state->flags &= ~(unsigned)ARGP_NO_ERRS;
    argp_state_help(state, stdout,
                    key == KEY_USAGE ? ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK : ARGP_HELP_STD_HELP);
}

static bool has_letter(const struct table *t, int letter)
{
    size_t i = 0;

    while (i < t->n && t->argp[i].key != letter)
        i++;
    return i < t->n;
}

/* The word that argp does not take: the last one that it has read, or a group of letters that it is
 * still reading. */
static const char *refused_word(const struct table *t, const struct argp_state *state)
{
    const char *word = state->argv[state->next - 1];
    const char *next = state->next < state->argc ? state->argv[state->next] : "";
    bool is_group = next[0] == '-' && next[1] != '-' && strlen(next) > 2;

    return is_group && (word[0] != '-' || (word[1] != '-' && has_letter(t, word[1]))) ? next : word;
}

/* The option with exactly this name or letter; NULL: none. */
static const struct argp_option *option_of(const struct table *t, const char *name)
{
    bool is_long = strncmp(name, "--", 2) == 0;

    for (size_t i = 0; i < t->n; i++)
        if (t->argp[i].name != NULL &&
            (is_long ? strcmp(name + 2, t->argp[i].name) == 0
                     : name[0] == '-' && name[1] == t->argp[i].key && name[2] == '\0'))
            return &t->argp[i];
    return NULL;
}

/* The option that the name is near to: one that begins so, else one that is spelled about so. NULL:
 * none. */
static const char *nearest_to(const struct table *t, const char *name)
{
    const char *names[ENTRIES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        if (t->argp[i].name != NULL)
            names[n++] = t->argp[i].name;
    for (size_t i = 0; i < n; i++)
        if (*name != '\0' && strncmp(names[i], name, strlen(name)) == 0)
            return names[i];
    return suggest_nearest(name, names, n);
}

/* The command has no such option. */
static int refuse_unknown(struct table *t, const char *name, const char *command)
{
    const char *nearest = nearest_to(t, name + 2);

    for (const struct options_elsewhere *e = t->help->elsewhere; e != NULL && e->name != NULL; e++)
        if (strcmp(name + 2, e->name) == 0)
            return err_set(t->err, -EINVAL, "%s %s", name, e->sentence);
    t->unknown = true;
    if (nearest == NULL)
        return err_set(t->err, -EINVAL, "unknown option \"%s\"; '%s --help' lists them", name,
                       command);
    return err_set(t->err, -EINVAL,
                   "unknown option \"%s\"; did you mean \"--%s\"? '%s --help' lists them", name,
                   nearest, command);
}

/* Say what is wrong with it: the command has no such option, or the value is missing, or too much.
 */
static int refuse_word(struct table *t, const char *word, const char *command)
{
    const struct argp_option *option;
    char name[WORD_SIZE];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    option = option_of(t, name);
    if (option != NULL && option->arg != NULL && strcmp(name, word) == 0)
        return err_set(t->err, -EINVAL, "\"%s\" lacks its value: write %s %s", word, word,
                       option->arg);
    if (option != NULL && option->arg == NULL)
        return err_set(t->err, -EINVAL, "\"%s\" has a value, which %s does not take", word, name);
    if (t->help != NULL && strncmp(name, "--", 2) == 0)
        return refuse_unknown(t, name, command);
    return err_set(t->err, -EINVAL, "\"%s\" is not an option here, lacks its value, or takes none",
                   word);
}

/* The word that named option i was short for its name; NULL when it was not. */
static const char *abbreviation(const struct table *t, size_t i, const char *arg,
                                const struct argp_state *state)
{
    bool apart = arg != NULL && arg == state->argv[state->next - 1]; /* the value is a word */
    const char *word = state->argv[state->next - (apart ? 2 : 1)];

    if (strncmp(word, "--", 2) != 0 || t->argp[i].name == NULL)
        return NULL;
    return strcspn(word + 2, "=") < strlen(t->argp[i].name) ? word : NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct table *t = state->input;
    const char *word;

    if (key == KEY_HELP_2 && t->help != NULL)
        answer(key, state);
    for (size_t i = 0; i < t->n; i++) {
        if (t->argp[i].key != key || key == 0)
            continue;
        word = abbreviation(t, i, arg, state);
        if (word != NULL)
            return -refuse_word(t, word, state->argv[0]);
        if (t->to[i] == NULL)
            answer(key, state);
        else
            return take(t, t->entries[i], t->to[i], arg);
    }
    if (key == ARGP_KEY_ARG && strcmp(arg, "+") == 0)
        return -err_set(t->err, -EINVAL,
                        "a + between two words is part of a job, and the job needs quotes: --job "
                        "'tcp + cpu'");
    if (key == ARGP_KEY_ARG && t->operand != NULL)
        return take(t, t->operand, t->operand_to, arg);
    if (key == ARGP_KEY_ARG)
        return -err_set(t->err, -EINVAL, "\"%s\" is not an option", arg);
    if (key == ARGP_KEY_ERROR && t->err->text[0] == '\0')
        refuse_word(t, refused_word(t, state), state->argv[0]);
    return ARGP_ERR_UNKNOWN;
}

static size_t help_columns(void)
{
    size_t columns = wrap_columns(stdout);

    return columns < HELP_MIN ? HELP_MIN : columns < HELP_MAX ? columns : HELP_MAX;
}

/* Help fits a terminal that is narrower than argp takes it to be. */
static void fit_help(void)
{
    char format[32];

    snprintf(format, sizeof format, "rmargin=%zu", help_columns());
    setenv("ARGP_HELP_FMT", format, 0);
}

static void write_examples(const struct options_example *examples, FILE *out)
{
    fputs("Examples:\n", out);
    for (; examples->line != NULL; examples++) {
        fprintf(out, "  %s\n", examples->line);
        wrap_write(out, help_columns() - 1, "      ", examples->does);
    }
}

/* What stands below the options: the lists, or the examples. NULL when out of memory. */
static char *written(const struct options_help *help, bool examples)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (examples)
        write_examples(help->examples, out);
    else
        help->write_lists(out);
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
    char *own = NULL;

    if (key == ARGP_KEY_HELP_POST_DOC && t->help->write_lists != NULL)
        own = written(t->help, false);
    if (key == ARGP_KEY_HELP_EXTRA && t->help->examples != NULL)
        own = written(t->help, true);
    for (size_t i = 0; i < t->n; i++)
        if (t->argp[i].key == key && t->argp[i].name != NULL)
            own = with_range(t->entries[i]);
    return own != NULL ? own : (char *)text;
}

/* argp prints nothing but help: messages are the caller's. 0, or -EINVAL or -ENOMEM with *err set.
 */
static int parse_table(struct table *t, int argc, char **argv)
{
    const struct argp argp = {
        .options = t->argp,
        .parser = parse,
        .args_doc = t->help != NULL ? t->help->operands : NULL,
        .doc = t->help != NULL ? t->help->text : NULL,
        .help_filter = filter_help,
    };
    error_t r;

    t->err->text[0] = '\0';
    r = argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, t);
    if (r != 0 && t->err->text[0] == '\0')
        err_set(t->err, -r, "cannot read the options: %s", strerror(r));
    return r == 0 || r == ENOMEM ? -r : -EINVAL;
}

int options_parse(const struct options_help *help, const struct options_part *parts, int argc,
                  char **argv, struct err *err)
{
    struct table table = {.help = help, .err = err};
    char name[WORD_SIZE];
    int r;

    fill_table(&table, parts);
    if (argc == 3 && strcmp(argv[1], OPTIONS_ASK) == 0) {
        snprintf(name, sizeof name, "--%s", argv[2]);
        return option_of(&table, name) != NULL ? OPTIONS_HAS : OPTIONS_UNKNOWN;
    }
    fit_help();
    r = parse_table(&table, argc, argv);
    return r == 0 ? 0 : r == -ENOMEM ? EXIT_FAILED : table.unknown ? OPTIONS_UNKNOWN : EXIT_USAGE;
}

int options_parse_line(const struct options_part *parts, int argc, char **argv, struct err *err)
{
    struct table table = {.err = err};

    fill_table(&table, parts);
    return parse_table(&table, argc, argv);
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
    double *share = to, least = (double)e->min / PARAM_SHARE_ONE;

    if (units_parse_share(text, share) == 0 && *share >= least)
        return 0;
    return err_set(err, -EINVAL,
                   "--%s \"%s\" is not a share from %.4g%% to 100%%, as in 2%% or 0.02", e->name,
                   text, 100 * least);
}

int options_take_file(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct options_file *file = to;

    (void)e;
    if (file->path != NULL)
        return err_set(err, -EINVAL, "one result at a time: \"%.*s\" is too many",
                       TEXT_FIT(text, 200));
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
