#include "plan/plan_options.h"

#include "async/stack.h"
#include "base/address.h"
#include "base/text.h"
#include "base/units.h"
#include "io/http_url.h"
#include "load/load.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

static int take_model(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    const struct model *model = model_find(text, err);

    (void)e;
    *(const struct model **)to = model;
    return model != NULL ? 0 : -EINVAL;
}

static int take_url(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct err why = {""};

    *(const char **)to = text;
    return http_url_parse(text, true, NULL, &why) == 0
               ? 0
               : err_set(err, -EINVAL, "--%s %.*s", e->name, TEXT_FIT(why.text, 400));
}

/* Both words are the http job's. */
static int take_ledger(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    *(const char **)to = text;
    if (strcmp(text, "body") == 0 || strcmp(text, "status") == 0)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is neither body nor status", e->name, text);
}

static int take_target(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    if (address_parse(text, to) == 0)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is not an address and port, as in 127.0.0.1:4000",
                   e->name, text);
}

static int take_cpu(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    uint64_t cpu = 0;
    cpu_set_t set;
    int r = options_count(e, text, &cpu, err);

    if (r != 0)
        return r;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && !CPU_ISSET((size_t)cpu, &set))
        return err_set(err, -EINVAL, "--pin %s: not one of the %d CPUs that this process may use",
                       text, CPU_COUNT(&set));
    *(int *)to = (int)cpu;
    return 0;
}

/* "5" or "500ms", into the line. */
static int take_warmup(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct plan_line *line = to;
    uint64_t jobs = 0, ns = 0;

    if ((units_parse_count(text, &jobs) < 0 || jobs > CELL_JOBS_MAX) &&
        units_parse_duration(text, &ns) < 0)
        return err_set(err, -EINVAL,
                       "--%s \"%s\" is neither a number of jobs up to %llu nor a duration with its "
                       "unit, as in 500ms",
                       e->name, text, CELL_JOBS_MAX);
    line->warmup = jobs;
    line->load.warmup_ns = ns;
    return 0;
}

/* A rate that changes, or rates between commas, into the loads of the line. */
static int take_rate(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct plan_load *load = to;
    const char *at = text, *end;
    char word[64];
    struct err why;

    if (load_rates_are_in(text)) {
        if (load->changing.count > 0)
            return err_set(err, -EINVAL, "--%s \"%s\" is a second rate that changes: give one",
                           e->name, text);
        if (load_rates_parse(text, &load->changing, &why) == 0)
            return 0;
        return err_set(err, -EINVAL, "--%s \"%s\" %s", e->name, text, why.text);
    }
    do {
        end = at + strcspn(at, ",");
        if (load->rates_count == PLAN_LIST_MAX)
            return err_set(err, -E2BIG, "--%s takes at most %d values", e->name, PLAN_LIST_MAX);
        snprintf(word, sizeof word, "%.*s", (int)(end - at), at);
        if (load_parse_rate(word, &load->rates[load->rates_count++]) < 0)
            return err_set(err, -EINVAL,
                           "--%s \"%s\" is not a rate above 0, as in 500/s, 2k/s or 0.5/s", e->name,
                           word);
        at = end + 1;
    } while (*end != '\0');
    return 0;
}

/* Into the loads of the line. */
static int take_arrivals(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct plan_load *load = to;

    load->has_arrivals = true;
    if (load_parse_arrivals(text, &load->arrivals) == 0)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is neither poisson nor constant", e->name, text);
}

static int take_io(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    bool ring = strcmp(text, "uring") == 0;

    *(enum model_io *)to = ring ? MODEL_IO_RING : MODEL_IO_ASYNC;
    if (ring || strcmp(text, "libuv") == 0)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is neither libuv nor uring", e->name, text);
}

/* "model=tasks,slowdown=5%" */
static int take_fault(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct plan_fault *out = to;
    char model[INJECT_MODEL_SIZE];
    int r = inject_fault_parse(text, model, &out->fault, err);

    (void)e;
    out->model = NULL;
    if (r < 0 || model[0] == '\0')
        return r;
    out->model = model_find(model, err);
    return out->model != NULL ? 0 : -EINVAL;
}

static int take_seed(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct plan_seed *seed = to;

    seed->given = true;
    return options_count(e, text, &seed->seed, err);
}

void plan_seed_settle(struct plan_seed *seed)
{
    uint32_t drawn = 1;

    if (seed->given)
        return;
    seed->seed = getrandom(&drawn, sizeof drawn, 0) == (ssize_t)sizeof drawn ? drawn : 1;
}

#define AT(member)   OPTIONS_AT(struct plan_line, member)
#define LIST(member) OPTIONS_LIST(struct plan_line, member)

