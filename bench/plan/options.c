#include "options.h"

#include "async/stack.h"
#include "base/units.h"
#include "cli/exit_status.h"
#include "cli/options_known.h"
#include "io/http_url.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_MODEL = OPTIONS_KEY_SHARED,
    KEY_JOB,
    KEY_JOBS,
    KEY_THREADS,
    KEY_STACK_SIZE,
    KEY_WARMUP,
    KEY_TIMER_SLACK,
    KEY_PIN,
    KEY_INJECT,
    KEY_URL,
};

int options_refuse(const char *name, const struct err *err)
{
    fprintf(stderr, "%s: %s\n", name, err->text);
    return EXIT_USAGE;
}

int options_parse(const struct argp *argp, int argc, char **argv, void *input, struct err *err)
{
    error_t r;

    if (options_known(argp, argv[0], argc, argv, err) < 0)
        return options_refuse(argv[0], err);
    r = argp_parse(argp, argc, argv, 0, NULL, input);
    if (r == 0)
        return 0;
    if (err->text[0] == '\0')
        err_set(err, -r, "%s", strerror(r));
    return options_refuse(argv[0], err);
}

error_t options_count(const char *option, const char *text, uint64_t min, uint64_t max,
                      uint64_t *out, struct err *err)
{
    uint64_t value = 0;

    if (units_parse_count(text, &value) < 0 || value < min || value > max) {
        err_set(err, -EINVAL, "%s \"%s\" is not a whole number from %" PRIu64 " to %" PRIu64,
                option, text, min, max);
        return EINVAL;
    }
    *out = value;
    return 0;
}

error_t options_duration(const char *option, const char *text, uint64_t *out_ns, struct err *err)
{
    if (units_parse_duration(text, out_ns) < 0 || *out_ns == 0) {
        err_set(err, -EINVAL,
                "%s \"%s\" is not a duration above 0 with its unit, as in 10ms or 1.5s", option,
                text);
        return EINVAL;
    }
    return 0;
}

error_t options_each(const char *list, struct options_line *in,
                     error_t (*take)(struct options_line *in, const char *word))
{
    char *words = strdup(list), *rest = words, *word;
    error_t r = words ? 0 : ENOMEM;

    while (r == 0 && (word = strsep(&rest, ",")) != NULL)
        r = take(in, word);
    free(words);
    return r;
}

error_t options_room(const struct options_line *in, const char *option, size_t n)
{
    if (n < PLAN_LIST_MAX)
        return 0;
    err_set(in->err, -EINVAL, "%s takes at most %d values", option, PLAN_LIST_MAX);
    return EINVAL;
}

static error_t take_model(struct options_line *in, const char *word)
{
    struct plan_line *line = &in->line;
    error_t r = options_room(in, "--model", line->models_count);

    if (r != 0)
        return r;
    line->models[line->models_count] = model_find(word, in->err);
    return line->models[line->models_count++] ? 0 : EINVAL;
}

static error_t take_job(struct options_line *in, const char *spec)
{
    struct plan_line *line = &in->line;
    error_t r = options_room(in, "--job", line->specs_count);

    if (r != 0)
        return r;
    return job_parse(spec, &line->specs[line->specs_count++], in->err) < 0 ? EINVAL : 0;
}

static error_t take_url(struct options_line *in, const char *url)
{
    struct err why = {""};

    in->line.url = url;
    if (http_url_check(url, &why) == 0)
        return 0;
    err_set(in->err, -EINVAL, "--url %.400s", why.text);
    return EINVAL;
}

static error_t take_count(struct options_line *in, const char *word)
{
    struct plan_line *line = &in->line;
    error_t r = options_room(in, "--jobs", line->counts_count);

    if (r != 0)
        return r;
    return options_count("--jobs", word, 1, CELL_JOBS_MAX, &line->counts[line->counts_count++],
                         in->err);
}

static error_t take_threads(struct options_line *in, const char *word)
{
    struct plan_line *line = &in->line;
    uint64_t threads = 0;
    error_t r = options_room(in, "--threads", line->threads_count);

    if (r == 0)
        r = options_count("--threads", word, 1, CELL_THREADS_MAX, &threads, in->err);
    if (r == 0)
        line->threads[line->threads_count++] = (unsigned)threads;
    return r;
}

static error_t take_stack_size(struct options_line *in, const char *text)
{
    uint64_t size = 0;

    if (units_parse_size(text, &size) < 0 || size < STACK_SIZE_MIN || size > STACK_SIZE_MAX) {
        err_set(in->err, -EINVAL, "--stack-size \"%s\" is not a size from %dk to %dM", text,
                STACK_SIZE_MIN >> 10, STACK_SIZE_MAX >> 20);
        return EINVAL;
    }
    in->line.stack_size = (size_t)size;
    return 0;
}

