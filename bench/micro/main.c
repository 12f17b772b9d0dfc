/* tva-micro: what the runtime costs, beside plain libuv callbacks, in one interleaved session. */
#include "micro.h"
#include "session.h"

#include "cmd/cmd.h"

#include "base/units.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ULL << 20)

static const struct micro_bench benches[] = {
    {"create",
     "create, run and join an empty task, 1,000 at a time",
     "ns a task",
     1000,
     false,
     false,
     0,
     {{"tva", create_tva}, {"libuv", create_uv}}},
    {"yield-2",
     "a yield between 2 tasks",
     "ns a step",
     2,
     false,
     false,
     0,
     {{"tva", yield_tva}, {"libuv", yield_uv}}},
    {"yield-10000",
     "a yield between 10,000 tasks",
     "ns a step",
     10000,
     false,
     false,
     100 * MIB,
     {{"tva", yield_tva}, {"libuv", yield_uv}}},
    {"sleeps-10000",
     "10,000 sleeps of 100 ms at once",
     "ms over 100 ms",
     10000,
     false,
     false,
     100 * MIB,
     {{"tva", sleeps_tva}, {"libuv", sleeps_uv}}},
    {"sleeps-100000",
     "100,000 sleeps of 100 ms at once",
     "ms over 100 ms",
     100000,
     false,
     false,
     1000 * MIB,
     {{"tva", sleeps_tva}, {"libuv", sleeps_uv}}},
    {"echo-1",
     "echo of 64 bytes on 1 connection, client and target on one CPU",
     "requests/s",
     1,
     true,
     true,
     0,
     {{"tva", echo_tva}, {"tcp job", echo_job}, {"libuv", echo_uv}}},
    {"echo-100",
     "echo of 64 bytes on 100 connections, a CPU each for client and target",
     "requests/s",
     100,
     true,
     true,
     0,
     {{"tva", echo_tva}, {"tcp job", echo_job}, {"libuv", echo_uv}}},
    {"echo-1000",
     "echo of 64 bytes on 1,000 connections, a CPU each for client and target",
     "requests/s",
     1000,
     true,
     true,
     0,
     {{"tva", echo_tva}, {"tcp job", echo_job}, {"libuv", echo_uv}}},
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Write the figures to FILE as JSON", 0},
    {"rounds", 'r', "R", 0, "Measure each contender R times (default 7)", 0},
    {"only", 'b', "NAME", 0, "Only the benchmarks whose name begins with NAME", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct session_options *o = state->input;

    switch (key) {
    case 'o':
        o->output = arg;
        return 0;
    case 'b':
        o->only = arg;
        for (size_t i = 0; i < sizeof benches / sizeof *benches; i++)
            if (strncmp(benches[i].name, arg, strlen(arg)) == 0)
                return 0;
        argp_failure(state, 2, 0,
                     "--only: no benchmark is named %s; try create, yield, sleeps or echo", arg);
        return 0;
    case 'r':
        if (units_parse_count(arg, &o->rounds) < 0 || o->rounds < 1 || o->rounds > 1000)
            argp_failure(state, 2, 0, "--rounds %s: use a whole number from 1 to 1000", arg);
        return 0;
    case ARGP_KEY_ARG:
        argp_failure(state, 2, 0, "unexpected argument %s; see --help", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "What tva's runtime costs, beside plain libuv callbacks doing the same.",
    };
    struct session_options o = {.rounds = 7};

    if (argc > 1 && strcmp(argv[1], "serve") == 0) /* as the target of its own echo benchmarks */
        return cmd_serve(argc - 1, argv + 1);

    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    return session_run(benches, sizeof benches / sizeof *benches, &o);
}
