/* tva: threads vs async. Reads the name of a command and hands over to it. */
#include "base/std_streams.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/wrap.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "ranks/ranks.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define STACK_LEAST (1 << 20) /* twice what `tva advise` needs */

static int cmd_help(int argc, char **argv, struct err *err);

static const struct command commands[] = {
    {"run", "measure cells, each run in a fresh process, and show the results", cmd_run},
    {"sweep", "measure along axes: where do models change places, and where do they fail?",
     cmd_sweep},
    {"advise", "measure a job for a minute: which model, how many threads, how much will it bear?",
     cmd_advise},
    {"pair", "measure two revisions side by side: is the contender slower?", cmd_pair},
    {"report", "show the tables and findings of a result again", cmd_report},
    {"check", "compare the counts of a run with a stored baseline: did the code get worse?",
     cmd_check},
    {"baseline", "save a run as the baseline of check, or show the baseline", cmd_baseline},
    {"compare", "show what changed from one result to others", cmd_compare},
    {"export", "write a result in the form that another tool reads", cmd_export},
    {"theory", "compare the queues of a result with queueing theory", cmd_theory},
    {"plot", "draw the charts of a result", cmd_plot},
    {"demo", "run the lessons of asyncio, each a short program that checks itself", cmd_demo},
    {"list", "show the jobs, the models, the charts, or the cells that options make", cmd_list},
    {"new", "begin a job of your own, in C", cmd_new},
    {"serve", "run the server that tcp and http jobs talk to", cmd_serve},
    {"cell", "execute one run of one cell in this process", cmd_cell},
    {"help", "show the options of a command, as its --help does", cmd_help},
};

#define COMMANDS_COUNT (sizeof commands / sizeof *commands)

static const struct command *find(const char *name, struct err *err)
{
    const char *names[COMMANDS_COUNT];

    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        names[i] = commands[i].name;
        if (strcmp(name, names[i]) == 0)
            return &commands[i];
    }
    suggest_unknown("command", name, names, COMMANDS_COUNT, err);
    return NULL;
}

static void write_commands(FILE *out)
{
    struct table *list = table_list();

    fputs("Commands:\n", out);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        table_entry(list, commands[i].name, commands[i].summary);
    options_write_list(list, out);
    fputs("\n'tva help COMMAND' shows the options of a command.", out);
}

static const struct options_example examples[] = {
    {"tva run", "100 sleeps of 10 ms under every model: which is fastest?"},
    {"tva demo create-task", "a lesson of asyncio, as it happens"},
    {"tva help run", "all that can be measured, and how"},
    {0},
};

static const struct options_help help = {
    .operands = "COMMAND [OPTION...]",
    .text = "Measure the same work under threads and under an event loop.\v",
    .write_lists = write_commands,
    .examples = examples,
};

static const struct options_part no_options[] = {{0}};

/* tva help [COMMAND] */
static int cmd_help(int argc, char **argv, struct err *err)
{
    char name[32] = "tva", *words[] = {name, "--help", NULL};
    const struct command *command;

    if (argc > 1 && argv[1][0] == '-')
        return options_parse(&help, no_options, argc, argv, err);
    if (argc == 1)
        return options_parse(&help, no_options, 2, words, err);
    command = find(argv[1], err);
    if (argc > 2)
        err_set(err, -EINVAL, "help is for one command: \"%.*s\" is too much",
                TEXT_FIT(argv[2], 200));
    if (command == NULL || argc > 2)
        return EXIT_USAGE;
    snprintf(name, sizeof name, "tva %s", command->name);
    return command->main(2, words, err);
}

static bool has_option(const struct command *command, const char *option)
{
    char ask[] = OPTIONS_ASK, *words[] = {(char *)command->name, ask, (char *)option, NULL};
    struct err ignored = {""};

    return command->main(3, words, &ignored) == OPTIONS_HAS;
}

/* The command lacks an option of the line: say which others have it. */
static void say_where(const struct command *own, int argc, char **argv, struct err *err)
{
    char option[64], where[256] = "";

    for (int i = 1; i < argc && where[0] == '\0'; i++) {
        snprintf(option, sizeof option, "%.*s", (int)strcspn(argv[i], "="), argv[i]);
        if (strncmp(option, "--", 2) != 0 || has_option(own, option + 2))
            continue;
        for (size_t k = 0; k < COMMANDS_COUNT; k++)
            if (has_option(&commands[k], option + 2))
                text_add(where, sizeof where, "%stva %s", where[0] != '\0' ? ", " : "",
                         commands[k].name);
    }
    if (where[0] != '\0')
        err_set(err, -EINVAL, "%s is an option of %s; '%s --help' lists those here", option, where,
                argv[0]);
}

/* A process that meets the end of its stack is ended without a word. */
static bool has_stack(struct err *err)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK_LEAST)
        return true;
    err_set(err, -ENOMEM, "the limit of the stack is %ju KiB: raise it (ulimit -s) to %d or more",
            (uintmax_t)limit.rlim_cur >> 10, STACK_LEAST >> 10);
    return false;
}

static void close_ranks(void)
{
    ranks_close(ranks_get());
}

/* One of several processes that measure together: rank 0 goes on, the others serve it. Some options
 * (--help) end the process, which must end the others, too. */
static int run_with_ranks(const struct command *command, int argc, char **argv, struct err *err)
{
    struct ranks *ranks = ranks_open(err);

    if (ranks == NULL)
        return EXIT_FAILED;
    atexit(close_ranks);
    if (ranks_number(ranks) > 0)
        return ranks_serve(ranks, err);
    ranks_write_notes(ranks, argv[0], stderr);
    return command->main(argc, argv, err);
}

static bool wants_ranks(const struct command *command, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--ranks") == 0)
            return has_option(command, "ranks");
    return false;
}

/* Read the words up to the command, and let it do the rest. `name` has room for "tva COMMAND". */
static int run_command(int argc, char **argv, char name[32], struct err *err)
{
    const struct command *command;
    int own = 1, status; /* own: words up to the command */

    if (!has_stack(err))
        return EXIT_FAILED;
    while (own < argc && argv[own][0] == '-')
        own++;
    argv[0] = name;
    status = options_parse(&help, no_options, own, argv, err);
    if (status != 0)
        return status < 0 ? EXIT_USAGE : status;
    if (own == argc) {
        err_set(err, 0, "say which command; 'tva --help' lists them");
        return EXIT_USAGE;
    }
    command = find(argv[own], err);
    if (command == NULL)
        return EXIT_USAGE;
    snprintf(name, 32, "tva %s", command->name);
    argv[own] = name;
    if (wants_ranks(command, argc - own, argv + own))
        status = run_with_ranks(command, argc - own, argv + own, err);
    else
        status = command->main(argc - own, argv + own, err);
    if (status == OPTIONS_UNKNOWN)
        say_where(command, argc - own, argv + own, err);
    return status == OPTIONS_HAS ? EXIT_GOOD : status < 0 ? EXIT_USAGE : status;
}

int main(int argc, char **argv)
{
    char name[32] = "tva";
    struct err err = {""};
    int status;

    prctl(PR_SET_NAME, "tva"); /* runs are started as /proc/self/exe, and would be called exe */
    std_streams_begin("tva");
    status = run_command(argc, argv, name, &err);
    if (err.text[0] != '\0') {
        fflush(stdout);
        fprintf(stderr, "%s: ", name);
        wrap_put(stderr, err.text, strlen(err.text));
        fputc('\n', stderr);
    }
    return status;
}
