#include "options.h"

#include "load/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum {
    KEY_ROUNDS = OPTIONS_KEY_SHARED + 0x100,
    KEY_SEED,
    KEY_PRECISION,
    KEY_TIME_LIMIT,
    KEY_SUITE,
    KEY_PROFILE,
    KEY_TARGET,
    KEY_TARGET_PID
};

static const struct argp_option rounds_options[] = {
    {NULL, 0, NULL, 0, "How to measure them:", 3},
    {"rounds", KEY_ROUNDS, "R", 0,
     "Passes over all cells, so runs of each; 6 by default: the fewest of which the least and the "
     "greatest enclose the median with 95 %",
     3},
    {0},
};

static error_t parse_rounds(int key, char *arg, struct argp_state *state)
{
    struct options_line *in = state->input;
    uint64_t rounds = 0;
    error_t r;

    if (key != KEY_ROUNDS)
        return ARGP_ERR_UNKNOWN;
    r = options_count("--rounds", arg, 1, PLAN_ROUNDS_MAX, &rounds, in->err);
    in->line.rounds = (unsigned)rounds;
    return r;
}

const struct argp options_rounds = {.options = rounds_options, .parser = parse_rounds};

static const struct argp_option seed_options[] = {
    {"seed", KEY_SEED, "S", 0,
     "Of the shuffle and of what differs between jobs; random by default, kept in the result", 3},
    {0},
};

static error_t parse_seed(int key, char *arg, struct argp_state *state)
{
    struct options_seed *in = state->input;

    if (key != KEY_SEED)
        return ARGP_ERR_UNKNOWN;
    in->given = true;
    return options_count("--seed", arg, 0, INT64_MAX, &in->seed, in->err);
}

const struct argp options_seed = {.options = seed_options, .parser = parse_seed};

static const struct argp_option stop_options[] = {
    {"precision", KEY_PRECISION, "SHARE", 0,
     "Add rounds until the 95 % interval of every cell's median (makespan; mean latency of loops) "
     "is "
     "within this share of it, as 5%",
     3},
    {"time-limit", KEY_TIME_LIMIT, "T", 0,
     "Begin no more rounds after this; 300s by default with --precision, else none", 3},
    {0},
};

static error_t take_precision(struct options_stop *in, const char *text)
{
    if (load_parse_share(text, &in->precision) == 0 && in->precision > 0 && in->precision < 1)
        return 0;
    err_set(in->err, -EINVAL,
            "--precision \"%s\" is not a share between 0%% and 100%%, as in 5%% or 0.05", text);
    return EINVAL;
}

static error_t parse_stop(int key, char *arg, struct argp_state *state)
{
    struct options_stop *in = state->input;

    switch (key) {
    case KEY_PRECISION:
        return take_precision(in, arg);
    case KEY_TIME_LIMIT:
        return options_duration("--time-limit", arg, &in->time_limit_ns, in->err);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_stop = {.options = stop_options, .parser = parse_stop};

static const struct argp_option suite_options[] = {
    {NULL, 0, NULL, 0, "Cells from a file:", 4},
    {"suite", KEY_SUITE, "FILE", 0,
     "Take cells from this suite; other options replace what its lines say", 4},
    {"profile", KEY_PROFILE, "NAME", 0, "Section of the suite; quick by default", 4},
    {0},
};

static error_t parse_suite(int key, char *arg, struct argp_state *state)
{
    struct options_suite *in = state->input;

    if (key == KEY_SUITE)
        in->file = arg;
    else if (key == KEY_PROFILE)
        in->profile = arg;
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

const struct argp options_suite = {.options = suite_options, .parser = parse_suite};

static const struct argp_option target_options[] = {
    {NULL, 0, NULL, 0, "The target, for jobs that talk to one:", 5},
    {"target", KEY_TARGET, "HOST:PORT", 0, "Where the target of the job listens, in numbers", 5},
    {"target-pid", KEY_TARGET_PID, "PID", 0, "Its process, to account for its CPU time", 5},
    {0},
};

error_t options_address(const char *text, struct sockaddr_in *out)
{
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN] = "";
    uint64_t port = 0;

    if (colon != NULL && (size_t)(colon - text) < sizeof host)
        memcpy(host, text, (size_t)(colon - text));
    *out = (struct sockaddr_in){.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &out->sin_addr) != 1 ||
        options_count("port", colon + 1, 1, UINT16_MAX, &port, NULL) != 0)
        return EINVAL;
    out->sin_port = htons((uint16_t)port);
    return 0;
}

static error_t take_target(struct options_target *in, const char *text)
{
    error_t r = options_address(text, &in->addr);

    if (r != 0)
        err_set(in->err, -EINVAL,
                "--target \"%s\" is not an address and port, as in 127.0.0.1:4000", text);
    return r;
}

static error_t parse_target(int key, char *arg, struct argp_state *state)
{
    struct options_target *in = state->input;
    uint64_t pid = 0;
    error_t r;

    switch (key) {
    case KEY_TARGET:
        return take_target(in, arg);
    case KEY_TARGET_PID:
        r = options_count("--target-pid", arg, 1, INT32_MAX, &pid, in->err);
        in->pid = (pid_t)pid;
        return r;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_target = {.options = target_options, .parser = parse_target};
