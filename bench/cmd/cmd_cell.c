#include "base/units.h"
#include "cmd.h"
#include "harness/proc.h"
#include "math/stats.h"
#include "measure/sysinfo.h"
#include "plan/options.h"
#include "run/run_wire.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_REPORT_FD = OPTIONS_KEY_FREE, KEY_NO_HEARTBEAT };

struct cell_options {
    struct options_line line;
    struct options_seed seed;
    struct options_target target;
    uint64_t report_fd; /* UINT64_MAX: none, print a line instead */
    bool no_heartbeat;
    struct err err;
};

static const struct argp_option options[] = {
    {"report-fd", KEY_REPORT_FD, "N", 0,
     "Write the record of the run to this descriptor, for the harness; by default print one line",
     5},
    {"no-heartbeat", KEY_NO_HEARTBEAT, NULL, 0,
     "Run no heartbeat beside the jobs, so that calls can be counted", 5},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct cell_options *o = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->line;
        state->child_inputs[1] = &o->seed;
        state->child_inputs[2] = &o->target;
        return 0;
    case KEY_REPORT_FD:
        return options_count("--report-fd", arg, 0, INT32_MAX, &o->report_fd, &o->err);
    case KEY_NO_HEARTBEAT:
        o->no_heartbeat = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&options_cells, 0, NULL, 0},
    {&options_seed, 0, NULL, 0},
    {&options_target, 0, NULL, 0},
    {0},
};

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .doc =
        "Carry out one run of one cell in this process: what 'tva run' starts for every run, and "
        "what whole-process timing times.",
};

/* The one cell that the options make. 0 or a negative errno with *err set. */
static int choose_cell(const struct cell_options *o, struct cell *out, struct err *err)
{
    struct plan plan;
    int r;

    plan_init(&plan);
    r = plan_add(&plan, &o->line.line, false, err);
    if (r == 0)
        r = plan_check_used(&plan, &o->line.line, err);
    if (r == 0 && plan.count != 1)
        r = err_set(err, -EINVAL,
                    "these options make %zu cells, and a run is of one: give one "
                    "--model, --job, --jobs and --threads",
                    plan.count);
    if (r == 0)
        *out = plan.cells[0].cell;
    plan_deinit(&plan);
    if (r == 0 && job_needs_target(&out->job) && o->target.addr.sin_port == 0)
        r = err_set(err, -EINVAL,
                    "job %s needs a target: start one with 'tva serve', then pass "
                    "--target HOST:PORT",
                    out->job.type->name);
    if (r == 0) {
        out->job.target = o->target.addr;
        out->job.seed = o->seed.seed;
        out->no_heartbeat = o->no_heartbeat;
    }
    return r;
}

static size_t count_failed(const struct run_record *r, int *first)
{
    size_t failed = 0;

    for (size_t i = 0; i < r->samples_count; i++)
        if (r->samples[i].result < 0 && failed++ == 0)
            *first = r->samples[i].result;
    return failed;
}

static uint64_t longest_lag_ns(const struct run_record *r)
{
    uint64_t longest = 0;

    for (size_t i = 0; i < r->beats_count; i++)
        if (r->beats[i].woke_ns - r->beats[i].due_ns > longest)
            longest = r->beats[i].woke_ns - r->beats[i].due_ns;
    return longest;
}

static int print_latency(const struct run_record *r)
{
    uint64_t *latencies = malloc((r->samples_count + 1) * sizeof *latencies);
    struct stats_distribution d;
    char least[32], greatest[32];

    if (latencies == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < r->samples_count; i++)
        latencies[i] = sample_latency_ns(&r->samples[i]);
    stats_distribution_of(latencies, r->samples_count, &d);
    free(latencies);
    printf(", latency %s to %s", units_format_duration((double)d.min, least, sizeof least),
           units_format_duration((double)d.max, greatest, sizeof greatest));
    return 0;
}

/* "tasks sleep x 100: 10.4 ms, ideal 10.0 ms (96 %), latency ..., longest loop lag 0.2 ms" */
static int print_line(const struct cell *cell, const struct run_record *r)
{
    struct sysinfo_context context;
    char name[CELL_NAME_SIZE], text[32];
    uint64_t ideal;
    size_t failed;
    int first = 0;

    sysinfo_read(&context);
    ideal = cell_ideal_ns(cell, r->solo_ns, cell->cpu >= 0 ? 1 : (unsigned)context.cores);
    printf("%s: %s", cell_name(cell, name, sizeof name),
           units_format_duration((double)r->makespan_ns, text, sizeof text));
    if (ideal > 0)
        printf(", ideal %s (%.0f %%)", units_format_duration((double)ideal, text, sizeof text),
               100 * (double)ideal / (double)r->makespan_ns);
    if (print_latency(r) < 0)
        return EXIT_FAILED;
    printf(", longest loop lag %s\n",
           units_format_duration((double)longest_lag_ns(r), text, sizeof text));
    failed = count_failed(r, &first);
    if (failed > 0)
        fprintf(stderr, "tva cell: %zu of %zu jobs failed, the first with: %s\n", failed,
                r->samples_count, job_error_text(&cell->job, first));
    return failed ? EXIT_FAILED : EXIT_GOOD;
}

static int execute(const struct cell *cell, pid_t target_pid, struct err *err)
{
    struct run_record record;
    int r = cell_check_limits(cell, err), status = EXIT_FAILED;

    if (r < 0)
        return EXIT_FAILED;
    r = run_execute(cell, target_pid, &record);
    if (r < 0)
        *err = record.failure;
    else
        status = print_line(cell, &record);
    run_record_deinit(&record);
    return status;
}

/* A failure of the run is in the record: the exit status says only whether it was sent. */
static int execute_and_send(const struct cell *cell, pid_t target_pid, int fd, struct err *err)
{
    struct run_record record;
    int r;

    run_execute(cell, target_pid, &record);
    r = run_wire_hand_over(fd, &record);
    if (r == 0)
        return EXIT_GOOD;
    err_set(err, r, "cannot send the record: %s", strerror(-r));
    return EXIT_FAILED;
}

int cmd_cell(int argc, char **argv)
{
    struct cell_options o = {.report_fd = UINT64_MAX};
    struct cell cell;
    int status;

    plan_line_init(&o.line.line);
    o.line.err = o.seed.err = o.target.err = &o.err;
    status = options_parse(&argp, argc, argv, &o, &o.err);
    if (status == EXIT_GOOD && choose_cell(&o, &cell, &o.err) < 0)
        status = options_refuse(argv[0], &o.err);
    if (status != EXIT_GOOD)
        return status;
    proc_raise_file_limit();
    if (o.report_fd == UINT64_MAX)
        status = execute(&cell, o.target.pid, &o.err);
    else
        status = execute_and_send(&cell, o.target.pid, (int)o.report_fd, &o.err);
    if (o.err.text[0] != '\0')
        fprintf(stderr, "%s: %s\n", argv[0], o.err.text);
    return status;
}
