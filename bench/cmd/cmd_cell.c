#include "base/text.h"
#include "base/units.h"
#include "base/wrap.h"
#include "cmd/cmd.h"
#include "harness/proc.h"
#include "job/plugin.h"
#include "measure/sysinfo.h"
#include "plan/plan_options.h"
#include "run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FDS_OF_TARGET 160 /* more than target_connections_max() leaves for others */

struct cell_options {
    struct plan_line line;
    struct plan_seed seed;
    uint64_t target_pid; /* 0: not given */
    uint64_t report_fd;  /* UINT64_MAX: none, print a line instead */
    bool no_heartbeat;
    struct share share;
    uint64_t meet_fd; /* UINT64_MAX: none, begin at once */
};

/* "1/4" or "1/4/2" */
static int take_share(const struct options_entry *e, const char *text, void *to, struct err *err)
{
    struct share *share = to;
    char rest;

    if ((sscanf(text, "%u/%u%c", &share->number, &share->count, &rest) == 2 ||
         sscanf(text, "%u/%u/%u%c", &share->number, &share->count, &share->here, &rest) == 3) &&
        share->number < share->count && share->here <= share->count)
        return 0;
    return err_set(err, -EINVAL, "--%s \"%s\" is not a number and how many there are, as in 0/4",
                   e->name, text);
}

#define AT(member) OPTIONS_AT(struct cell_options, member)

static const struct options_entry entries[] = {
    {.help = "For the program that starts it:"},
    {"target-pid", "PID", "Process of that server, whose CPU time is recorded; default none",
     options_count, AT(target_pid), .min = 1, .max = INT32_MAX},
    {"report-fd", "N", "Write the record of the run to this descriptor; default: print one line",
     options_count, AT(report_fd), .max = INT32_MAX},
    {"no-heartbeat", NULL, "Run no heartbeat beside the jobs, so that calls can be counted",
     options_flag, AT(no_heartbeat)},
    {"share", "R/K/H",
     "Carry out share R, from 0, of K of the cell, H of which may use this process's CPUs; default "
     "all of it",
     take_share, AT(share)},
    {"meet-fd", "N", "Write a byte there when ready, and read when all shares begin; for --share",
     options_count, AT(meet_fd), .max = INT32_MAX},
    {0},
};

static const struct options_example examples[] = {
    {"tva cell --model tasks --job sleep:duration=1ms", "one run, and a line about it"},
    {0},
};

static const struct options_help help = {
    .text = "Execute one run of one cell in this process. 'tva run' starts this command for each "
            "run; hyperfine times it as a whole process.",
    .examples = examples,
};

