#include "base/clock.h"
#include "base/err.h"
#include "cmd.h"
#include "harness/interrupt.h"
#include "harness/proc.h"
#include "plan/options.h"
#include "target/target.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { KEY_PORT = OPTIONS_KEY_FREE, KEY_CONNECTIONS, KEY_EXIT_WITH_PARENT, KEY_IDLE, KEY_READ };

struct serve_options {
    uint64_t port, connections, idle_ns, read_ns;
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
    {"idle-timeout", KEY_IDLE, "T", 0,
     "Close connections that say nothing for so long, or HTTP ones that are idle; 60s by default",
     0},
    {"read-timeout", KEY_READ, "T", 0,
     "Time that an HTTP client may take to send a request, or to take some of an answer; 10s by "
     "default",
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
    case KEY_IDLE:
        return options_duration("--idle-timeout", arg, &o->idle_ns, &o->err);
    case KEY_READ:
        return options_duration("--read-timeout", arg, &o->read_ns, &o->err);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "Be the target of tcp and http jobs: an echo on 127.0.0.1 that holds each reply for as "
           "long "
           "as the request says, and on the same port an HTTP/1.1 server for any client, as in "
           "/?size=1k&delay=10ms&dist=exp&seed=7&status=200. Writes where it listens as its "
           "first line, and ends on Ctrl-C.",
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
    struct serve_options o = {.idle_ns = 60 * NS_PER_S, .read_ns = 10 * NS_PER_S};
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
        target.idle_ns = o.idle_ns;
        target.read_ns = o.read_ns;
        target.stop_fd = interrupt.fd;
        r = target_serve(&target, stdout, &o.err);
        interrupt_deinit(&interrupt);
    }
    if (r < 0)
        fprintf(stderr, "tva serve: %s\n", o.err.text);
    return r < 0 ? EXIT_FAILED : EXIT_GOOD;
}
