#include "base/err.h"
#include "cmd.h"
#include "interrupt.h"
#include "options.h"
#include "proc.h"
#include "target.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { KEY_PORT = OPTIONS_KEY_FREE, KEY_CONNECTIONS, KEY_EXIT_WITH_PARENT };

struct serve_options {
    uint64_t port, connections;
    bool exit_with_parent;
    struct err err;
};

static const struct argp_option options[] = {
    {"port", KEY_PORT, "PORT", 0, "Port to listen on; a free one by default", 0},
    {"connections-max", KEY_CONNECTIONS, "N", 0,
     "Connections to hold at the same time; by default as many as the limit on open files allows",
     0},
    {"exit-with-parent", KEY_EXIT_WITH_PARENT, NULL, 0, "End when the process that started it ends",
     0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct serve_options *o = state->input;

    switch (key) {
    case KEY_PORT:
        return options_count("--port", arg, 0, UINT16_MAX, &o->port, &o->err);
    case KEY_CONNECTIONS:
        return options_count("--connections-max", arg, 1, INT32_MAX, &o->connections, &o->err);
    case KEY_EXIT_WITH_PARENT:
        o->exit_with_parent = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc =
        "Be the target of tcp jobs: an echo on 127.0.0.1 that holds each reply for as long as the "
        "request says. Writes where it listens as its first line, and ends on Ctrl-C.",
};

/* False when the parent is gone already. */
static bool follow_parent(void)
{
    pid_t parent = getppid();

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == parent;
}

int cmd_serve(int argc, char **argv)
{
    struct serve_options o = {0};
    struct target_options target = {0};
    struct interrupt interrupt;
    int r = options_parse(&argp, argc, argv, &o, &o.err);

    if (r != 0)
        return r;
    if (o.exit_with_parent && !follow_parent())
        return EXIT_FAILED;
    proc_raise_file_limit();
    r = interrupt_init(&interrupt, &o.err);
    if (r == 0) {
        target.port = (uint16_t)o.port;
        target.connections = o.connections ? o.connections : target_connections_max();
        target.stop_fd = interrupt.fd;
        r = target_serve(&target, stdout, &o.err);
        interrupt_deinit(&interrupt);
    }
    if (r < 0)
        fprintf(stderr, "tva serve: %s\n", o.err.text);
    return r < 0 ? EXIT_FAILED : EXIT_GOOD;
}
