/* tva: threads vs async. Reads the name of a command and hands over to it. */
#include "base/suggest.h"
#include "cli/options_help.h"
#include "cli/options_known.h"
#include "cmd/cmd.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static const struct command commands[] = {
    {"run", "measure cells, each run in a fresh process, and show what they say", cmd_run},
    {"sweep", "measure along axes, and find where models change places and break", cmd_sweep},
    {"pair", "measure programs of two revisions side by side: is the contender slower?", cmd_pair},
    {"report", "show the tables and findings of a result again", cmd_report},
    {"check", "hold a run's counts against a stored baseline: did the code get worse?", cmd_check},
    {"baseline", "keep a run as the reference for check, or show what is kept", cmd_baseline},
    {"compare", "say what changed from one result to others", cmd_compare},
    {"export", "write a result in the form that another tool reads", cmd_export},
    {"theory", "hold the queues of a result against queueing theory", cmd_theory},
    {"plot", "draw the charts of a result", cmd_plot},
    {"demo", "run the lessons of asyncio, each a short program that checks itself", cmd_demo},
    {"list", "show the jobs, the models, or the cells that options make", cmd_list},
    {"serve", "be the target that tcp jobs talk to", cmd_serve},
    {"cell", "carry out one run of one cell in this process", cmd_cell},
};

#define COMMANDS_COUNT (sizeof commands / sizeof *commands)

const char *argp_program_version = "tva " TVA_VERSION;

static const struct command *find(const char *name)
{
    const char *names[COMMANDS_COUNT];
    struct err err;

    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        names[i] = commands[i].name;
        if (strcmp(name, names[i]) == 0)
            return &commands[i];
    }
    suggest_unknown("command", name, names, COMMANDS_COUNT, &err);
    fprintf(stderr, "tva: %s\n", err.text);
    return NULL;
}

static void write_commands(FILE *out)
{
    fputs("Commands:\n", out);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        options_help_entry(out, 8, commands[i].name, commands[i].summary);
    fputs("\n'tva COMMAND --help' shows the options of a command.", out);
}

static char *describe(int key, const char *text, void *input)
{
    (void)input;
    return options_help(key, text, write_commands);
}

/* Takes the first word as the command and leaves the rest to it. */
static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    *(char ***)state->input = &state->argv[state->next - 1];
    state->next = state->argc;
    (void)arg;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "COMMAND [OPTION...]",
        .doc = "Measure the same work under threads and under an event loop.\v",
        .help_filter = describe,
    };
    const struct command *command;
    char **args = NULL, name[32];
    struct err err = {""};
    int own = 1; /* words up to the command, which are not its */

    prctl(PR_SET_NAME, "tva"); /* runs are started as /proc/self/exe, and would be called exe */
    signal(SIGXFSZ, SIG_IGN);  /* a file that may not grow is an error like a full disk */
    argp_err_exit_status = EXIT_USAGE;
    while (own < argc && argv[own][0] == '-')
        own++;
    if (options_known(&argp, "tva", own, argv, &err) < 0) {
        fprintf(stderr, "tva: %s\n", err.text);
        return EXIT_USAGE;
    }
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
    if (args == NULL) {
        fputs("tva: say which command; 'tva --help' lists them\n", stderr);
        return EXIT_USAGE;
    }
    command = find(args[0]);
    if (command == NULL)
        return EXIT_USAGE;
    snprintf(name, sizeof name, "tva %s", command->name);
    argc -= (int)(args - argv);
    args[0] = name;
    return command->main(argc, args);
}
