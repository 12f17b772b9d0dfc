/* The options of a command: one table is its parser, its --help and its checks of ranges, on argp.
 *
 * A command is a list of parts: a table, and the struct that the table's values go to. Tables that
 * several commands take (plan/plan_options.h) are parts like the command's own. A value that its
 * table refuses ends the reading with one sentence. One thread. */
#ifndef TVA_BENCH_OPTIONS_H
#define TVA_BENCH_OPTIONS_H

#include "base/err.h"
#include "base/table.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the program exits with. */
enum exit_status {
    EXIT_GOOD = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2, /* also: two results cannot be compared */
    EXIT_REGRESSION = 3,
    EXIT_INCONCLUSIVE = 4,
    EXIT_SIGNAL = 128 /* plus the number of the signal that interrupted it */
};

struct options_entry;

/* Reads a value into *to. `text` stays valid as long as argv; it is NULL for an optional value that
 * is not given. 0, or a negative errno with *err set. */
typedef int options_take(const struct options_entry *e, const char *text, void *to,
                         struct err *err);

/* An option. Or a heading, when it has neither name nor take(): entries below equal headings, of
 * all parts, stand together in --help. Or, when it has take() alone: the words that are no option.
 * The last entry of a table is {0}. */
struct options_entry {
    const char *name;  /* without "--" */
    const char *value; /* what --help calls the value; NULL: it takes none */
    const char *help;  /* --help appends the range of counts and sizes */
    options_take *take;
    size_t at;     /* offset of what it sets in the part's struct: OPTIONS_AT() */
    int letter;    /* its short name; 0: none */
    bool optional; /* the value can be left out */
    /* A list takes several values into an array: OPTIONS_LIST() */
    size_t list_max;     /* elements of the array; 0: it is no list */
    size_t element_size; /* bytes */
    size_t count_at;     /* offset of the size_t that counts the elements */
    bool split;          /* the values of one word stand between commas */
    uint64_t min, max;   /* for take() */
};

#define OPTIONS_AT(type, member) .at = offsetof(type, member)

/* Sets the array `member`, of which `member`_count are used. */
#define OPTIONS_LIST(type, member)                                                                 \
    .at = offsetof(type, member), .count_at = offsetof(type, member##_count),                      \
    .element_size = sizeof(((type *)0)->member[0]),                                                \
    .list_max = sizeof(((type *)0)->member) / sizeof(((type *)0)->member[0])

/* Values that many options have, and the type of what they set. */
options_take options_flag;     /* bool: true; no value */
options_take options_text;     /* const char * */
options_take options_count;    /* uint64_t: a whole number from min to max */
options_take options_size;     /* uint64_t: bytes from min to max, as 64k */
options_take options_duration; /* uint64_t: ns from min on, as 10ms */
options_take options_share;    /* double: from min (of PARAM_SHARE_ONE) to 1, as 5% or 0.05 */

struct options_part {
    const struct options_entry *entries; /* NULL: no more parts */
    void *to;
};

/* An option that another command has, and why this one has not. Without such a sentence, main()
 * says which commands have it. The list ends with {0}. */
struct options_elsewhere {
    const char *name;     /* without "--" */
    const char *sentence; /* what follows its name in the sentence that refuses it */
};

/* A command line that works as it stands, given the files that it names: a test runs each. */
struct options_example {
    const char *line; /* at most 57 characters, so that no terminal breaks it */
    const char *does; /* what it does, in a few words */
};

/* What --help says beside the options. */
struct options_help {
    const char *operands; /* the words that are no option, as "[RUN.json]"; NULL: none */
    const char *text;
    void (*write_lists)(FILE *out);            /* what stands below the options; NULL: nothing */
    const struct options_elsewhere *elsewhere; /* NULL: none */
    const struct options_example *examples;    /* at the end; the last is {0}; NULL: none */
};

/* What options_parse() returns besides, to the program's main() alone. */
enum options_status {
    OPTIONS_UNKNOWN = -1, /* *err says that the command lacks an option; another may have it */
    OPTIONS_HAS = -2      /* the command has the option that it was asked for */
};

/* The words OPTIONS_ASK and NAME instead of a command line ask whether there is an option --NAME:
 * OPTIONS_HAS, or OPTIONS_UNKNOWN. */
#define OPTIONS_ASK "--has-option"

/* Read a command line; argv[0] is the command's name, as "tva run". The names of options are not
 * abbreviated: what is short for one here may be the name of one elsewhere. --help, --usage and
 * --version end the process. 0, or with *err set EXIT_USAGE or OPTIONS_UNKNOWN, or EXIT_FAILED when
 * out of memory. */
int options_parse(const struct options_help *help, const struct options_part *parts, int argc,
                  char **argv, struct err *err);

/* Read a line of options that is not the command's own. 0, or -EINVAL or -ENOMEM with *err set. */
int options_parse_line(const struct options_part *parts, int argc, char **argv, struct err *err);

/* A result that a command reads, the only word that is no option. */
struct options_file {
    const char *path;     /* NULL until it is given */
    const char *fallback; /* what is read otherwise; NULL: it has to be given */
    const char *remedy;   /* where a result comes from: the end of the sentence that asks for one */
};

options_take options_take_file; /* struct options_file; refuses a second one */

/* Fall back when none was given. 0, or EXIT_USAGE with *err set when there is none. */
int options_settle_file(struct options_file *file, struct err *err);

/* Settle it, and read the result into *out. 0; EXIT_USAGE as above, or EXIT_FAILED when it cannot
 * be read, with *err set. */
int options_read_result(struct options_file *file, json_t **out, struct err *err);

/* Write a list (table_list()) below the options, as wide as these are; and destroy it. */
void options_write_list(struct table *list, FILE *out);

#endif
