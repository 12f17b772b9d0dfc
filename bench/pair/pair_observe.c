#include "pair/pair_observe.h"

#include "base/clock.h"
#include "base/temporary.h"
#include "cli/options.h"
#include "harness/run_proc.h"
#include "job/plugin.h"
#include "result/result.h"
#include "summary/trust.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_NS  (120 * NS_PER_S)
#define LINE_SIZE   300
#define MEMORY_ROOT "/dev/shm"

/* The lateness of a heartbeat depends on what else the machine does, far more than on our code.
 * Jobs that wait use little CPU time, most of it for wake-ups, and that varies by 5 to 12 % on a
 * virtual machine: a session cannot rule out 10 %. */
const struct pair_metric pair_metrics[PAIR_METRICS] = {
    {"makespan", 0.10}, {"p50", 0.10}, {"cpu", 0.20}, {"lag_p50", 0.50}, {"memory_peak", 0.10},
};

const struct metric *pair_metric(size_t i)
{
    return metric_named(pair_metrics[i].name);
}

static double comparable(double value)
{
    return value > 0 ? value : NAN;
}

void pair_metric_values(const json_t *cell, double values[PAIR_METRICS])
{
    for (size_t i = 0; i < PAIR_METRICS; i++)
        values[i] = comparable(metric_of(pair_metric(i), cell).median);
}

int pair_observer_init(struct pair_observer *o, struct interrupt *interrupt,
                       const struct stats_distribution *timer_error, struct err *err)
{
    const char *plugins = getenv(PLUGIN_VARIABLE);

    *o = (struct pair_observer){
        .interrupt = interrupt,
        .timer_error = timer_error->count > 0 ? timer_error : NULL,
        .messages_fd = memfd_create("tva-messages", MFD_CLOEXEC),
    };
    for (size_t arm = 0; arm < PAIR_ARMS; arm++)
        o->targets[arm] = TARGET_PROC_NONE;
    if (plugins != NULL && (o->plugins = strdup(plugins)) == NULL) {
        close(o->messages_fd);
        return err_set(err, -ENOMEM, "out of memory");
    }
    if (o->messages_fd >= 0)
        return 0;
    return err_set(err, -errno, "cannot make room for messages: %s", strerror(errno));
}

/* A run that was killed may still be about to write: once more then. */
void pair_observer_deinit(struct pair_observer *o)
{
    if (o->folder[0] != '\0' && temporary_remove(o->folder) < 0)
        (void)temporary_remove(o->folder);
    for (size_t arm = 0; arm < PAIR_ARMS; arm++)
        target_proc_stop(&o->targets[arm]);
    free(o->plugins);
    close(o->messages_fd);
}