static error_t take_cpu(struct options_line *in, const char *text)
{
    uint64_t cpu = 0;
    cpu_set_t set;
    error_t r = options_count("--pin", text, 0, CPU_SETSIZE - 1, &cpu, in->err);

    if (r != 0)
        return r;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && !CPU_ISSET((size_t)cpu, &set)) {
        err_set(in->err, -EINVAL, "--pin %s: not one of the %d CPUs that this process may use",
                text, CPU_COUNT(&set));
        return EINVAL;
    }
    in->line.cpu = (int)cpu;
    return 0;
}

static error_t take_inject(struct options_line *in, const char *text)
{
    struct plan_line *line = &in->line;
    error_t r = options_room(in, "--inject", line->injects_count);

    if (r != 0)
        return r;
    return plan_inject_parse(text, &line->injects[line->injects_count++], in->err) < 0 ? EINVAL : 0;
}

/* "5" or "500ms" */
static error_t take_warmup(struct options_line *in, const char *text)
{
    uint64_t number = 0, ns = 0;

    if (units_parse_count(text, &number) == 0 && number <= CELL_JOBS_MAX) {
        ns = 0;
    } else if (units_parse_duration(text, &ns) < 0) {
        err_set(in->err, -EINVAL,
                "--warmup \"%s\" is neither a number of jobs up to %llu nor a duration with its "
                "unit, as in 500ms",
                text, CELL_JOBS_MAX);
        return EINVAL;
    }
    in->line.warmup = number;
    in->line.load.warmup_ns = ns;
    return 0;
}

static const struct argp_option cell_options[] = {
    {NULL, 0, NULL, 0, "Cells: one for every combination of", 1},
    {"model", KEY_MODEL, "M[,M]", 0, "Models to run the job under; all by default", 1},
    {"job", KEY_JOB, "NAME:KEY=VALUE,...", 0,
     "Job and its parameters; repeatable; see 'tva list jobs'; sleep:duration=10ms by default", 1},
    {"url", KEY_URL, "URL", 0,
     "Let http jobs ask this server on loopback instead of the target: job http by default then",
     1},
    {"jobs", KEY_JOBS, "N[,N]", 0,
     "How many jobs: 100 in a batch by default; with --rate or --clients, instead of --duration",
     1},
    {"threads", KEY_THREADS, "P[,P]", 0,
     "Threads of models that have a pool; min(32, cores + 4) by default", 1},
    {"stack-size", KEY_STACK_SIZE, "SIZE", 0, "Stack of a task; 64k by default", 1},
    {"warmup", KEY_WARMUP, "K|T", 0,
     "Jobs, or time, before the measured ones; by default min(N, 5) jobs in a batch, else a tenth "
     "of them, at most 1s",
     1},
    {"timer-slack", KEY_TIMER_SLACK, "T", 0,
     "How late the kernel may wake the process; the system's own by default", 1},
    {"pin", KEY_PIN, "CPU", 0, "Keep the measured process on this CPU, and the target off it", 1},
    {"inject", KEY_INJECT, "KEY=VALUE,...", 0,
     "Plant faults in the jobs, to try out what looks for them: slowdown=SHARE, syscall=K and "
     "alloc=K a job, stall=T once, leak=SIZE a job; of one model only with model=M; repeatable",
     1},
    {0},
};

static error_t parse_cells(int key, char *arg, struct argp_state *state)
{
    struct options_line *in = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = in;
        return 0;
    case KEY_MODEL:
        return options_each(arg, in, take_model);
    case KEY_JOB:
        return take_job(in, arg);
    case KEY_URL:
        return take_url(in, arg);
    case KEY_JOBS:
        return options_each(arg, in, take_count);
    case KEY_THREADS:
        return options_each(arg, in, take_threads);
    case KEY_STACK_SIZE:
        return take_stack_size(in, arg);
    case KEY_WARMUP:
        return take_warmup(in, arg);
    case KEY_TIMER_SLACK:
        return options_duration("--timer-slack", arg, &in->line.timer_slack_ns, in->err);
    case KEY_PIN:
        return take_cpu(in, arg);
    case KEY_INJECT:
        return take_inject(in, arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child cell_children[] = {{&options_load, 0, NULL, 0}, {0}};

const struct argp options_cells = {
    .options = cell_options,
    .parser = parse_cells,
    .children = cell_children,
};
