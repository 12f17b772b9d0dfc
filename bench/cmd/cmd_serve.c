#include "base/address.h"
#include "base/clock.h"
#include "base/err.h"
#include "cli/options.h"
#include "cmd/cmd.h"
#include "harness/interrupt.h"
#include "harness/proc.h"
#include "target/target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

struct serve_options {
    uint64_t port, loops, connections, idle_ns, read_ns;
    struct in_addr address;
    bool remote, exit_with_parent;
    struct pathology pathology;
};

#define LOOPS_MAX 1024

static int take_pathology(const struct options_entry *e, const char *text, void *to,
                          struct err *err)
{
    struct err why;

    return pathology_parse(text, to, &why) == 0
               ? 0
               : err_set(err, -EINVAL, "--%s: %s", e->name, why.text);
}

static int take_address(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    if (inet_pton(AF_INET, text, to) == 1)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is not an IPv4 address in numbers", e->name, text);
}

#define AT(member) OPTIONS_AT(struct serve_options, member)

static const struct options_entry entries[] = {
    {"port", "PORT", "Port to listen on; default 0, any free one", options_count, AT(port),
     .max = UINT16_MAX},
    {"listen", "ADDRESS", "IPv4 address to listen on; default 127.0.0.1", take_address,
     AT(address)},
    {"remote", NULL,
     "Let --listen name an address that other machines reach, all of which may use this server",
     options_flag, AT(remote)},
    {"loops", "K",
     "Event loops, a thread each; default one for each core, 16 at most, but a single one with "
     "--connections-max",
     options_count, AT(loops), .min = 1, .max = LOOPS_MAX},
    {"connections-max", "N",
     "Connections at the same time; default as many as the limit on open files allows",
     options_count, AT(connections), .min = 1, .max = INT32_MAX},
    {"pathology", "LIST",
     "Misbehave, with commas or + between, counted from the first request: " PATHOLOGY_HELP
     ", on one loop",
     take_pathology, AT(pathology)},
    {"exit-with-parent", NULL, "End when the process that started it ends", options_flag,
     AT(exit_with_parent)},
    {"idle-timeout", "T",
     "Close a connection that is idle for this time, and one of tcp whose request is not whole "
     "by then; default 60s",
     options_duration, AT(idle_ns), .min = 1},
    {"read-timeout", "T",
     "Time in which an HTTP client has to send its request, and to take some of the "
     "answer; default 10s",
     options_duration, AT(read_ns), .min = 1},
    {0},
};

static const struct options_example examples[] = {
    {"tva serve --port 8000", "answer on http://127.0.0.1:8000/ until Ctrl-C"},
    {"tva serve --pathology stall=500ms/5s", "misbehave: stall every 5 seconds"},
    {0},
};

static const struct options_help help = {
    .text = "Run the server that tcp and http jobs talk to, on 127.0.0.1 unless --listen says "
            "more. It echoes tcp requests "
            "and holds each reply as long as the request asks for. On the same port it answers "
            "HTTP/1.1 requests of any client, as in "
            "/?size=1k&delay=10ms&dist=exp&seed=7&status=200. Its first line of output says where "
            "it listens; Ctrl-C ends it.",
    .examples = examples,
};

/* False when the parent is gone already. */
static bool follow_parent(void)
{
    pid_t parent = getppid();

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == parent;
}

int cmd_serve(int argc, char **argv, struct err *err)
{
    struct serve_options o = {
        .idle_ns = 60 * NS_PER_S,
        .read_ns = 10 * NS_PER_S,
        .address.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct target_options target = {0};
    struct interrupt interrupt;
    const struct options_part parts[] = {{entries, &o}, {0}};
    int r = options_parse(&help, parts, argc, argv, err);

    if (r != 0)
        return r;
    if (!o.remote && !address_is_loopback(o.address)) {
        err_set(
            err, -EINVAL,
            "--listen: other machines reach this address; --remote allows them to use the server");
        return EXIT_USAGE;
    }
    if (o.pathology.limit > 0 && o.loops > 1) {
        err_set(err, -EINVAL, "--pathology limit=%" PRIu64 " is for one loop: leave out --loops",
                o.pathology.limit);
        return EXIT_USAGE;
    }
    if (o.exit_with_parent && !follow_parent())
        return EXIT_FAILED;
    proc_raise_file_limit();
    r = interrupt_init(&interrupt, err);
    if (r == 0) {
        target.address = (struct sockaddr_in){
            .sin_family = AF_INET,
            .sin_addr = o.address,
            .sin_port = htons((uint16_t)o.port),
        };
        target.loops = o.loops                                  ? (unsigned)o.loops
                       : o.connections || o.pathology.limit > 0 ? 1
                                                                : target_loops_default();
        target.pathology = o.pathology;
        target.connections = o.connections ? o.connections : target_connections_max(target.loops);
        target.idle_ns = o.idle_ns;
        target.read_ns = o.read_ns;
        target.stop_fd = interrupt.fd;
        r = target_serve(&target, stdout, err);
        interrupt_deinit(&interrupt);
    }
    return r < 0 ? EXIT_FAILED : EXIT_GOOD;
}