/* The first line that the program said, without its end; "" when it said nothing. */
static char *first_line(int fd, char line[LINE_SIZE])
{
    ssize_t n = pread(fd, line, LINE_SIZE - 1, 0);

    line[n > 0 ? n : 0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

/* A process that left nothing to read. */
static int failed(const struct pair_observer *o, const struct pair_request *q, int status,
                  struct err *err)
{
    char line[LINE_SIZE], how[64], args[PLAN_ARGS_SIZE];
    bool usage = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_USAGE;

    first_line(o->messages_fd, line);
    if (WIFEXITED(status) && WEXITSTATUS(status) == PROC_NO_EXEC && line[0] == '\0')
        return err_set(err, -EINVAL, "%s cannot be started", q->program);
    return err_set(err, usage ? -EINVAL : -EIO, "%s %s at \"%s\"%s%s", q->program,
                   proc_describe(status, how, sizeof how),
                   plan_cell_args(q->cell, args, sizeof args), line[0] != '\0' ? ": " : "", line);
}

/* The program to start for a path of an arm. A plugin is measured by this very one (NULL). */
static const char *program_of(const char *path)
{
    return plugin_is_file(path) ? NULL : path;
}

/* Let the job of this plugin be of this path, and those of others be as they are. */
static int choose_plugin(const struct pair_observer *o, const char *path, struct err *err)
{
    char *all = NULL;
    int r = -1;

    if (!plugin_is_file(path))
        return 0;
    if (asprintf(&all, "%s:%s", path, o->plugins != NULL ? o->plugins : "") >= 0)
        r = setenv(PLUGIN_VARIABLE, all, 1);
    free(all);
    return r == 0 ? 0 : err_set(err, -ENOMEM, "out of memory");
}

/* Start the program and wait for its end: 0 with its *status, or as pair_observe(). */
static int carry_out(const struct pair_observer *o, const struct pair_request *q,
                     const struct run_proc *run, const struct args *args, int keep_fd, int *status,
                     struct err *err)
{
    struct disturbance ignored = {0}; /* the ranks of many blocks bear one bad run */
    struct proc p = {.fd = -1};
    int r = ftruncate(o->messages_fd, 0) < 0 || lseek(o->messages_fd, 0, SEEK_SET) < 0 ? -errno : 0;

    if (r < 0)
        return err_set(err, r, "cannot make room for messages: %s", strerror(-r));
    r = choose_plugin(o, q->program, err);
    if (r == 0)
        r = proc_start(program_of(q->program), (const char *const *)args->argv,
                       (struct proc_fds){-1, o->messages_fd, keep_fd}, &p, err);
    if (r == 0)
        r = run_proc_wait(run, &p, &ignored, err);
    if (r == 0)
        *status = proc_reap(&p);
    else if (r == -ETIMEDOUT)
        r = err_set(err, -EIO, "%s took longer than 2 minutes", q->program);
    else if (r == -ECONNRESET)
        target_proc_ended(run->target, err);
    proc_kill(&p);
    return r == -ECONNRESET ? -EIO : r;
}

/* The run did what was asked, but not so that its values can be used. */
static int refuse(const struct pair_request *q, const json_t *reasons, struct err *err)
{
    const char *reason = json_string_value(json_array_get(reasons, 0));
    char args[PLAN_ARGS_SIZE];

    return err_set(err, -EIO, "%s: \"%s\" is invalid: %s", q->program,
                   plan_cell_args(q->cell, args, sizeof args),
                   reason != NULL ? reason : "it does not say why");
}

/* From the result that a `run` has written. */
static int take_cell(const struct pair_request *q, const json_t *cell, struct pair_observed *out,
                     struct err *err)
{
    if (cell == NULL)
        return err_set(err, -EINVAL, "the result of %s cannot be read: it has no cell", q->program);
    if (!json_is_true(json_object_get(cell, "valid")))
        return refuse(q, json_object_get(cell, "reasons"), err);
    pair_metric_values(cell, out->values);
    ledger_read(json_object_get(cell, "ledger"), &out->ledger);
    return 0;
}

/* From the record that a `cell` has left, judged as the runs of a result are. */
static int take_record(const struct pair_observer *o, const struct pair_request *q,
                       const struct run_record *record, struct pair_observed *out, struct err *err)
{
    const struct cell_runs in = {
        q->cell, &record, run_carried_out(record), 1, KERNEL_MEMORY_UNKNOWN, 1};
    struct summary summary = {.values = NULL};
    const struct trust_input trust = {&in, &summary, record, 1, o->timer_error};
    struct run_values values;
    json_t *reasons = json_array();
    int r = in.count > 0 ? summary_of(&in, &summary) : 0;

    if (r == 0)
        r = trust_add_reasons(reasons, &trust);
    if (r == 0)
        r = run_values_of(record, q->cell, KERNEL_MEMORY_UNKNOWN, &values);
    if (r < 0)
        err_set(err, r, "out of memory");
    else if (json_array_size(reasons) > 0)
        r = refuse(q, reasons, err);
    for (size_t i = 0; i < PAIR_METRICS && r == 0; i++)
        out->values[i] = comparable(run_values_metric(&values, pair_metric(i)));
    out->ledger = run_ledger(record);
    summary_deinit(&summary);
    json_decref(reasons);
    return r;
}

/* The target of the arm, started when it is first needed or has died. 0 or -EPROTO. */
static int need_target(struct pair_observer *o, const struct pair_request *q,
                       struct target_proc **out, struct err *err)
{
    struct target_proc *t = &o->targets[q->arm];

    char pathology[JOB_TEXT_SIZE];

    if (*job_pathology(&q->cell->job, pathology, sizeof pathology) != '\0')
        return err_set(err, -EPROTO, "a pair has no target that misbehaves: leave out pathology=%s",
                       pathology);
    if (!job_needs_target(&q->cell->job))
        return 0;
    *out = t;
    return t->proc.pid != 0 || target_proc_start(t, program_of(q->server), NULL, err) == 0
               ? 0
               : -EPROTO;
}

static int observe_cell(struct pair_observer *o, const struct pair_request *q,
                        struct pair_observed *out, struct err *err)
{
    struct run_proc run = {.cell = q->cell, .timeout_ns = TIMEOUT_NS, .interrupt = o->interrupt};
    int report_fd = memfd_create("tva-report", MFD_CLOEXEC), status, r;
    struct run_proc_args args;
    struct run_record record = {0};

    if (report_fd < 0)
        return err_set(err, -errno, "cannot make room for a report: %s", strerror(errno));
    r = need_target(o, q, &run.target, err);
    if (r == 0)
        r = run_proc_args(&run, report_fd, &args, err);
    if (r == 0) {
        run_proc_prepare(&run);
        r = carry_out(o, q, &run, &args.args, report_fd, &status, err);
    }
    if (r == 0) {
        r = run_proc_record(q->cell, status, report_fd, &record, err);
        if (r == 0)
            r = take_record(o, q, &record, out, err);
        else if (r == -ENODATA)
            r = failed(o, q, status, err);
        r = r == -EINVAL ? -EPROTO : r; /* `run` tells whether it knows the options */
        run_record_deinit(&record);
    }
    close(report_fd);
    return r;
}

/* A folder for results, in a file system in memory where there is one: `run` syncs them, some
 * milliseconds a time on a disk. */
static int make_folder(struct pair_observer *o, struct err *err)
{
    const char *root = access(MEMORY_ROOT, W_OK | X_OK) == 0 ? MEMORY_ROOT : "/tmp";

    return temporary_folder(root, "tva-pair", o->folder, sizeof o->folder, err);
}

static int observe_run(struct pair_observer *o, const struct pair_request *q,
                       struct pair_observed *out, struct err *err)
{
    const struct run_proc run = {.timeout_ns = TIMEOUT_NS, .interrupt = o->interrupt};
    char result[sizeof o->folder + 16], seed[24], line[PLAN_ARGS_SIZE];
    const char *const more[] = {"--rounds", "1", "--seed", seed, "-q", "-o", result};
    struct args args;
    struct err reason = {""};
    json_t *document;
    int status, r = o->folder[0] == '\0' ? make_folder(o, err) : 0;

    if (r < 0)
        return r;
    snprintf(result, sizeof result, "%s/run.json", o->folder);
    snprintf(seed, sizeof seed, "%" PRIu64, job_seed(&q->cell->job));
    args_init(&args, "tva");
    r |= args_push(&args, "run");
    r |= args_split(&args, plan_cell_args(q->cell, line, sizeof line));
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        r |= args_push(&args, more[i]);
    if (r < 0)
        return err_set(err, -E2BIG, "the cell's options are too long");
    unlink(result);
    r = carry_out(o, q, &run, &args, -1, &status, err);
    if (r < 0)
        return r;
    /* With an invalid cell the status is 1, and the document says why. */
    if (access(result, R_OK) != 0 || (WIFEXITED(status) && WEXITSTATUS(status) > EXIT_FAILED))
        return failed(o, q, status, err);
    document = result_read(result, &reason);
    r = document != NULL
            ? take_cell(q, json_array_get(json_object_get(document, "cells"), 0), out, err)
            : err_set(err, -EINVAL, "the result of %s cannot be read: %s", q->program, reason.text);
    json_decref(document);
    return r;
}

int pair_observe(struct pair_observer *o, const struct pair_request *request,
                 struct pair_observed *out, struct err *err)
{
    return o->by_run ? observe_run(o, request, out, err) : observe_cell(o, request, out, err);
}