/* The one cell that the options make. 0 or a negative errno with *err set. */
static int choose_cell(const struct cell_options *o, struct cell *out, struct err *err)
{
    struct plan_line line = o->line;
    struct plan plan = {0};
    char types[JOB_TEXT_SIZE];
    int r;

    r = plan_add(&plan, &line, false, err);
    line.targets_count = 0; /* hyperfine gives all cells the same words */
    if (r == 0)
        r = plan_check_used(&plan, &line, err);
    if (r == 0 && plan.count != 1)
        r = err_set(err, -EINVAL,
                    "these options make %zu cells, and 'tva cell' runs one: give one --model, "
                    "--job, --jobs and --threads",
                    plan.count);
    if (r == 0)
        *out = plan.cells[0].cell;
    plan_deinit(&plan);
    if (r == 0 && job_needs_target(&out->job))
        r = err_set(err, -EINVAL,
                    "job %s needs a target: start one with 'tva serve', then pass "
                    "--target HOST:PORT",
                    job_format_types(&out->job, types, sizeof types));
    if (r == 0) {
        job_set_seed(&out->job, o->seed.seed);
        out->no_heartbeat = o->no_heartbeat;
        out->share = o->share;
        out->meet_fd = (int)o->meet_fd;
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
        if (run_beat_counts(r, &r->beats[i]) && beat_lag_ns(&r->beats[i]) > longest)
            longest = beat_lag_ns(&r->beats[i]);
    return longest;
}

static void print_latency(const struct run_record *r)
{
    uint64_t least_ns = UINT64_MAX, most_ns = 0;
    char least[32], most[32];

    for (size_t i = 0; i < r->samples_count; i++) {
        uint64_t ns = sample_latency_ns(&r->samples[i]);

        least_ns = ns < least_ns ? ns : least_ns;
        most_ns = ns > most_ns ? ns : most_ns;
    }
    printf(", latency %s to %s", units_format_duration((double)least_ns, least, sizeof least),
           units_format_duration((double)most_ns, most, sizeof most));
}

/* "tasks sleep x 100: 10.4 ms, ideal 10.0 ms (96 %), latency ..., longest loop lag 0.2 ms, CPU 31
 * us a job" */
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
    print_latency(r);
    if (!cell->no_heartbeat)
        printf(", longest loop lag %s",
               units_format_duration((double)longest_lag_ns(r), text, sizeof text));
    if (!run_cpu_is_known(r)) {
        printf(", CPU a job unknown beside the heartbeat's\n");
    } else {
        printf(", CPU %s a job\n",
               units_format_duration((double)(r->usage.cpu_user_ns + r->usage.cpu_sys_ns) /
                                         (double)run_counted(r),
                                     text, sizeof text));
    }
    failed = count_failed(r, &first);
    if (failed > 0) {
        fprintf(stderr, "tva cell: %zu of %zu job%s failed, the first with: %s%s", failed,
                r->samples_count, TEXT_S(r->samples_count), job_error_text(&cell->job, first),
                r->said[0] != '\0' ? ": " : "");
        wrap_put(stderr, r->said, strlen(r->said));
        fputc('\n', stderr);
    }
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
    struct run_record record = {0};
    int r = cell_ranks(cell) > 1 ? cell_check_limits(cell, &record.failure) : 0;

    if (r == 0)
        run_execute(cell, target_pid, &record);
    r = run_wire_hand_over(fd, &record);
    if (r == 0)
        return EXIT_GOOD;
    err_set(err, r, "cannot send the record: %s", strerror(-r));
    return EXIT_FAILED;
}

/* The server accepts fewer connections than this process can open, because it has descriptors of
 * its own. A client beyond those waits for ever. So an open loop, whose connections are not counted
 * beforehand, gets fewer descriptors: its jobs fail then, with the reason. Ranks share them out, as
 * if all were on the server's machine. */
static void leave_descriptors(unsigned ranks)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < 4 * FDS_OF_TARGET)
        return;
    limit.rlim_cur = (limit.rlim_cur - FDS_OF_TARGET) / ranks;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int cmd_cell(int argc, char **argv, struct err *err)
{
    struct cell_options o = {.report_fd = UINT64_MAX, .meet_fd = UINT64_MAX};
    const struct options_part parts[] = {{plan_options_cells, &o.line},
                                         {plan_options_seed, &o.seed},
                                         {entries, &o},
                                         {plan_options_faults, &o.line},
                                         {0}};
    struct cell cell;
    int status;

    plan_line_init(&o.line);
    status = options_parse(&help, parts, argc, argv, err);
    if (o.report_fd != UINT64_MAX)
        plugin_trust();
    if (status == EXIT_GOOD && choose_cell(&o, &cell, err) < 0)
        status = EXIT_USAGE;
    if (status != EXIT_GOOD)
        return status;
    proc_raise_file_limit();
    if ((o.target_pid > 0 || cell_ranks(&cell) > 1) && cell.load.kind == LOAD_OPEN &&
        cell.load.limit == 0)
        leave_descriptors(cell_ranks(&cell));
    if (o.report_fd == UINT64_MAX)
        status = execute(&cell, (pid_t)o.target_pid, err);
    else
        status = execute_and_send(&cell, (pid_t)o.target_pid, (int)o.report_fd, err);
    return status;
}
