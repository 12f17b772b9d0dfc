/* Options that several commands take: argp tables to be used as children of a command's own table,
 * so that each option is written once. Each comes with the struct that the command passes as its
 * input.
 *
 * A wrong value sets *err and ends argp_parse() with EINVAL; options_parse() prints the sentence.
 */
#ifndef TVA_BENCH_OPTIONS_H
#define TVA_BENCH_OPTIONS_H

#include "plan.h"

#include <argp.h>
#include <netinet/in.h>
#include <sys/types.h>

/* --model --job --url --jobs --threads --stack-size --warmup --timer-slack --pin --inject, and
 * those of options_load */
extern const struct argp options_cells;

/* --rate --arrivals --clients --duration --limit --drain --poison */
extern const struct argp options_load;

/* --rounds. Input of this, of options_cells and of options_load: */
struct options_line {
    struct plan_line line;
    struct err *err;
};

extern const struct argp options_rounds;

/* --seed: of the shuffle and of what differs between jobs */
struct options_seed {
    uint64_t seed;
    bool given;
    struct err *err;
};

extern const struct argp options_seed;

/* --precision --time-limit: when a session is over */
struct options_stop {
    double precision;       /* 0: not given */
    uint64_t time_limit_ns; /* 0: not given */
    struct err *err;
};

extern const struct argp options_stop;

/* --suite --profile: cells from a suite file */
struct options_suite {
    const char *file, *profile; /* NULL: not given */
    struct err *err;
};

extern const struct argp options_suite;

/* --target --target-pid: where the target listens, and which process it is */
struct options_target {
    struct sockaddr_in addr; /* sin_port 0: not given */
    pid_t pid;               /* 0: not given */
    struct err *err;
};

extern const struct argp options_target;

/* Keys without a letter: those of the tables above, and those that a command is free to use. */
#define OPTIONS_KEY_SHARED 0x100
#define OPTIONS_KEY_FREE   0x400

/* argp_parse(); when it failed, print the sentence in *err as `argv[0]: sentence`. 0, or the exit
 * status of a usage error. */
int options_parse(const struct argp *argp, int argc, char **argv, void *input, struct err *err);

/* Print the sentence in *err in the same way. Returns the exit status of a usage error. */
int options_refuse(const char *name, const struct err *err);

/* One value of an option, with its range. 0, or EINVAL with *err naming option, value and range. */
error_t options_count(const char *option, const char *text, uint64_t min, uint64_t max,
                      uint64_t *out, struct err *err);
error_t options_duration(const char *option, const char *text, uint64_t *out_ns, struct err *err);

/* Call take() for each of the words between commas, until one fails. */
error_t options_each(const char *list, struct options_line *in,
                     error_t (*take)(struct options_line *in, const char *word));

/* Is there room for one more in a list of PLAN_LIST_MAX that has n? 0 or EINVAL with the error set.
 */
error_t options_room(const struct options_line *in, const char *option, size_t n);

/* An IPv4 address and port in numbers, "127.0.0.1:4000". 0 or EINVAL. */
error_t options_address(const char *text, struct sockaddr_in *out);

#endif
