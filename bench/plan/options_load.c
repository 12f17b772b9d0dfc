#include "base/units.h"
#include "load/load.h"
#include "options.h"

#include <errno.h>

enum {
    KEY_RATE = OPTIONS_KEY_SHARED + 0x80,
    KEY_ARRIVALS,
    KEY_CLIENTS,
    KEY_DURATION,
    KEY_LIMIT,
    KEY_DRAIN,
    KEY_POISON,
};

static error_t take_rate(struct options_line *in, const char *word)
{
    struct plan_load *load = &in->line.load;
    error_t r = options_room(in, "--rate", load->rates_count);

    if (r != 0)
        return r;
    if (load_parse_rate(word, &load->rates[load->rates_count++]) == 0)
        return 0;
    err_set(in->err, -EINVAL, "--rate \"%s\" is not a rate above 0, as in 500/s, 2k/s or 0.5/s",
            word);
    return EINVAL;
}

static error_t take_clients(struct options_line *in, const char *word)
{
    struct plan_load *load = &in->line.load;
    error_t r = options_room(in, "--clients", load->clients_count);

    if (r != 0)
        return r;
    return options_count("--clients", word, 1, LOAD_CLIENTS_MAX,
                         &load->clients[load->clients_count++], in->err);
}

static error_t take_poison(struct options_line *in, const char *word)
{
    struct plan_load *load = &in->line.load;
    error_t r = options_room(in, "--poison", load->poisons_count);

    if (r != 0)
        return r;
    if (load_parse_share(word, &load->poisons[load->poisons_count++]) == 0)
        return 0;
    err_set(in->err, -EINVAL, "--poison \"%s\" is not a share from 0%% to 100%%, as in 2%% or 0.02",
            word);
    return EINVAL;
}

static error_t take_arrivals(struct options_line *in, const char *word)
{
    in->line.load.has_arrivals = true;
    if (load_parse_arrivals(word, &in->line.load.arrivals) == 0)
        return 0;
    err_set(in->err, -EINVAL, "--arrivals \"%s\" is neither poisson nor constant", word);
    return EINVAL;
}

static error_t take_drain(struct options_line *in, const char *text)
{
    if (units_parse_duration(text, &in->line.load.drain_ns) == 0)
        return 0;
    err_set(in->err, -EINVAL, "--drain \"%s\" is not a duration with its unit, as in 500ms or 2s",
            text);
    return EINVAL;
}

static const struct argp_option load_options[] = {
    {NULL, 0, NULL, 0, "When jobs are wanted; all of a batch at once by default:", 2},
    {"rate", KEY_RATE, "R[,R]", 0,
     "Open loop: arrivals a second, whatever the system does: 500/s, 2k/s, 0.5/s", 2},
    {"arrivals", KEY_ARRIVALS, "poisson|constant", 0, "How they arrive; poisson by default", 2},
    {"clients", KEY_CLIENTS, "C[,C]", 0,
     "Closed loop: so many clients, each next job after the last", 2},
    {"duration", KEY_DURATION, "T", 0,
     "For how long jobs are wanted, after warm-up; 10s by default with --rate or --clients", 2},
    {"limit", KEY_LIMIT, "N", 0, "Refuse arrivals that find N jobs in the system", 2},
    {"drain", KEY_DRAIN, "T", 0,
     "How long after the last arrival jobs may still begin; as long as the arrivals took, at most "
     "10s, by default",
     2},
    {"poison", KEY_POISON, "SHARE[,SHARE]", 0,
     "Let this share of the jobs block the loop, as 2% or 0.02", 2},
    {0},
};

static error_t parse_load(int key, char *arg, struct argp_state *state)
{
    struct options_line *in = state->input;

    switch (key) {
    case KEY_RATE:
        return options_each(arg, in, take_rate);
    case KEY_ARRIVALS:
        return take_arrivals(in, arg);
    case KEY_CLIENTS:
        return options_each(arg, in, take_clients);
    case KEY_DURATION:
        return options_duration("--duration", arg, &in->line.load.duration_ns, in->err);
    case KEY_LIMIT:
        return options_count("--limit", arg, 1, CELL_JOBS_MAX, &in->line.load.limit, in->err);
    case KEY_DRAIN:
        return take_drain(in, arg);
    case KEY_POISON:
        return options_each(arg, in, take_poison);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp options_load = {.options = load_options, .parser = parse_load};