const struct options_entry plan_options_cells[] = {
    {.help = "Cells: one for each combination of these:"},
    {"model", "M[,M]",
     "Models that run the jobs, as 'tva list models' shows them; default all but loops-uring",
     take_model, LIST(models), .split = true},
    {"io", "libuv|uring",
     "What the event loops of tasks and loops wait in; with uring these are the models uring and "
     "loops-uring; a list has both; default libuv",
     take_io, LIST(ios), .split = true},
    {"job", "NAME:KEY=VALUE,...",
     "Job and its parameters, as 'tva list jobs' shows them, or several in turn, as in 'tcp + "
     "cpu'; "
     "default sleep:duration=10ms; repeatable",
     options_text, LIST(jobs)},
    {"jobs-file", "FILE", "Jobs with names that --job can use: [NAME], and its parts below",
     options_text, AT(jobs_file)},
    {"url", "URL",
     "Send the requests of http jobs to this server, http or https; default: to a server that "
     "tva starts. Without --job, the job is http",
     take_url, AT(url)},
    {"ca", "FILE",
     "Check the certificate of an https server by those in this file; default: the system's",
     options_text, AT(ca)},
    {"ledger", "body|status",
     "What of the answers of --url has to be the same under all models: status and body, or the "
     "status alone; default body",
     take_ledger, AT(ledger)},
    {"target", "HOST:PORT",
     "Address in numbers of a 'tva serve' that runs already, for tcp and http jobs; default: one "
     "that tva starts; repeatable with --ranks: each rank takes one in turn",
     take_target, LIST(targets)},
    {"remote", NULL,
     "Let --url and --target name another machine, whose server gets all the load that is asked "
     "for",
     options_flag, AT(remote)},
    {"jobs", "N[,N]",
     "Jobs in a run; default 100 in a batch. With --rate or --clients a run ends after N "
     "jobs instead of after --duration",
     options_count, LIST(counts), .split = true, .min = 1, .max = CELL_JOBS_MAX},
    {"threads", "P[,P]",
     "Threads of models that have a pool, default min(32, cores + 4); loops of the model "
     "loops, default a loop for each core",
     options_count, LIST(threads), .split = true, .min = 1, .max = CELL_THREADS_MAX},
    {"stack-size", "SIZE", "Stack of a task; default 64k", options_size, AT(stack_size),
     .min = STACK_SIZE_MIN, .max = STACK_SIZE_MAX},
    {"warmup", "K|T",
     "Warm-up before the measured jobs: K jobs, or as many as are wanted in the time T. "
     "Default: a whole batch before a batch, 5 jobs where a model takes them in turn or "
     "theory expects more than 1s; before a loop a tenth of its jobs or duration, at most 1s",
     take_warmup, .at = 0},
    {"timer-slack", "T",
     "Let the kernel wake the measured process up to T late; default: the system's own "
     "slack",
     options_duration, AT(timer_slack_ns), .min = 1},
    {"pin", "CPU",
     "Keep the measured process on this CPU, and the server of tcp and http jobs off it; "
     "default: any CPU",
     take_cpu, AT(cpu), .max = CPU_SETSIZE - 1},
    {.help = "When jobs are wanted; default all at once, which is a batch:"},
    {"rate", "R[,R]",
     "Open loop: R arrivals a second, whether or not earlier jobs have ended; 500/s, 2k/s, "
     "0.5/s. One load that changes: 100..2000/s, evenly over --duration, or pieces with their "
     "times, as 200/s@10s,100..500/s@5s",
     take_rate, AT(load)},
    {"arrivals", "poisson|constant",
     "Distances between arrivals: random, or all equal; default poisson", take_arrivals, AT(load)},
    {"clients", "C[,C]",
     "Closed loop: C clients, each of which wants its next job when its last has ended",
     options_count, LIST(load.clients), .split = true, .min = 1, .max = LOAD_CLIENTS_MAX},
    {"duration", "T",
     "How long jobs are wanted, after the warm-up; default 10s with --rate or --clients",
     options_duration, AT(load.duration_ns), .min = 1},
    {"limit", "N", "Refuse an arrival that finds N jobs in the system; default no limit",
     options_count, AT(load.limit), .min = 1, .max = CELL_JOBS_MAX},
    {"drain", "T",
     "How long after the last arrival a job may still begin; default as long as the "
     "arrivals took, at most 10s",
     options_duration, AT(load.drain_ns)},
    {"poison", "SHARE[,SHARE]",
     "Share of the jobs that block the loop, 0% to 100%, as 2% or 0.02; default 0", options_share,
     LIST(load.poisons), .split = true},
    {0},
};

const struct options_entry plan_options_rounds[] = {
    {.help = PLAN_OPTIONS_MEASURING},
    {"rounds", "R",
     "Runs per cell; default 6, the fewest for which [min, max] is a 95 % interval of the "
     "median, or as many as it takes to tell more than 7 cells of a group apart",
     options_count, AT(rounds), .min = 1, .max = PLAN_ROUNDS_MAX},
    {0},
};

const struct options_entry plan_options_seed[] = {
    {.help = PLAN_OPTIONS_MEASURING},
    {"seed", "S", "Seed of the shuffle and of what jobs draw; default random; kept in the result",
     take_seed, .max = INT64_MAX},
    {0},
};

const struct options_entry plan_options_faults[] = {
    {.help = "Faults, for testing tva itself:"},
    {"inject", "KEY=VALUE,...",
     "Plant faults in the jobs: slowdown=SHARE, syscall=K and alloc=K a job, stall=T once, "
     "leak=SIZE a job; model=M limits them to one model; repeatable; default none",
     take_fault, LIST(faults)},
    {0},
};
